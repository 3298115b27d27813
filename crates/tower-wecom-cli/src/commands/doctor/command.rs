use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tower_wecom::test_util::Flavour;

use super::probes::{Wanted, probe};
use super::session::Session;
use crate::capture::Capture;
use crate::commands::shared::{capture_error, client, read, show_finding};
use crate::config::{ConfigArgs, Settings};
use crate::diagnosis::{Checked, Context, choose, credentials, examine, is_fine};
use crate::exit::{Error, ExitStatus};
use crate::http::Target;
use crate::language::text;
use crate::output::Output;
use crate::time;

/// Find out why a callback URL fails, and what to do about it
///
/// With --to it plays WeCom: it sends URL checks with and without a plus sign, wrong signatures,
/// deliveries of unknown kinds and of several lengths, and a text message ("wecom doctor" from the
/// member wecom_doctor), twice. With a bot it goes on with the conversation until the stream ends.
/// If the receiver rejects them, it also tries the other profiles of the configuration. With
/// --request it examines a captured request of WeCom: the output of curl -v, a raw HTTP request, a
/// curl command, a URL with the body below it, or any text that contains the parameters, such as
/// the line of a log. Exit code 1 if something is wrong, 3 if the server cannot be reached.
#[derive(Args)]
#[command(after_help = "Examples:
  wecom doctor --to https://example.com/wecom
  wecom doctor --to https://example.com/bot --flavour bot
  wecom doctor --request captured.txt --profile production")]
pub(crate) struct DoctorArgs {
    /// The callback URL to try
    #[arg(
        long,
        value_name = "URL",
        required_unless_present = "request",
        conflicts_with = "request"
    )]
    to: Option<Target>,
    /// A captured request to examine. `-` is stdin. Sends nothing
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// With --to: the type of the receiver: self-built, third-party, bot or group-bot
    #[arg(long, default_value = "self-built", conflicts_with = "request")]
    flavour: Flavour,
    /// With --to: send each documented kind too, and show what the receiver answers
    #[arg(long, conflicts_with = "request")]
    every_kind: bool,
    /// With --to: send no text message
    #[arg(long, conflicts_with = "request")]
    no_message: bool,
    /// With --to: how long to wait for each response, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(crate) async fn run(args: &DoctorArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let settings = args.config.settings(output)?;
    match (&args.to, &args.request) {
        (Some(to), _) => {
            let settings = settings.for_flavour(Some(args.flavour));
            online(args, to, &settings, output).await
        }
        (None, Some(file)) => offline(file, &settings, output),
        (None, None) => Err(Error::usage(text("nothing-to-examine"))),
    }
}

fn offline(file: &Path, settings: &Settings, output: &mut Output) -> Result<ExitStatus, Error> {
    let bytes = read(file)?;
    let captures = Capture::read(&bytes).map_err(|error| capture_error(file, error))?;
    let capture = choose(&captures, &settings.raw);
    settings.note_demo(output);
    let context = Context {
        raw: &settings.raw,
        others: &settings.others,
        now: time::unix_seconds(),
    };
    let findings = examine(&capture, &context);
    let checked: Vec<_> = Checked::all(None, findings).collect();
    report(&file.to_string_lossy(), &checked, output)
}

async fn online(
    args: &DoctorArgs,
    to: &Target,
    settings: &Settings,
    output: &mut Output,
) -> Result<ExitStatus, Error> {
    settings.check_target(to)?;
    // Malformed credentials cannot sign a request.
    let malformed = credentials(&settings.raw);
    if !malformed.is_empty() {
        let checked: Vec<_> = Checked::all(Some(text("check-credentials")), malformed).collect();
        return report(&to.to_string(), &checked, output);
    }
    let credentials = settings.credentials_for(to, output)?;
    let client = client(to, args.timeout)?;
    let session = Session::new(client, credentials, settings, args.flavour);
    let wanted = Wanted {
        messages: !args.no_message,
        every_kind: args.every_kind,
    };
    let probed = probe(session, wanted).await?;
    let status = report(&to.to_string(), &probed.checked, output)?;
    Ok(if probed.was_reached {
        status
    } else {
        ExitStatus::Unreachable
    })
}

fn report(of: &str, checked: &[Checked], output: &mut Output) -> Result<ExitStatus, Error> {
    let is_fine = checked
        .iter()
        .all(|checked| is_fine(std::slice::from_ref(&checked.finding)));
    if output.is_json() {
        output.json(&json!({"of": of, "fine": is_fine, "findings": checked}))?;
        return Ok(ExitStatus::of(is_fine));
    }
    for Checked { check, finding } in checked {
        show_finding(output, check.as_ref(), finding)?;
    }
    Ok(ExitStatus::of(is_fine))
}
