use std::fmt;
use std::sync::LazyLock;

use aes::cipher::{
    BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit, block_padding::NoPadding,
};
use aes::{Aes256Dec, Aes256Enc};
use base64::Engine;
use base64::engine::general_purpose::PAD;

use super::error::{OpenError, RandomError};
use super::frame::{BLOCK, Frame, HEAD, PREFIX, Plaintext, REPLY_MARK};
use super::key::EncodingAesKey;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Base64 = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Base64 = base64::engine::GeneralPurpose;

/// Accepts canonical base64 only. This prevents length extension of the signature, because SHA-1's
/// padding is not base64.
pub(super) static BASE64: LazyLock<Base64> = LazyLock::new(|| {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    let engine = Base64::standard(PAD);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let engine = Base64::new(&base64::alphabet::STANDARD, PAD);
    engine
});

/// The cipher of one EncodingAESKey. The key schedule is computed once, and wiped from memory when
/// the value is dropped.
pub struct Cipher {
    pub(super) encrypt: Aes256Enc,
    pub(super) decrypt: Aes256Dec,
    pub(super) iv: zeroize::Zeroizing<[u8; 16]>,
}

impl Cipher {
    /// Computes the key schedule.
    #[must_use]
    pub fn new(key: &EncodingAesKey) -> Self {
        let key = key.as_bytes();
        let (iv, _) = key.split_at(PREFIX);
        let mut first = zeroize::Zeroizing::new([0; 16]);
        first.copy_from_slice(iv);
        Self {
            encrypt: Aes256Enc::new(key.into()),
            decrypt: Aes256Dec::new(key.into()),
            iv: first,
        }
    }

    /// Whether both have the same key. Compares the half of the key that is the IV.
    pub(crate) fn has_key_of(&self, other: &Self) -> bool {
        *self.iv == *other.iv
    }

    /// Decrypts the base64 text of `Encrypt` or `echostr` and returns the parts of its frame.
    ///
    /// This verifies nothing. Check the [`Signature`](super::Signature) before, and the receive id
    /// afterwards.
    ///
    /// # Errors
    ///
    /// If the base64, the length, the padding or the frame is invalid. Never panics.
    pub fn open(&self, encrypted: &str) -> Result<Frame, OpenError> {
        self.decrypt(encrypted)?.any_frame()
    }

    /// Decrypts. The errors depend on the ciphertext only, which the peer knows, and not on the
    /// plaintext.
    pub(crate) fn decrypt(&self, encrypted: &str) -> Result<Plaintext, OpenError> {
        let mut buffer = decode(encrypted)?;
        let length = buffer.len();
        cbc::Decryptor::inner_iv_init(&self.decrypt, (&*self.iv).into())
            .decrypt_padded::<NoPadding>(&mut buffer)
            .map_err(|_| OpenError::CiphertextLength { length })?;
        Plaintext::new(buffer).ok_or(OpenError::CiphertextLength { length })
    }

    /// Encrypts a message for a receive id, with a new random prefix. Returns base64 text.
    ///
    /// # Errors
    ///
    /// If the operating system cannot supply random bytes.
    pub fn seal(&self, message: &[u8], receive_id: &[u8]) -> Result<String, RandomError> {
        Ok(self.dangerous_seal(random_bytes()?, message, receive_id))
    }

    /// [`seal`](Self::seal) with the mark of a reply, so that the receiver recognises it if an
    /// attacker sends it back as a request.
    pub(crate) fn seal_reply(
        &self,
        message: &[u8],
        receive_id: &[u8],
    ) -> Result<String, RandomError> {
        let mut prefix: [u8; PREFIX] = random_bytes()?;
        if let Some(end) = prefix.last_chunk_mut() {
            *end = REPLY_MARK;
        }
        Ok(self.dangerous_seal(prefix, message, receive_id))
    }

    /// [`seal`](Self::seal) with a given prefix, to reproduce test vectors.
    ///
    /// The IV is fixed. So without a random prefix, equal messages have equal ciphertexts.
    #[must_use]
    pub fn dangerous_seal(&self, prefix: [u8; 16], message: &[u8], receive_id: &[u8]) -> String {
        // A message never has 4 GiB: WeCom accepts 2 KiB, and the memory would not suffice.
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        let mut buffer = Vec::with_capacity(
            HEAD.saturating_add(message.len())
                .saturating_add(receive_id.len())
                .saturating_add(BLOCK),
        );
        buffer.extend_from_slice(&prefix);
        buffer.extend_from_slice(&length.to_be_bytes());
        buffer.extend_from_slice(message);
        buffer.extend_from_slice(receive_id);
        pad(&mut buffer);
        let whole = buffer.len();
        let sealed = cbc::Encryptor::inner_iv_init(&self.encrypt, (&*self.iv).into())
            .encrypt_padded::<NoPadding>(&mut buffer, whole);
        sealed.map(|bytes| BASE64.encode(bytes)).unwrap_or_default()
    }
}

/// Whether a text can be a ciphertext at all: canonical base64 of a positive multiple of 32 bytes.
///
/// It needs no key and reveals nothing.
pub(crate) fn check_form(encrypted: &str) -> Result<(), OpenError> {
    decode(encrypted).map(drop)
}

fn decode(encrypted: &str) -> Result<Vec<u8>, OpenError> {
    let buffer = BASE64.decode(encrypted).map_err(|_| OpenError::Base64)?;
    let length = buffer.len();
    if length == 0 || !length.is_multiple_of(BLOCK) {
        return Err(OpenError::CiphertextLength { length });
    }
    Ok(buffer)
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher(..)")
    }
}

/// New random bytes from the operating system.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(RandomError)?;
    Ok(bytes)
}

/// Pads to 32 bytes by PKCS#7. A buffer that is aligned already gets a whole block.
fn pad(buffer: &mut Vec<u8>) {
    let whole = (buffer.len() / BLOCK)
        .saturating_add(1)
        .saturating_mul(BLOCK);
    let pad = whole.saturating_sub(buffer.len());
    buffer.resize(whole, u8::try_from(pad).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

    fn cipher() -> Cipher {
        Cipher::new(&KEY.parse().unwrap())
    }

    /// Encrypts a frame that can be invalid.
    fn seal_frame(frame: &[u8]) -> String {
        let cipher = cipher();
        let mut buffer = frame.to_vec();
        let length = buffer.len();
        let sealed = cbc::Encryptor::inner_iv_init(&cipher.encrypt, (&*cipher.iv).into())
            .encrypt_padded::<NoPadding>(&mut buffer, length)
            .unwrap();
        BASE64.encode(sealed)
    }

    #[test]
    fn all_32_residues_of_the_padding_are_opened() {
        for length in 0..64 {
            let message = vec![b'm'; length];
            let sealed = cipher().seal(&message, b"ww1").unwrap();
            let frame = cipher().open(&sealed).unwrap();
            assert_eq!(
                (&frame.message[..], &frame.receive_id[..]),
                (&message[..], &b"ww1"[..])
            );
        }
    }

    #[test]
    fn every_pad_byte_is_checked() {
        for pad in 1..=32_u8 {
            let length = 64 - usize::from(pad);
            let mut frame = vec![0; length];
            frame[16..20].copy_from_slice(&u32::try_from(length - 20).unwrap().to_be_bytes());
            frame.resize(64, pad);
            assert!(cipher().open(&seal_frame(&frame)).is_ok(), "pad {pad}");
            for wrong in length..63 {
                let mut frame = frame.clone();
                frame[wrong] ^= 1;
                let error = cipher().open(&seal_frame(&frame)).unwrap_err();
                assert_eq!(error, OpenError::Padding, "pad {pad}, byte {wrong}");
            }
        }
        for last in [0, 33, 64, 128, 255] {
            let error = cipher().open(&seal_frame(&[last; 64])).unwrap_err();
            assert_eq!(error, OpenError::Padding, "last byte {last}");
        }
    }

    #[test]
    fn a_length_beyond_the_frame_is_an_error() {
        for length in [13_u32, 0x7fff_ffff, 0x8000_0000, 0xffff_ffec, 0xffff_ffff] {
            let mut frame = vec![0; 32];
            frame[16..20].copy_from_slice(&length.to_be_bytes());
            frame.resize(64, 32);
            assert_eq!(
                cipher().open(&seal_frame(&frame)).unwrap_err(),
                OpenError::Length
            );
        }
        for length in 0..20_u8 {
            let mut frame = vec![0; usize::from(length)];
            frame.resize(32, 32 - length);
            assert_eq!(
                cipher().open(&seal_frame(&frame)).unwrap_err(),
                OpenError::Length
            );
        }
    }

    #[test]
    fn base64_is_canonical_or_refused() {
        let sealed = cipher().seal(b"1234567", b"ww1").unwrap();
        let last = sealed.trim_end_matches('=').chars().last().unwrap();
        let rows = [
            sealed.trim_end_matches('=').to_owned(),
            format!("{sealed}="),
            format!("{sealed}\n"),
            format!(" {sealed}"),
            sealed.replacen(last, "!", 1),
            format!("{}\n{}", &sealed[..8], &sealed[8..]),
            "A".to_owned(),
            // The last digit before `=` has spare bits, which must be zero.
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=".to_owned(),
        ];
        for text in rows {
            assert_eq!(
                cipher().open(&text).unwrap_err(),
                OpenError::Base64,
                "{text}"
            );
        }
        for (text, length) in [("", 0), ("AAAA", 3), ("AAAAAAAAAAAAAAAAAAAAAA==", 16)] {
            let error = cipher().open(text).unwrap_err();
            assert_eq!(error, OpenError::CiphertextLength { length });
        }
    }

    #[test]
    fn equal_messages_look_different() {
        let once = cipher().seal(b"hello", b"ww1").unwrap();
        assert_ne!(once, cipher().seal(b"hello", b"ww1").unwrap());
    }

    #[test]
    fn nothing_secret_is_shown() {
        let frame = cipher()
            .open(&cipher().seal(b"hello", b"ww1").unwrap())
            .unwrap();
        assert_eq!(
            format!("{:?} {frame:?}", cipher()),
            "Cipher(..) Frame { message: 5, .. }"
        );
    }
}
