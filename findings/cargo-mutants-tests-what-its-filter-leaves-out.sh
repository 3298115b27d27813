#!/usr/bin/env bash
# cargo-mutants with `--re` also takes mutants that the expression does not match.
#
# Expected: `--re PATTERN` selects the mutants whose name matches the pattern.
# Happens: mutants of the kind "delete field … from struct … expression" are in each selection,
#   wherever they are. `--re` with the whole name of one mutant gives that one and all of these.
# Version: cargo-mutants 27.1.0.
# Hurts: scripts that test the missed mutants again by name: they test more than they ask for, and
#   an old miss elsewhere makes the run of a clean file fail.
# Source: https://mutants.rs/skip_files.html, https://github.com/sourcefrog/cargo-mutants
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mutants=cargo-mutants
[ "$(cargo-mutants mutants --version 2>/dev/null)" = "cargo-mutants 27.1.0" ] || {
  CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" \
    cargo install -q --locked --root tools cargo-mutants@27.1.0
  mutants=$dir/tools/bin/cargo-mutants
}
"$mutants" mutants --version

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "mutants-filter"
version = "0.0.0"
edition = "2024"
TOML
cat > src/lib.rs <<'RUST'
#[derive(Default)]
pub struct Settings {
    pub width: u32,
    pub height: u32,
}

pub fn settings() -> Settings {
    Settings { width: 3, ..Default::default() }
}

pub fn twice(number: u32) -> u32 {
    number * 2
}
RUST
found=$("$mutants" mutants --list --line-col=false --re 'with \+ in twice$')
echo "$found"
[ "$found" = 'src/lib.rs: delete field width from struct Settings expression in settings
src/lib.rs: replace * with + in twice' ] || { echo "the behaviour has changed"; exit 1; }
