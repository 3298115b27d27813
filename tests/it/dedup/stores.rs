//! `MemoryStore`: the contract of stores, and its limits.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response};
use tower_wecom::dedup::{Claim, ClaimToken, DedupKey, KeptAnswer, MemoryStore, Store};
use tower_wecom::test_util::store_contract;
use tower_wecom::{Callback, RequestBody, WeComLayer};

use crate::support::{Trace, answer, config};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_memory_keeps_the_contract() {
    store_contract(async || MemoryStore::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract_when_it_is_shared_by_threads() {
    let shared = MemoryStore::new();
    store_contract(async || shared.clone()).await;
}

#[tokio::test]
async fn the_memory_is_bounded_and_never_forgets_what_is_running() {
    let store = MemoryStore::with_capacity(1024 * 1024);
    let running = (0..100).map(|number| (key(1_000_000 + number), ClaimToken::new(number.into())));
    for (key, token) in running.clone() {
        let claim = store.claim(key, token, MINUTE).await.unwrap();
        assert_eq!(claim, Claim::Granted);
    }
    let mut most = 0;
    for number in 0..50_000 {
        let (key, token) = (key(number), ClaimToken::new(1));
        assert_eq!(
            store.claim(key, token, MINUTE).await.unwrap(),
            Claim::Granted
        );
        assert!(
            store
                .commit(key, token, KeptAnswer::ack(), MINUTE)
                .await
                .unwrap()
        );
        most = most.max(store.len());
    }
    assert!(most < 1024 * 1024 / 150, "{most} entries");
    for (key, _) in running {
        let claim = store
            .claim(key, ClaimToken::new(999), MINUTE)
            .await
            .unwrap();
        assert_eq!(claim, Claim::Running);
    }
    // It remembers the newest callbacks and forgets the oldest.
    for (number, expected) in [
        (49_999, Claim::Finished(KeptAnswer::ack())),
        (48_000, Claim::Finished(KeptAnswer::ack())),
        (0, Claim::Granted),
    ] {
        let claim = store
            .claim(key(number), ClaimToken::new(2), MINUTE)
            .await
            .unwrap();
        assert_eq!(claim, expected, "{number}");
    }
}

#[test]
fn keys_tokens_and_answers_have_a_form_for_stores_elsewhere() {
    let bytes = std::array::from_fn(|index| u8::try_from(index).unwrap());
    let key = DedupKey::from_bytes(bytes);
    let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    assert_eq!((key.as_bytes(), &*key.to_string()), (&bytes, hex));
    assert_eq!(format!("{key:?}"), format!("DedupKey({hex})"));

    let token = ClaimToken::new(0xfeed);
    let hex = "0000000000000000000000000000feed";
    assert_eq!((token.get(), &*token.to_string()), (0xfeed, hex));
    assert_eq!(format!("{token:?}"), format!("ClaimToken({hex})"));

    let marked = b"io0123456789abcdefthello";
    for written in [&b"a"[..], b"u", b"t", b"thello", b"ia", marked] {
        let answer = KeptAnswer::from_bytes(written).unwrap();
        assert_eq!(answer.to_bytes(), written);
    }
    for unreadable in [&b""[..], b"b", b"a ", b"t\xff", b"i", b"iia", b"o7a"] {
        let error = KeptAnswer::from_bytes(unreadable).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the kept answer is unreadable: ")
        );
    }
}

async fn finish(store: &MemoryStore, number: u32, answer: KeptAnswer) {
    let token = ClaimToken::new(number.into());
    store.claim(key(number), token, MINUTE).await.unwrap();
    store
        .commit(key(number), token, answer, MINUTE)
        .await
        .unwrap();
}

/// 64 MiB are enough for fifteen times as many.
#[tokio::test]
async fn by_default_it_remembers_at_least_20_000_callbacks() {
    let store = MemoryStore::new();
    assert!(store.is_empty());
    for number in 0..20_000 {
        finish(&store, number, KeptAnswer::ack()).await;
    }
    assert!(!store.is_empty());
    assert_eq!(store.len(), 20_000);
}

/// An entry without a reply counts as 200 bytes.
#[tokio::test]
async fn a_small_memory_uses_all_of_its_capacity_and_no_more() {
    let store = MemoryStore::with_capacity(200_000);
    for number in 0..1_000 {
        finish(&store, number, KeptAnswer::ack()).await;
    }
    assert_eq!(store.len(), 1_000);
    for number in 1_000..1_100 {
        finish(&store, number, KeptAnswer::ack()).await;
    }
    assert_eq!(store.len(), 1_000);
}

#[tokio::test]
async fn a_reply_counts_as_long_as_it_is() {
    let store = MemoryStore::with_capacity(200_000);
    let long = KeptAnswer::from_bytes(&[b't'; 9_801]).unwrap();
    for number in 0..100 {
        finish(&store, number, long.clone()).await;
    }
    assert!((10..=20).contains(&store.len()), "{}", store.len());
}

/// The bound does not depend on the machine.
#[tokio::test]
async fn an_answer_of_an_eighth_of_the_capacity_is_kept() {
    for (capacity, store) in [
        (64 << 20, MemoryStore::new()),
        (1 << 20, MemoryStore::with_capacity(1 << 20)),
    ] {
        let answer = KeptAnswer::from_bytes(&vec![b't'; capacity / 8 + 1]).unwrap();
        finish(&store, 1, answer.clone()).await;
        assert_eq!(found(&store, 1).await, Claim::Finished(answer));
        assert_eq!(store.len(), 1);
    }
}

/// The callback is not forgotten: it would run again.
#[tokio::test]
async fn the_acknowledgement_is_kept_in_place_of_a_larger_answer() {
    let trace = Trace::start();
    let store = MemoryStore::new();
    // Of this one there is nothing to say.
    finish(&store, 0, answer_of(1)).await;
    for (number, length) in [(1, (8 << 20) + 2), (2, 60 << 20), (3, 100 << 20)] {
        let answer = KeptAnswer::from_bytes(&vec![b't'; length]).unwrap();
        finish(&store, number, answer).await;
        let acknowledged = Claim::Finished(KeptAnswer::ack());
        assert_eq!(found(&store, number).await, acknowledged, "{length}");
    }
    assert_eq!(trace.text().matches("too large to be kept").count(), 3);
}

#[tokio::test]
async fn a_tenant_that_floods_the_memory_drops_its_own_answers() {
    let store = MemoryStore::with_capacity(100 * 200);
    for number in 0..10 {
        finish(&store, number, answer_of(1)).await;
    }
    // Alone, or nearly so, a tenant can have all the room that the others do not need.
    for number in 100..1_000 {
        finish(&store, number, answer_of(2)).await;
    }
    assert_eq!((store.len(), kept(&store, 0..10).await), (100, 10));
    assert_eq!(kept(&store, 910..1_000).await, 90);
    // The others get their half when they need it.
    for number in 10..50 {
        finish(&store, number, answer_of(1)).await;
    }
    assert_eq!(kept(&store, 0..50).await, 50);
    assert_eq!(kept(&store, 950..1_000).await, 50);
}

#[tokio::test]
async fn the_share_of_a_tenant_is_a_setting() {
    // Also one that no number of answers fills exactly.
    for share in [20 * 200, 20 * 200 + 1] {
        let store = MemoryStore::with_capacity(100 * 200).tenant_bytes(share);
        for number in 0..1_000 {
            let tenant = if number % 20 == 0 { number / 20 % 4 } else { 7 };
            finish(&store, number, answer_of(tenant.into())).await;
        }
        assert_eq!(store.len(), 100);
        let mut of_the_others = 0;
        for number in (0..1_000).step_by(20) {
            of_the_others += kept(&store, number..number + 1).await;
        }
        assert_eq!(
            of_the_others, 50,
            "each of the others holds less than a fifth"
        );
    }
}

#[tokio::test]
async fn a_tenant_with_exactly_its_share_keeps_its_answers() {
    let store = MemoryStore::with_capacity(100 * 200).tenant_bytes(20 * 200);
    for number in 0..80 {
        finish(&store, number, answer_of((number % 5).into())).await;
    }
    for number in 80..100 {
        finish(&store, number, answer_of(7)).await;
    }
    assert_eq!(store.len(), 100);
    // The oldest of all makes room.
    finish(&store, 100, answer_of(8)).await;
    assert_eq!(kept(&store, 80..101).await, 21);
}

#[tokio::test]
async fn claims_of_runs_that_ended_unseen_are_dropped() {
    let store = MemoryStore::with_capacity(10 * 200);
    for number in 0..1_000 {
        let token = ClaimToken::new(number.into());
        store
            .claim(key(number), token, Duration::ZERO)
            .await
            .unwrap();
    }
    assert!(store.len() <= 11, "{}", store.len());
}

#[tokio::test]
async fn claims_that_ended_unseen_are_dropped_also_among_many_that_run() {
    let store = MemoryStore::with_capacity(10 * 200);
    for number in 0..20_100 {
        let lease = if number < 100 { MINUTE } else { Duration::ZERO };
        let token = ClaimToken::new(number.into());
        store.claim(key(number), token, lease).await.unwrap();
    }
    assert!(store.len() <= 400, "{}", store.len());
    assert_eq!(kept(&store, 0..100).await, 100);
}

/// A tenant that held more than its share is an ordinary one again when it holds less.
#[tokio::test]
async fn the_oldest_answer_is_dropped_if_no_tenant_holds_more_than_its_share() {
    let store = MemoryStore::with_capacity(100 * 200);
    for (numbers, tenant) in [(0..10, 1), (100..190, 2), (10..50, 1), (200..210, 3)] {
        for number in numbers {
            finish(&store, number, answer_of(tenant)).await;
        }
    }
    assert_eq!(kept(&store, 140..190).await, 50);
    assert_eq!(kept(&store, 10..50).await, 40);
    assert_eq!(kept(&store, 200..210).await, 10);
}

#[tokio::test]
async fn the_oldest_of_many_tenants_answers_are_dropped_again_and_again() {
    let store = MemoryStore::with_capacity(100 * 200);
    for number in 0..1_000 {
        finish(&store, number, answer_of(u64::from(number % 4))).await;
    }
    assert_eq!(store.len(), 100);
    assert_eq!(kept(&store, 900..1_000).await, 100);
}

/// A subscriber that counts what is in the store would wait for a lock that its caller holds.
#[test]
fn a_subscriber_of_the_trace_can_use_the_store() {
    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let store = MemoryStore::with_capacity(1 << 20);
        let (gauge, lengths) = (store.clone(), Arc::new(Mutex::new(Vec::new())));
        let seen = Arc::clone(&lengths);
        let subscriber = tracing_subscriber::fmt().with_writer(move || {
            seen.lock().unwrap().push(gauge.len());
            std::io::sink()
        });
        let _subscribed = tracing::subscriber::set_default(subscriber.finish());
        let large = KeptAnswer::from_bytes(&vec![b't'; 1 << 20]).unwrap();
        crate::properties::runtime().block_on(finish(&store, 1, large));
        done.send(lengths.lock().unwrap().clone()).unwrap();
    });
    let lengths = is_done.recv_timeout(MINUTE / 2);
    assert_eq!(lengths, Ok(vec![1]));
}

/// The acknowledgement, as this tenant has it.
fn answer_of(tenant: u64) -> KeptAnswer {
    KeptAnswer::from_bytes(format!("o{tenant:016x}a").as_bytes()).unwrap()
}

/// What a claim of this key finds. It leaves no claim behind.
async fn found(store: &MemoryStore, number: u32) -> Claim {
    let token = ClaimToken::new(u128::MAX);
    let claim = store.claim(key(number), token, MINUTE).await.unwrap();
    store.release(key(number), token).await.unwrap();
    claim
}

/// How many of these callbacks are in the store.
async fn kept(store: &MemoryStore, numbers: std::ops::Range<u32>) -> usize {
    let mut kept = 0;
    for number in numbers {
        kept += usize::from(found(store, number).await != Claim::Granted);
    }
    kept
}

#[tokio::test]
async fn a_capacity_of_nothing_loses_no_callback() {
    let store = MemoryStore::with_capacity(0);
    let token = ClaimToken::new(1);
    assert_ne!(
        store.claim(key(1), token, MINUTE).await.unwrap(),
        Claim::Finished(KeptAnswer::ack())
    );
}

fn key(number: u32) -> DedupKey {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
    bytes[4..8].copy_from_slice(&number.to_be_bytes());
    DedupKey::from_bytes(bytes)
}

/// The key that the layer computes for a request.
pub async fn key_of(request: Request<String>) -> DedupKey {
    let found: Arc<Mutex<Option<DedupKey>>> = Arc::default();
    let seen = Arc::clone(&found);
    let inner = tower::service_fn(move |request: Request<RequestBody<String>>| {
        let callback = request.extensions().get::<Callback>().unwrap();
        *seen.lock().unwrap() = Some(DedupKey::of(callback));
        async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) }
    });
    answer(WeComLayer::new(config()).layer(inner), request).await;
    found.lock().unwrap().take().unwrap()
}
