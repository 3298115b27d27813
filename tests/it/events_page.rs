//! `docs/events.md` and the docs agree with the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use tower_wecom::dedup::{Recurrence, recurrence};
use tower_wecom::test_util::Sample;
use tower_wecom::{event, protocol};

use crate::catalogue::entries;

#[test]
fn the_page_of_events_lists_every_kind_with_its_type() {
    let (path, expected) = (root().join("docs/events.md"), page());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/events.md is not what the code says; `UPDATE=1 cargo test --test it` writes it"
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
    let sources: String = std::fs::read_dir(root().join("src/event"))
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    for row in event::known_kinds() {
        let end = [" {", " in "].iter().find_map(|rest| {
            sources.find(&format!("#[event]\n    pub struct {}{rest}", row.type_name))
        });
        let end = end.unwrap_or_else(|| panic!("no struct {}", row.type_name));
        let start = sources[..end].rfind("\n\n").unwrap();
        let attributes = &sources[start..end];
        let last = row.kind.as_str().rsplit('/').next().unwrap();
        let alias = format!("#[doc(alias = \"{last}\")]");
        assert!(
            attributes.contains(&alias),
            "{} lacks {alias}",
            row.type_name
        );
        let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        let aliases = attributes
            .lines()
            .filter(|line| line.contains("#[doc(alias"));
        assert!(
            aliases.clone().any(|line| line.contains(is_chinese)),
            "{}",
            row.type_name
        );
        let has_number = attributes
            .split(|c: char| !c.is_ascii_digit())
            .any(|n| n.len() >= 5);
        let family = sources.find(&format!("pub enum {} {{", row.family));
        let family_docs = family.map_or("", |end| {
            let start = sources[..end].rfind("\n\n").unwrap();
            &sources[start..end]
        });
        let family_number = family_docs
            .split(|c: char| !c.is_ascii_digit())
            .any(|n| n.len() >= 5);
        assert!(
            has_number || family_number,
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

fn page() -> String {
    let mut documents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in entries() {
        documents
            .entry(entry.kind())
            .or_default()
            .extend(entry.doc_paths);
    }
    let mut families: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for row in event::known_kinds() {
        families.entry(row.family).or_default().push(row);
    }
    let mut page = format!(
        "# Every kind of callback\n\n\
        {} kinds in {} families. The kind is what `Callback::kind` says and what stands in the JSON of an event; the type is in\n\
        `tower_wecom::event`. The numbers are pages of `developer.work.weixin.qq.com/document/path/`.\n\n\
        The last column is the result of `dedup::recurrence`: what an equal copy means. It is empty for `Once`.\n\n\
        A test writes this page from the code: `UPDATE=1 cargo test --test it`.\n",
        event::known_kinds().count(),
        families.len(),
    );
    for (family, rows) in families {
        write!(
            page,
            "\n## {family}\n\n| kind | type | documents | copies |\n|---|---|---|---|\n"
        )
        .unwrap();
        for row in rows {
            let numbers = documents.get(row.kind.as_str());
            let numbers: Vec<_> = numbers.into_iter().flatten().map(String::as_str).collect();
            writeln!(
                page,
                "| `{}` | `{}` | {} | {} |",
                row.kind,
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
