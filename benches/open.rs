//! Compares the cost of a callback with the unavoidable part of it: `cargo bench --bench open`.
//!
//! It opens callbacks (query, envelope, signature, decryption, tree, typed event, extensions). In
//! turn with that, it runs the primitives alone on the same bytes: SHA-1 over the signed bytes,
//! base64, AES-256-CBC, and the UTF-8 check of body and payload. It prints the nanoseconds of each
//! stage of a create_user callback. Then it prints the whole against the primitives for sizes from
//! 0.2 to 200 KB: messages with one long text, and contacts with more and more fields. The absolute
//! figures depend on the machine; the ratios depend on this crate.

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
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use http::Extensions;
use sha1::{Digest, Sha1};
use tower_wecom::crypto::{Cipher, Signature};
use tower_wecom::payload::Document;
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Callback, Config, Event, ReceiveId, Reply, event};

const TOKEN: &str = "QDG6eK";
const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const CREATE_USER: &str =
    include_str!("../tests/data/samples/self_built/change_contact_create_user.xml");
const MESSAGE: &str = include_str!("../tests/data/samples/message/message_text.xml");

/// The offset of the message in the decrypted frame.
const HEAD: usize = 20;
const NOW: u64 = 1_767_225_605;
const ROUNDS: usize = 400;
/// The index of the row of the primitives.
const FLOOR: usize = 10;
/// How many bytes of payload are opened in a round, so that all sizes take about the same time.
const BYTES_PER_ROUND: usize = 64 * 1024;

fn main() {
    stages();
    println!();
    println!("payload of            bytes    whole ns    floor ns    ratio   median   ns per KB");
    for size in [200, 2_000, 20_000, 64_000, 200_000] {
        compare("one long text", &text(size));
    }
    for size in [2_000, 20_000, 64_000, 200_000] {
        compare("many elements", &contact(size));
    }
}

fn stages() {
    let delivery = Delivery::new(CREATE_USER);
    let Delivery {
        config,
        query,
        body,
        encrypted,
        ..
    } = &delivery;
    let primitives = Primitives::new();
    let cipher = Cipher::new(&KEY.parse().unwrap());
    let token = TOKEN.parse().unwrap();
    let document = Document::parse(CREATE_USER.as_bytes()).unwrap();
    let callback = delivery.open();
    let message = Delivery::new(MESSAGE).open();
    let reply = Reply::text("welcome").unwrap();

    let rows: [(&str, &dyn Fn()); 15] = [
        ("whole, with extensions", &|| {
            drop(black_box(delivery.whole()))
        }),
        ("whole", &|| drop(black_box(delivery.open()))),
        ("  query", &|| drop(black_box(parse_query(query)))),
        ("  envelope", &|| {
            drop(black_box(Envelope::parse(black_box(body.clone()))))
        }),
        ("  signature", &|| {
            black_box(Signature::new(
                &token,
                "1767225605",
                "1234567890",
                black_box(encrypted),
            ));
        }),
        ("  decrypt: base64, AES, frame", &|| {
            drop(black_box(cipher.open(black_box(encrypted))))
        }),
        ("  tree", &|| {
            drop(black_box(Document::parse(black_box(
                CREATE_USER.as_bytes(),
            ))))
        }),
        ("  typed event", &|| {
            drop(black_box(event::parse(black_box(&document))))
        }),
        ("  extensions", &|| {
            drop(black_box(extensions(callback.clone())))
        }),
        ("seal a reply", &|| {
            drop(black_box(protocol::seal(&message, &reply, config.now())))
        }),
        ("primitives together", &|| {
            primitives.all(black_box(&delivery))
        }),
        ("  SHA-1", &|| primitives.sha1(black_box(encrypted))),
        ("  base64", &|| {
            drop(black_box(primitives.base64(black_box(encrypted))))
        }),
        ("  AES-256-CBC", &|| {
            primitives.aes(&mut vec![0; encrypted.len() / 4 * 3])
        }),
        ("  UTF-8", &|| {
            black_box(primitives.utf8(black_box(body)) && primitives.utf8(CREATE_USER.as_bytes()));
        }),
    ];
    let measured = measure(rows.map(|(_, work)| work), 20);
    println!(
        "create_user: payload {} bytes, body {} bytes",
        CREATE_USER.len(),
        body.len()
    );
    println!("{:<32} {:>8} {:>8}", "nanoseconds", "best", "median");
    for ((name, _), Nanoseconds { best, median }) in rows.iter().zip(measured) {
        println!("{name:<32} {best:>8} {median:>8}");
    }
    let floor = measured[FLOOR];
    for (name, whole) in [
        ("ratio, with extensions", measured[0]),
        ("ratio", measured[1]),
    ] {
        let [best, median] = ratios(whole, floor);
        println!("{name:<32} {best:>8.2} {median:>8.2}");
    }
}

fn ratios(whole: Nanoseconds, floor: Nanoseconds) -> [f64; 2] {
    [
        whole.best as f64 / floor.best as f64,
        whole.median as f64 / floor.median as f64,
    ]
}

fn compare(name: &str, payload: &str) {
    let delivery = Delivery::new(payload);
    let primitives = Primitives::new();
    let calls = (BYTES_PER_ROUND / payload.len()).max(1);
    let [whole, floor] = measure(
        [&|| drop(black_box(delivery.whole())), &|| {
            primitives.all(black_box(&delivery))
        }],
        calls,
    );
    let [best, median] = ratios(whole, floor);
    let size = payload.len();
    println!(
        "{name:<18} {size:>8} {:>11} {:>11} {best:>8.2} {median:>8.2} {:>11.0}",
        whole.best,
        floor.best,
        whole.best as f64 * 1000.0 / size as f64
    );
}

/// A text message of about this size.
fn text(size: usize) -> String {
    let head = "<xml><ToUserName><![CDATA[ww1]]></ToUserName><FromUserName><![CDATA[lin]]></FromUserName>\
        <CreateTime>1767225605</CreateTime><MsgType><![CDATA[text]]></MsgType><MsgId>7</MsgId><Content><![CDATA[";
    let tail = "]]></Content></xml>";
    let rest = size.saturating_sub(head.len() + tail.len());
    format!("{head}{}{tail}", "字 and words ".repeat(rest / 14 + 1))
}

/// A contact with as many custom fields as it takes to have about this size.
fn contact(size: usize) -> String {
    let item = "<Item><Name><![CDATA[Locker]]></Name><Type>0</Type><Text><Value><![CDATA[B-114]]></Value></Text></Item>";
    let more = size.saturating_sub(CREATE_USER.len()) / item.len();
    CREATE_USER.replace("</ExtAttr>", &format!("{}</ExtAttr>", item.repeat(more)))
}

#[derive(Clone, Copy)]
struct Nanoseconds {
    best: u128,
    median: u128,
}

struct Delivery {
    config: Config,
    query: String,
    body: Bytes,
    encrypted: String,
    payload_len: usize,
}

impl Delivery {
    fn new(payload: &str) -> Self {
        let config = Config::new(
            TOKEN.parse().unwrap(),
            KEY.parse().unwrap(),
            ReceiveId::exact("ww1"),
        )
        .clock(FixedClock::at(NOW));
        let request = Platform::new(&config).deliver_xml(payload).unwrap();
        let body = Bytes::from(request.body().clone());
        Self {
            config,
            query: request.uri().query().unwrap().to_owned(),
            encrypted: Envelope::parse(body.clone()).unwrap().encrypt().to_owned(),
            payload_len: payload.len(),
            body,
        }
    }

    fn open(&self) -> Callback {
        let query = parse_query(&self.query);
        let envelope = Envelope::parse(black_box(self.body.clone())).unwrap();
        protocol::open(&self.config, &query, &envelope, self.config.now()).unwrap()
    }

    fn whole(&self) -> Extensions {
        extensions(self.open())
    }
}

fn parse_query(query: &str) -> Query<'_> {
    Query::parse(black_box(query), DEFAULT_NONCE_MAX_LEN).unwrap()
}

/// Fills the extensions like the layer.
fn extensions(callback: Callback) -> Extensions {
    let mut extensions = Extensions::new();
    match callback.event() {
        Event::Contact(family) => drop(extensions.insert(family.clone())),
        Event::Message(family) => drop(extensions.insert(family.clone())),
        _ => {}
    }
    extensions.insert(callback);
    extensions
}

/// The nanoseconds of one call of each, in the best twentieth of the rounds and in the median
/// round.
///
/// They alternate, so that the load of the machine affects all of them. It does not affect all of
/// them alike: a neighbour on the same core halves the speed of code with much parallelism, and
/// does not affect SHA-1, which is a chain of dependent instructions. The best rounds had no
/// neighbour.
fn measure<const N: usize>(work: [&dyn Fn(); N], calls: usize) -> [Nanoseconds; N] {
    let mut samples = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (work, samples) in work.iter().zip(&mut samples) {
            let start = Instant::now();
            for _ in 0..calls {
                work();
            }
            samples.push(start.elapsed().as_nanos() / calls as u128);
        }
    }
    samples.map(|mut samples| {
        samples.sort_unstable();
        Nanoseconds {
            best: samples[ROUNDS / 20],
            median: samples[ROUNDS / 2],
        }
    })
}

/// The primitives from the same crates that the library uses, without the library.
struct Primitives {
    engine: Base64,
    cipher: aes::Aes256Dec,
    iv: [u8; 16],
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Base64 = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Base64 = GeneralPurpose;

impl Primitives {
    fn new() -> Self {
        let pad = base64::engine::general_purpose::PAD;
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        let engine = Base64::standard(pad);
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let engine = Base64::new(&STANDARD, pad);
        // The value of the two unused bits does not matter.
        let lenient = GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::RequireNone);
        let key = GeneralPurpose::new(&STANDARD, lenient).decode(KEY).unwrap();
        let key = <[u8; 32]>::try_from(key).unwrap();
        Self {
            engine,
            cipher: aes::Aes256Dec::new(&key.into()),
            iv: *key.first_chunk().unwrap(),
        }
    }

    fn all(&self, delivery: &Delivery) {
        black_box(self.utf8(&delivery.body));
        self.sha1(&delivery.encrypted);
        let mut buffer = self.base64(&delivery.encrypted);
        self.aes(&mut buffer);
        assert!(self.utf8(&buffer[HEAD..HEAD + delivery.payload_len]));
    }

    fn sha1(&self, encrypted: &str) {
        let hash = Sha1::new()
            .chain_update("1767225605")
            .chain_update("1234567890");
        black_box(hash.chain_update(TOKEN).chain_update(encrypted).finalize());
    }

    fn base64(&self, encrypted: &str) -> Vec<u8> {
        self.engine.decode(encrypted).unwrap()
    }

    fn aes(&self, buffer: &mut [u8]) {
        let whole = buffer.len() / 32 * 32;
        let decryptor = cbc::Decryptor::inner_iv_init(&self.cipher, (&self.iv).into());
        decryptor
            .decrypt_padded::<NoPadding>(black_box(&mut buffer[..whole]))
            .unwrap();
    }

    fn utf8(&self, bytes: &[u8]) -> bool {
        str::from_utf8(bytes).is_ok()
    }
}
