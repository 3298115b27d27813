use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::error::DialError;

/// The TLS settings that all connections share.
#[derive(Clone)]
pub(crate) struct Tls(TlsConnector);

impl Tls {
    /// Trusts this machine's root certificates, or those of `SSL_CERT_FILE`, and the given ones.
    pub(crate) fn new(own: &[CertificateDer<'static>]) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for root in own {
            let added = roots.add(root.clone());
            added.map_err(|error| format!("a root certificate is invalid: {error}"))?;
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        // The server of a file's URL chooses the bytes of a ticket. If its name then leads to an
        // address in our network, the next connection would carry them there.
        config.resumption = Resumption::disabled();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    pub(super) async fn connect(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, DialError> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| DialError::Tls(std::io::Error::other(error)))?;
        let connected = self.0.connect(name, stream).await;
        connected.map_err(DialError::Tls)
    }
}

/// The certificates of a PEM file. The error is the reason why it has none.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    match found {
        Ok(found) if found.is_empty() => Err("the PEM text has no certificate".to_owned()),
        Ok(found) => Ok(found),
        // The text of the error contains a line of the PEM, which may be a key.
        Err(_) => Err("the PEM text is invalid".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_ticket_of_one_server_reaches_another() {
        let tls = Tls::new(&[]).unwrap();
        let (found, disabled) = (&tls.0.config().resumption, Resumption::disabled());
        assert_eq!(format!("{found:?}"), format!("{disabled:?}"));
    }
}
