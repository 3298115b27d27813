//! All messages against each other and against the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_bundle::FluentResource;

use super::bundle::{CHINESE, CHINESE_HELP, ENGLISH};
use super::choice::Language;
use super::text::text;

type Names<'a> = BTreeSet<&'a str>;

/// The keys of some files with their messages.
fn messages(files: &[&'static str]) -> BTreeMap<&'static str, String> {
    let mut found: BTreeMap<&str, String> = BTreeMap::new();
    let mut last = "";
    for line in files.iter().flat_map(|file| file.lines()) {
        let is_new = line.starts_with(|c: char| c.is_ascii_alphabetic());
        match line.split_once(" =") {
            Some((key, message)) if is_new => {
                let before = found.insert(key, message.to_owned());
                assert_eq!(before, None, "{key} is there twice");
                last = key;
            }
            _ if line.starts_with(' ') => found.get_mut(last).unwrap().push_str(line),
            _ => assert!(line.is_empty() || line.starts_with('#'), "{line}"),
        }
    }
    found
}

/// The arguments of a message.
fn arguments(message: &str) -> Names<'_> {
    let rest = message.split('$').skip(1);
    rest.map(|rest| rest.split([' ', '}']).next().unwrap())
        .collect()
}

fn is_chinese(text: &str) -> bool {
    text.contains(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// The functions of the crate, without tests: the text from one `fn` to the next.
fn functions(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("walk.rs") {
            let source = fs::read_to_string(path).unwrap();
            let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
            found.extend(source.split("fn ").map(str::to_owned));
        }
    }
}

/// The string literals that these calls begin with.
fn literals<'a>(source: &'a str, call: &str) -> Names<'a> {
    let calls = source.split(call).skip(1);
    calls
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .collect()
}

fn keys(function: &str) -> Names<'_> {
    literals(function, "text(")
}

fn given(function: &str) -> Names<'_> {
    let calls = [".with(", ".count(", ".texts("];
    calls
        .iter()
        .flat_map(|call| literals(function, call))
        .collect()
}

#[test]
fn every_file_is_read_without_an_error() {
    for file in ENGLISH.iter().chain(&CHINESE).chain([&CHINESE_HELP]) {
        let read = FluentResource::try_new((*file).to_owned());
        assert!(read.is_ok(), "{:?}", read.err().map(|(_, errors)| errors));
    }
}

#[test]
fn every_message_is_in_both_languages_with_the_same_arguments() {
    let (english, chinese) = (messages(&ENGLISH), messages(&CHINESE));
    assert!(english.keys().eq(chinese.keys()), "{:?}", {
        let (english, chinese): (Names<'_>, Names<'_>) = (
            english.keys().copied().collect(),
            chinese.keys().copied().collect(),
        );
        english
            .symmetric_difference(&chinese)
            .map(|key| (*key).to_owned())
            .collect::<Vec<_>>()
    });
    for (key, message) in &english {
        let translated = &chinese[key];
        // A plural has its number in each of its forms.
        assert_eq!(arguments(message), arguments(translated), "{key}");
        assert!(!is_chinese(message), "{key}");
        let is_translated = is_chinese(translated);
        let has_words = message
            .replace("$", "")
            .split(['{', '}'])
            .step_by(2)
            .any(|part| part.contains(|c: char| c.is_ascii_alphabetic()));
        let is_a_name = matches!(*key, "check-100-continue");
        assert!(
            is_translated || !has_words || is_a_name,
            "{key}: {translated}"
        );
    }
}

/// Each message, with a mark in place of each argument.
#[test]
fn every_message_is_shown_in_both_languages_with_its_arguments() {
    for (key, message) in messages(&ENGLISH) {
        let mut shown = text(key);
        for name in arguments(&message) {
            let name: &'static str = name.to_owned().leak();
            shown = shown.with(name, format!("<{name}>"));
        }
        for language in [Language::En, Language::Zh] {
            let shown = shown.in_language(language);
            for name in arguments(&message) {
                assert!(shown.contains(&format!("<{name}>")), "{key}: {shown}");
            }
            assert!(!shown.contains(['{', '}', '\u{2068}']), "{key}: {shown}");
        }
    }
}

#[test]
fn the_code_uses_every_message_and_gives_its_arguments() {
    let messages = messages(&ENGLISH);
    let mut sources = Vec::new();
    functions(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut sources,
    );
    let mut used = BTreeSet::new();
    for function in &sources {
        let (keys, given) = (keys(function), given(function));
        let mut needed = BTreeSet::new();
        for key in &keys {
            let message = messages.get(key);
            let message = message.unwrap_or_else(|| panic!("there is no message {key}"));
            needed.extend(arguments(message));
            used.insert(*key);
        }
        if !keys.is_empty() {
            assert_eq!(needed, given, "in fn {}", function.lines().next().unwrap());
        }
    }
    let unused: Vec<_> = messages.keys().filter(|key| !used.contains(*key)).collect();
    assert!(unused.is_empty(), "not used: {unused:?}");
}
