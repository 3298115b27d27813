//! Counts the allocations of a callback. A separate test binary, because it replaces the allocator.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::{AllocationInfo, measure};
use bench_instructions::{CREATE_USER, Delivery, text};
use tower::{Service, service_fn};
use tower_wecom::event::{self, ContactEvent, Message};
use tower_wecom::payload::Document;
use tower_wecom::test_util::{Platform, Sample};
use tower_wecom::{Callback, Config, Event, ReceiveId, TenantTable, Tenants, WeComLayer};

/// The allocations beside the event: the decrypted text, its reference count, the tree, and the
/// callback itself.
const OWN: u64 = 4;

fn opened(payload: &str) -> (AllocationInfo, Callback) {
    let delivery = Delivery::new(payload);
    // Allocations that happen once per process do not count.
    drop(delivery.open());
    let mut callback = None;
    let info = measure(|| callback = Some(delivery.open()));
    (info, callback.expect("it was opened"))
}

/// The allocations of the event: the event itself, its texts and lists, and those of the header.
fn of_event(callback: &Callback) -> u64 {
    let event = measure(|| match callback.event() {
        Event::Contact(ContactEvent::CreateUser(user)) => drop(Box::new((**user).clone())),
        Event::Message(Message::Text(text)) => drop(Box::new((**text).clone())),
        other => panic!("{other:?} is another event"),
    });
    let header = measure(|| drop(callback.header().clone()));
    event.count_total + header.count_total
}

#[test]
fn a_callback_takes_four_pieces_of_memory_beside_its_event() {
    for payload in [CREATE_USER, &text(2_000), &text(64_000)] {
        let (info, callback) = opened(payload);
        let beside = info.count_total - of_event(&callback);
        let kind = callback.kind();
        println!(
            "{kind}: {} in all, {beside} beside the event",
            info.count_total
        );
        assert!(beside <= OWN, "{kind}: {beside}");
    }
}

/// Every callback that WeCom documents, and each in the form in which it is sent.
#[test]
fn no_shape_takes_more_than_four_pieces_of_memory_beside_its_event() {
    let mut above = Vec::new();
    for sample in Sample::all() {
        let payload = sample.payload();
        let document = Document::parse(payload.as_bytes()).expect("a document");
        let event = measure(|| drop(event::parse(&document)));
        let (info, _) = opened(payload);
        let beside = info.count_total - event.count_total;
        if beside > OWN {
            above.push(format!("{}: {beside}", sample.name()));
        }
    }
    assert!(above.is_empty(), "{above:#?}");
}

#[test]
fn nothing_is_left_behind() {
    let delivery = Delivery::new(CREATE_USER);
    drop(delivery.open());
    let info = measure(|| drop(delivery.open()));
    assert_eq!((info.count_current, info.bytes_current), (0, 0));
}

#[test]
fn the_memory_of_a_callback_is_a_small_multiple_of_its_text() {
    let (info, callback) = opened(&text(64_000));
    let (bytes, size) = (
        info.bytes_max,
        u64::try_from(callback.payload().len()).unwrap(),
    );
    assert!(bytes < 3 * size, "{bytes} bytes for {size}");
}

/// What a URL check of a stranger takes where this many tenants have to be tried.
fn stranger_among(tenants: usize) -> u64 {
    let config = |token: &str| {
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse();
        let key = key.expect("a key");
        Config::new(token.parse().expect("a Token"), key, ReceiveId::empty())
    };
    let ours = config("QDG6eK");
    let rows = (0..tenants).map(|_| ours.clone());
    let table = rows.fold(TenantTable::new(), TenantTable::add_fallback);
    let inner = service_fn(async |_| Ok::<_, String>(http::Response::new(String::new())));
    let mut service = WeComLayer::new(Tenants::by_envelope(table)).layer(inner);
    let request = Platform::new(&config("stranger")).url_check("7");
    let request = request.expect("a request");
    let info = measure(|| {
        let answer = pin!(service.call(request));
        let Poll::Ready(Ok(response)) = answer.poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("a URL check waits for nothing");
        };
        assert_eq!(response.status(), 403);
    });
    info.count_total
}

#[test]
fn a_look_up_among_tenants_takes_no_memory_for_each_of_them() {
    stranger_among(1);
    let (few, many) = (stranger_among(10), stranger_among(10_000));
    // The random parts of the request may make one text or another a little longer.
    assert!(many < few + 10, "{few} for 10 tenants, {many} for 10,000");
}
