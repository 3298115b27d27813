//! The cryptography of WeCom's callbacks, as documents 90968 and 101033 describe it.
//!
//! - **Signature**: SHA-1 over token, timestamp, nonce and ciphertext, sorted by their bytes. It is
//!   written in lower-case hexadecimal digits.
//! - **Key**: 32 bytes. The EncodingAESKey is their base64 text of 43 characters.
//! - **Cipher**: AES-256-CBC. The IV is the first 16 bytes of the key. The padding is PKCS#7 to a
//!   block of *32* bytes.
//! - **Frame**: 16 random bytes, the length of the message in 4 bytes (big-endian), the message,
//!   and the receive id.
//! - **Media** of AI bots: the same cipher over the file, without a frame (document 100719).
//! - **Resource** of payments: AES-256-GCM with the same key (documents 97478, 97335).
//!
//! [`WeComLayer`](crate::WeComLayer) and [`protocol`](crate::protocol) do all of this. Use this
//! module in tools and tests that need a signature or a ciphertext of their own.

mod cipher;
mod error;
mod frame;
mod key;
mod media;
#[cfg(feature = "payment")]
mod resource;
mod signature;

pub use cipher::Cipher;
#[cfg(feature = "payment")]
pub use error::ResourceError;
pub use error::{KeyError, MediaError, OpenError, RandomError, TokenError};
pub use frame::Frame;
pub use key::{EncodingAesKey, Token};
pub use media::open_media_with;
pub use signature::Signature;

pub(crate) use cipher::{check_form, random_bytes};
pub(crate) use frame::{Fault, Plaintext, TAIL};
