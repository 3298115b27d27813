use aes::cipher::{BlockModeDecrypt, InnerIvInit, block_padding::NoPadding};

use super::cipher::Cipher;
use super::error::MediaError;
use super::frame::{BLOCK, padding};
use super::key::EncodingAesKey;

/// The block size of AES.
const AES_BLOCK: usize = 16;

/// Decrypts a file that has a key of its own, such as [`BotImage::aes_key`]. Bots get such keys
/// over their long connection (document 101463).
///
/// Pass the `aeskey`, which has 43 characters or, with a `=` at its end, 44. Pass all bytes of the
/// file; they are decrypted in place.
///
/// ```
/// # use base64::{Engine, engine::general_purpose::STANDARD};
/// use tower_wecom::crypto::open_media_with;
///
/// # let downloaded = STANDARD.decode("Oj04MAlomNYrVS6wK6aoTK/aDE9YyaNnZPrXUPVMoLo=")?;
/// let aes_key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2A="; // image.aes_key, exposed
/// assert_eq!(open_media_with(aes_key, downloaded)?, b"a short file");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// [`BotImage::aes_key`]: crate::event::BotImage::aes_key
///
/// # Errors
///
/// If the key is malformed, the length of the file is not a multiple of 32 bytes, or the padding
/// is wrong. Nothing else proves that the key fits the file: with a wrong key, one file in 256
/// decrypts to noise.
pub fn open_media_with(
    aes_key: &str,
    encrypted: impl Into<Vec<u8>>,
) -> Result<Vec<u8>, MediaError> {
    let aes_key = aes_key.trim_ascii();
    let key = match aes_key.len() {
        44 => aes_key.strip_suffix('=').unwrap_or_default(),
        _ => aes_key,
    };
    let key: EncodingAesKey = key.parse().map_err(|_| MediaError::Key)?;
    Cipher::new(&key).open_media(encrypted.into())
}

impl Cipher {
    /// Decrypts a file from the URL in a message to an AI bot, in place (document 100719).
    ///
    /// The file has no frame and no signature. A wrong key is usually found by the padding.
    ///
    /// # Errors
    ///
    /// If the length or the padding is invalid. Never panics.
    pub(crate) fn open_media(&self, mut media: Vec<u8>) -> Result<Vec<u8>, MediaError> {
        let length = media.len();
        if length == 0 || !length.is_multiple_of(BLOCK) {
            return Err(MediaError::Length { length });
        }
        cbc::Decryptor::inner_iv_init(&self.decrypt, (&*self.iv).into())
            .decrypt_padded::<NoPadding>(&mut media)
            .map_err(|_| MediaError::Length { length })?;
        let end = media.last_chunk().ok_or(MediaError::Padding)?;
        let (is_padded, pad) = padding(end);
        if !bool::from(is_padded) {
            return Err(MediaError::Padding);
        }
        media.truncate(length.saturating_sub(usize::from(pad)));
        Ok(media)
    }

    /// Whether the file ends in a valid padding with this key. Decrypts only the end of the file.
    pub(crate) fn pads_media(&self, media: &[u8]) -> bool {
        let Some((head, end)) = media.split_last_chunk::<BLOCK>() else {
            return false;
        };
        let iv = head.last_chunk::<AES_BLOCK>().unwrap_or(&self.iv);
        let mut end = *end;
        cbc::Decryptor::inner_iv_init(&self.decrypt, iv.into())
            .decrypt_padded::<NoPadding>(&mut end)
            .is_ok_and(|end| end.last_chunk().is_some_and(|end| padding(end).0.into()))
    }
}

#[cfg(test)]
mod tests {
    use aes::cipher::BlockModeEncrypt;

    use super::*;

    fn cipher(key: &str) -> Cipher {
        Cipher::new(&key.parse().unwrap())
    }

    fn sealed(cipher: &Cipher, content: &[u8]) -> Vec<u8> {
        let mut buffer = content.to_vec();
        let pad = BLOCK - content.len() % BLOCK;
        buffer.resize(content.len() + pad, u8::try_from(pad).unwrap());
        let whole = buffer.len();
        cbc::Encryptor::inner_iv_init(&cipher.encrypt, (&*cipher.iv).into())
            .encrypt_padded::<NoPadding>(&mut buffer, whole)
            .unwrap()
            .to_vec()
    }

    #[test]
    fn a_file_of_any_length_is_opened_with_its_own_key() {
        let ours = cipher("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C");
        let other = cipher("6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt");
        for length in 0..=65 {
            let content = vec![b'f'; length];
            let media = sealed(&ours, &content);
            assert!(ours.pads_media(&media), "{length}");
            assert!(!other.pads_media(&media), "{length}");
            assert_eq!(other.open_media(media.clone()), Err(MediaError::Padding));
            assert_eq!(ours.open_media(media), Ok(content));
        }
    }

    #[test]
    fn a_file_with_a_key_of_its_own_is_opened_with_either_spelling() {
        let stem = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2";
        let media = sealed(&cipher(&format!("{stem}C")), b"a file");
        let open = |key: &str| open_media_with(key, media.clone());
        for key in ["A", "A=", "C", "C=", "C=\n"] {
            let key = format!(" {stem}{key}");
            assert_eq!(open(&key).as_deref(), Ok(&b"a file"[..]), "{key:?}");
        }
        for key in ["", "=", "C==", "CC", "-", "C=x", "é"] {
            assert_eq!(open(&format!("{stem}{key}")), Err(MediaError::Key), "{key}");
        }
        let other = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt";
        assert_eq!(open(other), Err(MediaError::Padding));
        assert_eq!(
            open_media_with(other, [0; 31]),
            Err(MediaError::Length { length: 31 })
        );
    }

    #[test]
    fn a_file_that_was_cut_is_an_error() {
        let ours = cipher("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C");
        let whole = sealed(&ours, b"a file");
        for length in [0, 1, 16, 31] {
            let cut = whole[..length].to_vec();
            assert!(!ours.pads_media(&cut), "{length}");
            assert_eq!(ours.open_media(cut), Err(MediaError::Length { length }));
        }
    }
}
