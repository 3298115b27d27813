use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use tower::{BoxError, Service, ServiceExt};

use super::platform::{OpenReplyError, OpenedReply, Platform, PlatformError};
use super::received::ReceivedReply;
use crate::extensions::Unhandled;
use crate::protocol::Rejection;

/// The response of a service. Made by [`Platform::send`] and
/// [`Delivery::send`](super::Delivery::send).
#[derive(Clone, Debug)]
#[must_use]
pub struct TestResponse {
    platform: Platform,
    /// The path that the request went to.
    path: String,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    rejection: Option<Rejection>,
    is_unhandled: bool,
}

impl Platform {
    /// Sends a request to a service and reads the response. The service can be a whole axum
    /// `Router` or a clone of it.
    ///
    /// # Errors
    ///
    /// If the service or its body fails. A response with an error status is not an error: check
    /// [`TestResponse::status`].
    pub async fn send<S, B>(
        &self,
        request: Request<String>,
        service: S,
    ) -> Result<TestResponse, SendError>
    where
        S: Service<Request<String>, Response = Response<B>, Error: Into<BoxError>>,
        B: Body<Error: Into<BoxError>>,
    {
        let path = request.uri().path().to_owned();
        let response = service.oneshot(request).await;
        let response = response.map_err(|error| SendError::Service(error.into()))?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await;
        let body = body.map_err(|error| SendError::Body(error.into()))?;
        Ok(TestResponse {
            platform: self.clone(),
            path,
            status: parts.status,
            headers: parts.headers,
            body: body.to_bytes(),
            rejection: parts.extensions.get::<Rejection>().cloned(),
            is_unhandled: parts.extensions.get::<Unhandled>().is_some(),
        })
    }
}

impl TestResponse {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it was sent. It is sealed if there was a reply.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Whether WeCom considers the callback delivered, which requires a status of 200 (documents
    /// 90238 and 90930).
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.status == StatusCode::OK
    }

    /// Whether no handler matched the callback. It is acknowledged nevertheless.
    #[must_use]
    pub fn is_unhandled(&self) -> bool {
        self.is_unhandled
    }

    /// The reason why [`WeComLayer`](crate::WeComLayer) rejected the request, if it did.
    #[must_use]
    pub fn rejection(&self) -> Option<&Rejection> {
        self.rejection.as_ref()
    }

    /// The reply, decrypted, as WeCom reads it. An acknowledgement is [`ReceivedReply::Ack`].
    ///
    /// # Errors
    ///
    /// If WeCom would not accept the reply: the status is not 200, the body is neither an
    /// acknowledgement nor a sealed reply, or it is sealed with another Token or key.
    pub fn reply(&self) -> Result<ReceivedReply, OpenReplyError> {
        match self.opened()? {
            Some(opened) => Ok(opened.reply()),
            None => Ok(ReceivedReply::Ack),
        }
    }

    /// The decrypted text of the reply and the fields around it. `None` if it is an
    /// acknowledgement.
    ///
    /// # Errors
    ///
    /// Those of [`reply`](Self::reply).
    pub fn opened(&self) -> Result<Option<OpenedReply>, OpenReplyError> {
        // The layer has a rejection for its own 404: no configuration was found.
        if self.status == StatusCode::NOT_FOUND && self.rejection.is_none() {
            return Err(OpenReplyError::NotFound {
                path: self.path.clone(),
            });
        }
        if !self.is_delivered() {
            return Err(OpenReplyError::Status(self.status()));
        }
        if self.body.is_empty() || self.body == "success" {
            return Ok(None);
        }
        self.platform.open_reply(&self.body).map(Some)
    }
}

/// The reason why there is no [`TestResponse`].
#[derive(Debug)]
#[non_exhaustive]
pub enum SendError {
    /// The request could not be made.
    Request(PlatformError),
    /// The service failed.
    Service(BoxError),
    /// The body of the response failed.
    Body(BoxError),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request(_) => "the request could not be made",
            Self::Service(_) => "the service has failed",
            Self::Body(_) => "the body of the answer has failed",
        })
    }
}

impl std::error::Error for SendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Request(error) => Some(error),
            Self::Service(error) | Self::Body(error) => Some(error.as_ref()),
        }
    }
}
