//! The state that all clones of a layer and its services share.

use std::fmt::Write;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tower_wecom::Config;
use tower_wecom::test_util::Platform;

use crate::error::InspectorError;
use crate::guard::Guard;
use crate::page::Page;
use crate::ring::Ring;
use crate::show::Policy;

/// How many pages may be open. Each takes a connection and the text of one entry.
const STREAMS_MAX: usize = 32;

pub(crate) struct Shared {
    pub(crate) path: String,
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
        guard: Guard,
        ring: Ring,
        policy: Policy,
        targets: Vec<Target>,
    ) -> Result<Self, InspectorError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|_| InspectorError::Random)?;
        let boot = random.iter().fold(String::new(), |mut boot, byte| {
            let _ = write!(boot, "{byte:02x}");
            boot
        });
        Ok(Self {
            path,
            guard,
            ring,
            policy,
            targets,
            page: Page::new(),
            boot,
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
        })
    }
}
