use aes::cipher::{BlockModeDecrypt, InnerIvInit, block_padding::NoPadding};

use super::cipher::Cipher;
use super::error::MediaError;
use super::frame::{BLOCK, padding};

/// The block size of AES.
const AES_BLOCK: usize = 16;

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
