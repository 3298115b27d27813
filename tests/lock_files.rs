//! The lock files of all workspaces, as a test.
//!
//! `fuzz` and `tests/frameworks` have crates of the main workspace as dependencies by path. No
//! command of the main workspace updates their lock files. After a change of these crates,
//! `--locked` fails there, and only the job of that workspace shows it.
//!
//! The test reads files and calls no cargo, so it needs no network. It compares names and versions
//! of the crates, and the names of their dependencies. It does not resolve versions or features.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

type Names = BTreeSet<String>;

struct Manifest {
    version: String,
    /// The dependencies that every lock file with the crate contains.
    required: Names,
    /// Also optional dependencies, and those of tests.
    declared: Names,
}

/// A crate without a source: it was found by its path.
struct Locked {
    name: String,
    version: String,
    dependencies: Names,
}

#[test]
fn each_lock_file_has_the_dependencies_of_each_crate_by_path() {
    let manifests: BTreeMap<_, _> = files("Cargo.toml").iter().filter_map(manifest).collect();
    let mut found = Vec::new();
    for lock_file in files("Cargo.lock") {
        let crates = locked(&lock_file);
        assert!(!crates.is_empty(), "{lock_file} has no crate by path");
        let stale = crates
            .iter()
            .flat_map(|it| differences(it, &manifests[&it.name]));
        found.extend(stale.map(|difference| {
            format!("{lock_file}: {difference}. `cargo metadata` in its folder mends it.")
        }));
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

fn differences(locked: &Locked, manifest: &Manifest) -> Vec<String> {
    let name = &locked.name;
    let mut found = Vec::new();
    if locked.version != manifest.version {
        let (old, new) = (&locked.version, &manifest.version);
        found.push(format!("{name} is {old}, its Cargo.toml has {new}"));
    }
    for absent in manifest.required.difference(&locked.dependencies) {
        found.push(format!("{name} lacks its dependency {absent}"));
    }
    for left in locked.dependencies.difference(&manifest.declared) {
        found.push(format!("{name} has {left}, its Cargo.toml does not"));
    }
    found
}

// Manifests.

/// The name of the crate, and what the test reads of it. `None` for a workspace without a crate.
fn manifest(path: &String) -> Option<(String, Manifest)> {
    let text = fs::read_to_string(path).unwrap();
    let (mut required, mut declared) = (Names::new(), Names::new());
    let (mut name, mut version) = (None, None);
    let mut section = "";
    for line in text.lines() {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
        }
        let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        let key = key.trim().trim_end_matches(".workspace");
        match (section, key) {
            ("package", "name") => name = Some(quoted(value)),
            ("package", "version") => version = Some(quoted(value)),
            _ if !section.ends_with("dependencies") => {}
            _ => {
                let is_of_tests = section.ends_with("dev-dependencies");
                let is_required = !is_of_tests && !value.contains("optional = true");
                required.extend(is_required.then(|| key.to_owned()));
                declared.insert(key.to_owned());
            }
        }
    }
    let manifest = Manifest {
        version: version.unwrap_or_else(|| "0.0.0".to_owned()),
        required,
        declared,
    };
    Some((name?, manifest))
}

// Lock files.

fn locked(path: &str) -> Vec<Locked> {
    let text = fs::read_to_string(path).unwrap();
    let packages = text.split("[[package]]").skip(1);
    let by_path = packages.filter(|package| !package.contains("\nsource = "));
    by_path.map(locked_crate).collect()
}

fn locked_crate(package: &str) -> Locked {
    let value = |key: &str| package.lines().find_map(|line| line.strip_prefix(key));
    let dependencies = package.lines().filter(|line| line.starts_with(" \""));
    // `"http 1.5.0"`, if the file has more than one version of it.
    let names = dependencies.map(|line| quoted(line).split(' ').take(1).collect());
    Locked {
        name: quoted(value("name = ").unwrap()),
        version: quoted(value("version = ").unwrap()),
        dependencies: names.collect(),
    }
}

fn quoted(text: &str) -> String {
    text.split('"').nth(1).unwrap_or_default().to_owned()
}

// Files.

/// The paths of all files with this name.
fn files(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(Path::new("."), name, &mut found);
    found
}

fn walk(folder: &Path, wanted: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            walk(&path, wanted, found);
        } else if name == wanted {
            let path = path.strip_prefix(".").unwrap();
            found.push(path.to_str().unwrap().to_owned());
        }
    }
}
