//! Builds requests with one error. All have the same length, and everything else is random.

use aes::Aes256Enc;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::alphabet::STANDARD as STANDARD_ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use tower_wecom::Token;
use tower_wecom::crypto::Signature;

use crate::random::Random;

pub(crate) const TOKEN: &str = "QDG6eK";
pub(crate) const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
pub(crate) const CORP: &str = "wx5823bf96d3bd56c7";
pub(crate) const NOW: u64 = 1_767_225_605;
/// The length of the decrypted frame with its padding, in bytes. It is that of a short event.
const FRAME: usize = 320;
const HEAD: usize = 20;
const BLOCK: usize = 32;

/// The place of the error. Everything before it is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The first digit of the signature.
    FirstDigit,
    /// The last digit of the signature.
    LastDigit,
    /// The padding.
    Padding,
    /// The length in the frame.
    Length,
    /// The receive id.
    ReceiveId,
}

/// A request as it is on the wire.
#[derive(Debug)]
pub(crate) struct Forged {
    pub(crate) query: String,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Forge {
    token: Token,
    key: [u8; 32],
}

impl Forge {
    pub(crate) fn new() -> Self {
        Self {
            token: TOKEN.parse().unwrap(),
            key: key_bytes(),
        }
    }

    pub(crate) fn request(&self, class: Class, random: &mut Random) -> Forged {
        let mut frame = frame(class, random);
        let (key, iv) = (&self.key.into(), self.key.first_chunk::<16>().unwrap());
        let sealed = cbc::Encryptor::<Aes256Enc>::new(key, iv.into())
            .encrypt_padded::<NoPadding>(&mut frame, FRAME)
            .unwrap();
        let encrypted = STANDARD.encode(sealed);
        let nonce = (1_000_000_000 + random.below(1_000_000_000)).to_string();
        let signature = Signature::new(&self.token, &NOW.to_string(), &nonce, &encrypted);
        let signature = wrong(class, signature.to_hex(), random);
        Forged {
            query: format!("msg_signature={signature}&timestamp={NOW}&nonce={nonce}"),
            body: format!("<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>")
                .into_bytes(),
        }
    }
}

pub(crate) fn key_bytes() -> [u8; 32] {
    // 43 characters have two unused bits, which a strict decoder would reject.
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let lenient = GeneralPurpose::new(&STANDARD_ALPHABET, config);
    lenient.decode(KEY).unwrap().try_into().unwrap()
}

fn wrong(class: Class, mut signature: String, random: &mut Random) -> String {
    let place = match class {
        Class::FirstDigit => 0,
        Class::LastDigit => signature.len() - 1,
        Class::Padding | Class::Length | Class::ReceiveId => return signature,
    };
    let digit = u32::from_str_radix(&signature[place..=place], 16).unwrap();
    let other = digit ^ (1 + random.below(15) as u32);
    let other = char::from_digit(other, 16).unwrap().to_string();
    signature.replace_range(place..=place, &other);
    signature
}

fn frame(class: Class, random: &mut Random) -> Vec<u8> {
    let pad = 1 + random.below(BLOCK);
    let end = FRAME - pad;
    let mut frame = vec![0; FRAME];
    random.fill(&mut frame[..end]);
    frame[end..].fill(pad as u8);
    let message = end - HEAD - CORP.len();
    frame[HEAD + message..end].copy_from_slice(CORP.as_bytes());
    let length = match class {
        Class::Length => wrong_length(end - HEAD, random),
        Class::ReceiveId => return wrong_receive_id(frame, message, end, random),
        _ => message as u32,
    };
    frame[16..HEAD].copy_from_slice(&length.to_be_bytes());
    if class == Class::Padding {
        spoil_padding(&mut frame, end, random);
    }
    frame
}

/// A length that exceeds the rest of the frame: by a little, by much, or by the maximum.
fn wrong_length(left: usize, random: &mut Random) -> u32 {
    match random.below(3) {
        0 => (left + 1 + random.below(64)) as u32,
        1 => random.next() as u32 | 0x0001_0000,
        _ => u32::MAX,
    }
}

/// A wrong receive id: it differs in a byte, is shorter, is longer, or is empty.
fn wrong_receive_id(
    mut frame: Vec<u8>,
    message: usize,
    end: usize,
    random: &mut Random,
) -> Vec<u8> {
    let length = match random.below(4) {
        0 => {
            frame[HEAD + message + random.below(CORP.len())] ^= 1;
            message
        }
        1 => message + 1 + random.below(CORP.len() - 1),
        2 => message - 1 - random.below(80),
        _ => end - HEAD,
    };
    frame[16..HEAD].copy_from_slice(&(length as u32).to_be_bytes());
    frame
}

/// A wrong padding: none, longer than a block, or with one wrong byte.
fn spoil_padding(frame: &mut [u8], end: usize, random: &mut Random) {
    let last = FRAME - 1;
    match random.below(3) {
        0 => frame[last] = 0,
        1 => frame[last] = (BLOCK + 1 + random.below(255 - BLOCK)) as u8,
        _ if end == last => frame[last] = 0,
        _ => frame[end + random.below(last - end)] ^= 1,
    }
}
