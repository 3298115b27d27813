use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// How a [`StandIn`](super::StandIn) listens and whom it accepts.
#[derive(Clone)]
#[must_use]
pub struct StandInOptions {
    pub(super) address: SocketAddr,
    pub(super) secret: Option<String>,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) close_displaced_after: Duration,
}

impl StandInOptions {
    /// Listens on a free port of loopback, without TLS, and accepts each Secret.
    pub fn new() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            secret: None,
            tls: None,
            close_displaced_after: Duration::from_secs(2),
        }
    }

    /// Sets the address to listen on.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Accepts this Secret alone, and answers others with 853000.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Speaks TLS, with this chain of certificates and this key, in PEM.
    ///
    /// # Errors
    ///
    /// If one of them is invalid, or they do not fit together.
    pub fn tls(
        mut self,
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<Self, io::Error> {
        let chain = CertificateDer::pem_slice_iter(chain.as_ref()).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_slice(key.as_ref()).map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(io::Error::other)?;
        self.tls = Some(TlsAcceptor::from(Arc::new(config)));
        Ok(self)
    }

    /// Sets when a displaced connection is closed. The default is 2 seconds; up to 313 were
    /// measured at WeCom's.
    pub fn close_displaced_after(mut self, time: Duration) -> Self {
        self.close_displaced_after = time;
        self
    }
}

impl Default for StandInOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for StandInOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StandInOptions")
            .field("address", &self.address)
            .field("has_tls", &self.tls.is_some())
            .finish_non_exhaustive()
    }
}
