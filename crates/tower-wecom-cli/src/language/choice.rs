use std::env;
use std::ffi::OsString;

use clap::ValueEnum;

const OPTION: &str = "--lang";

/// A language of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// English
    #[default]
    En,
    /// 简体中文
    Zh,
}

impl Language {
    /// The language of a command line, before it is parsed: `--help` needs it while clap parses.
    pub(crate) fn of_process() -> Self {
        let args: Vec<_> = env::args_os().collect();
        of_args(&args).unwrap_or_else(|| of_environment(|name| env::var(name).ok()))
    }
}

/// The value of `--lang`.
fn of_args(args: &[OsString]) -> Option<Language> {
    let mut args = args.iter().filter_map(|arg| arg.to_str());
    let mut found = None;
    while let Some(arg) = args.next() {
        let value = match arg.strip_prefix(OPTION) {
            Some("") => args.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        found = value
            .and_then(|value| Language::from_str(value, false).ok())
            .or(found);
    }
    found
}

/// The first of these variables that has a value decides, as in setlocale(3).
fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Language {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let values = names.iter().filter_map(|name| variable(name));
    let locale = values.into_iter().find(|value| !value.is_empty());
    match locale {
        Some(locale) if is_chinese(&locale) => Language::Zh,
        _ => Language::En,
    }
}

/// `zh`, `zh_CN.UTF-8` and the like.
fn is_chinese(locale: &str) -> bool {
    let language = locale.split(['_', '-', '.', '@']).next();
    language.is_some_and(|language| language.eq_ignore_ascii_case("zh"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_has_a_value_decides() {
        let rows: [(&[(&str, &str)], Language); 7] = [
            (&[], Language::En),
            (&[("LANG", "zh_CN.UTF-8")], Language::Zh),
            (&[("LANG", "zh")], Language::Zh),
            (&[("LANG", "zha_CN")], Language::En),
            (
                &[("LANG", "en_GB.UTF-8"), ("LC_MESSAGES", "zh_CN")],
                Language::Zh,
            ),
            (&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")], Language::En),
            (&[("LC_ALL", ""), ("LANG", "zh-TW")], Language::Zh),
        ];
        for (variables, language) in rows {
            let value = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(of_environment(value), language, "{variables:?}");
        }
    }

    #[test]
    fn the_option_is_found_anywhere() {
        let rows: [(&[&str], Option<Language>); 5] = [
            (&["wecom", "samples"], None),
            (&["wecom", "--lang", "zh", "samples"], Some(Language::Zh)),
            (&["wecom", "samples", "--lang=en"], Some(Language::En)),
            (&["wecom", "--lang", "xx"], None),
            (&["wecom", "--language=zh", "--lang"], None),
        ];
        for (args, language) in rows {
            let args: Vec<_> = args.iter().map(OsString::from).collect();
            assert_eq!(of_args(&args), language, "{args:?}");
        }
    }
}
