//! The address book's changes as a gRPC stream: WeCom calls back, and every subscriber hears of it.
//!
//! gRPC and the callback share one port. `WeComLayer` is wrapped around the whole tonic server and takes what comes to
//! [`PATH`]; all other requests pass through it untouched.

mod callback;
mod changes;
mod watch;

use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::Router;
use tower::layer::util::{Identity, Stack};
use tower_wecom::{Config, WeComLayer};

pub use changes::Changes;

/// Where WeCom calls back.
pub const PATH: &str = "/wecom";
