//! The state that all clones of a layer and its services share.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::Semaphore;
use tower_wecom::Config;
use tower_wecom::test_util::Platform;

use crate::error::InspectorError;
use crate::guard::Guard;
use crate::key::random_hex;
use crate::page::Page;
use crate::ring::Ring;
use crate::show::Policy;

/// How many pages may be open. Each takes a connection and the text of one entry.
const STREAMS_MAX: usize = 32;

pub(crate) struct Shared {
    pub(crate) path: String,
    /// The address of the page, with the key if there is one.
    pub(crate) url: String,
    pub(crate) guard: Guard,
    pub(crate) ring: Ring,
    pub(crate) policy: Policy,
    pub(crate) targets: Vec<Target>,
    pub(crate) page: Page,
    /// Random for each start, so that the page recognises the entries of an earlier server.
    pub(crate) boot: String,
    pub(crate) streams: Arc<Semaphore>,
}

/// A path that the page may send to, and the credentials for it.
pub(crate) struct Target {
    pub(crate) path: String,
    pub(crate) config: Config,
}

impl Target {
    pub(crate) fn label(&self) -> String {
        match self.config.tenant() {
            Some(tenant) => format!("{tenant} · {}", self.path),
            None => self.path.clone(),
        }
    }

    pub(crate) fn platform(&self) -> Platform {
        Platform::new(&self.config).path(&self.path)
    }
}

impl Shared {
    pub(crate) fn new(
        path: String,
        address: SocketAddr,
        guard: Guard,
        ring: Ring,
        policy: Policy,
        targets: Vec<Target>,
    ) -> Result<Self, InspectorError> {
        Ok(Self {
            url: url(address, &path, &guard),
            path,
            guard,
            ring,
            policy,
            targets,
            page: Page::new(),
            boot: random_hex::<8>()?,
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
        })
    }
}

fn url(mut address: SocketAddr, path: &str, guard: &Guard) -> String {
    // A server that listens on all addresses can be reached on this machine.
    match address.ip() {
        ip if !ip.is_unspecified() => {}
        IpAddr::V4(_) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(_) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
    }
    match guard.key() {
        Some(key) => format!("http://{address}{path}?{}", key.query()),
        None => format!("http://{address}{path}"),
    }
}
