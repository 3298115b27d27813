//! How a request is transferred: `Expect: 100-continue`, chunks, and bodies that were read already.

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};

use super::payloads::EASY_PADDING;
use super::session::Session;
use crate::commands::shared::send_finding;
use crate::diagnosis::{Finding, may_come_from_application};
use crate::exit::Error;
use crate::http::{HttpRequest, HttpResponse, SendError};

impl Session<'_> {
    /// Delivers an unknown kind with `Expect: 100-continue`.
    pub(super) async fn expectation(&mut self) -> Result<(), Error> {
        let mut request = self.plain_request()?;
        let expected = HeaderValue::from_static("100-continue");
        request.headers.insert(header::EXPECT, expected);
        let finding = match self.outcome(request).await {
            None => Finding::ok("expect", "a delivery with `Expect: 100-continue` arrives"),
            Some(outcome) => Finding::warning(
                "expect",
                format!("a delivery with `Expect: 100-continue` fails: {outcome}"),
            )
            .advice(
                "a proxy on the way may add this header to long bodies, and express-http-proxy and \
                 @fastify/http-proxy answer it with 500: remove the header before them",
            ),
        };
        self.add("100-continue", [finding]);
        Ok(())
    }

    /// Delivers an unknown kind in chunks, without `Content-Length`.
    pub(super) async fn chunks(&mut self) -> Result<(), Error> {
        let mut request = self.plain_request()?;
        request.is_chunked = true;
        let finding = match self.outcome(request).await {
            None => Finding::ok("chunked", "a delivery in chunks arrives"),
            Some(outcome) => Finding::warning(
                "chunked",
                format!("a delivery in chunks, without Content-Length, fails: {outcome}"),
            )
            .advice(
                "some proxies send chunks, and WSGI servers read nothing of them: let the proxy \
                 buffer the request (nginx: `proxy_request_buffering on`)",
            ),
        };
        self.add("chunks", [finding]);
        Ok(())
    }

    /// Why a delivery has no response although the URL check has one.
    pub(super) async fn silence(&mut self, error: &SendError) -> Result<Finding, Error> {
        let mut forged = self.client.with_new_connection();
        let is_forged_silent = is_silent(&forged.send(self.forged_request()?).await);
        if !is_forged_silent {
            let mut finding = send_finding(error);
            finding.message = format!(
                "{}: a forged delivery is answered at once, so the work of the application takes \
                 the time",
                finding.message
            );
            return Ok(finding.advice(
                "WeCom waits 5 s, then it sends the callback again: answer first, work afterwards",
            ));
        }
        let empty = HttpRequest {
            method: Method::POST,
            body: Bytes::new(),
            ..HttpRequest::get(self.client.target(), None)
        };
        let mut client = self.client.with_new_connection();
        if is_silent(&client.send(empty).await) {
            return Ok(send_finding(error));
        }
        let message = format!(
            "{error}: a forged delivery is not answered either, but a POST without a body is. The \
             receiver waits for a body that was read already"
        );
        Ok(Finding::failure("body_eaten", message).advice(BODY_EATEN))
    }

    /// Whether the receiver rejects a delivery because it does not get the body.
    pub(super) async fn unread_body(
        &mut self,
        response: &HttpResponse,
    ) -> Result<Option<Finding>, Error> {
        let status = response.status;
        if status == StatusCode::REQUEST_TIMEOUT {
            let message = format!("{status}: the receiver waits for a body that does not arrive");
            return Ok(Some(
                Finding::failure("body_eaten", message).advice(BODY_EATEN),
            ));
        }
        // A wrong signature usually gets another status than these.
        let is_vague =
            status == StatusCode::BAD_REQUEST || status == StatusCode::INTERNAL_SERVER_ERROR;
        if !is_vague || !may_come_from_application(response) {
            return Ok(None);
        }
        let forged = self.client.send(self.forged_request()?).await;
        if !forged.is_ok_and(|forged| forged.status == status) {
            return Ok(None);
        }
        let code = if status.is_server_error() {
            "server_error"
        } else {
            "refused"
        };
        let message = format!("{status}: a delivery fails, and a forged one fails in the same way");
        Ok(Some(Finding::failure(code, message).advice(UNREAD_BODY)))
    }

    fn plain_request(&self) -> Result<HttpRequest, Error> {
        let request = self.padded_event(EASY_PADDING)?;
        Ok(HttpRequest::new(self.client.target(), request))
    }

    /// What went wrong, or `None`.
    async fn outcome(&mut self, request: HttpRequest) -> Option<String> {
        let mut client = self.client.with_new_connection();
        match client.send(request).await {
            Ok(response) if response.status.is_success() => None,
            Ok(response) => Some(response.status.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }
}

const BODY_EATEN: &str = "a body parser or a proxy in the application reads the body before the \
     receiver does: exempt this path from it, or hand the raw bytes on";

const UNREAD_BODY: &str = "the URL check passes. So perhaps the receiver gets no body, or another \
     one: let no proxy or body parser remove or change it. Or the application fails for each \
     delivery, or for a kind that it does not know. Its log shows the cause";

fn is_silent<T>(result: &Result<T, SendError>) -> bool {
    matches!(result, Err(SendError::Silent { .. }))
}
