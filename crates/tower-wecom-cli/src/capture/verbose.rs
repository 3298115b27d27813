//! What `curl -v` prints: `>` before what was sent, `<` before what came, `*` before its own words.

use tower_wecom::protocol::Envelope;

use super::request::{Capture, request_line};
use crate::time;

pub(super) fn read(text: &str) -> Option<Capture> {
    let sent = text.lines().filter_map(|line| line.strip_prefix("> "));
    // A redirect that curl followed is a second request; the first is what WeCom would have sent.
    let (method, target) = sent.map(str::trim_end).find_map(request_line)?;
    Some(Capture {
        method: Some(method),
        target,
        body: body(text),
        response_date: response_date(text),
    })
}

/// The `Date` of the answer.
pub(super) fn response_date(text: &str) -> Option<u64> {
    let came = text.lines().filter_map(|line| line.strip_prefix("< "));
    came.filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("date"))
        .and_then(|(_, moment)| time::parse_http_date(moment))
}

/// curl does not print the body that it sends, but whoever captured it may have put it there: the text that is an envelope,
/// and no sealed reply.
fn body(text: &str) -> Vec<u8> {
    let is_ours = |line: &&str| {
        !["> ", "< ", "* ", "{ [", "} ["]
            .iter()
            .any(|mark| line.starts_with(mark))
    };
    let bare: Vec<_> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !matches!(*line, ">" | "<" | "*"))
        .filter(is_ours)
        .collect();
    let bare = bare.join("\n");
    let candidates = [bare.as_str()].into_iter().chain(bare.lines());
    let mut candidates = candidates.map(str::trim).filter(|text| {
        let is_reply = text.to_ascii_lowercase().contains("msgsignature");
        !is_reply && Envelope::parse(text.as_bytes().to_vec().into()).is_ok()
    });
    candidates.next().unwrap_or_default().as_bytes().to_vec()
}
