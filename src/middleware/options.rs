use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::query::DEFAULT_NONCE_MAX_LEN;
use crate::refusal::Refusal;

const MAX_BODY_SIZE: usize = 256 * 1024;
const READ_TIMEOUT: Duration = Duration::from_secs(4);

type RefuseHook = Arc<dyn Fn(&Refusal) + Send + Sync>;

/// What a layer and its services are set to.
#[derive(Clone)]
pub(super) struct Options {
    pub(super) place: Place,
    pub(super) max_body_size: usize,
    pub(super) nonce_max_len: usize,
    pub(super) read_timeout: Option<Duration>,
    pub(super) on_refuse: Option<RefuseHook>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            place: Place::Everywhere,
            max_body_size: MAX_BODY_SIZE,
            nonce_max_len: DEFAULT_NONCE_MAX_LEN,
            read_timeout: Some(READ_TIMEOUT),
            on_refuse: None,
        }
    }
}

/// Which requests a layer is for, by their paths.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Everywhere,
    At(Arc<str>),
    Under(Arc<str>),
}

impl Place {
    pub(super) fn has(&self, path: &str) -> bool {
        match self {
            Self::Everywhere => true,
            Self::At(place) => **place == *path,
            Self::Under(place) => path
                .strip_prefix(&**place)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        }
    }
}

impl Options {
    pub(super) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("place", &self.place)
            .field("max_body_size", &self.max_body_size)
            .field("nonce_max_len", &self.nonce_max_len)
            .field("read_timeout", &self.read_timeout)
            .finish_non_exhaustive()
    }
}
