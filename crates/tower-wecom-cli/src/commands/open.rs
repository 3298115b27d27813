use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::shared::{capture_error, read, show_finding};
use crate::capture::Capture;
use crate::config::ConfigArgs;
use crate::diagnosis::{Context, Opened, choose, examine, open};
use crate::exit::{Error, ExitStatus};
use crate::output::Output;
use crate::time;

/// Decrypt a captured callback
///
/// Reads a raw HTTP request, the output of `curl -v`, a curl command, a URL with the body below it,
/// or any text that contains the parameters, such as the line of a log. The request may have any
/// age. Writes the payload byte for byte, or with --json the event, its kind, header and origin
/// too. If the request cannot be opened, shows the same findings as `wecom doctor`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  wecom open request.http\n  wecom open request.http --json | jq .event"
)]
pub(crate) struct OpenArgs {
    /// The captured request. `-` is stdin
    file: PathBuf,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(crate) fn run(args: &OpenArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let settings = args.config.settings(output)?;
    let credentials = settings.credentials(output)?;
    let bytes = read(&args.file)?;
    let captures = Capture::read(&bytes).map_err(|error| capture_error(&args.file, error))?;
    let capture = choose(&captures, &settings.raw);
    let opened = open(
        &credentials.config(),
        capture.is_url_check(),
        capture.query(),
        capture.trimmed_body(),
    );
    match opened {
        Ok(Opened::Echo(echo)) if output.is_json() => {
            let echo = String::from_utf8_lossy(&echo);
            output.json(&json!({"is": "url_check", "echo": echo}))?;
        }
        Ok(Opened::Delivery(callback)) if output.is_json() => output.json(&json!({
            "is": "delivery",
            "kind": callback.kind(),
            "known": callback.event().is_known(),
            "receive_id": callback.receive_id(),
            "age": callback.age(),
            "header": callback.header(),
            "origin": callback.origin(),
            "event": callback.event(),
            "misfits": callback.misfits(),
            "payload": callback.text(),
        }))?,
        Ok(Opened::Echo(text)) => output.bytes(&text)?,
        Ok(Opened::Delivery(callback)) => output.bytes(callback.payload())?,
        Err(rejection) => {
            let context = Context {
                raw: &settings.raw,
                others: &settings.others,
                now: time::unix_seconds(),
            };
            let findings = examine(&capture, &context);
            if output.is_json() {
                output.json(&json!({"is": "rejected", "rejection": rejection.kind().as_str(), "findings": findings}))?;
            } else {
                for finding in &findings {
                    show_finding(output, None, finding)?;
                }
            }
            return Ok(ExitStatus::CheckFailed);
        }
    }
    Ok(ExitStatus::Success)
}
