//! The text of a payload, a reply or a typed value, as the page shows it.

use tower_wecom::payload::{Document, Format};

use super::json::pretty as pretty_json;
use super::names::{self, Policy};
use super::xml::pretty as pretty_xml;

/// The page shows this many bytes at most. A request that is sent again is sent whole.
const SHOWN: usize = 64 * 1024;

/// A payload or a reply as the page shows it.
pub(crate) fn text(bytes: &[u8], policy: Policy) -> String {
    truncate(whole(bytes, policy))
}

/// A typed value, which is JSON, as the page shows it.
pub(crate) fn json(text: &str, policy: Policy) -> Option<String> {
    pretty_json(text, policy).map(truncate)
}

/// Like [`text`], but never truncated.
pub(crate) fn whole(bytes: &[u8], policy: Policy) -> String {
    let text = String::from_utf8_lossy(bytes);
    let shown = match Document::parse(bytes) {
        Err(_) => None,
        Ok(_) => match Format::of(bytes) {
            Some(Format::Json) => pretty_json(&text, policy),
            _ => Some(pretty_xml(&text, policy)),
        },
    };
    shown.unwrap_or_else(|| match (policy, names::before_secrets(&text)) {
        (Policy::Mask, _) => names::MASKED.to_owned(),
        (Policy::Open, Some(before)) => format!("{before}{}", names::SECRET),
        (Policy::Open, None) => text.into_owned(),
    })
}

fn truncate(text: String) -> String {
    if text.len() <= SHOWN {
        return text;
    }
    // A character has at most 4 bytes.
    let mut shorter = (0..4).filter_map(|back| text.get(..SHOWN.checked_sub(back)?));
    format!("{}\n…", shorter.next().unwrap_or_default())
}
