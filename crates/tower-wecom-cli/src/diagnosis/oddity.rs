//! What is odd in a capture. As long as something is, a signature that does not match proves
//! nothing about the Token.

use super::finding::Finding;
use crate::capture::{Capture, HTML, SIGNATURE_LEN, TIMESTAMP_LEN, is_mask, is_whole_ciphertext};

/// The longest text that may be in one case by chance.
const MAX_ONE_CASE: usize = 40;

/// The findings about what was undone to read the request.
pub(super) fn undone(capture: &Capture) -> Vec<Finding> {
    let mut findings = Vec::new();
    if capture.undone.contains(&HTML) {
        findings.push(Finding::note(
            "html_escaped",
            "the URL was copied from HTML: `&amp;` is read as `&`",
        ));
    }
    let others = capture.undone.iter().filter(|name| **name != HTML);
    let others: Vec<_> = others.copied().collect();
    if !others.is_empty() {
        let message = format!(
            "undone in the text around the request: {}",
            others.join(", ")
        );
        findings.push(Finding::note("unescaped", message));
    }
    findings
}

/// Everything about a request that WeCom does not send like this. `ciphertext` is that of the
/// body, if there is one.
pub(super) fn oddities(capture: &Capture, ciphertext: Option<&str>) -> Vec<String> {
    let mut odd = Vec::new();
    if let Some(signature) = capture.parameter("msg_signature") {
        odd.extend(signature_oddity(&signature));
    }
    if let Some(time) = capture.parameter("timestamp") {
        odd.extend(time_oddity(&time));
    }
    let nonce = capture.parameter("nonce");
    if nonce.is_some_and(|nonce| is_mask(&nonce)) {
        odd.push("nonce is hidden".to_owned());
    }
    if let Some(last) = capture.may_be_cut {
        odd.push(format!("{last} may be cut off: the text ends with it"));
    }
    if let Some(echostr) = capture.parameter("echostr") {
        odd.extend(ciphertext_oddity("echostr", &echostr));
    }
    if let Some(ciphertext) = ciphertext {
        odd.extend(ciphertext_oddity("Encrypt", ciphertext));
    }
    odd
}

fn signature_oddity(signature: &str) -> Option<String> {
    let length = signature.chars().count();
    if is_mask(signature) {
        return Some("msg_signature is hidden".to_owned());
    }
    if length != SIGNATURE_LEN {
        return Some(format!(
            "msg_signature has {length} characters, WeCom's has {SIGNATURE_LEN}"
        ));
    }
    let is_upper = signature.contains(|c: char| c.is_ascii_uppercase());
    is_upper.then(|| "msg_signature is in upper case".to_owned())
}

fn time_oddity(time: &str) -> Option<String> {
    if is_mask(time) {
        return Some("timestamp is hidden".to_owned());
    }
    let length = time.chars().count();
    (length != TIMESTAMP_LEN)
        .then(|| format!("timestamp has {length} digits, WeCom's has {TIMESTAMP_LEN}"))
}

fn ciphertext_oddity(name: &str, text: &str) -> Option<String> {
    if is_mask(text) && !is_whole_ciphertext(text) {
        return Some(format!("{name} is hidden"));
    }
    // Blanks and line breaks have findings of their own.
    let text = text.replace(['\r', '\n', '\t'], "").replace(' ', "+");
    if text.contains('%') {
        return Some(format!(
            "{name} is cut off within an escape, or is escaped twice"
        ));
    }
    if !is_whole_ciphertext(&text) {
        return Some(format!(
            "{name} is cut off, or characters were lost: {} characters are not whole blocks",
            text.chars().count()
        ));
    }
    let has = |is: fn(&char) -> bool| text.chars().any(|c| is(&c));
    let is_long = text.len() > MAX_ONE_CASE;
    let has_upper = has(char::is_ascii_uppercase);
    if is_long && has_upper != has(char::is_ascii_lowercase) {
        let case = if has_upper { "upper" } else { "lower" };
        return Some(format!(
            "{name} is all in {case} case, so its letters were changed"
        ));
    }
    None
}
