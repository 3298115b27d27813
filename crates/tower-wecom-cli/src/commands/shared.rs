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

/// How many ciphertexts are made to find one of a certain look. Each has it with a chance of a quarter at least.
const TRIES: usize = 1000;
/// The longest file that is read, in bytes: vectors are a few MiB, a captured request is far below. All of it is in memory.
const FILE_LIMIT: u64 = 64 << 20;

/// Where to send.
#[derive(Args)]
pub(crate) struct TargetArgs {
    /// The callback URL
    #[arg(long, value_name = "URL")]
    pub(crate) to: Target,
    /// How long to wait for an answer, in seconds
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

/// The bytes of a file, up to [`FILE_LIMIT`]; `-` is stdin.
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
    // One byte more tells a file that is longer from one that is as long.
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

/// A failure to be reported and ended with, for want of an answer.
pub(crate) fn send_error(error: &SendError) -> Error {
    Error::unreachable(format!("{error}\n       {}", error.advice()))
}

pub(crate) fn platform_error(error: PlatformError) -> Error {
    Error::unreachable(error)
}

/// A finding for want of an answer.
pub(crate) fn send_finding(error: &SendError) -> Finding {
    Finding::failure(error.code(), error.to_string()).advice(error.advice())
}

/// One finding, as lines for people.
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

/// What a command ends with that could not get an answer: the receiver's fault, or nobody was there.
pub(crate) fn exit_status_without_answer(error: &SendError) -> ExitStatus {
    if error.was_reached() {
        ExitStatus::CheckFailed
    } else {
        ExitStatus::NoAnswer
    }
}

/// A URL check, and what its two texts are.
pub(crate) struct UrlCheck {
    pub(crate) request: Request<String>,
    /// The ciphertext, decoded.
    pub(crate) echostr: String,
    /// What has to come back.
    pub(crate) echo: String,
}

/// A URL check whose ciphertext looks as asked for.
pub(crate) fn url_check(
    platform: &Platform,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<UrlCheck, PlatformError> {
    let mut check = any_check(platform)?;
    for _ in 0..TRIES {
        if is_wanted(&check.echostr) {
            break;
        }
        check = any_check(platform)?;
    }
    Ok(check)
}

fn any_check(platform: &Platform) -> Result<UrlCheck, PlatformError> {
    let echo = random_digits();
    let request = platform.url_check(&echo)?;
    let query = request.uri().query().unwrap_or_default();
    let echostr = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("echostr="));
    let echostr = percent_decode_str(echostr.unwrap_or_default()).decode_utf8_lossy();
    Ok(UrlCheck {
        echostr: echostr.into_owned(),
        request,
        echo,
    })
}

/// 19 digits, as WeCom sends them.
fn random_digits() -> String {
    let mut bytes = [0; 8];
    // Without randomness the platform cannot make a request anyway, and says so.
    let _ = getrandom::fill(&mut bytes);
    let number = u64::from_le_bytes(bytes) % 9_000_000_000_000_000_000;
    number.saturating_add(1_000_000_000_000_000_000).to_string()
}
