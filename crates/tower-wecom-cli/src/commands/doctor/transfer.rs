//! How a request is transferred: `Expect: 100-continue`, chunks, and bodies that were read already.

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};

use super::payloads::EASY_PADDING;
use super::session::Session;
use crate::commands::shared::send_finding;
use crate::diagnosis::{Finding, may_come_from_application};
use crate::exit::Error;
use crate::http::{HttpRequest, HttpResponse, SendError};
use crate::language::{Text, text};

impl Session<'_> {
    /// Delivers an unknown kind with `Expect: 100-continue`.
    pub(super) async fn expectation(&mut self) -> Result<(), Error> {
        let mut request = self.plain_request()?;
        let expected = HeaderValue::from_static("100-continue");
        request.headers.insert(header::EXPECT, expected);
        let finding = match self.outcome(request).await {
            None => Finding::ok("expect", text("expect-arrives")),
            Some(outcome) => {
                Finding::warning("expect", text("expect-fails").texts("outcome", [outcome]))
                    .advice(text("expect-advice"))
            }
        };
        self.add(text("check-100-continue"), [finding]);
        Ok(())
    }

    /// Delivers an unknown kind in chunks, without `Content-Length`.
    pub(super) async fn chunks(&mut self) -> Result<(), Error> {
        let mut request = self.plain_request()?;
        request.is_chunked = true;
        let finding = match self.outcome(request).await {
            None => Finding::ok("chunked", text("chunks-arrive")),
            Some(outcome) => {
                Finding::warning("chunked", text("chunks-fail").texts("outcome", [outcome]))
                    .advice(text("chunks-advice"))
            }
        };
        self.add(text("check-chunks"), [finding]);
        Ok(())
    }

    /// Why a delivery has no response although the URL check has one.
    pub(super) async fn silence(&mut self, error: &SendError) -> Result<Finding, Error> {
        let mut forged = self.client.with_new_connection();
        let is_forged_silent = is_silent(&forged.send(self.forged_request()?).await);
        if !is_forged_silent {
            let mut finding = send_finding(error);
            finding.message = text("work-takes-time").texts("message", [finding.message]);
            return Ok(finding.advice(text("work-takes-time-advice")));
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
        let message = text("body-eaten").texts("error", [error.text()]);
        Ok(Finding::failure("body_eaten", message).advice(text("body-eaten-advice")))
    }

    /// Whether the receiver rejects a delivery because it does not get the body.
    pub(super) async fn unread_body(
        &mut self,
        response: &HttpResponse,
    ) -> Result<Option<Finding>, Error> {
        let status = response.status;
        if status == StatusCode::REQUEST_TIMEOUT {
            let message = text("body-does-not-arrive").with("status", status);
            return Ok(Some(
                Finding::failure("body_eaten", message).advice(text("body-eaten-advice")),
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
        let message = text("fails-like-forged").with("status", status);
        let finding = Finding::failure(code, message);
        Ok(Some(finding.advice(text("fails-like-forged-advice"))))
    }

    fn plain_request(&self) -> Result<HttpRequest, Error> {
        let request = self.padded_event(EASY_PADDING)?;
        Ok(HttpRequest::new(self.client.target(), request))
    }

    /// What went wrong, or `None`.
    async fn outcome(&mut self, request: HttpRequest) -> Option<Text> {
        let mut client = self.client.with_new_connection();
        match client.send(request).await {
            Ok(response) if response.status.is_success() => None,
            Ok(response) => Some(text("only-status").with("status", response.status)),
            Err(error) => Some(error.text()),
        }
    }
}

fn is_silent<T>(result: &Result<T, SendError>) -> bool {
    matches!(result, Err(SendError::Silent { .. }))
}
