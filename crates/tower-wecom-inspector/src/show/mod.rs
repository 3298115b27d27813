//! What was decrypted, made readable: indented, without secrets, and masked if that is asked for.

mod json;
mod names;
mod xml;

use tower_wecom::payload::{Document, Format};

pub(crate) use names::Policy;

/// More is not shown, in bytes. What is sent again is sent whole.
const SHOWN: usize = 64 * 1024;

/// A payload or a reply as the page shows it.
pub(crate) fn text(bytes: &[u8], policy: Policy) -> String {
    cut(whole(bytes, policy))
}

/// A typed value, which is JSON, as the page shows it.
pub(crate) fn json(text: &str, policy: Policy) -> Option<String> {
    json::pretty(text, policy).map(cut)
}

/// What [`text`] shows, however long it is.
pub(crate) fn whole(bytes: &[u8], policy: Policy) -> String {
    let text = String::from_utf8_lossy(bytes);
    let shown = match Document::parse(bytes) {
        Err(_) => None,
        Ok(_) => match Format::of(bytes) {
            Some(Format::Json) => json::pretty(&text, policy),
            _ => Some(xml::pretty(&text, policy)),
        },
    };
    shown.unwrap_or_else(|| match (policy, names::before_secrets(&text)) {
        (Policy::Mask, _) => names::MASKED.to_owned(),
        (Policy::Open, Some(before)) => format!("{before}{}", names::SECRET),
        (Policy::Open, None) => text.into_owned(),
    })
}

fn cut(text: String) -> String {
    if text.len() <= SHOWN {
        return text;
    }
    // A character has at most 4 bytes.
    let mut shorter = (0..4).filter_map(|back| text.get(..SHOWN.checked_sub(back)?));
    format!("{}\n…", shorter.next().unwrap_or_default())
}
