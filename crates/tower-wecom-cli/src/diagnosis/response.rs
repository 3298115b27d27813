//! Responses that are wrong for a URL check and for a delivery alike.

use http::{StatusCode, header};

use super::finding::Finding;
use super::firewall::{firewall_advice, firewall_of, name_of};
use crate::http::HttpResponse;
use crate::language::{Text, text};
use crate::output::{excerpt, printable};

/// What to do if long bodies do not arrive.
pub(crate) const fn body_advice() -> Text {
    text("body-advice")
}
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
    let message = text("html")
        .texts("server", server(response))
        .texts("title", title(&response.body));
    Finding::failure("html", message).advice(text("html-advice"))
}

/// The finding for a status other than 200.
pub(super) fn bad_status(response: &HttpResponse) -> Finding {
    let status = response.status;
    if status.is_redirection() {
        return redirect(response);
    }
    if let Some(name) = firewall_of(response) {
        let message = text("firewall-page")
            .with("status", status)
            .texts("firewall", [name_of(name)]);
        return Finding::failure("firewall", message).advice(firewall_advice());
    }
    let (code, meaning, advice) = meaning(response);
    let body = response.body.trim_ascii();
    let message = if is_html(response) {
        text("bad-status-page")
    } else if code == "server_error" && !body.is_empty() {
        text("bad-status-text").with("text", excerpt(body))
    } else {
        text("bad-status")
    };
    let message = message
        .with("status", status)
        .texts("server", server(response))
        .texts("meaning", [meaning]);
    Finding::failure(code, message).advice(advice)
}

fn redirect(response: &HttpResponse) -> Finding {
    let status = response.status;
    let location = response.headers.get(header::LOCATION);
    let message = match location {
        None => text("redirect-nowhere"),
        Some(location) => {
            let location = String::from_utf8_lossy(location.as_bytes());
            text("redirect").with("location", printable(&location))
        }
    };
    Finding::failure("redirect", message.with("status", status)).advice(text("redirect-advice"))
}

/// The code of a status, its meaning and the advice.
fn meaning(response: &HttpResponse) -> (&'static str, Text, Text) {
    match response.status {
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => (
            "method_not_routed",
            text("method-not-routed"),
            text("method-not-routed-advice"),
        ),
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            ("not_found", text("not-found"), text("not-found-advice"))
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", text("too-large"), body_advice()),
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
            ("gateway", text("gateway"), text("gateway-advice"))
        }
        StatusCode::SERVICE_UNAVAILABLE => (
            "gateway",
            text("gateway-or-busy"),
            text("gateway-or-busy-advice"),
        ),
        status if status.is_server_error() => (
            "server_error",
            text("server-error"),
            text("server-error-advice"),
        ),
        StatusCode::TOO_MANY_REQUESTS => ("refused", text("rate-limit"), text("rate-limit-advice")),
        _ if asks_for_login(response) => ("refused", text("login"), text("login-advice")),
        status if status.is_client_error() => ("refused", text("refused"), text("refused-advice")),
        _ => ("status", text("status"), text("status-advice")),
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
        let message = text("refused-page")
            .with("status", status)
            .texts("server", server(response))
            .texts("title", title(&response.body));
        return Finding::failure("refused", message).advice(text("refused-page-advice"));
    }
    let message = text("credentials").with("status", status);
    Finding::failure("credentials", message).advice(text("credentials-advice"))
}

/// The name in the `Server` header.
fn server(response: &HttpResponse) -> Option<Text> {
    let server = response.header(header::SERVER)?;
    Some(text("of-server").with("server", printable(server)))
}

fn title(body: &[u8]) -> Option<Text> {
    let body = String::from_utf8_lossy(body);
    let (_, after) = body.split_once("<title>")?;
    let (title, _) = after.split_once("</title>")?;
    Some(text("with-title").with("title", excerpt(title.trim().as_bytes())))
}
