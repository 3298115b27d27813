//! The values with which the layers communicate through `http::Extensions`.
//!
//! A middleware of your own can read and insert them too. All of them are cheap to clone.
//!
//! A request has the family of its own event only, so treat an absent one as "another event". In
//! axum, `Extension<ContactEvent>` answers 500 for each callback of another family. Take
//! `ContactEvent` itself (feature `axum`), `Option<Extension<ContactEvent>>`, or the
//! [`Callback`](crate::Callback), which is always there.
//!
//! | type | in | inserted by | read by |
//! |---|---|---|---|
//! | [`Callback`](crate::Callback) | request | `WeComLayer` | every layer inside it, extractors, handlers |
//! | the event's family, such as [`ContactEvent`](crate::ContactEvent) | request | `WeComLayer` | extractors, handlers |
//! | [`Arrival`] | request | `WeComLayer` | `DeadlineLayer`, `DedupLayer`, the inbox, the publisher: their deadlines begin here |
//! | [`AnswerBy`] | request | `DeadlineLayer` | `DedupLayer`, the inbox, the publisher: they stop waiting before this moment |
//! | [`Attempt`] | request | the worker of the inbox, the consumer of a broker | your handlers: the key for an effect that is made once |
//! | [`Outside`] | request | `DedupLayer`, `DeadlineLayer`, the inbox and the publisher, if there is no callback | `WeComLayer`, which warns of the wrong order |
//! | [`Probe`](crate::middleware::Probe) | request | a middleware outside of `WeComLayer` | `WeComLayer`, which writes the callback, the reply and the outcome into it |
//! | [`CallbackUri`](crate::router::CallbackUri) | request | `RouteByPath` | your handlers: the path before it was changed |
//! | [`Reply`](crate::Reply) | response | the handler | `WeComLayer`, which seals it; `DedupLayer`, which keeps it |
//! | [`Unhandled`] | response | extractors, `RouteByPath`, `EventRouter` | `WeComLayer`, which acknowledges; [`is_success`] |
//! | [`Deferred`] | response | `DeadlineLayer` | `WeComLayer`, for its trace; `DedupLayer`, which never commits it |
//! | [`Rejection`](crate::Rejection) | response | `WeComLayer` | your metrics, outside of `WeComLayer` |
//!
//! [`is_success`] is the rule by which all layers decide whether a response is a success.

mod answer_by;
mod arrival;
mod attempt;
mod busy;
mod deferred;
mod outcome;
mod outside;
mod unhandled;

pub use answer_by::AnswerBy;
pub use arrival::Arrival;
pub use attempt::Attempt;
pub use deferred::Deferred;
pub use outcome::is_success;
pub use outside::Outside;
pub use unhandled::Unhandled;

pub(crate) use busy::Busy;
#[cfg(feature = "tokio")]
pub(crate) use busy::is_busy;
pub(crate) use outcome::is_grpc_failure;
pub(crate) use outside::{OutsideLayer, PassedOn};
