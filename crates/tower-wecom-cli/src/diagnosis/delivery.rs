//! Judges the response to a delivery like WeCom does.

use std::time::Duration;

use serde::Serialize;
use tower_wecom::test_util::{OpenReplyError, Platform};

use super::finding::{Finding, Level};
use super::reply::time_of_reply;
use super::response::{bad_status, is_html, page};
use crate::http::HttpResponse;
use crate::language::text;
use crate::output::excerpt;
use crate::time::millis;

/// How long WeCom waits for the response to a delivery (document 90930).
const DELIVERY_LIMIT: Duration = Duration::from_secs(5);
/// How long WeCom waits after authorisation notices and callbacks of devices.
const STRICT_LIMIT: Duration = Duration::from_secs(1);

/// The content of a response to a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub(crate) enum DeliveryResponse {
    /// An empty body or `success`.
    Acknowledgement,
    /// A sealed reply, decrypted.
    Reply { text: String },
    /// Anything else. WeCom ignores it.
    Other { body: String },
}

/// Reads a response: its content, and what is wrong with it.
pub(crate) fn read_delivery(
    platform: &Platform,
    response: &HttpResponse,
) -> (DeliveryResponse, Vec<Finding>) {
    let mut findings = Vec::new();
    let (content, wrong) = content(platform, response);
    if response.status != http::StatusCode::OK {
        let finding = bad_status(response);
        let is_success = response.status.is_success();
        findings.push(if is_success { soften(finding) } else { finding });
    } else {
        findings.extend(wrong);
    }
    let took = millis(response.elapsed);
    if response.elapsed > DELIVERY_LIMIT {
        let message = text("delivery-too-slow").with("millis", took);
        let advice = text("delivery-too-slow-advice");
        findings.push(Finding::failure("too_slow", message).advice(advice));
    } else if response.elapsed > STRICT_LIMIT {
        let message = text("delivery-slow").with("millis", took);
        findings.push(Finding::warning("slow", message));
    }
    (content, findings)
}

fn soften(mut finding: Finding) -> Finding {
    finding.level = Level::Warning;
    finding
}

fn content(platform: &Platform, response: &HttpResponse) -> (DeliveryResponse, Option<Finding>) {
    let body = response.body.trim_ascii();
    if body.is_empty() || body == b"success" {
        return (DeliveryResponse::Acknowledgement, None);
    }
    let other = || DeliveryResponse::Other {
        body: String::from_utf8_lossy(body).into_owned(),
    };
    match platform.open_reply(body) {
        Ok(reply) => (
            DeliveryResponse::Reply { text: reply.text },
            time_of_reply("TimeStamp", &reply.timestamp),
        ),
        Err(_) if is_html(response) => (other(), Some(page(response))),
        Err(OpenReplyError::Signature) => (
            other(),
            Some(
                Finding::failure("reply_signature", text("reply-signature"))
                    .advice(text("reply-signature-advice")),
            ),
        ),
        Err(OpenReplyError::Cipher) => (
            other(),
            Some(Finding::failure("reply_key", text("reply-key")).advice(text("reply-key-advice"))),
        ),
        Err(_) if response.body.starts_with(&[0x1f, 0x8b]) => (
            other(),
            Some(
                Finding::failure("compressed", text("compressed"))
                    .advice(text("compressed-advice")),
            ),
        ),
        Err(_) => (
            other(),
            Some(
                Finding::failure(
                    "plain_reply",
                    text("plain-reply").with("text", excerpt(body)),
                )
                .advice(text("plain-reply-advice")),
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    use super::super::finding::is_fine;
    use super::*;
    use crate::credentials::RawCredentials;

    fn read(status: u16, body: &str, elapsed: u64) -> (DeliveryResponse, Vec<Finding>) {
        let target = "http://127.0.0.1/wecom".parse().unwrap();
        let platform = RawCredentials::demo().parse().unwrap().platform(&target);
        let response = HttpResponse {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            elapsed: Duration::from_millis(elapsed),
        };
        read_delivery(&platform, &response)
    }

    #[test]
    fn an_acknowledgement_is_empty_or_success() {
        for body in ["", "success", " \n"] {
            assert_eq!(
                read(200, body, 1),
                (DeliveryResponse::Acknowledgement, vec![]),
                "{body}"
            );
        }
    }

    #[test]
    fn a_sealed_reply_with_the_content_type_html_is_not_a_page() {
        let target = "http://127.0.0.1/wecom".parse().unwrap();
        let platform = RawCredentials::demo().parse().unwrap().platform(&target);
        let mut headers = HeaderMap::new();
        let html = http::HeaderValue::from_static("text/html; charset=UTF-8");
        headers.insert(http::header::CONTENT_TYPE, html);
        let sealed = "<xml><Encrypt>x</Encrypt><MsgSignature>y</MsgSignature><TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>";
        let response = HttpResponse {
            status: StatusCode::OK,
            headers,
            body: Bytes::from_static(sealed.as_bytes()),
            elapsed: Duration::ZERO,
        };
        let (_, findings) = read_delivery(&platform, &response);
        assert_eq!(findings[0].code, "reply_signature");
    }

    #[test]
    fn the_text_of_a_500_is_shown() {
        let (_, findings) = read(500, "is `WeComLayer` missing?\n", 1);
        let message = String::from(findings[0].message.clone());
        assert!(message.contains("is `WeComLayer` missing?"), "{message}");
    }

    #[test]
    fn each_response_that_wecom_ignores_has_its_code() {
        let sealed = "<xml><Encrypt>x</Encrypt><MsgSignature>y</MsgSignature><TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>";
        let rows = [
            (200, "ok", 1, "plain_reply"),
            (200, "<html>", 1, "html"),
            (200, "\u{feff}<!DOCTYPE html>", 1, "html"),
            (200, sealed, 1, "reply_signature"),
            (500, "", 1, "server_error"),
            (503, "", 1, "gateway"),
            (405, "", 1, "method_not_routed"),
            (200, "", 5001, "too_slow"),
        ];
        for (status, body, elapsed, code) in rows {
            let (_, findings) = read(status, body, elapsed);
            assert_eq!(findings[0].code, code, "{status} {body}");
            assert!(!is_fine(&findings));
        }
        for (status, elapsed, code) in [(204, 1, "status"), (200, 1001, "slow")] {
            let (_, findings) = read(status, "", elapsed);
            assert_eq!(findings[0].code, code);
            assert!(is_fine(&findings));
        }
    }
}
