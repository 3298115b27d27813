//! `docs/events.md` and the docs agree with the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use tower_wecom::dedup::{Recurrence, recurrence};
use tower_wecom::test_util::Sample;
use tower_wecom::{event, protocol};

use crate::catalogue::entries;
use crate::chinese_names::Sources;

#[test]
fn the_page_of_events_lists_every_kind_with_its_type() {
    let (path, expected) = (root().join("docs/events.md"), page());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/events.md differs from the code; `UPDATE=1 cargo test --test it` writes it"
    );
}

#[test]
fn the_readmes_count_what_there_is() {
    let tens = (event::known_kinds().count() - 1) / 10 * 10;
    let families: BTreeSet<_> = event::known_kinds().map(|row| row.family).collect();
    let rows = [
        (
            "README.md",
            format!("over {tens} kinds in {} families", families.len()),
        ),
        (
            "README.zh-CN.md",
            format!("{} 个事件族、{tens} 余种回调", families.len()),
        ),
    ];
    for (name, claim) in rows {
        let readme = std::fs::read_to_string(root().join(name)).unwrap();
        assert!(readme.contains(&claim), "{name} does not say {claim:?}");
    }
}

#[test]
fn the_table_of_families_names_every_first_word() {
    let manual = std::fs::read_to_string(root().join("src/event/mod.rs")).unwrap();
    for row in event::known_kinds() {
        let cell = format!("//! | [`{}`] |", row.family);
        let line = manual.lines().find(|line| line.starts_with(&cell));
        let line = line.unwrap_or_else(|| panic!("src/event/mod.rs has no row of {}", row.family));
        let word = match row.kind.as_str().split_once('/') {
            Some((first, _)) => format!("`{first}/…`"),
            None => format!("`{}`", row.kind),
        };
        assert!(line.contains(&word), "{line} lacks {word}");
    }
}

#[test]
fn every_struct_of_a_kind_is_found_by_its_last_word_and_in_chinese() {
    let sources = Sources::read();
    for row in event::known_kinds() {
        let attributes = sources.of_struct(row.type_name);
        let last = row.kind.as_str().rsplit('/').next().unwrap();
        let alias = format!("#[doc(alias = \"{last}\")]");
        assert!(
            attributes.contains(&alias),
            "{} lacks {alias}",
            row.type_name
        );
        let names = sources.names(row.type_name, row.family);
        assert!(!names.chinese.is_empty(), "{}", row.type_name);
        assert!(
            !names.document.is_empty(),
            "{} names no document",
            row.type_name
        );
    }
}

/// A sample does not show the meaning of a code. So the meanings are in a list, which a reviewer
/// compares with the documents.
#[test]
fn the_codes_mean_what_was_agreed_on() {
    let folder = root().join("src/event");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let mut found = String::new();
    for file in files {
        let source = std::fs::read_to_string(file).unwrap();
        for codes in source.split("_codes! {").skip(1) {
            let codes = codes.split("\n}").next().unwrap();
            let (name, rows) = codes
                .split_once("pub enum ")
                .unwrap()
                .1
                .split_once(" {")
                .unwrap();
            for row in rows
                .lines()
                .map(str::trim)
                .filter(|line| !line.starts_with(['#', '/']) && line.contains(" = "))
            {
                let (variant, code) = row.trim_end_matches(',').split_once(" = ").unwrap();
                writeln!(found, "{name} {code} {variant}").unwrap();
            }
        }
    }
    let path = root().join("tests/data/codes.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let agreed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == agreed,
        "tests/data/codes.txt is not what the code says; `UPDATE=1 cargo test --test it` writes it"
    );
    assert!(found.lines().count() > 150, "{found}");
}

const DOCUMENTS: &str = "https://developer.work.weixin.qq.com/document/path/";

fn page() -> String {
    let mut documents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in entries() {
        documents
            .entry(entry.kind())
            .or_default()
            .extend(entry.doc_paths);
    }
    let sources = Sources::read();
    let mut families: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for row in event::known_kinds() {
        families.entry(row.family).or_default().push(row);
    }
    let mut page = format!(
        "# Every kind of callback\n\n\
        {} kinds in {} families. `Callback::kind` returns the kind, and the JSON of an event contains it.\n\
        The types are in `tower_wecom::event`.\n\n\
        WeCom's name is the Chinese name in its documentation, with a link. The search box of our\n\
        documentation finds the types by these names, and so do `wecom samples` and `wecom trigger`. The\n\
        numbers are pages of `developer.work.weixin.qq.com/document/path/`.\n\n\
        The last column is the result of `dedup::recurrence`: what an equal copy means. It is empty for\n\
        `Once`.\n\n\
        A test writes this page from the code: `UPDATE=1 cargo test --test it`.\n",
        event::known_kinds().count(),
        families.len(),
    );
    for (family, rows) in families {
        write!(
            page,
            "\n## {family}\n\n| kind | WeCom's name | type | documents | copies |\n|---|---|---|---|---|\n"
        )
        .unwrap();
        for row in rows {
            let numbers = documents.get(row.kind.as_str());
            let numbers: Vec<_> = numbers.into_iter().flatten().map(String::as_str).collect();
            let names = sources.names(row.type_name, row.family);
            writeln!(
                page,
                "| `{}` | [{}]({DOCUMENTS}{}) | `{}` | {} | {} |",
                row.kind,
                names.chinese.join("、"),
                names.document,
                row.type_name,
                numbers.join(", "),
                copies(row.kind.as_str()),
            )
            .unwrap();
        }
    }
    page
}

/// What an equal copy of the sample of this kind means.
fn copies(kind: &str) -> &'static str {
    let sample = Sample::of(kind).unwrap_or_else(|| panic!("no sample of {kind}"));
    match recurrence(&protocol::restore(sample.payload().into(), "ww1", None, 0)) {
        Recurrence::Once => "",
        Recurrence::AfterSuccess => "after success",
        Recurrence::Always => "always",
        other => panic!("{kind}: {other:?}"),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
