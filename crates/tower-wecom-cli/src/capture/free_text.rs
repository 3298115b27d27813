//! Finds requests in free text: in the lines of logs, in pages, chats and tables.
//!
//! No separator is reliable there. A value therefore ends where its form ends, and a parameter
//! belongs to the nearest signature.

use super::columns;
use super::marks::Marks;
use super::request::{Capture, METHODS};
use super::shape;
use super::spot::{Spot, gap, hull, spot, starts};
use super::unescape::unescape;

/// How many requests are read at most: each parameter is compared with each signature.
pub(crate) const MAX_REQUESTS: usize = 64;
/// What is around the ciphertext of a body.
const ENVELOPE: (&str, &str) = ("<xml><Encrypt><![CDATA[", "]]></Encrypt></xml>");
/// The longest value in which a second parameter of the same name is looked for, in bytes.
const MAX_NESTED: usize = 1024;

/// A signature, and whether it is that of a sealed reply.
struct Anchor<'a> {
    spot: Spot<'a>,
    is_reply: bool,
}

/// All requests in the text, each once.
pub(super) fn read(text: &str) -> Vec<Capture> {
    let (text, undone) = unescape(text);
    let text = columns::as_queries(&text).unwrap_or(text);
    let mut found = requests(&text);
    if !found.iter().any(is_whole) {
        // A terminal or an editor may have wrapped the lines.
        let joined: String = text.lines().map(str::trim).collect();
        let of_joined = requests(&joined);
        if of_joined.iter().any(is_whole) {
            found = of_joined;
        }
    }
    let mut captures: Vec<Capture> = Vec::new();
    for mut capture in found {
        capture.undone.clone_from(&undone);
        if captures.iter().all(|known| known.target != capture.target) {
            captures.push(capture);
        }
    }
    let count = captures.len();
    for capture in &mut captures {
        capture.of_requests = count;
    }
    captures
}

/// Whether each part of the request has its form.
fn is_whole(capture: &Capture) -> bool {
    let value = |name| capture.parameter(name).unwrap_or_default();
    let body = String::from_utf8_lossy(&capture.body);
    let sealed = body
        .strip_prefix(ENVELOPE.0)
        .and_then(|rest| rest.strip_suffix(ENVELOPE.1));
    let ciphertext = capture.parameter("echostr");
    let ciphertext = ciphertext.as_deref().or(sealed).unwrap_or_default();
    value("msg_signature").len() == shape::SIGNATURE_LEN
        && value("timestamp").len() == shape::TIMESTAMP_LEN
        && !value("nonce").is_empty()
        && shape::is_whole_ciphertext(&ciphertext.replace(' ', "+"))
}

fn requests(text: &str) -> Vec<Capture> {
    let mut page = Page::of(first_requests(text));
    let certain = page.anchors.iter().filter(|anchor| !anchor.is_reply);
    let found: Vec<_> = certain.map(|anchor| page.request(anchor)).collect();
    if !found.is_empty() {
        return found;
    }
    page.anchors = page.uncertain_anchors();
    let uncertain = page.anchors.iter().map(|anchor| page.request(anchor));
    uncertain.filter(is_whole).collect()
}

/// The text up to the signature behind the last request that is read.
fn first_requests(text: &str) -> &str {
    let lower = text.to_ascii_lowercase();
    let mut signatures = lower.match_indices("ignature");
    let end = signatures.nth(MAX_REQUESTS).map(|(at, _)| at);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// A text and what is in it.
struct Page<'a> {
    text: &'a str,
    lower: String,
    marks: Marks,
    /// In the order of the text.
    anchors: Vec<Anchor<'a>>,
    times: Vec<Spot<'a>>,
    nonces: Vec<Spot<'a>>,
    echoes: Vec<Spot<'a>>,
    envelopes: Vec<Spot<'a>>,
}

impl<'a> Page<'a> {
    fn of(text: &'a str) -> Self {
        let lower = text.to_ascii_lowercase();
        let spots = |name, value: fn(&str) -> &str| {
            let (mut found, mut value_end) = (Vec::new(), 0);
            for at in starts(&lower, name) {
                let end = at.saturating_add(name.len());
                let Some(spot) = (at >= value_end)
                    .then(|| spot(text, at, end, value))
                    .flatten()
                else {
                    continue;
                };
                if spot.value.len() > MAX_NESTED {
                    value_end = spot.range.end;
                }
                found.push(spot);
            }
            found
        };
        Self {
            anchors: anchors(text, &lower),
            times: spots("timestamp", shape::digits),
            nonces: spots("nonce", shape::nonce),
            echoes: spots("echostr", shape::ciphertext),
            envelopes: spots("encrypt", shape::ciphertext),
            marks: Marks::of(text),
            text,
            lower,
        }
    }

    /// Signatures whose name was cut off or is short. They count only if everything else is there.
    fn uncertain_anchors(&self) -> Vec<Anchor<'a>> {
        let named = ["msgsignature", "signature"].iter().flat_map(|name| {
            starts(&self.lower, name).filter_map(|at| {
                let end = at.saturating_add(name.len());
                let is_in_url = self.before(at).ends_with(['?', '&']);
                let is_element = self.before(at).ends_with('<');
                spot(self.text, at, end, shape::word).filter(|_| !is_in_url && !is_element)
            })
        });
        let certain = |spot| Anchor {
            spot,
            is_reply: false,
        };
        let mut anchors: Vec<_> = named.chain(self.cut_anchor()).map(certain).collect();
        anchors.sort_by_key(|anchor| anchor.spot.range.start);
        anchors
    }

    /// A signature at the beginning of the text, behind the rest of its name.
    fn cut_anchor(&self) -> Option<Spot<'a>> {
        let is_mark = |c: char| c.is_whitespace() || matches!(c, '.' | '…' | '"');
        let text = self.text.trim_start_matches(is_mark);
        let value = (0.."msg_signature=".len()).find_map(|cut| {
            let name = "msg_signature=".get(cut..)?;
            text.strip_prefix(name)
        });
        let value = shape::word(value.unwrap_or(text));
        let start = value
            .as_ptr()
            .addr()
            .checked_sub(self.text.as_ptr().addr())?;
        let end = start.checked_add(value.len())?;
        let is_signature = value.len() == shape::SIGNATURE_LEN;
        is_signature.then_some(Spot {
            range: start..end,
            value,
        })
    }

    fn request(&self, anchor: &Anchor<'a>) -> Capture {
        let method = self.method(anchor);
        let is_post = method.as_deref() == Some("POST");
        let time = self.nearest(anchor, &self.times, |value| {
            value.len() == shape::TIMESTAMP_LEN
        });
        let nonce = self.nearest(anchor, &self.nonces, |value| !value.is_empty());
        let echo = self
            .nearest(anchor, &self.echoes, |value| !value.is_empty())
            .filter(|_| !is_post);
        let mut query = format!("msg_signature={}", anchor.spot.value);
        for (name, spot) in [("timestamp", time), ("nonce", nonce)] {
            if let Some(spot) = spot {
                query.push_str(&format!("&{name}={}", spot.value));
            }
        }
        if let Some(echo) = echo {
            // A plus sign that is not in a URL is certainly one.
            let plus = if self.is_joined(&anchor.spot, echo) {
                "+"
            } else {
                "%2B"
            };
            query.push_str(&format!("&echostr={}", echo.value.replace('+', plus)));
        }
        let body = match echo {
            Some(_) => None,
            None => self.envelope(anchor),
        };
        Capture {
            method,
            target: format!("?{query}"),
            body: body.unwrap_or_default().into_bytes(),
            ..Capture::default()
        }
    }

    /// An envelope with the nearest ciphertext that is not part of a sealed reply.
    fn envelope(&self, anchor: &Anchor<'a>) -> Option<String> {
        let is_of_reply = |spot: &Spot<'_>| {
            let end = spot.range.end;
            let mut behind = self.anchors.iter().map(|it| (it, it.spot.range.start));
            let next = behind.find(|(anchor, start)| anchor.is_reply && *start >= end);
            next.is_some_and(|(_, start)| !self.marks.has_envelope_end(end..start))
        };
        let requests = self.envelopes.iter().filter(|spot| !is_of_reply(spot));
        let nearest = requests
            .filter(|spot| self.belongs(anchor, spot))
            .min_by_key(|spot| self.distance(&anchor.spot, spot))?;
        let ciphertext = nearest.value;
        let (begin, end) = ENVELOPE;
        Some(format!("{begin}{ciphertext}{end}"))
    }

    /// The nearest spot of this signature. One in the same URL comes first, then one with the right
    /// form: lines of logs have a time of their own.
    fn nearest<'s>(
        &self,
        anchor: &Anchor<'_>,
        spots: &'s [Spot<'a>],
        has_form: impl Fn(&str) -> bool,
    ) -> Option<&'s Spot<'a>> {
        spots
            .iter()
            .filter(|spot| self.belongs(anchor, spot))
            .min_by_key(|spot| {
                let (is_elsewhere, is_apart, gap) = self.distance(&anchor.spot, spot);
                (is_elsewhere, !has_form(spot.value), is_apart, gap)
            })
    }

    /// Whether no other signature is nearer. On each side only the next one can be.
    fn belongs(&self, anchor: &Anchor<'_>, spot: &Spot<'_>) -> bool {
        let own = self.distance(&anchor.spot, spot);
        let is_before = |other: &Anchor<'_>| other.spot.range.start < spot.range.start;
        let behind = self.anchors.partition_point(is_before);
        let neighbours = self
            .anchors
            .get(behind.saturating_sub(1)..)
            .unwrap_or_default();
        let mut neighbours = neighbours.iter().take(2);
        neighbours.all(|other| own <= self.distance(&other.spot, spot))
    }

    /// What is in another URL or in another line is farther away.
    fn distance(&self, one: &Spot<'_>, other: &Spot<'_>) -> (bool, bool, usize) {
        let is_apart = self.marks.has_line_end(hull(one, other));
        (!self.is_joined(one, other), is_apart, gap(one, other))
    }

    /// Whether both are in one URL.
    fn is_joined(&self, one: &Spot<'_>, other: &Spot<'_>) -> bool {
        !self.marks.has_url_end(hull(one, other))
    }

    /// The method in the same line before the signature.
    fn method(&self, anchor: &Anchor<'_>) -> Option<String> {
        let line = self.before(anchor.spot.range.start).rsplit('\n').next()?;
        let is_word = |c: char| c.is_ascii_alphanumeric();
        let mut words = line.rsplit(|c| !is_word(c));
        let method = words.find(|word| METHODS.contains(word))?;
        Some(method.to_owned())
    }

    fn before(&self, at: usize) -> &'a str {
        self.text.get(..at).unwrap_or_default()
    }
}

/// The signatures. Their name has several spellings in logs.
fn anchors<'a>(text: &'a str, lower: &str) -> Vec<Anchor<'a>> {
    let spellings = [
        "msg_signature",
        "msg-signature",
        "msg signature",
        "msgsignature",
    ];
    let mut anchors: Vec<_> = spellings
        .iter()
        .flat_map(|name| {
            starts(lower, name).filter_map(|at| {
                let end = at.saturating_add(name.len());
                let spot = spot(text, at, end, shape::word)?;
                let is_element = text.get(..at)?.ends_with('<');
                let is_of_json = text.get(at..end)? == "msgsignature";
                let is_reply = is_element || is_of_json;
                Some(Anchor { spot, is_reply })
            })
        })
        .collect();
    anchors.sort_by_key(|anchor| anchor.spot.range.start);
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quadratic time would take many minutes.
    #[test]
    fn the_time_is_linear_in_the_length() {
        let pieces = [
            "nonce=1 ",
            "nonce-",
            "nonce<",
            "nonce string(",
            "nonce&",
            "timestamp=1&",
            "echostr%",
            "echostr=",
            "encrypt/",
            "Encrypt>A ",
            "MSG_SIGNATURE=a&nonce=1 ",
        ];
        for piece in pieces {
            let text = piece.repeat(256 * 1024 / piece.len());
            for begin in ["msg_signature=a ", "<MsgSignature>a "] {
                let _ = read(&format!("{}{text}msgsignature=b", begin.repeat(30)));
            }
        }
    }
}
