//! Connections to a server: TCP, the tunnel of a proxy, TLS.

mod error;
mod proxy;
mod stream;
mod target;
mod tls;

pub(crate) use error::DialError;
pub(crate) use proxy::ProxySetting;
pub(crate) use stream::{AnyStream, Dialer};
pub(crate) use target::Target;
pub(crate) use tls::{Tls, certificates};
