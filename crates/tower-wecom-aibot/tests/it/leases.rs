//! Several processes for one bot.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use tower_wecom_aibot::test_util::{MemoryLease, StandIn, lease_contract};
use tower_wecom_aibot::{ConnectionState, Lease, LeaseHolder};

use crate::support::{echo, quick, serve, soon};

const SHORT: Duration = Duration::from_secs(3);

#[tokio::test]
async fn the_lease_in_memory_keeps_the_contract() {
    lease_contract(&MemoryLease::default()).await;
}

#[tokio::test]
async fn one_process_is_connected_and_the_next_takes_over_at_once_after_a_shutdown() {
    let stand_in = StandIn::start().await.unwrap();
    let lease = MemoryLease::default();
    let first = quick(&stand_in).lease_for(lease.clone(), SHORT);
    let first_handle = first.handle();
    let first = serve(first, echo());
    stand_in.subscribed().await;
    let second = quick(&stand_in).lease_for(lease, SHORT);
    let second_handle = second.handle();
    let second = serve(second, echo());
    tokio::time::sleep(SHORT + Duration::from_secs(1)).await;
    assert_eq!(second_handle.state(), ConnectionState::Waiting);
    assert_eq!(stand_in.subscriptions(), 1);
    first_handle.shutdown();
    soon(first).await.unwrap().unwrap();
    soon(async {
        while !second_handle.is_connected() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(stand_in.subscriptions(), 2);
    assert!(!second.is_finished());
}

#[tokio::test]
async fn a_dead_holder_is_replaced_within_two_seconds_after_its_lease() {
    let stand_in = StandIn::start().await.unwrap();
    let lease = MemoryLease::default();
    let first = serve(quick(&stand_in).lease_for(lease.clone(), SHORT), echo());
    stand_in.subscribed().await;
    let second = quick(&stand_in).lease_for(lease, SHORT);
    let second_handle = second.handle();
    serve(second, echo());
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    // The process dies: nothing renews the lease, and nothing releases it.
    first.abort();
    let died = Instant::now();
    soon(async {
        while !second_handle.is_connected() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    println!(
        "a dead holder was replaced after {:?}, lease {SHORT:?}",
        died.elapsed()
    );
    assert!(died.elapsed() <= SHORT + Duration::from_secs(2));
}

/// A store that grants the lease, and answers half a second later.
struct SlowLease(MemoryLease);

impl Lease for SlowLease {
    type Error = Infallible;

    async fn acquire(
        &self,
        bot: &str,
        holder: LeaseHolder,
        duration: Duration,
    ) -> Result<bool, Infallible> {
        let acquired = self.0.acquire(bot, holder, duration).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        acquired
    }

    async fn release(&self, bot: &str, holder: LeaseHolder) -> Result<(), Infallible> {
        self.0.release(bot, holder).await
    }
}

#[tokio::test]
async fn a_lease_that_is_granted_during_a_shutdown_is_released() {
    let stand_in = StandIn::start().await.unwrap();
    let lease = MemoryLease::default();
    let bot = quick(&stand_in).lease_for(SlowLease(lease.clone()), SHORT);
    let handle = bot.handle();
    let served = serve(bot, echo());
    let is_free = async || {
        let holder = LeaseHolder::new(7);
        let acquired = lease.acquire("aibStandIn", holder, SHORT).await.unwrap();
        lease.release("aibStandIn", holder).await.unwrap();
        acquired
    };
    soon(async {
        while is_free().await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    assert_eq!(handle.state(), ConnectionState::Waiting);
    handle.shutdown();
    soon(served).await.unwrap().unwrap();
    assert!(is_free().await, "the next process has to wait for its end");
}
