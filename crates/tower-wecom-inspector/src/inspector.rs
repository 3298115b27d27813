use std::fmt;
use std::net::SocketAddr;

use tower_wecom::Config;

use crate::error::{InspectorError, PASSWORD_MIN_LEN};
use crate::guard::Guard;
use crate::layer::InspectorLayer;
use crate::ring::Ring;
use crate::shared::{Shared, Target};
use crate::show::Policy;

const KEEP: usize = 200;
const KEEP_BYTES: usize = 16 * 1024 * 1024;

/// The settings of an [`InspectorLayer`]. See the [crate's page](crate) for an example.
///
/// Defaults:
///
/// - enabled where this crate is compiled with `debug_assertions`: `cargo run`, not `cargo run --release`
/// - the page at `/inspector`
/// - the last 200 requests, in at most 16 MiB
/// - nothing masked but secrets, no password
#[must_use = "it does nothing before `listening_on`"]
pub struct Inspector {
    is_enabled: bool,
    path: String,
    guard: Guard,
    /// Its characters.
    password_len: Option<usize>,
    policy: Policy,
    targets: Vec<Target>,
    keep: usize,
    keep_bytes: usize,
}

impl Default for Inspector {
    fn default() -> Self {
        Self::new()
    }
}

impl Inspector {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            is_enabled: cfg!(debug_assertions),
            path: "/inspector".to_owned(),
            guard: Guard::default(),
            password_len: None,
            policy: Policy::Open,
            targets: Vec::new(),
            keep: KEEP,
            keep_bytes: KEEP_BYTES,
        }
    }

    /// Switches it on in a release build, or off anywhere. Unless set, it is on where *this crate* is compiled with
    /// `debug_assertions`: in the profile `dev` and what inherits from it, unless your `Cargo.toml` says
    /// otherwise for dependencies (`[profile.dev.package."*"]`); and in `release`, if it sets them.
    ///
    /// What is off is a service that passes everything on: no page, nothing kept.
    pub fn enabled(mut self, is_enabled: bool) -> Self {
        self.is_enabled = is_enabled;
        self
    }

    /// Where the page is: this very path; nothing below it is taken from the app. A `/` before it may be left out.
    ///
    /// It may be the callbacks' own path: what carries a `msg_signature` is not for the page.
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        if !self.path.starts_with('/') {
            self.path.insert(0, '/');
        }
        self
    }

    /// Lets the page send to this path of the app, as a WeCom with these credentials. Say it for each of your
    /// configurations; without any the page only watches.
    ///
    /// Token and key stay in the server. But who can open the page can have *any* callback run, signed: give it credentials
    /// whose callbacks he may cause.
    pub fn trigger(mut self, config: &Config, path: impl Into<String>) -> Self {
        let (path, config) = (path.into(), config.clone());
        self.targets.push(Target { path, config });
        self
    }

    /// Shows `•••` for every text and number but kinds, ids and times: in payloads, typed values and replies. They are
    /// masked when they are kept, not in the browser. Secrets, such as a suite's ticket, are never shown.
    ///
    /// What was kept is still sent again whole, and "copy as curl" has the encrypted request.
    pub fn mask(mut self, is_masked: bool) -> Self {
        self.policy = if is_masked {
            Policy::Mask
        } else {
            Policy::Open
        };
        self
    }

    /// How many requests are kept; 200 unless set. Older ones go.
    pub fn keep(mut self, requests: usize) -> Self {
        self.keep = requests;
        self
    }

    /// How many bytes they may take, about; 16 MiB unless set. Older ones go. A request that alone is larger is not kept.
    pub fn keep_bytes(mut self, bytes: usize) -> Self {
        self.keep_bytes = bytes;
        self
    }

    /// Asks for this password, of at least 12 characters, with any user name (HTTP Basic). Without TLS who listens on the
    /// wire reads it and all that the page shows. Nothing slows down who guesses: let a generator make it.
    pub fn password(mut self, password: &str) -> Self {
        self.password_len = Some(password.chars().count());
        self.guard.set_password(password);
        self
    }

    /// Takes this name in the URL too, without its port, beside `localhost` and loopback addresses. With a
    /// [`password`](Self::password) any name will do.
    ///
    /// Otherwise a foreign site whose name leads to 127.0.0.1 could read the page (DNS rebinding).
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.guard.allow_host(host.into());
        self
    }

    /// The layer, for a server that listens on this address: say what `TcpListener::local_addr` says.
    ///
    /// A layer cannot see who connects, so it has to trust this. **A proxy or a tunnel on the same machine makes a loopback
    /// address public.** Requests that show a proxy's traces (`Forwarded`, `X-Forwarded-For`, `Via`, HTTP/1.0, …) get no
    /// page without a [`password`](Self::password), but many leave none, such as nginx from 1.30 on, `ssh -R` and what
    /// tunnels TCP: set one if there is one.
    ///
    /// # Errors
    ///
    /// If it is enabled, and the address is not a loopback one and there is no password, or the password is too short; or if
    /// the operating system gives no random bytes.
    pub fn listening_on(self, address: SocketAddr) -> Result<InspectorLayer, InspectorError> {
        if !self.is_enabled {
            return Ok(InspectorLayer::disabled());
        }
        match self.password_len {
            Some(length) if length < PASSWORD_MIN_LEN => {
                return Err(InspectorError::ShortPassword(length));
            }
            None if !address.ip().to_canonical().is_loopback() => {
                return Err(InspectorError::NoPassword(address));
            }
            _ => {}
        }
        let ring = Ring::new(self.keep, self.keep_bytes);
        let shared = Shared::new(self.path, self.guard, ring, self.policy, self.targets)?;
        Ok(InspectorLayer::new(Some(shared)))
    }
}

impl fmt::Debug for Inspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspector")
            .field("is_enabled", &self.is_enabled)
            .field("path", &self.path)
            .field("has_password", &self.guard.has_password())
            .field("keep", &self.keep)
            .field("keep_bytes", &self.keep_bytes)
            .finish_non_exhaustive()
    }
}
