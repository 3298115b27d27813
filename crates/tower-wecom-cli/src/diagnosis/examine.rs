//! Finds out why a captured request cannot be opened with the given credentials.

use tower_wecom::crypto::{Cipher, Signature};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query, QueryError};
use tower_wecom::{Detail, EncodingAesKey, Rejection, RejectionKind, Token};

use super::finding::{Finding, Level};
use super::oddity::{oddities, undone};
use super::opening::Opened;
use super::wire_request::{WireRequest, decoded, mended};
use crate::capture::{Capture, MAX_REQUESTS};
use crate::credentials::{CredentialError, Credentials, RawCredentials};
use crate::output::printable;
use crate::time::seconds_between;

/// The clock error in seconds above which URL checks fail. It is tower-wecom's limit.
const CLOCK_LIMIT: u64 = 300;
/// How many seconds ahead of our clock a timestamp may be without a finding.
const AHEAD_LIMIT: i64 = 60;

/// The code of a signature that does not match in a capture that is not whole.
const UNCLEAN: &str = "unclean_capture";

/// What is known in addition to the request.
pub(crate) struct Context<'a> {
    pub(crate) raw: &'a RawCredentials,
    /// Other credentials and their names. One of them may be the right one.
    pub(crate) others: &'a [(String, RawCredentials)],
    /// This machine's clock, in seconds since 1970.
    pub(crate) now: u64,
}

/// The request that is signed with this Token, or the first one. A text can have several.
pub(crate) fn choose(captures: &[Capture], raw: &RawCredentials) -> Capture {
    let is_signed = |capture: &&Capture| {
        let request = WireRequest::of(capture);
        let query = Query::parse(&request.query, DEFAULT_NONCE_MAX_LEN);
        let ciphertext = query
            .as_ref()
            .ok()
            .and_then(|query| request.ciphertext(query).ok());
        match (raw.parse_token(), &query, ciphertext) {
            (Ok(token), Ok(query), Some(ciphertext)) => signed_by(&token, query, &ciphertext),
            _ => false,
        }
    };
    let chosen = captures.iter().find(is_signed).or(captures.first());
    chosen.cloned().unwrap_or_default()
}

/// All findings about a captured request, as far as `context` allows.
pub(crate) fn examine(capture: &Capture, context: &Context<'_>) -> Vec<Finding> {
    let request = WireRequest::of(capture);
    let odd = oddities(capture, request.sealed_body().as_deref());
    let mut findings = credentials(context.raw);
    findings.extend(undone(capture));
    findings.extend(several(capture));
    findings.extend(examine_request(capture, request, context, &odd));
    let is_explained = |finding: &Finding| matches!(finding.code, "opens" | UNCLEAN);
    if !findings.iter().any(is_explained) {
        findings.extend(odd.into_iter().map(|odd| Finding::note("odd", odd)));
    }
    findings
}

fn several(capture: &Capture) -> Option<Finding> {
    let count = capture.of_requests;
    let message = format!(
        "the text has {count} requests, and these findings are about one of them. At most \
         {MAX_REQUESTS} are read"
    );
    (count > 1).then(|| Finding::note("several_requests", message))
}

fn examine_request(
    capture: &Capture,
    mut request: WireRequest,
    context: &Context<'_>,
    odd: &[String],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let query = request.query.clone();
    let query = match Query::parse(&query, DEFAULT_NONCE_MAX_LEN) {
        Ok(query) => query,
        Err(error) => return vec![parameters(&request.query, &error)],
    };
    findings.extend(clock(capture, &query, context.now));
    match request.ciphertext(&query) {
        Err(finding) => findings.push(finding),
        Ok(ciphertext) => {
            findings.extend(request.spaces(&ciphertext));
            findings.extend(open_with_credentials(
                context,
                &mut request,
                &query,
                &ciphertext,
                odd,
            ));
        }
    }
    findings
}

/// The findings about credentials that are missing or malformed.
pub(crate) fn credentials(raw: &RawCredentials) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Err(error) = raw.parse_token() {
        let code = if error == CredentialError::NoToken {
            "no_token"
        } else {
            "bad_token"
        };
        findings.push(
            Finding::failure(code, error.to_string())
                .advice("copy the Token from the URL's page in the console"),
        );
    }
    if let Err(error) = raw.parse_key() {
        let code = if error == CredentialError::NoKey {
            "no_key"
        } else {
            "bad_key"
        };
        findings.push(
            Finding::failure(code, error.to_string())
                .advice("copy the whole EncodingAESKey from the URL's page in the console"),
        );
    }
    findings
}

fn parameters(query: &str, error: &QueryError) -> Finding {
    let has_plain_signature = query.split('&').any(|pair| pair.starts_with("signature="));
    if has_plain_signature && error.parameter() == "msg_signature" {
        let message = "the request has `signature` but no `msg_signature`: it comes from a WeChat \
                       official account, not from WeCom";
        return Finding::failure("not_wecom", message)
            .advice("enter the URL in WeCom's console: WeCom sends msg_signature");
    }
    Finding::failure("parameter", error.to_string()).advice(
        "WeCom sends msg_signature, timestamp and nonce, each once. In a shell, put the URL in \
         quotes, or it ends at the first &",
    )
}

fn clock(capture: &Capture, query: &Query<'_>, now: u64) -> Option<Finding> {
    let signed = query.unix_seconds();
    if let Some(answered) = capture.response_date {
        let off = seconds_between(signed, answered);
        if off.unsigned_abs() <= CLOCK_LIMIT {
            return None;
        }
        let mut finding = clock_off(off, "the application's clock (the Date of its response)");
        if off > 0 {
            finding.level = Level::Warning;
            finding.message = format!(
                "the response is dated {off} s after the request was signed: the request was sent \
                 again later, or the application's clock is ahead"
            );
        }
        return Some(finding);
    }
    let age = seconds_between(signed, now);
    if age < AHEAD_LIMIT.saturating_neg() {
        return Some(clock_off(age, "this machine's clock"));
    }
    let message = format!("it was signed {age} s ago. A URL check is valid for {CLOCK_LIMIT} s");
    (age.unsigned_abs() > CLOCK_LIMIT).then(|| Finding::note("age", message))
}

/// The finding for a clock that is `off` seconds ahead of WeCom's.
pub(crate) fn clock_off(off: i64, whose: &str) -> Finding {
    let direction = if off < 0 { "behind" } else { "ahead of" };
    let seconds = off.unsigned_abs();
    Finding::failure(
        "clock_off",
        format!("the clock is {seconds} s off: {whose} is {direction} WeCom's timestamp"),
    )
    .advice(
        "set the clock by NTP (`timedatectl set-ntp true`). In a container it is the host's clock",
    )
}

/// Verifies and decrypts the request with the given credentials.
fn open_with_credentials(
    context: &Context<'_>,
    request: &mut WireRequest,
    query: &Query<'_>,
    ciphertext: &str,
    odd: &[String],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Ok(token) = context.raw.parse_token() else {
        return findings;
    };
    if !signed_by(&token, query, ciphertext) {
        match request.repaired(ciphertext) {
            Some(repaired) if signed_by(&token, query, &mended(ciphertext)) => {
                findings.extend((!ciphertext.contains(' ')).then(broken_lines));
                *request = repaired;
            }
            _ => return wrong_token(context, query, ciphertext, odd),
        }
    }
    let Ok(credentials) = context.raw.parse() else {
        // There is a finding about the key already.
        findings.push(Finding::ok(
            "token",
            "the Token is right: the signature matches",
        ));
        return findings;
    };
    match request.open(&credentials) {
        Ok(opened) => findings.push(opens(&opened)),
        Err(rejection) => findings.push(rejected(
            context,
            &credentials,
            &rejection,
            &mended(ciphertext),
            request.is_url_check,
        )),
    }
    findings
}

fn signed_by(token: &Token, query: &Query<'_>, ciphertext: &str) -> bool {
    let signature = Signature::new(token, query.timestamp(), query.nonce(), ciphertext);
    query.msg_signature() == signature.to_hex()
}

fn broken_lines() -> Finding {
    Finding::failure(
        "line_breaks",
        "the ciphertext has line breaks that were not there when it was signed",
    )
    .advice("a proxy or the capture has wrapped the lines: keep the body unchanged")
}

fn wrong_token(
    context: &Context<'_>,
    query: &Query<'_>,
    ciphertext: &str,
    odd: &[String],
) -> Vec<Finding> {
    let twice = decoded(ciphertext);
    let token = context.raw.parse_token();
    if twice != ciphertext && token.is_ok_and(|token| signed_by(&token, query, &twice)) {
        let finding = Finding::failure(
            "encoded_twice",
            "echostr is percent-encoded twice: a proxy encodes the URL again",
        )
        .advice("let the proxy pass the URL unchanged");
        return vec![finding];
    }
    let mended = mended(ciphertext);
    let owner = context.others.iter().find(|(_, raw)| {
        let token = raw.parse_token();
        token.is_ok_and(|token| {
            signed_by(&token, query, ciphertext) || signed_by(&token, query, &mended)
        })
    });
    let finding = match owner {
        Some((name, _)) => Finding::failure(
            "wrong_token",
            format!("wrong Token: the request is signed with the Token of {name}"),
        ),
        None if !odd.is_empty() => return vec![unclean(odd)],
        None => Finding::failure(
            "wrong_token",
            "wrong Token: the request is signed with another Token, or it was changed on its way",
        ),
    };
    vec![finding.advice(
        "compare the Token with the URL's page in the console: each app has its own, and each of \
         its URLs",
    )]
}

fn unclean(odd: &[String]) -> Finding {
    let message = format!(
        "the signature does not match, but the capture is not whole, so that proves nothing about \
         the Token: {}",
        odd.join(". Also ")
    );
    Finding::failure(UNCLEAN, message).advice(
        "capture the whole request, for example with `wecom record`, and examine that. Logs cut \
         long lines, hide values and change letters",
    )
}

fn opens(opened: &Opened) -> Finding {
    let message = match opened {
        Opened::Echo(_) => {
            "the request opens: a URL check. Token, key and receive id are right".to_owned()
        }
        Opened::Delivery(callback) => format!(
            "the request opens: {}, for {}. Token, key and receive id are right",
            printable(callback.kind().as_str()),
            id(callback.receive_id()),
        ),
    };
    Finding::ok("opens", message)
}

fn rejected(
    context: &Context<'_>,
    credentials: &Credentials,
    rejection: &Rejection,
    ciphertext: &str,
    is_url_check: bool,
) -> Finding {
    match rejection.kind() {
        RejectionKind::Padding | RejectionKind::Length => wrong_key(context, ciphertext),
        RejectionKind::ReceiveId => {
            let seen = rejection.details().iter().find_map(|detail| match detail {
                Detail::ReceiveId(seen) => Some(seen),
                _ => None,
            });
            match seen.map(|seen| (seen.as_str(), seen.to_string())) {
                Some((Some(_), seen)) => receive_id(credentials, &seen, is_url_check),
                // With one in 256 wrong keys the padding looks right by chance, and the id is
                // noise.
                _ => wrong_key(context, ciphertext),
            }
        }
        RejectionKind::Base64 | RejectionKind::CiphertextLength => Finding::failure(
            "ciphertext",
            "right Token, but an invalid ciphertext: it was cut off or changed before it was \
             signed",
        )
        .advice("the sender must encrypt like WeCom: 32-byte padding, standard base64"),
        RejectionKind::Echo => Finding::failure(
            "echo",
            "the text to be echoed looks like a message: a delivery was replayed as a URL check",
        )
        .advice("nothing: rejecting it is right"),
        _ => Finding::failure("refused", rejection.to_string()),
    }
}

fn wrong_key(context: &Context<'_>, ciphertext: &str) -> Finding {
    let opens = |key: &EncodingAesKey| {
        let frame = Cipher::new(key).open(ciphertext);
        frame.is_ok_and(|frame| frame.receive_id.iter().all(u8::is_ascii_graphic))
    };
    let owner = context
        .others
        .iter()
        .find(|(_, raw)| raw.parse_key().is_ok_and(|key| opens(&key)));
    let message = match owner {
        Some((name, _)) => format!("right Token, wrong AES key: the key is that of {name}"),
        None => {
            "right Token, wrong AES key: the signature matches, but the decryption fails".to_owned()
        }
    };
    Finding::failure("wrong_key", message).advice(
        "copy the EncodingAESKey from the same page as the Token. If the page was saved with a new \
         key, the old one is not valid any more",
    )
}

fn receive_id(credentials: &Credentials, seen: &str, is_url_check: bool) -> Finding {
    let expected = if is_url_check {
        &credentials.url_check_receive_id
    } else {
        &credentials.receive_id
    };
    let message =
        format!("right Token, right key, but the receive id is {seen}. You expect {expected}");
    let advice = if is_url_check {
        "if this URL is yours, configure that id. For both URLs of a suite, URL checks have the \
         provider's corp id. For AI bots the id is empty"
    } else {
        "if this app is yours, configure that id. It is the corp id for an app of your own, the \
         suite id for a suite's notices, the customer's corp id on a suite's data URL, and empty \
         for AI bots"
    };
    Finding::failure("receive_id", message).advice(advice)
}

fn id(id: &str) -> String {
    if id.is_empty() {
        "the empty receive id".to_owned()
    } else {
        printable(id)
    }
}
