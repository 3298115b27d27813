//! The floors of the crate, and the order of the files in every crate of the workspace, as a test.
//!
//! - A file of `src/` imports only from its own room and from rooms on lower floors. A room is a
//!   folder of `src/`, or a file beside those folders. [`FLOORS`] has them.
//! - No file of any crate imports itself through other files. So the files of a folder have an
//!   order, and each imports only earlier ones.
//! - `mod.rs` is the manual page of its folder: prose, `mod` lines and `pub use`, nothing else.
//! - In `src/`, paths into the crate are in `use` statements alone.
//!
//! The test finds each crate by its `Cargo.toml`, each file by walking the folders, and each import
//! by reading the code: every path that starts with `crate`, `super`, `self` or a submodule. Only
//! the floors are listed by hand.
//!
//! An import goes to the file of the last module in its path: `crate::event::Event` goes to
//! `event/mod.rs`, which re-exports it. A page (`mod.rs`, `lib.rs`, `main.rs`) imports each file
//! that it has a `mod` line for. So a file that imports from the page above it makes a ring; it has
//! to name the file instead: `super::kind::EventKind`. A file beside the folder of its name is no
//! page: the files of `tests/it/dedup/` may use what `tests/it/dedup.rs` has. A macro's path,
//! `$crate::…`, belongs to the callers of the macro: it must not lead up, but it makes no ring. The
//! test does not read the unit tests at the foot of a file.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{fs, iter, mem};

/// The rooms of `src/`, from the lowest floor to the highest.
const FLOORS: &[&[&str]] = &[
    // No http, no tower, no async.
    &["crypto", "hook", "payload", "readme", "trace"],
    // The model.
    &["event"],
    // Answers.
    &["reply"],
    // The protocol, without IO.
    &["body", "extensions", "protocol"],
    // Tower middlewares. Each knows the others only through `extensions`.
    &["deadline", "dedup", "middleware", "router"],
    // Adapters, and what is built on a middleware.
    &["axum", "test_util", "tickets"],
];

/// Every crate of the workspace, the root first.
static CRATES: LazyLock<Vec<Crate>> = LazyLock::new(|| {
    let mut crates = Vec::new();
    walk(Path::new("."), 0, &mut crates);
    crates
});

/// What each file of a crate imports from the same crate.
type Crate = BTreeMap<PathBuf, Vec<Import>>;

struct Import {
    path: String,
    to: PathBuf,
    kind: Kind,
}

#[derive(PartialEq)]
enum Kind {
    /// In a `use` statement or a `mod` line.
    Statement,
    Inline,
    /// After a `$`.
    Macro,
}

#[test]
fn every_room_has_a_floor() {
    let rooms: BTreeSet<_> = sources().map(|(file, _)| room(file)).collect();
    let floors: BTreeSet<_> = FLOORS.concat().into_iter().collect();
    let mut found = Vec::new();
    for room in rooms.symmetric_difference(&floors) {
        found.push(if rooms.contains(room) {
            format!("src/{room} has no floor. Move it into a room, or add it to FLOORS.")
        } else {
            format!("src/{room} does not exist. Remove it from FLOORS.")
        });
    }
    assert_none(&found);
}

#[test]
fn a_file_imports_only_from_lower_floors_and_from_its_own_room() {
    assert_none(&imports_upward());
}

#[test]
fn no_file_imports_itself_through_other_files() {
    assert_none(&CRATES.iter().flat_map(rings).collect::<Vec<_>>());
}

#[test]
fn paths_into_the_crate_are_in_use_statements_alone() {
    let mut found = Vec::new();
    for (file, imports) in sources() {
        let inline = imports.iter().filter(|import| import.kind == Kind::Inline);
        found.extend(inline.map(|Import { path, .. }| {
            format!("{file:?} has `{path}` inline. Write `use {path};` at the top.")
        }));
    }
    assert_none(&found);
}

#[test]
fn a_mod_file_is_a_manual_page_and_nothing_else() {
    let starts = "mod |pub mod |pub(crate) mod |pub use |pub(crate) use ";
    let is_of_page = |line: &str| starts.split('|').any(|start| line.starts_with(start));
    let mut found = Vec::new();
    for file in CRATES.iter().flat_map(Crate::keys) {
        if file.ends_with("mod.rs") || file == Path::new("src/lib.rs") {
            let code = code(file);
            let statements = code.split(';').map(|it| it.rsplit(']').next().unwrap());
            let lines = statements.filter_map(|statement| statement.trim().lines().next());
            let other = lines.filter(|line| !is_of_page(line)).take(1);
            found.extend(other.map(|line| {
                format!("{file:?} has `{line}`. Move the code into a file of the folder.")
            }));
        }
    }
    assert_none(&found);
}

#[test]
#[ignore = "prints what scripts/rooms reads"]
fn print_imports() {
    let files = CRATES[0].iter().filter(|(file, _)| file.starts_with("src"));
    for (file, imports) in files {
        for import in imports.iter().filter(|it| !it.path.starts_with("mod ")) {
            println!("import {} {}", room(file), room(&import.to));
        }
    }
    let rings = CRATES.iter().flat_map(rings).count();
    let upward = imports_upward().len();
    println!("found {rings} rings, {upward} imports upward");
}

fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

// Floors.

/// The files of `src/` but `lib.rs`, which is above all floors.
fn sources() -> impl Iterator<Item = (&'static PathBuf, &'static Vec<Import>)> {
    let files = CRATES[0].iter();
    files.filter(|(file, _)| file.starts_with("src") && !file.ends_with("lib.rs"))
}

/// `src/event/kind.rs` is in the room `event`, `src/body.rs` is the room `body`.
fn room(file: &Path) -> &str {
    let name = file.iter().nth(1).unwrap().to_str().unwrap();
    name.trim_end_matches(".rs")
}

fn imports_upward() -> Vec<String> {
    let floor = |room: &str| FLOORS.iter().position(|rooms| rooms.contains(&room));
    let mut found = Vec::new();
    for (file, imports) in sources() {
        for Import { path, to, .. } in imports {
            let is_beside = to.parent() == file.parent();
            let (here, there) = (room(file), room(to));
            let (Some(low), Some(high)) = (floor(here), floor(there)) else {
                continue; // `every_room_has_a_floor` is red.
            };
            if high > low || high == low && here != there && !is_beside {
                found.push(format!(
                    "{file:?} imports `{path}`: `{here}` is on floor {low}, `{there}` on {high}. \
                     Move what it needs below floor {low}, or move this file above floor {high}."
                ));
            }
        }
    }
    found
}

// Rings.

/// The rings of a crate, the shortest first. No two of them share a file.
fn rings(of: &Crate) -> Vec<String> {
    let mut ways: Vec<_> = of.keys().filter_map(|file| ring(of, file)).collect();
    ways.sort_by_key(Vec::len);
    let mut seen = BTreeSet::new();
    ways.retain(|way| {
        let is_new = way.iter().all(|file| !seen.contains(file));
        seen.extend(way.iter().copied().filter(|_| is_new));
        is_new
    });
    ways.iter().map(|way| describe(of, way)).collect()
}

/// The shortest way from a file back to itself.
fn ring<'a>(of: &'a Crate, start: &'a Path) -> Option<Vec<&'a Path>> {
    let mut ways = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        for way in mem::take(&mut ways) {
            let imports = of[*way.last()?].iter().filter(|it| it.kind != Kind::Macro);
            for next in imports.map(|import| import.to.as_path()) {
                if next == start {
                    return Some(way);
                }
                if seen.insert(next) {
                    ways.push([way.as_slice(), &[next]].concat());
                }
            }
        }
    }
    None
}

fn describe(of: &Crate, ring: &[&Path]) -> String {
    let mut text = "These files import each other in a ring:\n".to_owned();
    for (file, next) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let import = of[*file].iter().find(|import| import.to == *next).unwrap();
        text += &format!("    {file:?} imports {next:?} by `{}`\n", import.path);
    }
    text + "  Move what two of them need into a file below both. If one of them is a page (mod.rs, \
            lib.rs, main.rs), import from the file that has the thing, not from the page."
}

// Crates, files and imports.

fn walk(folder: &Path, of: usize, crates: &mut Vec<Crate>) {
    let is_crate = folder.join("Cargo.toml").exists();
    let of = if is_crate { crates.len() } else { of };
    crates.extend(is_crate.then(Crate::new));
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            walk(&path, of, crates);
        } else if name.ends_with(".rs") {
            let file = path.strip_prefix(".").unwrap_or(&path).to_owned();
            crates[of].insert(file.clone(), imports(&file));
        }
    }
}

/// The lines that are neither comments nor unit tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn imports(file: &Path) -> Vec<Import> {
    let code = code(file);
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(at) = code[start..].find(is_word).map(|at| start + at) {
        let before = &code[..at];
        let mut paths = Vec::new();
        start = at + expand("", &code[at..], &mut paths);
        if before.ends_with("pub(in ") {
            continue;
        }
        let statement = before.rsplit([';', '{', '}']).next().unwrap();
        let word = statement.split_whitespace().last();
        for path in paths {
            let kind = match word {
                _ if before.ends_with('$') => Kind::Macro,
                Some("use" | "mod") => Kind::Statement,
                _ => Kind::Inline,
            };
            let is_import = path.contains("::") || word == Some("mod") && is_page(file);
            let to = resolve(file, &path).filter(|_| is_import);
            found.extend(to.map(|to| Import {
                path: if word == Some("mod") {
                    format!("mod {path}")
                } else {
                    path
                },
                to,
                kind,
            }));
        }
    }
    found
}

/// Reads a path such as `a::{b, c::d}`, and returns the length of what it has read.
fn expand(prefix: &str, code: &str, paths: &mut Vec<String>) -> usize {
    let is_end = |char| !is_word(char) && char != ':';
    let mut at = code.find(is_end).unwrap_or(code.len());
    let path = format!("{prefix}{}", &code[..at]);
    if !path.ends_with("::") || !code[at..].starts_with('{') {
        paths.push(path);
        return at;
    }
    while let Some(next) = code[at..].find(|char| is_word(char) || char == '}') {
        at += next;
        if code[at..].starts_with('}') {
            return at + 1;
        }
        at += expand(&path, &code[at..], paths);
    }
    code.len()
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// The file of the last module that a path names, if that is another file of the crate.
fn resolve(file: &Path, path: &str) -> Option<PathBuf> {
    let mut names = path.split("::");
    let mut at = match names.next()? {
        "crate" => iter::successors(Some(file.to_owned()), |file| parent(file)).last()?,
        "super" => parent(file)?,
        "self" => file.to_owned(),
        name => child(file, name)?,
    };
    for name in names {
        at = match child(&at, name) {
            Some(child) => child,
            None if name == "super" => parent(&at)?,
            None => break,
        };
    }
    (at != file).then_some(at)
}

fn parent(file: &Path) -> Option<PathBuf> {
    let folder = file.parent()?;
    let folder = match file.file_name()?.to_str()? {
        "lib.rs" | "main.rs" => return None,
        "mod.rs" => folder.parent()?,
        _ => folder,
    };
    let pages = ["mod.rs", "lib.rs", "main.rs"].map(|page| folder.join(page));
    let beside = folder.with_extension("rs");
    pages.into_iter().chain([beside]).find(|page| page.exists())
}

fn child(file: &Path, name: &str) -> Option<PathBuf> {
    let folder = if is_page(file) {
        file.parent()?.to_owned()
    } else {
        file.with_extension("")
    };
    let places = [
        folder.join(name).with_extension("rs"),
        folder.join(name).join("mod.rs"),
    ];
    places.into_iter().find(|place| place.exists())
}

fn is_page(file: &Path) -> bool {
    ["mod.rs", "lib.rs", "main.rs"]
        .iter()
        .any(|page| file.ends_with(page))
}
