//! What a callback costs beside what nobody can save: `cargo bench`.
//!
//! Opens a create_user callback of 1.9 KB (query, envelope, signature, decryption, tree, typed event) and, in turn with it
//! and on the same bytes, runs the primitives alone: SHA-1 over what is signed, base64, AES-256-CBC. Prints the median
//! nanoseconds of each and the ratio of the two. The absolute figures are the machine's; the ratio is ours.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and its input is its own"
)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing
)]

use std::hint::black_box;
use std::time::Instant;

use aes::cipher::{BlockModeDecrypt, InnerIvInit, KeyInit, block_padding::NoPadding};
use base64::Engine;
use bytes::Bytes;
use sha1::{Digest, Sha1};
use tower_wecom::payload::Document;
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::query::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Config, ReceiveId, event};

const TOKEN: &str = "QDG6eK";
const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const CREATE_USER: &str =
    include_str!("../tests/data/samples/self_built/change_contact_create_user.xml");

const ROUNDS: usize = 400;
const CALLS_PER_ROUND: u32 = 250;

fn main() {
    let config = Config::new(
        TOKEN.parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::exact("ww1"),
    )
    .clock(FixedClock::at(1_767_225_605));
    let request = Platform::new(&config).deliver_xml(CREATE_USER).unwrap();
    let query = request.uri().query().unwrap();
    let body = Bytes::from(request.body().clone());
    let envelope = Envelope::parse(body.clone()).unwrap();
    let encrypted = envelope.encrypt().to_owned();

    let open = || {
        let query = Query::parse(black_box(query), DEFAULT_NONCE_MAX_LEN).unwrap();
        let envelope = Envelope::parse(black_box(body.clone())).unwrap();
        protocol::open(&config, &query, &envelope, config.now()).unwrap()
    };
    let primitives = Primitives::new();
    let document = Document::parse(CREATE_USER.as_bytes()).unwrap();

    let [whole, floor, sha1, base64, aes, outer, tree, typed] = medians([
        &|| drop(black_box(open())),
        &|| drop(black_box(primitives.all(black_box(&encrypted)))),
        &|| drop(black_box(primitives.sha1(black_box(&encrypted)))),
        &|| drop(black_box(primitives.base64(black_box(&encrypted)))),
        &|| drop(black_box(primitives.aes(vec![0; encrypted.len() / 4 * 3]))),
        &|| drop(black_box(Envelope::parse(black_box(body.clone())))),
        &|| {
            drop(black_box(Document::parse(black_box(
                CREATE_USER.as_bytes(),
            ))))
        },
        &|| drop(black_box(event::parse(black_box(&document)))),
    ]);

    println!(
        "create_user: payload {} bytes, body {} bytes",
        CREATE_USER.len(),
        body.len()
    );
    println!("open and parse             {whole:>7} ns");
    println!("  of this: envelope        {outer:>7} ns");
    println!("  of this: tree            {tree:>7} ns");
    println!("  of this: typed event     {typed:>7} ns");
    println!("primitives together        {floor:>7} ns");
    println!("  SHA-1                    {sha1:>7} ns");
    println!("  base64                   {base64:>7} ns");
    println!("  AES-256-CBC              {aes:>7} ns");
    println!(
        "ratio                      {:>7.2}",
        whole as f64 / floor as f64
    );
}

/// The median nanoseconds of one call of each, measured in turn, so that the machine's moods meet all of them.
fn medians<const N: usize>(work: [&dyn Fn(); N]) -> [u64; N] {
    let mut samples = work.map(|_| Vec::with_capacity(ROUNDS));
    for _ in 0..ROUNDS {
        for (work, samples) in work.iter().zip(&mut samples) {
            let start = Instant::now();
            for _ in 0..CALLS_PER_ROUND {
                work();
            }
            samples.push(start.elapsed().as_nanos() / u128::from(CALLS_PER_ROUND));
        }
    }
    samples.map(|mut samples| {
        samples.sort_unstable();
        u64::try_from(samples[ROUNDS / 2]).unwrap()
    })
}

/// The same crates that the library uses, without the library.
struct Primitives {
    engine: Base64,
    cipher: aes::Aes256Dec,
    iv: [u8; 16],
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Base64 = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Base64 = base64::engine::GeneralPurpose;

impl Primitives {
    fn new() -> Self {
        let pad = base64::engine::general_purpose::PAD;
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        let engine = Base64::standard(pad);
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let engine = Base64::new(&base64::alphabet::STANDARD, pad);
        Self {
            engine,
            cipher: aes::Aes256Dec::new(&[7; 32].into()),
            iv: [7; 16],
        }
    }

    fn all(&self, encrypted: &str) -> (Vec<u8>, Vec<u8>) {
        (self.sha1(encrypted), self.aes(self.base64(encrypted)))
    }

    fn sha1(&self, encrypted: &str) -> Vec<u8> {
        let hash = Sha1::new()
            .chain_update("1767225605")
            .chain_update("1234567890");
        hash.chain_update(TOKEN)
            .chain_update(encrypted)
            .finalize()
            .to_vec()
    }

    fn base64(&self, encrypted: &str) -> Vec<u8> {
        self.engine.decode(encrypted).unwrap()
    }

    fn aes(&self, mut buffer: Vec<u8>) -> Vec<u8> {
        let whole = buffer.len() / 32 * 32;
        let decryptor = cbc::Decryptor::inner_iv_init(&self.cipher, (&self.iv).into());
        decryptor
            .decrypt_padded::<NoPadding>(&mut buffer[..whole])
            .unwrap();
        buffer
    }
}
