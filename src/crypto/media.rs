use aes::cipher::{BlockModeDecrypt, InnerIvInit, block_padding::NoPadding};

use super::cipher::Cipher;
use super::error::MediaError;
use super::frame::{BLOCK, padding};

/// The block of AES.
const AES_BLOCK: usize = 16;

impl Cipher {
    /// Decrypts a file that was downloaded from the URL in a message to an AI bot (document 100719), in place.
    ///
    /// There is no frame around it and nothing that vouches for it: a wrong key is noticed by the padding, as a rule.
    ///
    /// # Errors
    ///
    /// If the length or the padding is wrong. Never panics.
    pub fn open_media(&self, mut media: Vec<u8>) -> Result<Vec<u8>, MediaError> {
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

    /// Whether the file ends in a padding under this key. Decrypts its end alone.
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
