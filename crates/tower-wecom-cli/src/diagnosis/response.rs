//! Responses that are wrong for a URL check and for a delivery alike.

use http::{StatusCode, header};

use super::finding::Finding;
use super::firewall::{FIREWALL_ADVICE, firewall_of};
use crate::http::HttpResponse;
use crate::output::{excerpt, printable};

/// What to do if long bodies do not arrive.
pub(crate) const BODY_ADVICE: &str =
    "allow at least 256 KiB: check nginx's `client_max_body_size` and the limit of your framework";
pub(super) const BOM: &[u8] = "\u{feff}".as_bytes();

/// Whether the response is an HTML page.
pub(super) fn is_html(response: &HttpResponse) -> bool {
    let content_type = response.header(header::CONTENT_TYPE).unwrap_or_default();
    let body = response.body.strip_prefix(BOM).unwrap_or(&response.body);
    let body = body.trim_ascii_start();
    let begins = |mark: &[u8]| {
        body.get(..mark.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(mark))
    };
    // PHP's default content type is text/html, so sealed replies may have it too.
    begins(b"<!doctype html")
        || begins(b"<html")
        || (content_type.starts_with("text/html") && begins(b"<") && !begins(b"<xml"))
}

/// An HTML page: something other than the application has answered.
pub(super) fn page(response: &HttpResponse) -> Finding {
    let title = title(&response.body).map_or_else(String::new, |title| format!(", {title}"));
    let message = format!("the response is an HTML page{}{title}", server(response));
    Finding::failure("html", message).advice(
        "a proxy, a firewall, a login or the warning page of a tunnel answers instead of the \
         application: let this URL through",
    )
}

/// The finding for a status other than 200.
pub(super) fn bad_status(response: &HttpResponse) -> Finding {
    let status = response.status;
    if status.is_redirection() {
        return redirect(response);
    }
    if let Some(name) = firewall_of(response) {
        let message = format!("{status}: the page of {name}");
        return Finding::failure("firewall", message).advice(FIREWALL_ADVICE);
    }
    let by = if is_html(response) {
        format!(", as an HTML page{}", server(response))
    } else {
        server(response)
    };
    let (code, meaning, advice) = meaning(response);
    let text = match code {
        "server_error" if !is_html(response) && !response.body.trim_ascii().is_empty() => {
            format!(", with the text {}", excerpt(response.body.trim_ascii()))
        }
        _ => String::new(),
    };
    Finding::failure(code, format!("{status}{by}: {meaning}{text}")).advice(advice)
}

fn redirect(response: &HttpResponse) -> Finding {
    let status = response.status;
    let location = response.headers.get(header::LOCATION);
    let location = location.map_or("nowhere".into(), |location| {
        String::from_utf8_lossy(location.as_bytes())
    });
    let message = format!("{status}: redirected to {}", printable(&location));
    Finding::failure("redirect", message).advice(
        "WeCom does not follow redirects: enter the final URL in the console, with https:// \
         and the right slash at its end",
    )
}

/// The code of a status, its meaning and the advice.
fn meaning(response: &HttpResponse) -> (&'static str, &'static str, &'static str) {
    match response.status {
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => (
            "method_not_routed",
            "the method is not routed",
            "route both GET and POST of this path to the application",
        ),
        StatusCode::NOT_FOUND | StatusCode::GONE => (
            "not_found",
            "there is nothing at this path",
            "compare the path with your route, including the slash at its end and the proxy's \
             prefix",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "the body is too long", BODY_ADVICE),
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => (
            "gateway",
            "a proxy cannot reach the application",
            "start the application, or correct its address in the proxy's configuration",
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            "gateway",
            "a proxy cannot reach the application, or the application cannot answer now",
            "start the application, or correct its address in the proxy's configuration. If it \
             runs, its log shows the cause",
        ),
        status if status.is_server_error() => (
            "server_error",
            "the application failed",
            "the application's log shows the cause",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "refused",
            "a rate limit rejected the request",
            "exempt WeCom's requests from the limit, and try again later",
        ),
        _ if asks_for_login(response) => (
            "refused",
            "the server asks for a login",
            "allow this URL without a login: WeCom has none, its requests are signed instead",
        ),
        status if status.is_client_error() => (
            "refused",
            "the request was rejected",
            "the application's log shows the cause (tower-wecom: `a request was rejected`, with \
             `RUST_LOG=tower_wecom=debug`). `wecom doctor --request` finds it in a \
             captured request of WeCom",
        ),
        _ => ("status", "WeCom accepts only 200", "answer 200"),
    }
}

/// Whether the application itself may have rejected the request. A rate limit or a login comes
/// before it.
pub(crate) fn may_come_from_application(response: &HttpResponse) -> bool {
    response.status != StatusCode::TOO_MANY_REQUESTS && !asks_for_login(response)
}

/// Some applications answer 401 to a wrong signature, but without a challenge.
fn asks_for_login(response: &HttpResponse) -> bool {
    let status = response.status;
    let has_challenge = response.headers.contains_key(header::WWW_AUTHENTICATE);
    status == StatusCode::PROXY_AUTHENTICATION_REQUIRED
        || (status == StatusCode::UNAUTHORIZED && has_challenge)
}

/// The finding for a rejection whose cause is unknown. It may not be the application that rejected.
pub(crate) fn rejected_without_cause(response: &HttpResponse, refused: Finding) -> Finding {
    if refused.code != "refused" || !may_come_from_application(response) {
        return refused;
    }
    let status = response.status;
    if is_html(response) {
        let title = title(&response.body).map_or_else(String::new, |title| format!(", {title}"));
        let message = format!(
            "the request was rejected: {status}, as an HTML page{}{title}",
            server(response)
        );
        return Finding::failure("refused", message).advice(
            "if it is the application's page, its credentials differ: compare Token, \
             EncodingAESKey and receive id with the URL's page in the console. Otherwise a proxy, \
             a firewall or an https port rejects the request: let this URL through",
        );
    }
    Finding::failure(
        "credentials",
        format!(
            "the request was rejected ({status}): the receiver has another Token or \
             EncodingAESKey, or expects another receive id"
        ),
    )
    .advice(
        "compare all three with the URL's page in the console. The receiver's log shows which one \
         it is (tower-wecom: `a request was rejected`, with `RUST_LOG=tower_wecom=debug`). So does `wecom doctor --request` with a \
         captured request",
    )
}

/// The name in the `Server` header.
fn server(response: &HttpResponse) -> String {
    match response.header(header::SERVER) {
        Some(server) => format!(" of {}", printable(server)),
        None => String::new(),
    }
}

fn title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, after) = text.split_once("<title>")?;
    let (title, _) = after.split_once("</title>")?;
    Some(excerpt(title.trim().as_bytes()))
}
