//! Texts for people, in English and in Chinese.
//!
//! A [`Text`] is a key with arguments. It becomes a text of a language where it is printed, so the
//! code that finds a fault does not depend on the language. `en/` and `zh/` have the messages, in
//! the format of Fluent. The texts of `--help` are in the doc comments, where clap reads them, and
//! `zh/help.ftl` has their translations. The tests of `walk.rs` compare the messages with the code.
//!
//! With `--json` everything is in English, so scripts read the same on every machine. The files of
//! `record` are English for the same reason. These stay English in any language: clap's errors on
//! an invalid command line, the causes that the operating system or TLS reports, the reasons of
//! tower-wecom, as in its trace, and the results of `conform`.
//!
//! # Why Fluent
//!
//! `fluent-bundle` 0.16.0 (May 2025) and `rust-i18n` 4.2.4 (autumn of 2026) were compared in
//! November 2026. Both are kept. RustSec's database of August 2026 has no advisory against these
//! versions or what they depend on.
//!
//! - `fluent-bundle` was Mozilla's, and its community releases it now. It needs 20 crates, and 10 of
//!   them were new to this workspace. A file is read at run time, and its bundle is an ordinary
//!   value, so one process and one test can use two languages. Plurals are a part of the format.
//! - `rust-i18n` needs 68 crates: its macro reads YAML, TOML and JSON while the crate is compiled. It
//!   has replaced its YAML parser three times since 2024 (its pull requests 86, 108 and 144), twice
//!   after an advisory (RUSTSEC-2024-0320, RUSTSEC-2025-0068). Its language is a global of the
//!   process, which had an advisory too (RUSTSEC-2024-0007). It has no plurals.

mod bundle;
mod choice;
mod help;
mod text;
#[cfg(test)]
mod walk;

#[cfg(test)]
pub(crate) use bundle::CHINESE_HELP;
pub(crate) use choice::Language;
pub(crate) use help::in_language;
pub(crate) use text::{Text, text};
