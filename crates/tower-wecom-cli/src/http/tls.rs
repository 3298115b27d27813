use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::error::{SendError, TlsError};

/// The TLS settings that all connections share.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

impl Tls {
    /// Trusts this machine's root certificates, or those of `SSL_CERT_FILE`.
    pub(super) fn new() -> Result<Self, SendError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(SendError::NoRoots);
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| SendError::Broken {
                cause: error.to_string(),
            })?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    pub(super) async fn connect(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, SendError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| SendError::Tls {
            host: host.to_owned(),
            error: TlsError::Other(error.to_string()),
        })?;
        self.0
            .connect(name, stream)
            .await
            .map_err(|error| SendError::tls(host, &error))
    }
}
