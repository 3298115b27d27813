//! The messages of each language.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use super::choice::Language;

type Bundle = FluentBundle<FluentResource>;

/// The files of English and of Chinese.
pub(super) const ENGLISH: [&str; 4] = [
    include_str!("en/commands.ftl"),
    include_str!("en/credentials.ftl"),
    include_str!("en/diagnosis.ftl"),
    include_str!("en/doctor.ftl"),
];
pub(super) const CHINESE: [&str; 4] = [
    include_str!("zh/commands.ftl"),
    include_str!("zh/credentials.ftl"),
    include_str!("zh/diagnosis.ftl"),
    include_str!("zh/doctor.ftl"),
];
pub(crate) const CHINESE_HELP: &str = include_str!("zh/help.ftl");

static IN_ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle("en", &ENGLISH));
static IN_CHINESE: LazyLock<Bundle> = LazyLock::new(|| bundle("zh", &CHINESE));
static HELP_IN_CHINESE: LazyLock<Bundle> = LazyLock::new(|| bundle("zh", &[CHINESE_HELP]));

fn bundle(language: &str, files: &[&str]) -> Bundle {
    let language: LanguageIdentifier = language.parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // Without the invisible marks around arguments, which are for right-to-left languages.
    bundle.set_use_isolating(false);
    for file in files {
        // A test of `walk.rs` reads all files without an error.
        let (Ok(resource) | Err((resource, _))) = FluentResource::try_new((*file).to_owned());
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The message with its arguments. The key if there is no such message, which a test excludes.
pub(super) fn format(language: Language, key: &str, args: &FluentArgs<'_>) -> String {
    let bundle = match language {
        Language::En => &IN_ENGLISH,
        Language::Zh => &IN_CHINESE,
    };
    let message = bundle.get_message(key).and_then(|message| message.value());
    let Some(pattern) = message else {
        debug_assert!(false, "no message {key}");
        return key.to_owned();
    };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(args), &mut errors);
    debug_assert!(errors.is_empty(), "{key}: {errors:?}");
    text.into_owned()
}

/// A Chinese text of `--help`: of a command, or of its argument.
pub(super) fn help(command: &str, argument: Option<&str>) -> Option<String> {
    let message = HELP_IN_CHINESE.get_message(command)?;
    let pattern = match argument {
        None => message.value()?,
        Some(argument) => message.get_attribute(argument)?.value(),
    };
    let text = HELP_IN_CHINESE.format_pattern(pattern, None, &mut Vec::new());
    Some(text.into_owned())
}
