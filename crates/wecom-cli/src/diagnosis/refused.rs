//! Answers that are wrong whatever was asked.

use http::{StatusCode, header};

use super::finding::Finding;
use crate::http::Answer;
use crate::output::{excerpt, plain};

/// Whether it is a page for people.
pub(super) fn is_html(answer: &Answer) -> bool {
    let content_type = answer.header(header::CONTENT_TYPE).unwrap_or_default();
    let body = answer.body.trim_ascii_start();
    let begins = |mark: &[u8]| {
        body.get(..mark.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(mark))
    };
    begins(b"<!doctype html")
        || begins(b"<html")
        || (content_type.starts_with("text/html") && begins(b"<"))
}

/// Somebody other than the application has answered.
pub(super) fn page(answer: &Answer) -> Finding {
    let title = title(&answer.body).map_or_else(String::new, |title| format!(", {title}"));
    let message = format!("the answer is an HTML page{}{title}", server(answer));
    Finding::failure("html", message).advice(
        "a proxy, a firewall, a login or a tunnel's warning page answers in place of the application: let this URL through",
    )
}

/// What a status other than 200 means for `what` was asked.
pub(super) fn bad_status(answer: &Answer, what: &str) -> Finding {
    let status = answer.status;
    let by = if is_html(answer) {
        format!(", as an HTML page{}", server(answer))
    } else {
        server(answer)
    };
    if status.is_redirection() {
        let location = answer.header(header::LOCATION).unwrap_or("nowhere");
        let message = format!("{what} is redirected ({status}) to {}", plain(location));
        return Finding::failure("redirect", message)
            .advice("WeCom follows no redirect: enter the final URL in the console, with https:// and the right slash at its end");
    }
    let (code, means, advice) = match status {
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => (
            "method_not_routed",
            "the method is not routed",
            "route both GET and POST of this path to the application",
        ),
        StatusCode::NOT_FOUND | StatusCode::GONE => (
            "not_found",
            "there is nothing at this path",
            "compare the path with the route, the slash at its end and the prefix of the proxy too",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "too_large",
            "the body is too long for somebody",
            "take 256 KiB at least: `client_max_body_size` of nginx, the limit of the framework",
        ),
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            (
                "gateway",
                "a proxy does not reach the application",
                "start the application, or correct the address that the proxy has for it",
            )
        }
        status if status.is_server_error() => (
            "server_error",
            "the application failed",
            "its log has the cause",
        ),
        status if status.is_client_error() => (
            "refused",
            "it is refused",
            "its log has the cause; `wecom doctor --request` finds it in a captured request of WeCom",
        ),
        _ => ("status", "WeCom takes 200 alone", "answer 200"),
    };
    Finding::failure(code, format!("{what}: {status}{by}: {means}")).advice(advice)
}

/// Who says it of himself that he has answered.
fn server(answer: &Answer) -> String {
    match answer.header(header::SERVER) {
        Some(server) => format!(" of {}", plain(server)),
        None => String::new(),
    }
}

fn title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, behind) = text.split_once("<title>")?;
    let (title, _) = behind.split_once("</title>")?;
    Some(excerpt(title.trim().as_bytes()))
}
