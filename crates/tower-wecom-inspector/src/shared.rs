//! What all clones of a layer and of its services have in common.

use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use tower_wecom::Config;
use tower_wecom::test_util::Platform;

use crate::error::InspectorError;
use crate::guard::Guard;
use crate::page::Page;
use crate::ring::Ring;
use crate::show::Policy;

/// So many pages may be open. Each takes a connection and one entry's text.
const STREAMS_MAX: usize = 32;

pub(crate) struct Shared {
    pub(crate) path: String,
    pub(crate) guard: Guard,
    pub(crate) ring: Ring,
    pub(crate) policy: Policy,
    pub(crate) targets: Vec<Target>,
    pub(crate) page: Page,
    /// Another one after each start, so that a page knows that its entries are another server's.
    pub(crate) boot: String,
    streams: AtomicUsize,
}

/// Where the page may send, and as whom.
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
            streams: AtomicUsize::new(0),
        })
    }

    /// A place for one more open page, if there is one.
    pub(crate) fn try_open(&self) -> bool {
        let more = |open: usize| open.checked_add(1).filter(|&open| open <= STREAMS_MAX);
        let order = Ordering::Relaxed;
        self.streams.fetch_update(order, order, more).is_ok()
    }

    pub(crate) fn give_back(&self) {
        self.streams.fetch_sub(1, Ordering::Relaxed);
    }
}
