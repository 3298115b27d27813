//! The cryptography of WeCom's callbacks, as documents 90968 and 101033 describe it.
//!
//! - **Signature**: lower-case hexadecimal SHA-1 over the byte-wise sorted list of token, timestamp, nonce and ciphertext.
//! - **Key**: the base64 text EncodingAESKey of 43 characters; 32 bytes.
//! - **Cipher**: AES-256-CBC, the IV being the first 16 bytes of the key, PKCS#7 to a block of *32* bytes.
//! - **Frame**: 16 random bytes, the length of the message in 4 bytes (big-endian), the message, the receive id.
//! - **Media** of AI bots: the same cipher over the file, without a frame (document 100719).
//! - **Resource** of payments: AES-256-GCM under the same key (documents 97478, 97335).
//!
//! Most people never need this module: [`protocol`](crate::protocol) and [`WeComLayer`](crate::WeComLayer) do all of it.

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
pub use signature::Signature;

pub(crate) use cipher::{check_form, random_bytes};
pub(crate) use frame::{Fault, Plaintext, TAIL};
