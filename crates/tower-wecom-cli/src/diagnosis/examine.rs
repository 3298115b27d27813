//! A captured request, and why it does not open under the credentials given.

use tower_wecom::crypto::{Cipher, Signature};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::{Detail, EncodingAesKey, Rejection, RejectionKind, Token};

use super::finding::{Finding, Level};
use super::opening::Opened;
use super::wire_request::{WireRequest, decoded, mended};
use crate::capture::Capture;
use crate::credentials::{CredentialError, Credentials, RawCredentials};
use crate::output::printable;
use crate::time::seconds_between;

/// How far a clock may be off before URL checks fail: what tower-wecom allows.
const CLOCK_LIMIT: u64 = 300;
/// How far ahead of us a request may be signed before that is odd.
const AHEAD_LIMIT: i64 = 60;

/// What is known besides the request.
pub(crate) struct Context<'a> {
    pub(crate) raw: &'a RawCredentials,
    /// Other credentials, with their names. One of them may be the right one.
    pub(crate) others: &'a [(String, RawCredentials)],
    /// This machine's clock, in seconds since 1970.
    pub(crate) now: u64,
}

/// Looks at a captured request, as far as what is known reaches.
pub(crate) fn examine(capture: &Capture, known: &Context<'_>) -> Vec<Finding> {
    let mut findings = credentials(known.raw);
    let mut request = WireRequest::of(capture);
    findings.extend(request.unescape());
    let query = request.query.clone();
    let query = match Query::parse(&query, DEFAULT_NONCE_MAX_LEN) {
        Ok(query) => query,
        Err(error) => {
            findings.push(parameters(&request.query, &error));
            return findings;
        }
    };
    findings.extend(clock(capture, &query, known.now));
    match request.ciphertext(&query) {
        Err(finding) => findings.push(finding),
        Ok(ciphertext) => {
            findings.extend(request.spaces(&ciphertext));
            findings.extend(under(known, &mut request, &query, &ciphertext));
        }
    }
    findings
}

/// Texts that can be no credentials.
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
                .advice("copy the EncodingAESKey whole, from the URL's page in the console"),
        );
    }
    findings
}

fn parameters(query: &str, error: &tower_wecom::protocol::QueryError) -> Finding {
    let has_plain_signature = query.split('&').any(|pair| pair.starts_with("signature="));
    if has_plain_signature && error.parameter() == "msg_signature" {
        return Finding::failure("not_wecom", "the request has `signature` and no `msg_signature`: it is of an official account of WeChat")
            .advice("WeCom's own callbacks have msg_signature; enter the URL on WeCom's console");
    }
    Finding::failure("parameter", error.to_string()).advice(
        "WeCom sends msg_signature, timestamp and nonce, each once; a URL in a shell needs quotes, or it ends at the first &",
    )
}

fn clock(capture: &Capture, query: &Query<'_>, now: u64) -> Option<Finding> {
    let signed = query.unix_seconds();
    if let Some(answered) = capture.response_date {
        let off = seconds_between(signed, answered);
        if off.unsigned_abs() <= CLOCK_LIMIT {
            return None;
        }
        let mut finding = off_by(off, "the application's clock (the Date of its answer)");
        if off > 0 {
            finding.level = Level::Warning;
            finding.message = format!(
                "the answer is dated {off} s after the request was signed: it was sent again later, or the application's clock is ahead"
            );
        }
        return Some(finding);
    }
    let age = seconds_between(signed, now);
    if age < AHEAD_LIMIT.saturating_neg() {
        return Some(off_by(age, "this machine's clock"));
    }
    let message = format!("it was signed {age} s ago; a URL check is taken for {CLOCK_LIMIT} s");
    (age.unsigned_abs() > CLOCK_LIMIT).then(|| Finding::note("age", message))
}

/// What to say of a clock that shows `off` seconds more than WeCom's.
pub(crate) fn off_by(off: i64, whose: &str) -> Finding {
    let direction = if off < 0 { "behind" } else { "ahead of" };
    let seconds = off.unsigned_abs();
    Finding::failure(
        "clock_off",
        format!("the clock is {seconds} s off: {whose} is {direction} WeCom's timestamp"),
    )
    .advice("set the clock by NTP (`timedatectl set-ntp true`); in a container it is the host's")
}

/// What the credentials make of it.
fn under(
    known: &Context<'_>,
    request: &mut WireRequest,
    query: &Query<'_>,
    ciphertext: &str,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Ok(token) = known.raw.parse_token() else {
        return findings;
    };
    if !signed_by(&token, query, ciphertext) {
        match request.repaired(ciphertext) {
            Some(repaired) if signed_by(&token, query, &mended(ciphertext)) => {
                findings.extend((!ciphertext.contains(' ')).then(broken_lines));
                *request = repaired;
            }
            _ => return wrong_token(known, query, ciphertext),
        }
    }
    let Ok(credentials) = known.raw.parse() else {
        // What is wrong with the key has been said.
        findings.push(Finding::ok(
            "token",
            "the Token is right: the signature is its own",
        ));
        return findings;
    };
    match request.open(&credentials) {
        Ok(opened) => findings.push(fine(&opened)),
        Err(rejection) => findings.push(refused(
            known,
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
    query.msg_signature().parse() == Ok(signature)
}

fn broken_lines() -> Finding {
    Finding::failure(
        "line_breaks",
        "line breaks stand in the ciphertext that were not there when it was signed",
    )
    .advice("something on the way, or the capture, has wrapped its lines")
}

fn wrong_token(known: &Context<'_>, query: &Query<'_>, ciphertext: &str) -> Vec<Finding> {
    let twice = decoded(ciphertext);
    let token = known.raw.parse_token();
    if twice != ciphertext && token.is_ok_and(|token| signed_by(&token, query, &twice)) {
        let finding = Finding::failure(
            "encoded_twice",
            "echostr is percent-encoded twice: something on the way encodes the URL once more",
        )
        .advice("let the proxy pass the URL as it came");
        return vec![finding];
    }
    let mended = mended(ciphertext);
    let owner = known.others.iter().find(|(_, raw)| {
        let token = raw.parse_token();
        token.is_ok_and(|token| {
            signed_by(&token, query, ciphertext) || signed_by(&token, query, &mended)
        })
    });
    let finding = match owner {
        Some((name, _)) => Finding::failure(
            "wrong_token",
            format!("wrong Token: the request is signed with that of {name}"),
        ),
        None => Finding::failure(
            "wrong_token",
            "wrong Token: the signature is not made with yours, or the request was changed on its way",
        ),
    };
    vec![finding.advice("compare the Token with the URL's page in the console: each app, and each of its URLs, has its own")]
}

fn fine(opened: &Opened) -> Finding {
    let message = match opened {
        Opened::Echo(_) => {
            "it opens: a URL check, the Token, the key and the receive id are right".to_owned()
        }
        Opened::Delivery(callback) => format!(
            "it opens: {}, for {}; the Token, the key and the receive id are right",
            printable(callback.kind().as_str()),
            id(callback.receive_id()),
        ),
    };
    Finding::ok("opens", message)
}

fn refused(
    known: &Context<'_>,
    credentials: &Credentials,
    rejection: &Rejection,
    ciphertext: &str,
    is_url_check: bool,
) -> Finding {
    match rejection.kind() {
        RejectionKind::Padding | RejectionKind::Length => wrong_key(known, ciphertext),
        RejectionKind::ReceiveId => {
            let seen = rejection.details().iter().find_map(|fact| match fact {
                Detail::ReceiveId(seen) => Some(seen),
                _ => None,
            });
            match seen.map(|seen| (seen.as_str(), seen.to_string())) {
                Some((Some(_), seen)) => receive_id(credentials, &seen, is_url_check),
                // One in 256 wrong keys leaves a padding that looks right, and noise behind it.
                _ => wrong_key(known, ciphertext),
            }
        }
        RejectionKind::Base64 | RejectionKind::CiphertextLength => Finding::failure(
            "ciphertext",
            "right Token, but the ciphertext is none: cut off or changed before it was signed",
        )
        .advice("whoever sends it does not encrypt as WeCom does: 32-byte padding, standard base64"),
        RejectionKind::Echo => Finding::failure("echo", "the text to be echoed looks like a message: somebody replays a delivery as a URL check")
            .advice("nothing: it is right to refuse it"),
        _ => Finding::failure("refused", rejection.to_string()),
    }
}

fn wrong_key(known: &Context<'_>, ciphertext: &str) -> Finding {
    let opens = |key: &EncodingAesKey| {
        let frame = Cipher::new(key).open(ciphertext);
        frame.is_ok_and(|frame| frame.receive_id.iter().all(u8::is_ascii_graphic))
    };
    let owner = known
        .others
        .iter()
        .find(|(_, raw)| raw.parse_key().is_ok_and(|key| opens(&key)));
    let message = match owner {
        Some((name, _)) => format!("right Token, wrong AES key: the key is that of {name}"),
        None => {
            "right Token, wrong AES key: the signature fits, the decryption does not".to_owned()
        }
    };
    Finding::failure("wrong_key", message)
        .advice("copy the EncodingAESKey from the same page as the Token; saving the page with a new one makes the old one useless")
}

fn receive_id(credentials: &Credentials, seen: &str, is_url_check: bool) -> Finding {
    let expected = if is_url_check {
        &credentials.url_check_receive_id
    } else {
        &credentials.receive_id
    };
    let message =
        format!("right Token, right key; the receive id is {seen}, you expect {expected}");
    let advice = if is_url_check {
        "if this URL is yours, expect that id. URL checks of both URLs of a suite are for the provider's corp, those of AI bots for the empty id"
    } else {
        "if this app is yours, expect that id. It is the corp's for an app of one's own, the suite's for its notices, the customer's corp on a suite's data URL, and empty for AI bots"
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
