//! The frames of the connection: JSON texts, without IO. Document 101463.

mod dirty;
mod incoming;
mod outgoing;

pub(crate) use incoming::{Ack, Delivery, Incoming, ReqId};
pub(crate) use outgoing::{Command, compose, subscription};
