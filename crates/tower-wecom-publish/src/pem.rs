//! Certificates and keys are read here before a client reads them. If the line breaks of the PEM
//! are lost, as in a variable of the environment, the client's error contains the key.

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::PublishError;

pub(crate) fn check_certificates(pem: &[u8]) -> Result<(), PublishError> {
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    if certificates.is_ok_and(|certificates| !certificates.is_empty()) {
        return Ok(());
    }
    Err(PublishError::setup(
        "a certificate is not PEM: its first line is -----BEGIN CERTIFICATE-----",
    ))
}

pub(crate) fn check_key(pem: &[u8]) -> Result<(), PublishError> {
    let key = PrivateKeyDer::from_pem_slice(pem);
    key.map(drop).map_err(|_| {
        PublishError::setup(
            "the key of the client certificate is not PEM: its first line is \
             -----BEGIN PRIVATE KEY-----",
        )
    })
}
