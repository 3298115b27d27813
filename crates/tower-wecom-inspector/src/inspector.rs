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
/// - enabled where this crate is compiled with `debug_assertions`: `cargo run`, not
///   `cargo run --release`
/// - the page is at `/inspector`
/// - keeps the last 200 requests, in at most 16 MiB
/// - masks secrets only, and has a random key instead of a password
#[must_use = "an inspector does nothing before `listening_on`"]
pub struct Inspector {
    is_enabled: bool,
    path: String,
    guard: Guard,
    /// The number of characters.
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
    /// An inspector with the default settings.
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

    /// Switches the inspector on or off.
    ///
    /// By default it is on if *this crate* is compiled with `debug_assertions`. That is the case in
    /// the profile `dev` and in profiles that inherit from it, unless your `Cargo.toml` changes the
    /// setting for dependencies (`[profile.dev.package."*"]`). It is also the case in `release`, if
    /// that profile sets `debug-assertions`.
    ///
    /// If the inspector is off, the service passes every request on. It has no page and keeps
    /// nothing.
    pub fn enabled(mut self, is_enabled: bool) -> Self {
        self.is_enabled = is_enabled;
        self
    }

    /// Sets the path of the page. Paths below it still belong to the app. You may leave out the
    /// leading `/`.
    ///
    /// The page may share the path of the callbacks: requests with a `msg_signature` are not for
    /// the page.
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        if !self.path.starts_with('/') {
            self.path.insert(0, '/');
        }
        self
    }

    /// Lets the page send to this path of the app, as WeCom would with these credentials.
    ///
    /// Call it once for each of your configurations. Without this call the page only watches.
    ///
    /// The Token and the key stay in the server. But a person with access to the page can send
    /// *any* callback with a valid signature. Only pass credentials for which that is acceptable.
    pub fn trigger(mut self, config: &Config, path: impl Into<String>) -> Self {
        let (path, config) = (path.into(), config.clone());
        self.targets.push(Target { path, config });
        self
    }

    /// Replaces texts and numbers in payloads, typed values and replies by `•••`, except kinds, ids
    /// and times.
    ///
    /// The server masks them, not the browser. Secrets, such as the ticket of a suite, are never
    /// shown, with or without this setting.
    ///
    /// "Send again" still sends the original payload, and "Copy as curl" still contains the
    /// encrypted request.
    pub fn mask(mut self, is_masked: bool) -> Self {
        self.policy = if is_masked {
            Policy::Mask
        } else {
            Policy::Open
        };
        self
    }

    /// Sets how many requests are kept. The default is 200. Older ones are discarded.
    pub fn keep(mut self, requests: usize) -> Self {
        self.keep = requests;
        self
    }

    /// Sets roughly how many bytes the kept requests may take. The default is 16 MiB. Older ones
    /// are discarded. A request that is larger than the limit is not kept.
    pub fn keep_bytes(mut self, bytes: usize) -> Self {
        self.keep_bytes = bytes;
        self
    }

    /// Sets a password of at least 12 characters (HTTP Basic, with any user name). It takes the
    /// place of the key, so the address of the page stays the same after a restart.
    ///
    /// Without TLS an eavesdropper can read the password and all that the page shows. The rate of
    /// guesses is not limited, so use a generated password.
    pub fn password(mut self, password: &str) -> Self {
        self.password_len = Some(password.chars().count());
        self.guard.set_password(password);
        self
    }

    /// Allows another host name in the URL, beside `localhost` and loopback addresses. Pass it
    /// without a port.
    ///
    /// With a [`password`](Self::password) every name is allowed. Without this check another site
    /// whose name points to 127.0.0.1 could read the page (DNS rebinding).
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.guard.allow_host(host.into());
        self
    }

    /// Builds the layer for a server that listens on this address. Pass the result of
    /// `TcpListener::local_addr`.
    ///
    /// A layer cannot see which address a connection comes from, and **a proxy or a tunnel on the
    /// same machine makes a loopback address public.** So without a [`password`](Self::password)
    /// the page has a random key, which is another one at each start. Print
    /// [`InspectorLayer::url`], which contains it.
    ///
    /// # Errors
    ///
    /// If the inspector is enabled and one of these holds: the address is not a loopback address
    /// and there is no password, the password is too short, or the operating system returned no
    /// random bytes.
    pub fn listening_on(mut self, address: SocketAddr) -> Result<InspectorLayer, InspectorError> {
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
        self.guard.set_key(address.port())?;
        let ring = Ring::new(self.keep, self.keep_bytes);
        let (guard, policy) = (self.guard, self.policy);
        let shared = Shared::new(self.path, address, guard, ring, policy, self.targets)?;
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
