use std::borrow::Cow;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use tower_wecom::event::{self, Event, EventKind, Parsed};
use tower_wecom::payload::Document;

use super::shared::read;
use crate::exit::{Error, ExitStatus};
use crate::output::Output;

/// Convert decrypted payloads, XML or JSON, into typed JSON, one line per file
///
/// A line has "file", "kind", "known" and "event". "misfits" lists the paths of elements that do
/// not fit their type. A payload that cannot be parsed has a line with "error". If a file cannot be
/// read the exit code is 3, and the other files still have their lines.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  wecom explain payload.xml\n  wecom open request.http | wecom explain -"
)]
pub(crate) struct ExplainArgs {
    /// Files with one payload each. `-` is stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(crate) fn run(args: &ExplainArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let mut errors = Vec::new();
    for path in &args.files {
        match read(path) {
            Ok(payload) => output.json(&Explanation::of(path, &payload))?,
            Err(error) => {
                if let Error::Unreachable(text) = &error {
                    errors.push(text.clone());
                }
            }
        }
    }
    match errors.as_slice() {
        [] => Ok(ExitStatus::Success),
        errors => Err(Error::unreachable(errors.join("\n       "))),
    }
}

/// A line of the output.
#[derive(Serialize)]
struct Explanation<'a> {
    file: Cow<'a, str>,
    kind: EventKind,
    known: bool,
    event: Event,
    /// Why the payload could not be parsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The paths of the elements that do not fit their type.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    misfits: Vec<String>,
}

impl<'a> Explanation<'a> {
    fn of(path: &'a Path, payload: &[u8]) -> Self {
        let (parsed, error) = match Document::parse(payload) {
            Ok(document) => (event::parse(&document), None),
            Err(error) => (Parsed::unreadable(payload), Some(error.to_string())),
        };
        Self {
            file: path.to_string_lossy(),
            kind: parsed.event.kind(),
            known: parsed.event.is_known(),
            event: parsed.event,
            error,
            misfits: parsed.misfits,
        }
    }
}
