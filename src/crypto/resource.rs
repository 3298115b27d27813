use aes::Aes256Enc;
use aes::cipher::consts::U12;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{AesGcm, Nonce};
use base64::Engine;

use super::cipher::{BASE64, Cipher};
use super::error::ResourceError;

impl Cipher {
    /// Decrypts the `resource` of a payment's notice (documents 97478, 97335, 97338).
    ///
    /// The algorithm is AEAD_AES_256_GCM of RFC 5116 with the EncodingAESKey. The tag is the last
    /// 16 bytes of the ciphertext.
    ///
    /// # Errors
    ///
    /// If the ciphertext is not base64, the nonce does not have 12 bytes, or the tag is wrong.
    /// Never panics.
    pub(crate) fn open_resource(
        &self,
        ciphertext: &str,
        nonce: &str,
        associated_data: &str,
    ) -> Result<Vec<u8>, ResourceError> {
        let sealed = BASE64
            .decode(ciphertext)
            .map_err(|_| ResourceError::Base64)?;
        let nonce = Nonce::try_from(nonce.as_bytes()).map_err(|_| ResourceError::Nonce)?;
        let payload = Payload {
            msg: &sealed,
            aad: associated_data.as_bytes(),
        };
        AesGcm::<Aes256Enc, U12>::from(self.encrypt.clone())
            .decrypt(&nonce, payload)
            .map_err(|_| ResourceError::Tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_opened_with_its_nonce_and_associated_data_alone() {
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
        let cipher = Cipher::new(&key.parse().unwrap());
        let payload = Payload {
            msg: b"a payment",
            aad: b"transaction",
        };
        let nonce = Nonce::try_from(&b"123456789012"[..]).unwrap();
        let sealed = AesGcm::<Aes256Enc, U12>::from(cipher.encrypt.clone())
            .encrypt(&nonce, payload)
            .unwrap();
        let sealed = BASE64.encode(sealed);
        let open = |ciphertext: &str, nonce, data| cipher.open_resource(ciphertext, nonce, data);
        assert_eq!(
            open(&sealed, "123456789012", "transaction"),
            Ok(b"a payment".to_vec())
        );
        for (ciphertext, nonce, data, error) in [
            ("?", "123456789012", "transaction", ResourceError::Base64),
            (&sealed, "12345678901", "transaction", ResourceError::Nonce),
            (&sealed, "123456789013", "transaction", ResourceError::Tag),
            (&sealed, "123456789012", "", ResourceError::Tag),
        ] {
            assert_eq!(open(ciphertext, nonce, data), Err(error), "{error}");
        }
    }
}
