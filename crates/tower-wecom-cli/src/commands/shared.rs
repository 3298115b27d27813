//! What several commands need.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use http::Request;
use percent_encoding::percent_decode_str;
use tower_wecom::test_util::{Platform, PlatformError};

use crate::diagnosis::{Finding, Level};
use crate::exit::{Error, ExitStatus};
use crate::http::{Client, SendError, Target};
use crate::output::{DIM, GREEN, Output, RED, YELLOW, printable};

/// How many ciphertexts are tried to find one with or without a plus sign. The chance of each is at
/// least a quarter.
const TRIES: usize = 1000;
/// The longest file that is read, in bytes. The whole file is in memory. Vectors have a few MiB,
/// and captured requests are much shorter.
const FILE_LIMIT: u64 = 64 << 20;

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
    read.map_err(|error| Error::unreachable(format!("cannot read {}: {error}", path.display())))
}

fn read_limited(file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more than the limit shows that the file is too long.
    file.take(FILE_LIMIT.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= FILE_LIMIT) {
        return Ok(bytes);
    }
    let mebibytes = FILE_LIMIT >> 20;
    Err(io::Error::other(format!(
        "it is longer than {mebibytes} MiB"
    )))
}

/// The error of a command that cannot go on without a response.
pub(crate) fn send_error(error: &SendError) -> Error {
    Error::unreachable(format!("{error}\n       {}", error.advice()))
}

pub(crate) fn platform_error(error: PlatformError) -> Error {
    Error::unreachable(error)
}

/// The finding that there is no response.
pub(crate) fn send_finding(error: &SendError) -> Finding {
    Finding::failure(error.code(), error.to_string()).advice(error.advice())
}

/// Prints a finding as lines for people.
pub(crate) fn show_finding(output: &mut Output, check: &str, finding: &Finding) -> io::Result<()> {
    let (style, word) = match finding.level {
        Level::Ok => (GREEN, "ok  "),
        Level::Note => (DIM, "note"),
        Level::Warning => (YELLOW, "warn"),
        Level::Failure => (RED, "FAIL"),
    };
    let check = if check.is_empty() {
        String::new()
    } else {
        format!("{check}: ")
    };
    output.line(format!(
        "{style}{word}{style:#}  {check}{}",
        printable(&finding.message)
    ))?;
    match &finding.advice {
        Some(advice) => output.line(format!("      {DIM}do:{DIM:#} {}", printable(advice))),
        None => Ok(()),
    }
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
