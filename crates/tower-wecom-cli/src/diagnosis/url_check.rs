//! Judges the response to a URL check like WeCom does.

use std::time::Duration;

use http::{StatusCode, header};
use tower_wecom::test_util::Platform;

use super::finding::Finding;
use super::response::{BOM, bad_status, is_html, page};
use crate::http::HttpResponse;
use crate::language::text;
use crate::output::excerpt;
use crate::time::millis;

/// How long WeCom waits for the response to a URL check (document 90930).
pub(crate) const URL_CHECK_LIMIT: Duration = Duration::from_secs(1);

/// Everything that is wrong with a response, or one finding that it is right.
///
/// `echostr` is the ciphertext that was sent, `echo` the text that must come back.
pub(crate) fn judge_url_check(
    platform: &Platform,
    response: &HttpResponse,
    echostr: &str,
    echo: &str,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if response.status == StatusCode::OK {
        findings.extend(judge_text(platform, response, echostr, echo));
    } else {
        findings.push(bad_status(response));
    }
    if response.elapsed > URL_CHECK_LIMIT {
        let message = text("url-check-too-slow").with("millis", millis(response.elapsed));
        let advice = text("url-check-too-slow-advice");
        findings.push(Finding::failure("too_slow", message).advice(advice));
    }
    if findings.is_empty() {
        let message = text("echoed").with("millis", millis(response.elapsed));
        findings.push(Finding::ok("echoed", message));
    }
    findings
}

fn judge_text(
    platform: &Platform,
    response: &HttpResponse,
    echostr: &str,
    echo: &str,
) -> Option<Finding> {
    let body = &response.body[..];
    if body == echo.as_bytes() {
        return None;
    }
    let coding = response.header(header::CONTENT_ENCODING);
    if let Some(coding) = coding.filter(|coding| !coding.eq_ignore_ascii_case("identity")) {
        let message = text("compressed-as").with("coding", excerpt(coding.as_bytes()));
        return Some(Finding::failure("compressed", message).advice(text("compressed-advice")));
    }
    if is_html(response) {
        return Some(page(response));
    }
    let finding = around(body, echo)
        .or_else(|| instead(platform, body, echostr, echo))
        .unwrap_or_else(|| {
            let message = text("other-text").with("text", excerpt(body));
            Finding::failure("other_text", message).advice(text("other-text-advice"))
        });
    Some(finding)
}

/// The right text with something before or after it.
fn around(body: &[u8], echo: &str) -> Option<Finding> {
    let echo = echo.as_bytes();
    let without_bom = body.strip_prefix(BOM).unwrap_or(body);
    let trimmed = without_bom.trim_ascii();
    let quoted = trimmed
        .strip_prefix(b"\"")
        .and_then(|text| text.strip_suffix(b"\""));
    let (code, message, advice) = if quoted == Some(echo) {
        ("quotes", text("quotes"), text("quotes-advice"))
    } else if trimmed != echo {
        return None;
    } else if without_bom.len() < body.len() {
        ("bom", text("bom"), text("bom-advice"))
    } else {
        ("newline", text("newline"), text("newline-advice"))
    };
    Some(Finding::failure(code, message).advice(advice))
}

/// Another text.
fn instead(platform: &Platform, body: &[u8], echostr: &str, echo: &str) -> Option<Finding> {
    let trimmed = body.trim_ascii();
    if trimmed.is_empty() {
        return Some(Finding::failure("empty", text("empty")).advice(text("empty-advice")));
    }
    if trimmed == echostr.as_bytes() {
        let finding = Finding::failure("not_decrypted", text("not-decrypted"));
        return Some(finding.advice(text("not-decrypted-advice")));
    }
    if platform.open_reply(trimmed).is_ok() {
        return Some(Finding::failure("sealed", text("sealed")).advice(text("sealed-advice")));
    }
    if serde_json::from_slice::<serde_json::Value>(trimmed).is_ok_and(|value| !value.is_number()) {
        let message = text("json").with("text", excerpt(trimmed));
        return Some(Finding::failure("json", message).advice(text("json-advice")));
    }
    String::from_utf8_lossy(trimmed).contains(echo).then(|| {
        let message = text("surrounded").with("text", excerpt(trimmed));
        Finding::failure("surrounded", message).advice(text("surrounded-advice"))
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;
    use crate::credentials::RawCredentials;

    const ECHO: &str = "1616140317555161061";

    fn platform() -> Platform {
        let target = "http://127.0.0.1/wecom".parse().unwrap();
        RawCredentials::demo().parse().unwrap().platform(&target)
    }

    fn response(body: impl AsRef<[u8]>) -> HttpResponse {
        HttpResponse {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_ref()),
            elapsed: Duration::from_millis(7),
        }
    }

    fn codes(response: &HttpResponse) -> Vec<&'static str> {
        let findings = judge_url_check(&platform(), response, "c2VhbGVk", ECHO);
        findings.iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn each_wrong_response_has_its_code() {
        let sealed = platform().deliver_xml(ECHO).unwrap();
        let query = sealed.uri().query().unwrap().to_owned();
        let parameter = |name: &str| {
            let found = query.split('&').find_map(|pair| pair.strip_prefix(name));
            found.unwrap().to_owned()
        };
        let reply = sealed.body().replace(
            "</xml>",
            &format!(
                "<MsgSignature>{}</MsgSignature><TimeStamp>{}</TimeStamp><Nonce>{}</Nonce></xml>",
                parameter("msg_signature="),
                parameter("timestamp="),
                parameter("nonce=")
            ),
        );
        let rows = [
            (ECHO.to_owned(), "echoed"),
            (format!("\"{ECHO}\""), "quotes"),
            (format!("\"{ECHO}\"\n"), "quotes"),
            (format!("\u{feff}{ECHO}"), "bom"),
            (format!("{ECHO}\r\n"), "newline"),
            (format!(" {ECHO}"), "newline"),
            (format!("{{\"echostr\": \"{ECHO}\"}}"), "json"),
            ("null".to_owned(), "json"),
            (format!("{ECHO}wx5823bf96d3bd56c7"), "surrounded"),
            ("c2VhbGVk".to_owned(), "not_decrypted"),
            (reply, "sealed"),
            (String::new(), "empty"),
            ("success".to_owned(), "other_text"),
            ("<!DOCTYPE html><title>Sign in</title>".to_owned(), "html"),
        ];
        for (body, code) in rows {
            assert_eq!(codes(&response(&body)), [code], "{body}");
        }
    }

    #[test]
    fn the_limit_is_one_second() {
        let slow = HttpResponse {
            elapsed: Duration::from_millis(1001),
            ..response(ECHO)
        };
        assert_eq!(codes(&slow), ["too_slow"]);
        let in_time = HttpResponse {
            elapsed: Duration::from_secs(1),
            ..slow
        };
        assert_eq!(codes(&in_time), ["echoed"]);
    }

    #[test]
    fn a_status_other_than_200_is_a_failure() {
        let rows = [
            (302, "redirect"),
            (403, "refused"),
            (404, "not_found"),
            (405, "method_not_routed"),
            (500, "server_error"),
            (204, "status"),
        ];
        for (status, code) in rows {
            let response = HttpResponse {
                status: StatusCode::from_u16(status).unwrap(),
                ..response(ECHO)
            };
            assert_eq!(codes(&response), [code], "{status}");
        }
    }
}
