//! The answer to a delivery, as WeCom takes it.

use std::time::Duration;

use serde::Serialize;
use tower_wecom::test_util::{OpenReplyError, Platform};

use super::finding::Finding;
use super::response::{bad_status, is_html, page};
use crate::http::HttpResponse;
use crate::output::excerpt;
use crate::time::millis;

/// How long WeCom waits for the answer to a delivery (document 90930).
const DELIVERY_LIMIT: Duration = Duration::from_secs(5);
/// Authorisation notices and devices want theirs sooner.
const STRICT_LIMIT: Duration = Duration::from_secs(1);

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub(crate) enum DeliveryResponse {
    /// Nothing, or `success`.
    Acknowledgement,
    /// A sealed reply, opened.
    Reply { text: String },
    /// Something else, which WeCom drops.
    Other { body: String },
}

/// Reads an answer: what it says, and what is wrong with it.
pub(crate) fn read_delivery(
    platform: &Platform,
    answer: &HttpResponse,
) -> (DeliveryResponse, Vec<Finding>) {
    let mut findings = Vec::new();
    let (said, trouble) = said(platform, answer);
    if answer.status != http::StatusCode::OK {
        let finding = bad_status(answer);
        let is_success = answer.status.is_success();
        findings.push(if is_success { soften(finding) } else { finding });
    } else {
        findings.extend(trouble);
    }
    let took = millis(answer.elapsed);
    if answer.elapsed > DELIVERY_LIMIT {
        let message = format!("the answer took {took} ms; WeCom waits 5000 ms and sends it again");
        let advice =
            "store it, answer, and work afterwards: `DeadlineLayer` or the inbox of tower-wecom";
        findings.push(Finding::failure("too_slow", message).advice(advice));
    } else if answer.elapsed > STRICT_LIMIT {
        let message = format!(
            "the answer took {took} ms; authorisation notices and devices want theirs within 1000 ms"
        );
        findings.push(Finding::warning("slow", message));
    }
    (said, findings)
}

fn soften(mut finding: Finding) -> Finding {
    finding.level = super::finding::Level::Warning;
    finding
}

fn said(platform: &Platform, answer: &HttpResponse) -> (DeliveryResponse, Option<Finding>) {
    let body = answer.body.trim_ascii();
    if body.is_empty() || body == b"success" {
        return (DeliveryResponse::Acknowledgement, None);
    }
    let other = || DeliveryResponse::Other {
        body: String::from_utf8_lossy(body).into_owned(),
    };
    match platform.open_reply(body) {
        Ok(reply) => (DeliveryResponse::Reply { text: reply.text }, None),
        Err(_) if is_html(answer) => (other(), Some(page(answer))),
        Err(OpenReplyError::Signature) => (
            other(),
            Some(
                Finding::failure("reply_signature", "the reply is signed with another Token")
                    .advice("seal replies with the credentials that opened the delivery; `TimeStamp` and `Nonce` of the envelope are what is signed"),
            ),
        ),
        Err(OpenReplyError::Cipher) => (
            other(),
            Some(
                Finding::failure("reply_key", "the reply's signature is right, but it cannot be decrypted")
                    .advice("seal it with the same EncodingAESKey, padded to 32 bytes"),
            ),
        ),
        Err(_) => (
            other(),
            Some(
                Finding::failure("plain_reply", format!("the answer is not sealed: {}", excerpt(body)))
                    .advice("WeCom takes an encrypted reply, an empty body or `success`; the rest is dropped"),
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
        let answer = HttpResponse {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            elapsed: Duration::from_millis(elapsed),
        };
        read_delivery(&platform, &answer)
    }

    #[test]
    fn an_acknowledgement_is_nothing_or_success() {
        for body in ["", "success", " \n"] {
            assert_eq!(
                read(200, body, 1),
                (DeliveryResponse::Acknowledgement, vec![]),
                "{body}"
            );
        }
    }

    #[test]
    fn a_sealed_reply_that_php_calls_html_is_no_page() {
        let target = "http://127.0.0.1/wecom".parse().unwrap();
        let platform = RawCredentials::demo().parse().unwrap().platform(&target);
        let mut headers = HeaderMap::new();
        let html = http::HeaderValue::from_static("text/html; charset=UTF-8");
        headers.insert(http::header::CONTENT_TYPE, html);
        let sealed = "<xml><Encrypt>x</Encrypt><MsgSignature>y</MsgSignature><TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>";
        let answer = HttpResponse {
            status: StatusCode::OK,
            headers,
            body: Bytes::from_static(sealed.as_bytes()),
            elapsed: Duration::ZERO,
        };
        let (_, findings) = read_delivery(&platform, &answer);
        assert_eq!(findings[0].code, "reply_signature");
    }

    #[test]
    fn what_wecom_would_drop_is_named() {
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
