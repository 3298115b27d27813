//! Certificates and keys are read here before a client reads them. If the line breaks of the PEM
//! are lost, as in a variable of the environment, the client's error contains the key.

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::PublishError;

pub(crate) fn check_certificates(pem: &[u8]) -> Result<(), PublishError> {
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    match certificates.as_deref() {
        Ok([]) => Err(PublishError::setup(
            "there is no certificate: each begins with the line -----BEGIN CERTIFICATE-----",
        )),
        Ok(_) => Ok(()),
        Err(_) => Err(PublishError::setup(
            "a certificate is not readable: each must be whole, in PEM, with its line breaks",
        )),
    }
}

pub(crate) fn check_key(pem: &[u8]) -> Result<(), PublishError> {
    let key = PrivateKeyDer::from_pem_slice(pem);
    key.map(drop).map_err(|_| {
        PublishError::setup(
            "the key of the client certificate is not readable: it must be an unencrypted private \
             key in PEM, with its line breaks",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

    #[test]
    fn an_absent_certificate_and_a_broken_one_have_different_errors() {
        let error = |pem: &str| check_certificates(pem.as_bytes()).unwrap_err().to_string();
        let key = CERTIFICATE.replace("CERTIFICATE", "PRIVATE KEY");
        for absent in ["", "MAA=", &key] {
            assert!(error(absent).starts_with("there is no certificate"));
        }
        let bundle = format!("{CERTIFICATE}{}", CERTIFICATE.replace("MAA=", "M?A="));
        for broken in [bundle, CERTIFICATE.replace('\n', " ")] {
            assert!(error(&broken).starts_with("a certificate is not readable"));
        }
        check_certificates(CERTIFICATE.repeat(2).as_bytes()).unwrap();
    }

    #[test]
    fn the_error_for_an_encrypted_key_asks_for_an_unencrypted_one() {
        let key = |kind: &str| CERTIFICATE.replace("CERTIFICATE", kind);
        let headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMAA=";
        let older = key("RSA PRIVATE KEY").replace("MAA=", headers);
        for encrypted in [key("ENCRYPTED PRIVATE KEY"), older] {
            let error = check_key(encrypted.as_bytes()).unwrap_err();
            assert!(error.to_string().contains("unencrypted private key"));
        }
        for kind in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"] {
            check_key(key(kind).as_bytes()).unwrap();
        }
    }
}
