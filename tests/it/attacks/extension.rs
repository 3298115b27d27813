//! Length extension: SHA-1's digest is its state. A peer that has the signature of a text can sign
//! a longer text that begins with it.

use http::Request;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Captured, captures};
use crate::support::{Recorder, TOKEN, config};

#[tokio::test]
async fn three_thousand_extended_hashes_get_nobody_in() {
    let recorder = Recorder::default();
    let (mut attempts, mut right_guesses) = (0, 0);
    for captured in captures(60) {
        for token_length in 1..=10 {
            for (at_nonce, suffix) in [
                (false, "AAAA"),
                (false, "=".repeat(4).as_str()),
                (true, "0"),
                (false, ""),
            ]
            .into_iter()
            .chain([(true, "AAAA")])
            {
                let extended = extend(&captured, token_length, suffix.as_bytes());
                right_guesses += usize::from(token_length == TOKEN.len());
                attempts += 2;
                for request in extended.requests(at_nonce) {
                    let answer = recorder.send(config(), request).await;
                    assert!(answer.status.is_client_error(), "{}", answer.status);
                }
            }
        }
    }
    assert_eq!(recorder.count(), 0);
    assert!(
        attempts >= 3_000 && right_guesses >= 300,
        "{attempts} attempts, {right_guesses} right guesses"
    );
}

/// A signature for the signed bytes, SHA-1's padding and a suffix, computed without the Token.
struct Extended {
    captured: Captured,
    signature: String,
    tail: Vec<u8>,
}

fn extend(captured: &Captured, token_length: usize, suffix: &[u8]) -> Extended {
    let hashed =
        token_length + captured.timestamp.len() + captured.nonce.len() + captured.encrypt.len();
    let mut tail = vec![0x80];
    tail.resize(1 + (119 - hashed % 64) % 64, 0);
    tail.extend_from_slice(&(hashed as u64 * 8).to_be_bytes());
    let blocks_before = hashed + tail.len();
    assert_eq!(blocks_before % 64, 0);
    tail.extend_from_slice(suffix);

    let mut state = [0_u32; 5];
    for (word, hex) in state
        .iter_mut()
        .zip(captured.signature.as_bytes().chunks(8))
    {
        *word = u32::from_str_radix(str::from_utf8(hex).unwrap(), 16).unwrap();
    }
    let mut block = [0; 64];
    block[..suffix.len()].copy_from_slice(suffix);
    block[suffix.len()] = 0x80;
    block[56..].copy_from_slice(&((blocks_before + suffix.len()) as u64 * 8).to_be_bytes());
    sha1::block_api::compress(&mut state, &[block]);
    let signature = state.iter().map(|word| format!("{word:08x}")).collect();
    Extended {
        captured: captured.clone(),
        signature,
        tail,
    }
}

impl Extended {
    /// A delivery and a URL check. The tail comes after the nonce or after the ciphertext.
    fn requests(&self, at_nonce: bool) -> [Request<String>; 2] {
        let Captured {
            timestamp,
            nonce,
            encrypt,
            ..
        } = &self.captured;
        let tail: String = self
            .tail
            .iter()
            .map(|byte| format!("%{byte:02x}"))
            .collect();
        let lossy = percent_decode_str(&tail).decode_utf8_lossy();
        let (nonce_tail, tail, lossy) = if at_nonce {
            (tail.as_str(), "", "")
        } else {
            ("", tail.as_str(), &*lossy)
        };
        let query = format!(
            "msg_signature={}&timestamp={timestamp}&nonce={nonce}{nonce_tail}",
            self.signature
        );
        let echostr = utf8_percent_encode(encrypt, NON_ALPHANUMERIC);
        let body = format!("<xml><Encrypt><![CDATA[{encrypt}{lossy}]]></Encrypt></xml>");
        [
            Request::post(format!("/wecom?{query}")).body(body).unwrap(),
            Request::get(format!("/wecom?{query}&echostr={echostr}{tail}"))
                .body(String::new())
                .unwrap(),
        ]
    }
}

#[test]
fn the_extension_in_the_test_is_a_real_one() {
    let captured = captures(3).remove(2);
    let parts = [
        TOKEN,
        &captured.timestamp,
        &captured.nonce,
        &captured.encrypt,
    ];
    let mut sorted = parts;
    sorted.sort_unstable();
    let extended = extend(&captured, TOKEN.len(), b"AAAA");
    let mut hash = <sha1::Sha1 as sha1::Digest>::new();
    for part in sorted {
        sha1::Digest::update(&mut hash, part);
    }
    sha1::Digest::update(&mut hash, &extended.tail);
    let digest = sha1::Digest::finalize(hash);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, extended.signature);
}
