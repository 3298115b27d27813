//! `MemoryStore`: the contract, and its bounds.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response};
use tower_wecom::dedup::{Claim, ClaimToken, DedupKey, KeptAnswer, MemoryStore, Store};
use tower_wecom::test_util::store_contract;
use tower_wecom::{Callback, RequestBody, WeComLayer};

use crate::support::{answer, config};

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
    // The newest are remembered, the oldest are not.
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

/// The key under which the layer knows a request.
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
