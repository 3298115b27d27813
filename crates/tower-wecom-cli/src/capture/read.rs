use std::borrow::Cow;

use serde::Deserialize;
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Envelope, Query};

use super::request::{Capture, CaptureError, METHODS, request_line};
use super::shape::is_whole_ciphertext;
use super::{command, free_text, verbose};

impl Capture {
    /// Detects the form and reads the requests. A text can have several, and there is at least one.
    ///
    /// # Errors
    ///
    /// If the text contains no request.
    pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Self>, CaptureError> {
        let bytes = &*utf_8(bytes);
        let text = String::from_utf8_lossy(bytes.trim_ascii_start());
        let mut captures = Self::all(bytes, &text)?;
        for capture in &mut captures {
            capture.may_be_cut = may_be_cut(capture, &text);
        }
        Ok(captures)
    }

    fn all(bytes: &[u8], text: &str) -> Result<Vec<Self>, CaptureError> {
        let exact = json(text)
            .or_else(|| raw(bytes.trim_ascii_start()))
            .or_else(|| command::read(text))
            .or_else(|| verbose::read(text))
            .or_else(|| url(text));
        match exact {
            Some(exact) if is_clean(&exact) => Ok(vec![exact]),
            Some(exact) => Ok(with_free_text(exact, free_text::read(text))),
            None => {
                let found = free_text::read(text);
                if found.is_empty() {
                    Err(CaptureError)
                } else {
                    Ok(found)
                }
            }
        }
    }
}

/// The text without its byte order mark. PowerShell writes UTF-16.
fn utf_8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let order: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => {
            return bytes
                .strip_prefix("\u{feff}".as_bytes())
                .unwrap_or(bytes)
                .into();
        }
    };
    let (pairs, _) = bytes.get(2..).unwrap_or_default().as_chunks::<2>();
    let units: Vec<_> = pairs.iter().map(|pair| order(*pair)).collect();
    String::from_utf16_lossy(&units).into_bytes().into()
}

/// Whether nothing around the parameters was taken for a part of them.
fn is_clean(capture: &Capture) -> bool {
    let echostr = capture.parameter("echostr");
    let is_alone = !String::from_utf8_lossy(&capture.body).contains("msg_signature=");
    Query::parse(capture.query(), DEFAULT_NONCE_MAX_LEN).is_ok()
        && echostr.is_none_or(|echostr| is_whole_ciphertext(&echostr))
        && is_alone
}

/// The parameter whose value ends the text. A ciphertext with padding is certainly whole.
fn may_be_cut(capture: &Capture, text: &str) -> Option<&'static str> {
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '…'));
    let pairs = capture.query().split('&');
    ["nonce", "echostr"].into_iter().find(|name| {
        let value = pairs
            .clone()
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let is_open = |value: &str| !value.ends_with("%3D") && !value.ends_with('=');
        value.is_some_and(|value| !value.is_empty() && is_open(value) && end.ends_with(value))
    })
}

/// The requests of the free text, with what only the exact form shows.
fn with_free_text(exact: Capture, mut found: Vec<Capture>) -> Vec<Capture> {
    match found.as_mut_slice() {
        [] => return vec![exact],
        [only] => {
            only.method = exact.method.or(only.method.take());
            only.response_date = exact.response_date;
            if Envelope::parse(exact.body.trim_ascii().to_vec().into()).is_ok() {
                only.body = exact.body;
            }
        }
        _ => {}
    }
    found
}

/// The JSON that `wecom seal --json` and `wecom record` write.
fn json(text: &str) -> Option<Capture> {
    #[derive(Deserialize)]
    struct JsonRequest {
        method: Option<String>,
        url: String,
        #[serde(default)]
        body: String,
    }
    let request: JsonRequest = serde_json::from_str(text).ok()?;
    Some(Capture {
        method: request.method,
        target: request.url,
        body: request.body.into_bytes(),
        ..Capture::default()
    })
}

/// A raw HTTP request: `POST /wecom?… HTTP/1.1`, headers, an empty line, the body.
fn raw(bytes: &[u8]) -> Option<Capture> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    let (method, target) = request_line(str::from_utf8(line).ok()?.trim_end())?;
    Some(Capture {
        method: Some(method),
        target,
        body: after_empty_line(bytes).to_vec(),
        ..Capture::default()
    })
}

fn after_empty_line(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        if line.trim_ascii().is_empty() {
            return rest;
        }
    }
    &[]
}

/// A URL, a path with its query, or only a query. The body is in the lines below it.
fn url(text: &str) -> Option<Capture> {
    let (line, below) = text.split_once('\n').unwrap_or((text, ""));
    let mut target = line.trim();
    let mut method = None;
    for name in METHODS {
        if let Some(rest) = target.strip_prefix(name)
            && rest.starts_with(' ')
        {
            (method, target) = (Some(name.to_owned()), rest.trim());
        }
    }
    let is_request = ["msg_signature=", "timestamp=", "nonce=", "echostr="]
        .iter()
        .any(|name| target.contains(name));
    (is_request && !target.contains(char::is_whitespace)).then(|| Capture {
        method,
        target: target.trim_matches(['"', '\'']).to_owned(),
        body: below.as_bytes().to_vec(),
        ..Capture::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: &str = "msg_signature=ab&timestamp=1&nonce=2";

    fn read(text: &str) -> Capture {
        let found = Capture::read(text.as_bytes());
        let mut found = found.unwrap_or_else(|error| panic!("{error:?}: {text}"));
        assert_eq!(found.len(), 1, "{text}");
        found.remove(0)
    }

    #[test]
    fn every_form_gives_the_same_request() {
        let path = format!("/wecom?{QUERY}");
        let url = format!("https://example.com{path}");
        let body = "<xml><Encrypt>a</Encrypt></xml>";
        let rows = [
            format!("POST {path} HTTP/1.1\r\nHost: example.com\r\n\r\n{body}"),
            format!("POST {path} HTTP/1.1\nHost: example.com\n\n{body}\n"),
            format!("curl -sS -X POST '{url}' -H 'Content-Type: text/xml' --data-binary '{body}'"),
            format!("$ curl -v \\\n  \"{url}\" \\\n  -d '{body}'\n"),
            format!(
                "* Connected\n> POST {path} HTTP/1.1\n> Host: example.com\n> \n{body}\n< HTTP/1.1 403 Forbidden\n< \n* left"
            ),
            format!("{url}\n{body}"),
            format!("POST {url}\n\n{body}\n"),
            format!("{QUERY}\n{body}"),
            serde_json::json!({"method": "POST", "url": url, "body": body}).to_string(),
        ];
        for row in rows {
            let capture = read(&row);
            assert_eq!(capture.query(), QUERY, "{row}");
            assert_eq!(capture.trimmed_body(), body.as_bytes(), "{row}");
            assert!(!capture.is_url_check());
        }
    }

    #[test]
    fn a_line_of_an_access_log_is_a_request_without_a_body() {
        let line = format!(
            "10.0.0.1 - - [22/Nov/2026:21:53:37 +0000] \"GET /wecom?{QUERY}&echostr=x HTTP/1.1\" \
             403 9 \"-\" \"Mozilla/4.0\""
        );
        let capture = read(&line);
        assert_eq!(capture.method.as_deref(), Some("GET"));
        assert!(capture.is_url_check() && capture.body.is_empty());
    }

    #[test]
    fn the_date_of_the_response_is_kept() {
        let text = format!(
            "> GET /w?{QUERY}&echostr=e HTTP/1.1\n> \n< HTTP/1.1 403 Forbidden\n< date: Thu, 01 Jan 1970 00:01:00 GMT\n<\nno\n"
        );
        let capture = read(&text);
        assert_eq!(
            (capture.response_date, capture.is_url_check()),
            (Some(60), true)
        );
    }

    #[test]
    fn a_text_without_a_request_is_an_error() {
        for text in [
            "",
            "hello",
            "<xml></xml>",
            "{\"a\": 1}",
            "curl --help",
            "\0\u{1}",
        ] {
            assert!(Capture::read(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
