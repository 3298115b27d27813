//! The output of `curl -v`: `>` marks the request, `<` the response, `*` curl's own messages.

use tower_wecom::protocol::Envelope;

use super::request::{Capture, request_line};
use crate::time;

pub(super) fn read(text: &str) -> Option<Capture> {
    let sent = text.lines().filter_map(|line| line.strip_prefix("> "));
    // If curl followed a redirect there are more requests. WeCom sends the first one only.
    let (method, target) = sent.map(str::trim_end).find_map(request_line)?;
    Some(Capture {
        method: Some(method),
        target,
        body: body(text),
        response_date: response_date(text),
        ..Capture::default()
    })
}

/// The `Date` of the response.
pub(super) fn response_date(text: &str) -> Option<u64> {
    let received = text.lines().filter_map(|line| line.strip_prefix("< "));
    received
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("date"))
        .and_then(|(_, date)| time::parse_http_date(date))
}

/// curl does not print the body that it sends, but the user may have added it to the capture. It is
/// the text that is an envelope and not a sealed reply.
fn body(text: &str) -> Vec<u8> {
    let is_unmarked = |line: &&str| {
        !["> ", "< ", "* ", "{ [", "} ["]
            .iter()
            .any(|mark| line.starts_with(mark))
    };
    let unmarked: Vec<_> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !matches!(*line, ">" | "<" | "*"))
        .filter(is_unmarked)
        .collect();
    let unmarked = unmarked.join("\n");
    let candidates = [unmarked.as_str()].into_iter().chain(unmarked.lines());
    let mut candidates = candidates.map(str::trim).filter(|text| {
        let is_reply = text.to_ascii_lowercase().contains("msgsignature");
        !is_reply && Envelope::parse(text.as_bytes().to_vec().into()).is_ok()
    });
    candidates.next().unwrap_or_default().as_bytes().to_vec()
}
