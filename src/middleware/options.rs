use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::warnings::Warnings;
use crate::protocol::{DEFAULT_MAX_BODY_SIZE, DEFAULT_NONCE_MAX_LEN, Rejection};

const READ_TIMEOUT: Duration = Duration::from_secs(4);

type RejectHook = Arc<dyn Fn(&Rejection) + Send + Sync>;

/// The settings that a layer shares with its services.
#[derive(Clone)]
pub(super) struct Options {
    pub(super) path: PathFilter,
    pub(super) max_body_size: usize,
    pub(super) nonce_max_len: usize,
    pub(super) read_timeout: Option<Duration>,
    pub(super) on_reject: Option<RejectHook>,
    pub(super) warnings: Arc<Warnings>,
    /// Whether the candidates of a request have been found to have no names.
    pub(super) has_warned_of_twins: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            path: PathFilter::Any,
            max_body_size: DEFAULT_MAX_BODY_SIZE,
            nonce_max_len: DEFAULT_NONCE_MAX_LEN,
            read_timeout: Some(READ_TIMEOUT),
            on_reject: None,
            warnings: Arc::default(),
            has_warned_of_twins: Arc::default(),
        }
    }
}

/// Selects the requests that a layer handles, by their path.
#[derive(Clone, Debug)]
pub(super) enum PathFilter {
    Any,
    At(Arc<str>),
    Under(Arc<str>),
}

impl PathFilter {
    /// Whether all requests are handled.
    pub(super) const fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        match self {
            Self::Any => true,
            Self::At(exact) => **exact == *path,
            Self::Under(prefix) => path
                .strip_prefix(&**prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        }
    }
}

impl Options {
    pub(super) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("path", &self.path)
            .field("max_body_size", &self.max_body_size)
            .field("nonce_max_len", &self.nonce_max_len)
            .field("read_timeout", &self.read_timeout)
            .finish_non_exhaustive()
    }
}
