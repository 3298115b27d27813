//! What several commands need.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use clap::Args;
use http::Request;
use percent_encoding::percent_decode_str;
use tower_wecom::test_util::{Platform, PlatformError};

use crate::capture::CaptureError;
use crate::diagnosis::{Finding, Level};
use crate::exit::{Error, ExitStatus};
use crate::http::{Client, SendError, Target};
use crate::language::{Text, text};
use crate::output::{DIM, GREEN, Output, RED, YELLOW, padded, printable};

/// How many ciphertexts are tried to find one with or without a plus sign. The chance of each is at
/// least a quarter.
const TRIES: usize = 1000;
/// The longest file that is read, in bytes. The whole file is in memory. Vectors have a few MiB,
/// and captured requests are much shorter.
const FILE_LIMIT: u64 = 64 << 20;
/// The columns of the level of a finding.
const LEVEL_WIDTH: usize = 4;

/// The target of a command that sends requests.
#[derive(Args)]
pub(crate) struct TargetArgs {
    /// The callback URL
    #[arg(long, value_name = "URL")]
    pub(crate) to: Target,
    /// How long to wait for a response, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
}

impl TargetArgs {
    pub(crate) fn client(&self) -> Result<Client, Error> {
        client(&self.to, self.timeout)
    }
}

pub(crate) fn client(to: &Target, timeout: u64) -> Result<Client, Error> {
    Client::new(to.clone(), Duration::from_secs(timeout)).map_err(|error| send_error(&error))
}

/// The bytes of a file, up to [`FILE_LIMIT`]. `-` is stdin.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let read = if path == Path::new("-") {
        read_limited(io::stdin().lock())
    } else {
        File::open(path).and_then(read_limited)
    };
    let Some(bytes) = read.map_err(|error| cannot_read(path, &error))? else {
        let message = text("file-too-long").with("file", path.display());
        return Err(Error::unreachable(message.with("limit", FILE_LIMIT >> 20)));
    };
    Ok(bytes)
}

fn cannot_read(path: &Path, error: &io::Error) -> Error {
    Error::unreachable(
        text("cannot-read")
            .with("file", path.display())
            .with("error", error),
    )
}

/// The error for a captured text without a request.
pub(crate) fn capture_error(path: &Path, _: CaptureError) -> Error {
    Error::usage(
        text("of-file")
            .with("file", path.display())
            .texts("error", [text("no-request")]),
    )
}

pub(crate) fn no_signals(error: &io::Error) -> Error {
    Error::unreachable(text("no-signals").with("error", error))
}

pub(crate) fn cannot_listen(address: SocketAddr, error: impl Display) -> Error {
    let message = text("cannot-listen").with("address", address);
    Error::unreachable(message.with("error", error))
}

/// `None` if the file is too long.
fn read_limited(file: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    // One byte more than the limit shows that the file is too long.
    file.take(FILE_LIMIT.saturating_add(1))
        .read_to_end(&mut bytes)?;
    let is_short = u64::try_from(bytes.len()).is_ok_and(|length| length <= FILE_LIMIT);
    Ok(is_short.then_some(bytes))
}

/// The error of a command that cannot go on without a response.
pub(crate) fn send_error(error: &SendError) -> Error {
    Error::unreachable(
        text("two-lines")
            .texts("first", [error.text()])
            .texts("second", [error.advice()]),
    )
}

pub(crate) fn platform_error(error: PlatformError) -> Error {
    Error::unreachable(text("cannot-make-request").with("error", error))
}

/// The finding that there is no response.
pub(crate) fn send_finding(error: &SendError) -> Finding {
    Finding::failure(error.code(), error.text()).advice(error.advice())
}

/// Prints a finding as lines for people.
pub(crate) fn show_finding(
    output: &mut Output,
    check: Option<&Text>,
    finding: &Finding,
) -> io::Result<()> {
    let (style, word) = match finding.level {
        Level::Ok => (GREEN, text("level-ok")),
        Level::Note => (DIM, text("level-note")),
        Level::Warning => (YELLOW, text("level-warning")),
        Level::Failure => (RED, text("level-failure")),
    };
    let language = output.language();
    let word = padded(&word.in_language(language), LEVEL_WIDTH);
    let message = match check {
        Some(check) => text("checked")
            .texts("check", [check.clone()])
            .texts("message", [finding.message.clone()]),
        None => finding.message.clone(),
    };
    let message = printable(&message.in_language(language));
    output.line(format!("{style}{word}{style:#}  {message}"))?;
    let Some(advice) = &finding.advice else {
        return Ok(());
    };
    let todo = text("do").in_language(language);
    let advice = printable(&advice.in_language(language));
    output.line(format!("      {DIM}{todo}{DIM:#}{advice}"))
}

/// The exit status of a command without a response. It depends on whether the receiver was reached.
pub(crate) fn exit_status_without_response(error: &SendError) -> ExitStatus {
    if error.was_reached() {
        ExitStatus::CheckFailed
    } else {
        ExitStatus::Unreachable
    }
}

/// A URL check, its ciphertext and its plain text.
pub(crate) struct UrlCheck {
    pub(crate) request: Request<String>,
    /// The ciphertext, percent-decoded.
    pub(crate) echostr: String,
    /// The text that must come back.
    pub(crate) echo: String,
}

/// A URL check whose ciphertext satisfies `is_wanted`.
pub(crate) fn url_check(
    platform: &Platform,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<UrlCheck, PlatformError> {
    url_check_of(platform, &random_digits(), is_wanted)
}

/// A URL check of this text whose ciphertext satisfies `is_wanted`.
pub(crate) fn url_check_of(
    platform: &Platform,
    echo: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<UrlCheck, PlatformError> {
    let mut check = any_check(platform, echo)?;
    for _ in 0..TRIES {
        if is_wanted(&check.echostr) {
            break;
        }
        check = any_check(platform, echo)?;
    }
    Ok(check)
}

fn any_check(platform: &Platform, echo: &str) -> Result<UrlCheck, PlatformError> {
    let request = platform.url_check(echo)?;
    let query = request.uri().query().unwrap_or_default();
    let echostr = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("echostr="));
    let echostr = percent_decode_str(echostr.unwrap_or_default()).decode_utf8_lossy();
    Ok(UrlCheck {
        echostr: echostr.into_owned(),
        request,
        echo: echo.to_owned(),
    })
}

/// 19 digits, as WeCom sends them.
pub(crate) fn random_digits() -> String {
    let mut bytes = [0; 8];
    // Without randomness the platform returns an error anyway.
    let _ = getrandom::fill(&mut bytes);
    let number = u64::from_le_bytes(bytes) % 9_000_000_000_000_000_000;
    number.saturating_add(1_000_000_000_000_000_000).to_string()
}
