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
use crate::language::{Text, text};
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
    pub(crate) others: &'a [(Text, RawCredentials)],
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
    let message = text("several-requests")
        .with("count", count)
        .with("limit", MAX_REQUESTS);
    (count > 1).then(|| Finding::note("several_requests", message))
}

fn examine_request(
    capture: &Capture,
    mut request: WireRequest,
    context: &Context<'_>,
    odd: &[Text],
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
        findings.push(Finding::failure(code, error.text()).advice(text("copy-token")));
    }
    if let Err(error) = raw.parse_key() {
        let code = if error == CredentialError::NoKey {
            "no_key"
        } else {
            "bad_key"
        };
        findings.push(Finding::failure(code, error.text()).advice(text("copy-key")));
    }
    findings
}

fn parameters(query: &str, error: &QueryError) -> Finding {
    let has_plain_signature = query.split('&').any(|pair| pair.starts_with("signature="));
    if has_plain_signature && error.parameter() == "msg_signature" {
        return Finding::failure("not_wecom", text("not-wecom")).advice(text("not-wecom-advice"));
    }
    Finding::failure("parameter", parameter_error(query, error)).advice(text("parameter-advice"))
}

fn parameter_error(query: &str, error: &QueryError) -> Text {
    let name = error.parameter();
    let is_it = |pair: &&str| pair.split('=').next() == Some(name);
    let message = match query.split('&').filter(is_it).count() {
        _ if error.is_not_a_callback() => return text("parameters-missing"),
        0 => text("parameter-missing"),
        1 => text("parameter-malformed"),
        _ => text("parameter-repeated"),
    };
    message.with("parameter", name)
}

fn clock(capture: &Capture, query: &Query<'_>, now: u64) -> Option<Finding> {
    let signed = query.unix_seconds();
    if let Some(answered) = capture.response_date {
        let off = seconds_between(signed, answered);
        if off.unsigned_abs() <= CLOCK_LIMIT {
            return None;
        }
        let mut finding = clock_off(off, text("clock-of-application"));
        if off > 0 {
            finding.level = Level::Warning;
            finding.message = text("response-dated-later").with("seconds", off);
        }
        return Some(finding);
    }
    let age = seconds_between(signed, now);
    if age < AHEAD_LIMIT.saturating_neg() {
        return Some(clock_off(age, text("clock-of-machine")));
    }
    let message = text("signed-ago")
        .with("seconds", age)
        .with("limit", CLOCK_LIMIT);
    (age.unsigned_abs() > CLOCK_LIMIT).then(|| Finding::note("age", message))
}

/// The finding for a clock that is `off` seconds ahead of WeCom's.
pub(crate) fn clock_off(off: i64, whose: Text) -> Finding {
    let message = if off < 0 {
        text("clock-behind")
    } else {
        text("clock-ahead")
    };
    let message = message
        .with("seconds", off.unsigned_abs())
        .texts("whose", [whose]);
    Finding::failure("clock_off", message).advice(text("clock-advice"))
}

/// Verifies and decrypts the request with the given credentials.
fn open_with_credentials(
    context: &Context<'_>,
    request: &mut WireRequest,
    query: &Query<'_>,
    ciphertext: &str,
    odd: &[Text],
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
        findings.push(Finding::ok("token", text("token-right")));
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
    Finding::failure("line_breaks", text("line-breaks")).advice(text("line-breaks-advice"))
}

fn wrong_token(
    context: &Context<'_>,
    query: &Query<'_>,
    ciphertext: &str,
    odd: &[Text],
) -> Vec<Finding> {
    let twice = decoded(ciphertext);
    let token = context.raw.parse_token();
    if twice != ciphertext && token.is_ok_and(|token| signed_by(&token, query, &twice)) {
        let finding = Finding::failure("encoded_twice", text("encoded-twice"));
        return vec![finding.advice(text("encoded-twice-advice"))];
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
            text("wrong-token-of").texts("owner", [name.clone()]),
        ),
        None if !odd.is_empty() => return vec![unclean(odd)],
        None => Finding::failure("wrong_token", text("wrong-token")),
    };
    vec![finding.advice(text("wrong-token-advice"))]
}

fn unclean(odd: &[Text]) -> Finding {
    let odd = odd.iter().cloned().reduce(|first, next| {
        text("unclean-also")
            .texts("first", [first])
            .texts("next", [next])
    });
    let message = text("unclean").texts("odd", odd);
    Finding::failure(UNCLEAN, message).advice(text("unclean-advice"))
}

fn opens(opened: &Opened) -> Finding {
    let message = match opened {
        Opened::Echo(_) => text("opens-url-check"),
        Opened::Delivery(callback) if callback.receive_id().is_empty() => {
            text("opens-empty-id").with("kind", printable(callback.kind().as_str()))
        }
        Opened::Delivery(callback) => text("opens")
            .with("kind", printable(callback.kind().as_str()))
            .with("id", printable(callback.receive_id())),
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
        RejectionKind::Base64 | RejectionKind::CiphertextLength => {
            Finding::failure("ciphertext", text("ciphertext")).advice(text("ciphertext-advice"))
        }
        RejectionKind::Echo => Finding::failure("echo", text("echo")).advice(text("echo-advice")),
        _ => Finding::failure("refused", text("rejection").with("rejection", rejection)),
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
        Some((name, _)) => text("wrong-key-of").texts("owner", [name.clone()]),
        None => text("wrong-key"),
    };
    Finding::failure("wrong_key", message).advice(text("wrong-key-advice"))
}

fn receive_id(credentials: &Credentials, seen: &str, is_url_check: bool) -> Finding {
    let expected = if is_url_check {
        &credentials.url_check_receive_id
    } else {
        &credentials.receive_id
    };
    let message = text("receive-id")
        .with("seen", seen)
        .texts("expected", [expected.text()]);
    let advice = if is_url_check {
        text("receive-id-of-url-check-advice")
    } else {
        text("receive-id-advice")
    };
    Finding::failure("receive_id", message).advice(advice)
}
