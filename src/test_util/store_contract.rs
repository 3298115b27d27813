use std::fmt::Debug;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::crypto::random_bytes;
use crate::dedup::{Claim, ClaimToken, DedupKey, KeptAnswer, Store};

/// A lease that ends soon, but not while a step waits for a busy server.
const SHORT: Duration = Duration::from_millis(600);
/// A time after which the short lease has certainly ended.
const PAST_SHORT: Duration = Duration::from_millis(900);
const LONG: Duration = Duration::from_secs(60);

const A: ClaimToken = ClaimToken::new(0xa);
const B: ClaimToken = ClaimToken::new(0xb);

/// Tests whether a [`Store`] for `DedupLayer` fulfils its contract. The contract is about which
/// caller gets a claim and which caller may end it, what the store remembers and for how long, and
/// concurrent callers. The test takes about 7 seconds.
///
/// Each step uses its own random keys. `make_store` can return the same store each time, and the
/// store can contain other data.
///
/// ```
/// use tower_wecom::dedup::MemoryStore;
/// use tower_wecom::test_util::store_contract;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// store_contract(async || MemoryStore::new()).await;
/// # }
/// ```
///
/// # Panics
///
/// If the store violates the contract, or fails. The message names the failed step. Also outside of
/// a tokio runtime with a timer. The time of the runtime must not be paused.
pub async fn store_contract<S: Store>(mut make_store: impl AsyncFnMut() -> S) {
    one_claim_at_a_time(make_store().await).await;
    a_success_is_told_to_all(make_store().await).await;
    a_claim_may_be_made_again_by_its_own_token(make_store().await).await;
    a_success_can_be_claimed_again(make_store().await).await;
    a_release_makes_it_free(make_store().await).await;
    nobody_touches_the_claim_of_another(make_store().await).await;
    a_claim_ends_with_its_lease(make_store().await).await;
    work_that_outlived_its_lease_is_kept_if_nobody_claimed_it(make_store().await).await;
    a_renewed_claim_goes_on(make_store().await).await;
    a_success_outlives_the_lease(make_store().await).await;
    a_success_is_forgotten_in_time(make_store().await).await;
    no_time_at_all_is_over_at_once(make_store().await).await;
    answers_come_back_as_they_were(make_store().await).await;
    a_dropped_guard_makes_it_free(make_store().await).await;
    of_many_at_once_one_gets_it(make_store().await).await;
}

async fn one_claim_at_a_time<S: Store>(store: S) {
    let (key, other) = (key(), key());
    is(
        "the first claim",
        claim(&store, key, A).await,
        Claim::Granted,
    );
    is("a second one", claim(&store, key, B).await, Claim::Running);
    let clone = store.clone();
    is(
        "one by a clone",
        claim(&clone, key, B).await,
        Claim::Running,
    );
    is(
        "one of another key",
        claim(&store, other, B).await,
        Claim::Granted,
    );
}

async fn a_success_is_told_to_all<S: Store>(store: S) {
    let key = key();
    claim(&store, key, A).await;
    is(
        "a commit",
        commit(&store, key, A, text("first"), LONG).await,
        true,
    );
    let finished = Claim::Finished(text("first"));
    is(
        "a claim afterwards",
        claim(&store, key, B).await,
        finished.clone(),
    );
    is(
        "one by the same",
        claim(&store, key, A).await,
        finished.clone(),
    );
    is(
        "a second commit",
        commit(&store, key, A, text("second"), LONG).await,
        false,
    );
    is(
        "a renewal afterwards",
        renew(&store, key, A, LONG).await,
        false,
    );
    release(&store, key, A).await;
    is(
        "a claim after a release that is too late",
        claim(&store, key, B).await,
        finished,
    );
}

async fn a_claim_may_be_made_again_by_its_own_token<S: Store>(store: S) {
    let key = key();
    claim_for(&store, key, A, SHORT).await;
    is(
        "a second claim",
        claim(&store, key, A).await,
        Claim::Granted,
    );
    is(
        "one by another",
        claim(&store, key, B).await,
        Claim::Running,
    );
    sleep(PAST_SHORT).await;
    is(
        "when the first lease is over",
        claim(&store, key, B).await,
        Claim::Running,
    );
}

async fn a_success_can_be_claimed_again<S: Store>(store: S) {
    let (key, free) = (key(), key());
    claim(&store, key, A).await;
    is(
        "a claim by another of what is running",
        claim_again(&store, key, B).await,
        Claim::Running,
    );
    is(
        "one by the same",
        claim_again(&store, key, A).await,
        Claim::Granted,
    );
    commit(&store, key, A, text("a"), LONG).await;
    is(
        "one of what is finished",
        claim_again(&store, key, B).await,
        Claim::Granted,
    );
    is(
        "one after it",
        claim_again(&store, key, A).await,
        Claim::Running,
    );
    is("a usual one", claim(&store, key, A).await, Claim::Running);
    is(
        "its commit",
        commit(&store, key, B, text("b"), LONG).await,
        true,
    );
    is(
        "its answer",
        claim(&store, key, A).await,
        Claim::Finished(text("b")),
    );
    is(
        "one of what is free",
        claim_again(&store, free, A).await,
        Claim::Granted,
    );
}

async fn a_release_makes_it_free<S: Store>(store: S) {
    let key = key();
    claim(&store, key, A).await;
    release(&store, key, A).await;
    is(
        "a claim after a release",
        claim(&store, key, B).await,
        Claim::Granted,
    );
    release(&store, key, A).await;
    is(
        "after a second release by the first",
        claim(&store, key, A).await,
        Claim::Running,
    );
}

async fn nobody_touches_the_claim_of_another<S: Store>(store: S) {
    let key = key();
    claim(&store, key, A).await;
    is(
        "a commit by another",
        commit(&store, key, B, text("b"), LONG).await,
        false,
    );
    is(
        "a renewal by another",
        renew(&store, key, B, LONG).await,
        false,
    );
    release(&store, key, B).await;
    store.abandon(key, B);
    sleep(Duration::from_millis(100)).await;
    is(
        "a claim after all of this",
        claim(&store, key, B).await,
        Claim::Running,
    );
    is(
        "the commit",
        commit(&store, key, A, text("a"), LONG).await,
        true,
    );
    is(
        "its answer",
        claim(&store, key, B).await,
        Claim::Finished(text("a")),
    );
}

async fn a_claim_ends_with_its_lease<S: Store>(store: S) {
    let key = key();
    is(
        "a short claim",
        claim_for(&store, key, A, SHORT).await,
        Claim::Granted,
    );
    sleep(PAST_SHORT).await;
    is(
        "a claim when the lease is over",
        claim(&store, key, B).await,
        Claim::Granted,
    );
    is(
        "a renewal by the first",
        renew(&store, key, A, LONG).await,
        false,
    );
    is(
        "a commit by the first",
        commit(&store, key, A, text("a"), LONG).await,
        false,
    );
    release(&store, key, A).await;
    is(
        "a claim after its release",
        claim(&store, key, A).await,
        Claim::Running,
    );
    is(
        "a commit by the second",
        commit(&store, key, B, text("b"), LONG).await,
        true,
    );
    is(
        "its answer",
        claim(&store, key, A).await,
        Claim::Finished(text("b")),
    );
}

async fn work_that_outlived_its_lease_is_kept_if_nobody_claimed_it<S: Store>(store: S) {
    let (committed, renewed) = (key(), key());
    claim_for(&store, committed, A, SHORT).await;
    claim_for(&store, renewed, A, SHORT).await;
    sleep(PAST_SHORT).await;
    let answer = KeptAnswer::ack();
    is(
        "a late commit",
        commit(&store, committed, A, answer.clone(), LONG).await,
        true,
    );
    is(
        "its answer",
        claim(&store, committed, B).await,
        Claim::Finished(answer),
    );
    is(
        "a late renewal",
        renew(&store, renewed, A, LONG).await,
        true,
    );
    is(
        "a claim after it",
        claim(&store, renewed, B).await,
        Claim::Running,
    );
}

async fn a_renewed_claim_goes_on<S: Store>(store: S) {
    let key = key();
    claim_for(&store, key, A, SHORT).await;
    is("a renewal", renew(&store, key, A, LONG).await, true);
    sleep(PAST_SHORT).await;
    is(
        "a claim after the first lease",
        claim(&store, key, B).await,
        Claim::Running,
    );
}

async fn a_success_outlives_the_lease<S: Store>(store: S) {
    let key = key();
    claim_for(&store, key, A, SHORT).await;
    is(
        "a commit in time",
        commit(&store, key, A, text("a"), LONG).await,
        true,
    );
    sleep(PAST_SHORT).await;
    is(
        "when the lease would be over",
        claim(&store, key, B).await,
        Claim::Finished(text("a")),
    );
}

async fn a_success_is_forgotten_in_time<S: Store>(store: S) {
    let key = key();
    claim(&store, key, A).await;
    commit(&store, key, A, text("a"), SHORT).await;
    is(
        "at first",
        claim(&store, key, B).await,
        Claim::Finished(text("a")),
    );
    sleep(PAST_SHORT).await;
    is(
        "when it is forgotten",
        claim(&store, key, B).await,
        Claim::Granted,
    );
}

async fn no_time_at_all_is_over_at_once<S: Store>(store: S) {
    let (claimed, renewed, kept) = (key(), key(), key());
    is(
        "a claim for no time",
        claim_for(&store, claimed, A, Duration::ZERO).await,
        Claim::Granted,
    );
    claim(&store, renewed, A).await;
    is(
        "a renewal for no time",
        renew(&store, renewed, A, Duration::ZERO).await,
        true,
    );
    claim(&store, kept, A).await;
    is(
        "a commit that is kept for no time",
        commit(&store, kept, A, text("a"), Duration::ZERO).await,
        true,
    );
    sleep(Duration::from_millis(50)).await;
    for (what, key) in [
        ("a claim after a claim for no time", claimed),
        ("one after such a renewal", renewed),
        ("one after such a commit", kept),
    ] {
        is(what, claim(&store, key, B).await, Claim::Granted);
    }
}

async fn answers_come_back_as_they_were<S: Store>(store: S) {
    let long = "长".repeat(20_000);
    for answer in [
        KeptAnswer::ack(),
        written(b"u"),
        written(b"ia"),
        written(b"itan answer that was in time"),
        text(""),
        text("\r\n\0 ü 企业微信 \u{1f600} :{}"),
        text(&long),
    ] {
        let key = key();
        claim(&store, key, A).await;
        is(
            "a commit",
            commit(&store, key, A, answer.clone(), LONG).await,
            true,
        );
        is(
            "its answer",
            claim(&store, key, B).await,
            Claim::Finished(answer),
        );
    }
}

async fn a_dropped_guard_makes_it_free<S: Store>(store: S) {
    let key = key();
    claim(&store, key, A).await;
    store.abandon(key, A);
    // `abandon` can do its work in a spawned task.
    for _ in 0..50 {
        if claim(&store, key, B).await == Claim::Granted {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    is(
        "a claim a second after `abandon`",
        Claim::Running,
        Claim::Granted,
    );
}

async fn of_many_at_once_one_gets_it<S: Store>(store: S) {
    for _ in 0..20 {
        let key = key();
        let mut tasks = JoinSet::new();
        for number in 0..32 {
            let store = store.clone();
            tasks.spawn(async move { claim(&store, key, ClaimToken::new(number)).await });
        }
        let mut claims = Vec::new();
        while let Some(claim) = tasks.join_next().await {
            claims.push(done("a task", claim));
        }
        claims.retain(|claim| *claim == Claim::Granted);
        is("how many of 32 claims were granted", claims.len(), 1);
    }
}

async fn claim<S: Store>(store: &S, key: DedupKey, token: ClaimToken) -> Claim {
    claim_for(store, key, token, LONG).await
}

async fn claim_for<S: Store>(
    store: &S,
    key: DedupKey,
    token: ClaimToken,
    lease: Duration,
) -> Claim {
    done("claim", store.claim(key, token, lease).await)
}

async fn claim_again<S: Store>(store: &S, key: DedupKey, token: ClaimToken) -> Claim {
    done("claim_again", store.claim_again(key, token, LONG).await)
}

async fn renew<S: Store>(store: &S, key: DedupKey, token: ClaimToken, lease: Duration) -> bool {
    done("renew", store.renew(key, token, lease).await)
}

async fn commit<S: Store>(
    store: &S,
    key: DedupKey,
    token: ClaimToken,
    answer: KeptAnswer,
    keep: Duration,
) -> bool {
    done("commit", store.commit(key, token, answer, keep).await)
}

async fn release<S: Store>(store: &S, key: DedupKey, token: ClaimToken) {
    done("release", store.release(key, token).await);
}

#[expect(clippy::panic, reason = "this is a test")]
fn done<T, E: Debug>(step: &str, result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("`{step}` has failed: {error:?}"))
}

#[track_caller]
fn is<T: PartialEq + Debug>(what: &str, found: T, expected: T) {
    assert_eq!(found, expected, "{what}");
}

fn key() -> DedupKey {
    DedupKey::from_bytes(done("random", random_bytes()))
}

fn text(text: &str) -> KeptAnswer {
    written(&[b"t", text.as_bytes()].concat())
}

fn written(bytes: &[u8]) -> KeptAnswer {
    done("an answer", KeptAnswer::from_bytes(bytes))
}
