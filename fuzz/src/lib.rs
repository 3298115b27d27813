//! Shared by the fuzz targets: a receiver with a known Token and key. So signatures are valid, and
//! the fuzzer reaches the code behind them.

pub mod captures;
pub mod entries;
pub mod frames;
#[path = "../../tests/it/properties/judge.rs"]
pub mod judge;
#[path = "../../tests/it/properties/tree.rs"]
pub mod tree;

// The captures need it.
#[allow(dead_code)]
#[path = "../../crates/tower-wecom-cli/src/time.rs"]
mod time;
mod walk;

pub use walk::walk;

use std::sync::LazyLock;

use aes::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::NoPadding};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tower_wecom::crypto::Signature;
use tower_wecom::test_util::FixedClock;
use tower_wecom::{Config, EncodingAesKey, ReceiveId, Token};

pub const TOKEN: &str = "QDG6eK";
pub const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
pub const CORP: &str = "wx5823bf96d3bd56c7";
pub const NOW: u64 = 1_767_225_605;

pub static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    Config::new(
        TOKEN.parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::exact(CORP),
    )
    .clock(FixedClock::at(NOW))
});

/// The query string of a request with this ciphertext and a valid signature.
pub fn signed_query(encrypted: &str, nonce: &str) -> String {
    let token: Token = TOKEN.parse().unwrap();
    let signature = Signature::new(&token, &NOW.to_string(), nonce, encrypted).to_hex();
    format!("msg_signature={signature}&timestamp={NOW}&nonce={nonce}")
}

/// Encrypts a frame without validating it. The last incomplete block is cut off.
pub fn seal_frame(frame: &[u8]) -> String {
    let key: EncodingAesKey = KEY.parse().unwrap();
    let _ = &key;
    let key = decoded_key();
    let mut buffer = frame[..frame.len() / 16 * 16].to_vec();
    let length = buffer.len();
    let (iv, _) = key.split_at(16);
    let encryptor = cbc::Encryptor::<aes::Aes256>::new_from_slices(&key, iv).unwrap();
    let sealed = encryptor
        .encrypt_padded::<NoPadding>(&mut buffer, length)
        .unwrap();
    BASE64_STANDARD.encode(sealed)
}

fn decoded_key() -> Vec<u8> {
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&base64::alphabet::STANDARD, config)
        .decode(KEY)
        .unwrap()
}

/// A complete frame with a valid padding.
pub fn frame(message: &[u8], receive_id: &[u8]) -> Vec<u8> {
    let mut frame = vec![b'r'; 16];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    frame.extend(receive_id);
    let pad = 32 - frame.len() % 32;
    frame.resize(frame.len() + pad, u8::try_from(pad).unwrap());
    frame
}
