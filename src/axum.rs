//! Extractors and responses for axum. They depend on axum-core only.

use std::convert::Infallible;
use std::fmt;
use std::future::ready;
use std::sync::Arc;

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use http::{StatusCode, header};

use crate::event::{
    self, Event, app, approval, bot, calendar, chain, chat_archive, contact, customer_acquisition,
    customer_service, device, email, external_chat, external_contact, external_tag, group_bot,
    hardware, license, living, media, meeting, meeting_room, membership, menu, message, payment,
    school, security, share, smartsheet, suite, template_card, vip_account, wedoc, wedrive,
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

/// Makes an event an extractor. The work is in [`found`], because there are more than two hundred.
macro_rules! extractor {
    ($Type:ident) => {
        impl<S: Sync> FromRequestParts<S> for event::$Type {
            type Rejection = CallbackRejection;

            fn from_request_parts(
                parts: &mut Parts,
                _: &S,
            ) -> impl Future<Output = Result<Self, CallbackRejection>> + Send {
                ready(required(found(parts)))
            }
        }

        impl<S: Sync> OptionalFromRequestParts<S> for event::$Type {
            type Rejection = CallbackRejection;

            fn from_request_parts(
                parts: &mut Parts,
                _: &S,
            ) -> impl Future<Output = Result<Option<Self>, CallbackRejection>> + Send {
                ready(found(parts))
            }
        }
    };
}

/// Applies a macro to each family and each struct of a kind.
macro_rules! for_each_type {
    ($apply:ident) => {
        $apply!(BatchJobResult);
        $apply!(UnknownEvent);
        app::types!($apply);
        approval::types!($apply);
        bot::types!($apply);
        calendar::types!($apply);
        chain::types!($apply);
        chat_archive::types!($apply);
        contact::types!($apply);
        customer_acquisition::types!($apply);
        customer_service::types!($apply);
        device::types!($apply);
        email::types!($apply);
        external_chat::types!($apply);
        external_contact::types!($apply);
        external_tag::types!($apply);
        group_bot::types!($apply);
        hardware::types!($apply);
        license::types!($apply);
        living::types!($apply);
        media::types!($apply);
        meeting::types!($apply);
        meeting_room::types!($apply);
        membership::types!($apply);
        menu::types!($apply);
        message::types!($apply);
        payment::types!($apply);
        school::types!($apply);
        security::types!($apply);
        share::types!($apply);
        smartsheet::types!($apply);
        suite::types!($apply);
        template_card::types!($apply);
        vip_account::types!($apply);
        wedoc::types!($apply);
        wedrive::types!($apply);
    };
}

for_each_type!(extractor);

impl<S: Sync, E: FromCallback> FromRequestParts<S> for On<E> {
    type Rejection = CallbackRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        required(on(parts))
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

/// The event, or `None` if the callback is another one. A missing layer is an error, not `None`, so
/// that it is noticed.
fn found<E: FromCallback>(parts: &Parts) -> Result<Option<E>, CallbackRejection> {
    Ok(E::hold(callback(parts)?).map(E::take))
}

fn required<T>(event: Result<Option<T>, CallbackRejection>) -> Result<T, CallbackRejection> {
    event?.ok_or(CallbackRejection::another_event())
}

/// The rejection of this crate's extractors for axum.
///
/// With the feature `axum`, a handler takes [`Callback`], [`Event`], a family such as
/// [`ContactEvent`](crate::ContactEvent), the struct of a kind such as
/// [`CreateUser`](crate::event::CreateUser), or [`On`] of one of these. It returns a [`Reply`]:
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
/// This differs from axum's `Extension<ContactEvent>`, which answers 500 for every callback of
/// another family.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::known_kinds;

    #[test]
    fn every_family_and_every_struct_of_a_kind_is_an_extractor() {
        let names = std::cell::RefCell::new(std::collections::BTreeSet::new());
        let add = |name| names.borrow_mut().insert(name);
        macro_rules! name {
            ($Type:ident) => {
                add(stringify!($Type));
            };
        }
        for_each_type!(name);
        for kind in known_kinds() {
            assert!(
                names.borrow().contains(kind.type_name),
                "{}",
                kind.type_name
            );
            assert!(names.borrow().contains(kind.family), "{}", kind.family);
        }
    }
}
