//! Answers that are wrong whatever was asked.

use http::{StatusCode, header};

use super::finding::Finding;
use crate::http::HttpResponse;
use crate::output::{excerpt, printable};

/// What to do about bodies that do not get through.
pub(crate) const BODY_ADVICE: &str =
    "take 256 KiB at least: `client_max_body_size` of nginx, the limit of the framework";
pub(super) const BOM: &[u8] = "\u{feff}".as_bytes();

/// Whether it is a page for people.
pub(super) fn is_html(answer: &HttpResponse) -> bool {
    let content_type = answer.header(header::CONTENT_TYPE).unwrap_or_default();
    let body = answer.body.strip_prefix(BOM).unwrap_or(&answer.body);
    let body = body.trim_ascii_start();
    let begins = |mark: &[u8]| {
        body.get(..mark.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(mark))
    };
    // PHP calls everything text/html, its sealed replies too.
    begins(b"<!doctype html")
        || begins(b"<html")
        || (content_type.starts_with("text/html") && begins(b"<") && !begins(b"<xml"))
}

/// Somebody other than the application has answered.
pub(super) fn page(answer: &HttpResponse) -> Finding {
    let title = title(&answer.body).map_or_else(String::new, |title| format!(", {title}"));
    let message = format!("the answer is an HTML page{}{title}", server(answer));
    Finding::failure("html", message).advice(
        "a proxy, a firewall, a login or a tunnel's warning page answers in place of the application: let this URL through",
    )
}

/// What a status other than 200 means.
pub(super) fn bad_status(answer: &HttpResponse) -> Finding {
    let status = answer.status;
    let by = if is_html(answer) {
        format!(", as an HTML page{}", server(answer))
    } else {
        server(answer)
    };
    if status.is_redirection() {
        let location = answer.headers.get(header::LOCATION);
        let location = location.map_or("nowhere".into(), |location| {
            String::from_utf8_lossy(location.as_bytes())
        });
        let message = format!("{status}: redirected to {}", printable(&location));
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
            BODY_ADVICE,
        ),
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => (
            "gateway",
            "a proxy does not reach the application",
            "start the application, or correct the address that the proxy has for it",
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            "gateway",
            "a proxy does not reach the application, or the application itself cannot take it now",
            "start the application, or correct the address that the proxy has for it; if it is there, its log has the cause",
        ),
        status if status.is_server_error() => (
            "server_error",
            "the application failed",
            "its log has the cause",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "refused",
            "somebody limits how many requests may come",
            "let WeCom's requests through without a limit; try again later here",
        ),
        _ if asks_for_login(answer) => (
            "refused",
            "somebody asks for a login",
            "let this URL through without one: WeCom has none, and proves itself by the signature",
        ),
        status if status.is_client_error() => (
            "refused",
            "it is refused",
            "its log has the cause; `wecom doctor --request` finds it in a captured request of WeCom",
        ),
        _ => ("status", "WeCom takes 200 alone", "answer 200"),
    };
    Finding::failure(code, format!("{status}{by}: {means}")).advice(advice)
}

/// Whether a rejection may be for what is wrong with the credentials: neither a limit nor a login.
pub(crate) fn may_be_of_application(answer: &HttpResponse) -> bool {
    answer.status != StatusCode::TOO_MANY_REQUESTS && !asks_for_login(answer)
}

/// A 401 without a challenge is what some applications answer to a wrong signature.
fn asks_for_login(answer: &HttpResponse) -> bool {
    let status = answer.status;
    let has_challenge = answer.headers.contains_key(header::WWW_AUTHENTICATE);
    status == StatusCode::PROXY_AUTHENTICATION_REQUIRED
        || (status == StatusCode::UNAUTHORIZED && has_challenge)
}

/// What a rejection means whose cause could not be found. Not everybody who refuses is the application.
pub(crate) fn refused_without_cause(answer: &HttpResponse, refused: Finding) -> Finding {
    if refused.code != "refused" || !may_be_of_application(answer) {
        return refused;
    }
    let status = answer.status;
    if is_html(answer) {
        let title = title(&answer.body).map_or_else(String::new, |title| format!(", {title}"));
        let message = format!(
            "it is refused: {status}, as an HTML page{}{title}",
            server(answer)
        );
        return Finding::failure("refused", message).advice(
            "is it the application's page? Then it has other credentials: compare Token, EncodingAESKey and receive id with \
             the URL's page in the console. Otherwise a proxy, a firewall or a port for https refuses: let this URL through",
        );
    }
    Finding::failure(
        "credentials",
        format!("it is refused ({status}): the receiver has another Token, another EncodingAESKey, or expects another receive id"),
    )
    .advice(
        "compare all three with the URL's page in the console. Which one it is, the receiver's log says \
         (tower-wecom: `refused`), or `wecom doctor --request` with a captured request of WeCom's",
    )
}

/// Who says it of himself that he has answered.
fn server(answer: &HttpResponse) -> String {
    match answer.header(header::SERVER) {
        Some(server) => format!(" of {}", printable(server)),
        None => String::new(),
    }
}

fn title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, behind) = text.split_once("<title>")?;
    let (title, _) = behind.split_once("</title>")?;
    Some(excerpt(title.trim().as_bytes()))
}
