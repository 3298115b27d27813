//! Extractors and responses for axum. They depend on axum-core only.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use http::{StatusCode, header};

use crate::event::{
    AppEvent, ApprovalEvent, BatchJobResult, BotEvent, CalendarEvent, ChainEvent, ChatArchiveEvent,
    ContactEvent, CustomerAcquisitionEvent, CustomerServiceEvent, DeviceEvent, EmailEvent, Event,
    ExternalChatEvent, ExternalContactEvent, ExternalTagEvent, HardwareEvent, LicenseEvent,
    LivingEvent, MediaEvent, MeetingEvent, MeetingRoomEvent, MembershipEvent, MenuEvent, Message,
    PaymentEvent, SchoolEvent, SecurityEvent, ShareEvent, SmartSheetEvent, SuiteEvent,
    TemplateCardEvent, UnknownEvent, VipAccountEvent, WeDocEvent, WeDriveEvent,
};
use crate::extensions::Unhandled;
use crate::protocol::{Callback, Rejection};
use crate::reply::{Reply, ReplyError};
use crate::router::{Context, FromCallback, On};
use crate::trace::warning;

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = ().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The response is 500, because a handler that could not make its reply has failed.
impl IntoResponse for ReplyError {
    fn into_response(self) -> Response {
        warning!(error = %self, "a reply could not be made");
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

/// The response has the rejection's status and no body. The rejection itself is in the response's
/// extensions.
impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl<S: Sync> FromRequestParts<S> for Callback {
    type Rejection = CallbackRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        callback(parts).cloned()
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Callback {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get().cloned())
    }
}

impl<S: Sync> FromRequestParts<S> for Event {
    type Rejection = CallbackRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(callback(parts)?.event().clone())
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Event {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts
            .extensions
            .get()
            .map(|callback: &Callback| callback.event().clone()))
    }
}

macro_rules! family {
    ($Family:ty) => {
        impl<S: Sync> FromRequestParts<S> for $Family {
            type Rejection = CallbackRejection;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
                family(parts)?.ok_or(CallbackRejection::another_event())
            }
        }

        impl<S: Sync> OptionalFromRequestParts<S> for $Family {
            type Rejection = CallbackRejection;

            async fn from_request_parts(
                parts: &mut Parts,
                _: &S,
            ) -> Result<Option<Self>, Self::Rejection> {
                family(parts)
            }
        }
    };
}

family!(AppEvent);
family!(ApprovalEvent);
family!(BatchJobResult);
family!(BotEvent);
family!(CalendarEvent);
family!(ChainEvent);
family!(ChatArchiveEvent);
family!(ContactEvent);
family!(CustomerAcquisitionEvent);
family!(CustomerServiceEvent);
family!(DeviceEvent);
family!(EmailEvent);
family!(ExternalChatEvent);
family!(ExternalContactEvent);
family!(ExternalTagEvent);
family!(HardwareEvent);
family!(LicenseEvent);
family!(LivingEvent);
family!(MediaEvent);
family!(MeetingEvent);
family!(MeetingRoomEvent);
family!(MembershipEvent);
family!(MenuEvent);
family!(Message);
family!(PaymentEvent);
family!(SchoolEvent);
family!(SecurityEvent);
family!(ShareEvent);
family!(SmartSheetEvent);
family!(SuiteEvent);
family!(TemplateCardEvent);
family!(UnknownEvent);
family!(VipAccountEvent);
family!(WeDocEvent);
family!(WeDriveEvent);

impl<S: Sync, E: FromCallback> FromRequestParts<S> for On<E> {
    type Rejection = CallbackRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        on(parts)?.ok_or(CallbackRejection::another_event())
    }
}

impl<S: Sync, E: FromCallback> OptionalFromRequestParts<S> for On<E> {
    type Rejection = CallbackRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        on(parts)
    }
}

fn on<E: FromCallback>(parts: &Parts) -> Result<Option<On<E>>, CallbackRejection> {
    let context = Context::new(callback(parts)?.clone(), parts.extensions.clone());
    Ok(On::from_context(&Arc::new(context)))
}

fn callback(parts: &Parts) -> Result<&Callback, CallbackRejection> {
    parts
        .extensions
        .get()
        .ok_or(CallbackRejection::missing_layer())
}

/// The event of a family, or `None` if the callback is of another family. A missing layer is an
/// error, not `None`, so that it is noticed.
fn family<T: Clone + Send + Sync + 'static>(parts: &Parts) -> Result<Option<T>, CallbackRejection> {
    callback(parts)?;
    Ok(parts.extensions.get().cloned())
}

/// The rejection of this crate's extractors for axum.
///
/// With the feature `axum`, a handler takes [`Callback`], [`Event`], [`On`], or a family such as
/// [`ContactEvent`] or [`BatchJobResult`], and returns a [`Reply`]:
///
/// ```
/// use axum::{Router, routing::any};
/// use tower_wecom::{Callback, Config, ContactEvent, Reply, WeComLayer};
///
/// async fn on_contact(callback: Callback, event: ContactEvent) -> Reply {
///     println!("{} of {}", event.kind(), callback.receive_id());
///     Reply::ack()
/// }
///
/// fn app(config: Config) -> Router {
///     Router::new().route("/wecom", any(on_contact).layer(WeComLayer::new(config)))
/// }
/// ```
///
/// If the callback does not fit the handler's argument, the handler does not run, and the callback
/// is acknowledged. With an optional argument such as `Option<ContactEvent>` the handler runs and
/// gets `None`.
///
/// Without a `WeComLayer` around the handler, the answer is 500. Only `Option<Callback>` and
/// `Option<Event>` are `None` then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackRejection(Cause);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    AnotherEvent,
    MissingLayer,
}

impl CallbackRejection {
    const fn another_event() -> Self {
        Self(Cause::AnotherEvent)
    }

    const fn missing_layer() -> Self {
        Self(Cause::MissingLayer)
    }

    /// The status of the response: 200 if the callback is another event, which is acknowledged, and
    /// 500 if there is no `WeComLayer`.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.0 {
            Cause::AnotherEvent => StatusCode::OK,
            Cause::MissingLayer => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The body of the response. It is empty if the callback is another event.
    #[must_use]
    pub fn body_text(&self) -> String {
        match self.0 {
            Cause::AnotherEvent => String::new(),
            Cause::MissingLayer => self.to_string(),
        }
    }
}

impl fmt::Display for CallbackRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Cause::AnotherEvent => "the callback is another event than the handler asks for",
            Cause::MissingLayer => {
                "no callback in the request's extensions. Is `WeComLayer` around this handler, and does its `.at` name this path?"
            }
        })
    }
}

impl std::error::Error for CallbackRejection {}

impl IntoResponse for CallbackRejection {
    fn into_response(self) -> Response {
        if self.0 == Cause::MissingLayer {
            let text = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            return (self.status(), text, self.body_text()).into_response();
        }
        let mut response = ().into_response();
        response.extensions_mut().insert(Unhandled::new());
        response
    }
}
