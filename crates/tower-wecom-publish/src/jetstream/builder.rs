use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs};

use async_nats::jetstream::ContextBuilder;
use async_nats::rustls::crypto::{CryptoProvider, ring};
use async_nats::{ConnectOptions, ServerAddr};

use percent_encoding::percent_decode_str;

use super::broker::JetStream;
use super::names::Names;
use crate::error::PublishError;
use crate::pem::{check_certificates, check_key};

/// As long as a request waits for its confirmation.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(4);
const RECONNECT_WITHIN: Duration = Duration::from_secs(1);

impl JetStream {
    /// Connects: `nats://[user:password@]host[:port]`, or `tls://…`, and makes the streams that are
    /// not there.
    ///
    /// # Errors
    ///
    /// If the URL is invalid, the server does not answer or has no JetStream, or a stream cannot be
    /// made. NATS does not answer a user that may not make it, so the attempt times out.
    pub async fn connect(url: &str) -> Result<Self, PublishError> {
        Self::builder().connect(url).await
    }

    /// With other settings than the default ones.
    pub fn builder() -> JetStreamBuilder {
        JetStreamBuilder::default()
    }
}

/// The settings of [`JetStream`].
#[derive(Clone)]
#[must_use]
pub struct JetStreamBuilder {
    name: String,
    declares: bool,
    max_bytes: i64,
    replicas: usize,
    credentials: Option<PathBuf>,
    roots: Option<PathBuf>,
    identity: Option<(PathBuf, PathBuf)>,
}

impl Default for JetStreamBuilder {
    fn default() -> Self {
        Self {
            name: "wecom".to_owned(),
            declares: true,
            max_bytes: -1,
            replicas: 1,
            credentials: None,
            roots: None,
            identity: None,
        }
    }
}

impl JetStreamBuilder {
    /// The name of the stream and the beginning of its subjects: `wecom` unless set. It must not
    /// contain dots or blanks.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Whether to make the streams: yes unless set. What is there already is left as it is.
    ///
    /// A user that may not make them needs them beforehand: a program with more rights makes them
    /// when it connects. Its [`Consumer`](crate::Consumer) makes the durable consumer when it runs
    /// for the first time.
    ///
    /// With the name `wecom` each user subscribes to `_INBOX.>`. That of a receiver publishes to
    /// `wecom.>`. That of a consumer publishes to `wecom-dead.>`, `$JS.ACK.wecom.handlers.>`, and
    /// below `$JS.API` to `STREAM.INFO.wecom`, `STREAM.INFO.wecom-dead`,
    /// `CONSUMER.INFO.wecom.handlers` and `CONSUMER.MSG.NEXT.wecom.handlers`. One that makes the
    /// streams publishes below `$JS.API` to `STREAM.INFO.*` and `STREAM.CREATE.*`.
    pub fn declares(mut self, declares: bool) -> Self {
        self.declares = declares;
        self
    }

    /// How many bytes a stream may have when it is made: no limit unless set. A full stream refuses
    /// callbacks, which are answered 503.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self
    }

    /// On how many servers of a cluster a stream is when it is made: 1 unless set. 3 go on when
    /// one is away.
    pub fn replicas(mut self, servers: usize) -> Self {
        self.replicas = servers;
        self
    }

    /// Logs in with a `.creds` file.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.credentials = Some(path.into());
        self
    }

    /// Trusts the certificates in this file, PEM, and no longer those of the machine.
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.roots = Some(path.into());
        self
    }

    /// Shows this certificate and key to the server, files in PEM.
    pub fn client_certificate(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.identity = Some((certificate.into(), key.into()));
        self
    }

    /// Connects. See [`JetStream::connect`].
    ///
    /// # Errors
    ///
    /// If the URL is invalid, a file cannot be read or is invalid, the server does not answer or
    /// has no JetStream, or a stream cannot be made.
    pub async fn connect(self, url: &str) -> Result<JetStream, PublishError> {
        if self.name.is_empty() || self.name.contains(['.', ' ', '*', '>', '/', '\\']) {
            return Err(PublishError::setup(
                "the name of the stream is invalid: it must not contain . * > / \\ or blanks",
            ));
        }
        // The parser's own text may contain the URL.
        let address: ServerAddr = url.parse().map_err(|_| invalid_url())?;
        // rustls panics if a program has several providers of cryptography and has chosen none.
        if CryptoProvider::get_default().is_none() {
            let _ = ring::default_provider().install_default();
        }
        let options = with_password(self.options().await?, &address);
        let address = without_password(address).ok_or_else(invalid_url)?;
        let client = options.connect(address).await.map_err(PublishError::new)?;
        let context = ContextBuilder::new()
            .timeout(CONFIRMED_WITHIN)
            .build(client);
        let names = Names::new(self.name);
        if self.declares {
            let dead = names.dead_config(self.max_bytes, self.replicas);
            for config in [names.config(self.max_bytes, self.replicas), dead] {
                let stream = context.get_or_create_stream(config).await;
                stream.map_err(PublishError::new)?;
            }
        }
        Ok(JetStream::new(context, names))
    }

    async fn options(&self) -> Result<ConnectOptions, PublishError> {
        let mut options = ConnectOptions::new()
            .name("tower-wecom-publish")
            .ping_interval(Duration::from_secs(10))
            .reconnect_delay_callback(|attempts| {
                let tenths = u64::try_from(attempts).unwrap_or(u64::MAX);
                RECONNECT_WITHIN.min(Duration::from_millis(tenths.saturating_mul(100)))
            });
        if let Some(path) = &self.credentials {
            let with = options.credentials_file(path).await;
            options = with.map_err(PublishError::new)?;
        }
        if let Some(path) = &self.roots {
            check_certificates(&read(path)?)?;
            options = options.add_root_certificates(path.clone());
        }
        if let Some((certificate, key)) = self.identity.clone() {
            check_certificates(&read(&certificate)?)?;
            check_key(&read(&key)?)?;
            options = options.add_client_certificate(certificate, key);
        }
        Ok(options)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, PublishError> {
    fs::read(path).map_err(|error| PublishError::new(format!("{}: {error}", path.display())))
}

/// async-nats does not use the user and the password of a URL.
fn with_password(options: ConnectOptions, address: &ServerAddr) -> ConnectOptions {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    match (address.username(), address.password()) {
        (Some(user), Some(password)) => options.user_and_password(decode(user), decode(password)),
        _ => options,
    }
}

/// The same address without user and password. async-nats writes it into the log, at DEBUG.
fn without_password(address: ServerAddr) -> Option<ServerAddr> {
    let mut url = address.into_inner();
    url.set_password(None).ok()?;
    url.set_username("").ok()?;
    ServerAddr::from_url(url).ok()
}

const fn invalid_url() -> PublishError {
    PublishError::setup(
        "the URL of NATS is invalid: write nats://user:password@host:port, or tls://…",
    )
}

impl fmt::Debug for JetStreamBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JetStreamBuilder")
            .field("name", &self.name)
            .field("declares", &self.declares)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_async_nats_writes_into_the_log_has_no_password() {
        for url in [
            "tls://li:s3cret@broker:7",
            "li:s3cret@broker:7",
            "s3cret@broker:7",
        ] {
            let address: ServerAddr = url.parse().unwrap();
            assert!(format!("{address:?}").contains("s3cret"));
            let address = without_password(address).unwrap();
            assert!(!format!("{address:?}").contains("s3cret"), "{url}");
            assert_eq!((address.host(), address.port()), ("broker", 7));
        }
    }
}
