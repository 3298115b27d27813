//! The guides quote the files of this package and of the other examples. A comment before a block
//! of code names its file: `<!-- examples/guides/src/bin/bot.rs -->` if the block is all of it,
//! `<!-- part of examples/isv/src/lib.rs -->` if it is a part.

use std::fs;
use std::path::{Path, PathBuf};

/// What the guides write in place of the paths to the packages of this repository.
const REPOSITORY: &str = "git = \"https://github.com/tower-wecom/tower-wecom\"";

#[test]
fn each_quotation_equals_its_file() {
    let mut count = 0;
    for (page, text) in pages() {
        for (name, block) in quotations(&text) {
            count += 1;
            let (file, is_part) = match name.strip_prefix("part of ") {
                Some(file) => (file, true),
                None => (name, false),
            };
            let quoted = fs::read_to_string(root().join(file)).unwrap_or_default();
            let is_equal = if is_part {
                unindented(&quoted).contains(&unindented(block))
            } else {
                quoted.trim_end() == block.trim_end()
            };
            assert!(is_equal, "{page:?} does not quote {file} as it is");
        }
    }
    assert!(count > 8, "the guides quote only {count} files");
}

#[test]
fn each_dependency_of_a_guide_is_one_of_this_package() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let known: Vec<_> = manifest.lines().map(published).collect();
    for (page, text) in pages() {
        for block in text.split("```toml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            for line in block.lines().filter(|line| line.contains(" = ")) {
                let is_known = known.iter().any(|known| known == line);
                assert!(is_known, "{page:?} has another dependency: {line}");
            }
        }
    }
}

/// The English guides. `tests/translations.rs` compares the Chinese ones with them.
fn pages() -> Vec<(PathBuf, String)> {
    let files = fs::read_dir(root().join("docs/guides")).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let text = |path: PathBuf| (path.clone(), fs::read_to_string(path).unwrap());
    files.into_iter().map(text).collect()
}

/// The names in the comments, and the blocks behind them.
fn quotations(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.split("<!-- ").skip(1).map(|after| {
        let (name, after) = after
            .split_once(" -->\n\n```")
            .expect("a block follows the comment");
        let (_, block) = after.split_once('\n').unwrap();
        (name, block.split_once("\n```").expect("the block ends").0)
    })
}

fn unindented(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

fn published(line: &str) -> String {
    let Some((before, after)) = line.split_once("path = \"") else {
        return line.to_owned();
    };
    let (_, after) = after.split_once('"').unwrap();
    format!("{before}{REPOSITORY}{after}")
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
