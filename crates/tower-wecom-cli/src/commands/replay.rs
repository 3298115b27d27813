use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tower_wecom::test_util::Platform;

use super::shared::{TargetArgs, platform_error, send_error, send_finding, show_finding};
use crate::config::ConfigArgs;
use crate::credentials::{Credentials, ExpectedReceiveId};
use crate::diagnosis::{Finding, is_fine, read_delivery};
use crate::exchange::{Exchange, Folder, ReadError};
use crate::exit::{Error, ExitStatus};
use crate::http::Client;
use crate::language::text;
use crate::output::{GREEN, Output, RED, printable};
use crate::time::millis;

/// Send recorded callbacks again, newly signed
///
/// Sends them one after the other, in the order of their arrival. Skips URL checks, requests that
/// `wecom record` could not open, and files of other programs. The callbacks get the receive id of
/// the configuration, or the recorded one if that is `*` or not given. Exit code 1 if WeCom would
/// not accept one of the responses. A link in the folder is an error, because it may lead out of
/// it.
#[derive(Args)]
#[command(after_help = "Example:\n  wecom replay recorded --to http://127.0.0.1:3000/wecom")]
pub(crate) struct ReplayArgs {
    /// The folder that `wecom record` wrote
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Default)]
struct Counts {
    sent: u64,
    failed: u64,
    skipped: u64,
}

pub(crate) async fn run(args: &ReplayArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let settings = args.config.settings(output)?;
    settings.check_target(&args.target.to)?;
    let credentials = settings.credentials(output)?;
    let mut client = args.target.client()?;
    let folder = Folder::open(&args.folder);
    let names = folder.names();
    let names =
        names.map_err(|error| unread(args, ReadError::Io(text("cause").with("cause", error))))?;
    let mut counts = Counts::default();
    for name in names {
        let exchange = match folder.exchange(&name) {
            Ok(exchange) => exchange,
            Err(error @ ReadError::Outside(_)) => return Err(unread(args, error)),
            Err(error) => {
                output.note(&text("not-an-exchange").texts("error", [error.text()]));
                counts.skipped = counts.skipped.saturating_add(1);
                continue;
            }
        };
        let payload = exchange
            .payload
            .as_deref()
            .filter(|_| !exchange.is_url_check);
        let Some(payload) = payload else {
            counts.skipped = counts.skipped.saturating_add(1);
            continue;
        };
        let payload = folder.payload(payload);
        let payload = payload.map_err(|error| unread(args, error))?;
        let platform = platform(&credentials, &exchange, &client);
        let is_ok = send(&name, &exchange, &payload, &platform, &mut client, output).await?;
        counts.sent = counts.sent.saturating_add(1);
        counts.failed = counts.failed.saturating_add(u64::from(!is_ok));
    }
    let Counts {
        sent,
        failed,
        skipped,
    } = counts;
    if output.is_json() {
        output.json(&json!({"sent": sent, "failed": failed, "skipped": skipped}))?;
    } else {
        output.text(
            &text("replayed")
                .with("sent", sent)
                .with("failed", failed)
                .with("skipped", skipped),
        )?;
    }
    Ok(ExitStatus::of(failed == 0))
}

fn unread(args: &ReplayArgs, error: ReadError) -> Error {
    let folder = args.folder.display();
    let message = text("cannot-read-folder").with("folder", folder);
    match error {
        ReadError::Outside(why) => Error::usage(message.texts("error", [why])),
        ReadError::Io(why) => Error::unreachable(message.texts("error", [why])),
    }
}

fn platform(credentials: &Credentials, exchange: &Exchange, client: &Client) -> Platform {
    let platform = credentials.platform(client.target());
    match (&credentials.receive_id, &exchange.receive_id) {
        (ExpectedReceiveId::Exact(_), _) | (_, None) => platform,
        (_, Some(id)) => platform.receive_id(id),
    }
}

async fn send(
    name: &str,
    exchange: &Exchange,
    payload: &[u8],
    platform: &Platform,
    client: &mut Client,
    output: &mut Output,
) -> Result<bool, Error> {
    let request = if exchange.envelope.as_deref() == Some("json") {
        platform.deliver_json(payload)
    } else {
        platform.deliver_xml(payload)
    };
    let (status, took, findings) = match client.deliver(request.map_err(platform_error)?).await {
        Ok(response) => {
            let (_, findings) = read_delivery(platform, &response);
            (
                Some(response.status),
                Some(millis(response.elapsed)),
                findings,
            )
        }
        Err(error) if error.was_reached() => (None, None, vec![send_finding(&error)]),
        Err(error) => return Err(send_error(&error)),
    };
    let is_ok = is_fine(&findings);
    let kind = exchange.kind.as_deref().unwrap_or_default();
    if output.is_json() {
        let status = status.map(|status| status.as_u16());
        output.json(&json!({"name": name, "kind": kind, "status": status, "millis": took, "findings": findings}))?;
        return Ok(is_ok);
    }
    let style = if is_ok { GREEN } else { RED };
    let status = match status {
        Some(status) => status.to_string(),
        None => text("without-response").in_language(output.language()),
    };
    output.line(format!(
        "{style}{status}{style:#}  {}  {}",
        printable(name),
        printable(kind)
    ))?;
    findings
        .iter()
        .try_for_each(|finding: &Finding| show_finding(output, None, finding))?;
    Ok(is_ok)
}
