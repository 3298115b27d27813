use std::borrow::Cow;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;
use serde::Serialize;
use tower_wecom::event::{self, Event, EventKind, Header, Origin, Parsed};
use tower_wecom::payload::Document;
use tower_wecom::protocol::Envelope;

use super::shared::read;
use crate::capture::Capture;
use crate::exit::{Error, ExitStatus};
use crate::language::{Language, Text, text};
use crate::output::Output;

/// Convert decrypted payloads, XML or JSON, into typed JSON, one line per file
///
/// A line has "file", "kind", "known", "event", "header" (receiver, sender, time, app, message id)
/// and "origin" (an app, or a suite with its corps). "misfits" lists the paths of elements that do
/// not fit their type. A file that is no callback, or is still encrypted, has a line with "error",
/// and the exit code is 1. If a file cannot be read the exit code is 3. The other files have their
/// lines in both cases.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  wecom explain payload.xml\n  wecom open request.http | wecom explain -"
)]
pub(crate) struct ExplainArgs {
    /// Files with one payload each. `-` is stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// The kind of a payload without a type.
const NO_TYPE: &str = "unknown";

pub(crate) fn run(args: &ExplainArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let mut errors = Vec::new();
    let mut are_callbacks = true;
    for path in &args.files {
        match read(path) {
            Ok(payload) => {
                let explanation = Explanation::of(path, &payload, output.language());
                are_callbacks &= explanation.error.is_none();
                output.json(&explanation)?;
            }
            Err(error) => {
                if let Error::Unreachable(text) = error {
                    errors.push(text);
                }
            }
        }
    }
    let all = errors.into_iter().reduce(|first, second| {
        text("two-lines")
            .texts("first", [first])
            .texts("second", [second])
    });
    match all {
        None => Ok(ExitStatus::of(are_callbacks)),
        Some(all) => Err(Error::unreachable(all)),
    }
}

/// A line of the output.
#[derive(Serialize)]
struct Explanation<'a> {
    file: Cow<'a, str>,
    kind: EventKind,
    known: bool,
    event: Event,
    header: Header,
    origin: Origin,
    /// Why it is not a callback.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The paths of the elements that do not fit their type.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    misfits: Vec<String>,
}

impl<'a> Explanation<'a> {
    fn of(path: &'a Path, payload: &[u8], language: Language) -> Self {
        let (parsed, error) = match Document::parse(payload) {
            Ok(document) => (event::parse(&document), None),
            Err(error) => (Parsed::unreadable(payload), Some(error.to_string())),
        };
        let kind = parsed.event.kind();
        Self {
            file: path.to_string_lossy(),
            known: parsed.event.is_known(),
            error: no_callback(&kind, error, payload).map(|text| text.in_language(language)),
            kind,
            event: parsed.event,
            header: parsed.header,
            origin: parsed.origin,
            misfits: parsed.misfits,
        }
    }
}

/// Why a payload is not a callback. `None` if it is one.
fn no_callback(kind: &EventKind, error: Option<String>, payload: &[u8]) -> Option<Text> {
    if error.is_none() && *kind != NO_TYPE {
        return None;
    }
    let is_envelope = Envelope::parse(Bytes::copy_from_slice(payload)).is_ok();
    if is_envelope || Capture::read(payload).is_ok() {
        return Some(text("still-encrypted"));
    }
    Some(match error {
        Some(error) => text("unreadable-payload").with("error", error),
        None => text("no-type"),
    })
}
