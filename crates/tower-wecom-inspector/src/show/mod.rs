//! What was decrypted, made readable: indented, without secrets, and masked if that is asked for.

mod json;
mod names;
mod xml;

use tower_wecom::payload::{Document, Format};

pub(crate) use json::pretty as json;
pub(crate) use names::Policy;

/// More is not shown, in bytes. What is sent again is sent whole.
const SHOWN: usize = 64 * 1024;

/// A payload or a reply as the page shows it.
pub(crate) fn text(bytes: &[u8], policy: Policy) -> String {
    let text = String::from_utf8_lossy(bytes);
    if Document::parse(bytes).is_err() {
        return match policy {
            Policy::Open => cut(&text),
            Policy::Mask => names::MASKED.to_owned(),
        };
    }
    let shown = match Format::of(bytes) {
        Some(Format::Json) => json::pretty(&text, policy),
        _ => Some(xml::pretty(&text, policy)),
    };
    match (shown, policy) {
        (Some(shown), _) => cut(&shown),
        (None, Policy::Open) => cut(&text),
        (None, Policy::Mask) => names::MASKED.to_owned(),
    }
}

fn cut(text: &str) -> String {
    if text.len() <= SHOWN {
        return text.to_owned();
    }
    // A character has at most 4 bytes.
    let mut shorter = (0..4).filter_map(|back| text.get(..SHOWN.checked_sub(back)?));
    format!("{}\n…", shorter.next().unwrap_or_default())
}
