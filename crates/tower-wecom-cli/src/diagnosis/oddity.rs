//! What is odd in a capture. As long as something is, a signature that does not match proves
//! nothing about the Token.

use super::finding::Finding;
use crate::capture::{Capture, Escape, SIGNATURE_LEN, TIMESTAMP_LEN, is_mask, is_whole_ciphertext};
use crate::language::{Text, text};

/// The longest text that may be in one case by chance.
const MAX_ONE_CASE: usize = 40;

/// The findings about what was undone to read the request.
pub(super) fn undone(capture: &Capture) -> Vec<Finding> {
    let mut findings = Vec::new();
    if capture.undone.contains(&Escape::Html) {
        findings.push(Finding::note("html_escaped", text("html-escaped")));
    }
    let others = capture.undone.iter().copied().filter_map(name_of);
    let others: Vec<_> = others.collect();
    if !others.is_empty() {
        let message = text("unescaped").texts("escapes", others);
        findings.push(Finding::note("unescaped", message));
    }
    findings
}

/// The name of an escape. HTML has a finding of its own.
const fn name_of(escape: Escape) -> Option<Text> {
    Some(match escape {
        Escape::Html => return None,
        Escape::Invisible => text("escape-invisible"),
        Escape::QuotedPrintable => text("escape-quoted-printable"),
        Escape::Backslashes => text("escape-backslashes"),
        Escape::Colours => text("escape-colours"),
        Escape::Percent => text("escape-percent"),
    })
}

/// Everything about a request that WeCom does not send like this. `ciphertext` is that of the
/// body, if there is one.
pub(super) fn oddities(capture: &Capture, ciphertext: Option<&str>) -> Vec<Text> {
    let mut odd = Vec::new();
    if let Some(signature) = capture.parameter("msg_signature") {
        odd.extend(signature_oddity(&signature));
    }
    if let Some(time) = capture.parameter("timestamp") {
        odd.extend(time_oddity(&time));
    }
    let nonce = capture.parameter("nonce");
    if nonce.is_some_and(|nonce| is_mask(&nonce)) {
        odd.push(text("odd-hidden").with("name", "nonce"));
    }
    if let Some(last) = capture.may_be_cut {
        odd.push(text("odd-last").with("name", last));
    }
    if let Some(echostr) = capture.parameter("echostr") {
        odd.extend(ciphertext_oddity("echostr", &echostr));
    }
    if let Some(ciphertext) = ciphertext {
        odd.extend(ciphertext_oddity("Encrypt", ciphertext));
    }
    odd
}

fn signature_oddity(signature: &str) -> Option<Text> {
    let length = signature.chars().count();
    if is_mask(signature) {
        return Some(text("odd-hidden").with("name", "msg_signature"));
    }
    if length != SIGNATURE_LEN {
        let odd = text("odd-signature-length").with("length", length);
        return Some(odd.with("expected", SIGNATURE_LEN));
    }
    let is_upper = signature.contains(|c: char| c.is_ascii_uppercase());
    is_upper.then(|| text("odd-signature-case"))
}

fn time_oddity(time: &str) -> Option<Text> {
    if is_mask(time) {
        return Some(text("odd-hidden").with("name", "timestamp"));
    }
    let length = time.chars().count();
    let odd = text("odd-timestamp-length").with("length", length);
    (length != TIMESTAMP_LEN).then(|| odd.with("expected", TIMESTAMP_LEN))
}

fn ciphertext_oddity(name: &str, found: &str) -> Option<Text> {
    if is_mask(found) && !is_whole_ciphertext(found) {
        return Some(text("odd-hidden").with("name", name));
    }
    // Blanks and line breaks have findings of their own.
    let found = found.replace(['\r', '\n', '\t'], "").replace(' ', "+");
    if found.contains('%') {
        return Some(text("odd-escape").with("name", name));
    }
    if !is_whole_ciphertext(&found) {
        let odd = text("odd-ciphertext-length").with("name", name);
        return Some(odd.with("length", found.chars().count()));
    }
    let has = |is: fn(&char) -> bool| found.chars().any(|c| is(&c));
    let is_long = found.len() > MAX_ONE_CASE;
    let has_upper = has(char::is_ascii_uppercase);
    if is_long && has_upper != has(char::is_ascii_lowercase) {
        let odd = if has_upper {
            text("odd-upper-case")
        } else {
            text("odd-lower-case")
        };
        return Some(odd.with("name", name));
    }
    None
}
