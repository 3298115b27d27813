//! The instructions of each stage of a callback: `.ci/instructions`.
//!
//! valgrind has no SHA-NI, so that SHA-1 is counted in software, about 43,000 instructions for 2 KB: `signature` has it alone,
//! to be taken off `whole`. AES and base64 are counted as they run, with AES-NI and AVX2.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench, whose input is its own"
)]
#![allow(unused_qualifications, reason = "what the macros of gungraun write")]

use std::hint::black_box;

use bench_instructions::{CREATE_USER, Delivery, text};
use gungraun::prelude::*;
use tower_wecom::crypto::{Cipher, Frame, Signature};
use tower_wecom::payload::Document;
use tower_wecom::protocol::{self, Envelope, SealedReply};
use tower_wecom::{Callback, Reply, event};

/// What is made once per process, such as the tables of base64 and the features of the machine, is not counted.
fn warm(payload: &str) -> Delivery {
    let delivery = Delivery::new(payload);
    let callback = delivery.open();
    let _ = protocol::seal(&callback, &Reply::text("welcome").unwrap(), 1_767_225_605);
    delivery
}

fn create_user() -> Delivery {
    warm(CREATE_USER)
}

fn long_text() -> Delivery {
    warm(&text(64_000))
}

fn ciphertext() -> (Cipher, String) {
    let delivery = create_user();
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        .parse()
        .unwrap();
    (
        Cipher::new(&key),
        delivery.parse_envelope().encrypt().to_owned(),
    )
}

fn document() -> Document {
    let _ = create_user();
    Document::parse(CREATE_USER.as_bytes()).unwrap()
}

fn callback() -> (Callback, Reply) {
    (create_user().open(), Reply::text("welcome").unwrap())
}

// Each is counted with what it drops: that is a part of its price.

#[library_benchmark]
#[bench::create_user(create_user())]
#[bench::text_64_kb(long_text())]
fn whole(delivery: Delivery) -> Delivery {
    drop(black_box(black_box(&delivery).open()));
    delivery
}

#[library_benchmark]
#[bench::create_user(create_user())]
fn query(delivery: Delivery) -> Delivery {
    drop(black_box(black_box(&delivery).parse_query()));
    delivery
}

#[library_benchmark]
#[bench::create_user(create_user())]
fn envelope(delivery: Delivery) -> Delivery {
    let envelope: Envelope = black_box(black_box(&delivery).parse_envelope());
    drop(envelope);
    delivery
}

#[library_benchmark]
#[bench::create_user(ciphertext())]
fn signature((cipher, encrypted): (Cipher, String)) -> (Cipher, String, Signature) {
    let token = "QDG6eK".parse().unwrap();
    let signature = Signature::new(&token, "1767225605", "1234567890", black_box(&encrypted));
    (cipher, encrypted, signature)
}

#[library_benchmark]
#[bench::create_user(ciphertext())]
fn decrypt((cipher, encrypted): (Cipher, String)) -> (Cipher, String) {
    let frame: Frame = black_box(cipher.open(black_box(&encrypted)).unwrap());
    drop(frame);
    (cipher, encrypted)
}

#[library_benchmark]
#[bench::create_user(create_user())]
fn tree(delivery: Delivery) -> Delivery {
    drop(black_box(Document::parse(black_box(
        CREATE_USER.as_bytes(),
    ))));
    delivery
}

#[library_benchmark]
#[bench::create_user(document())]
fn typed(document: Document) -> Document {
    drop(black_box(event::parse(black_box(&document))));
    document
}

#[library_benchmark]
#[bench::text_reply(callback())]
fn seal((callback, reply): (Callback, Reply)) -> (Callback, Reply, SealedReply) {
    let answer = protocol::seal(&callback, &reply, 1_767_225_605).unwrap();
    (callback, reply, answer)
}

library_benchmark_group!(
    name = stages,
    benchmarks = [
        whole, query, envelope, signature, decrypt, tree, typed, seal
    ]
);
main!(library_benchmark_groups = stages);
