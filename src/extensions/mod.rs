//! What the layers leave each other in `http::Extensions`: the contract between them.
//!
//! A middleware of your own takes part in it with the types below. All of them are small and cheap
//! to clone.
//!
//! | type | in | inserted by | read by |
//! |---|---|---|---|
//! | [`Callback`](crate::Callback) | request | `WeComLayer` | every layer inside it, extractors, handlers |
//! | the event's family, such as [`ContactEvent`](crate::ContactEvent) | request | `WeComLayer` | extractors, handlers |
//! | [`Arrival`] | request | `WeComLayer` | `DeadlineLayer`, `DedupLayer`: their deadlines begin here |
//! | [`AnswerBy`] | request | `DeadlineLayer` | `DedupLayer` and the inbox: they stop waiting before it |
//! | [`Probe`](crate::middleware::Probe) | request | a middleware outside of `WeComLayer` | `WeComLayer`, which writes into it what it learns |
//! | [`Reply`](crate::Reply) | response | the handler | `WeComLayer`, which seals it; `DedupLayer`, which keeps it |
//! | [`Unhandled`] | response | extractors, `RouteByPath`, `EventRouter` | `WeComLayer`, which acknowledges; [`is_success`] |
//! | [`Deferred`] | response | `DeadlineLayer` | `WeComLayer`, for its trace; `DedupLayer`, which never commits it |
//! | [`Rejection`](crate::Rejection) | response | `WeComLayer` | your metrics, outside of `WeComLayer` |
//!
//! [`is_success`] is the one rule that decides whether a response means that the callback is safe.

mod answer_by;
mod arrival;
mod busy;
mod deferred;
mod outcome;
mod unhandled;

pub use answer_by::AnswerBy;
pub use arrival::Arrival;
pub use deferred::Deferred;
pub use outcome::is_success;
pub use unhandled::Unhandled;

pub(crate) use busy::Busy;
#[cfg(feature = "tokio")]
pub(crate) use busy::is_busy;
pub(crate) use outcome::is_grpc_failure;
