use std::time::Duration;

use tokio::time::sleep;

use crate::lease::{Lease, LeaseHolder};

/// Tests what every [`Lease`] has to do. It takes about two seconds.
///
/// # Panics
///
/// If the implementation does not keep the contract. The message is the broken rule.
pub async fn lease_contract(lease: &impl Lease) {
    let (first, second) = (LeaseHolder::new(1), LeaseHolder::new(2));
    let minute = Duration::from_secs(60);
    let acquire = async |bot: &str, holder, duration| {
        let acquired = lease.acquire(bot, holder, duration).await;
        acquired.unwrap_or_else(|error| broken(&error.to_string()))
    };
    let release = async |bot: &str, holder| {
        let released = lease.release(bot, holder).await;
        released.unwrap_or_else(|error| broken(&error.to_string()));
    };
    assert!(acquire("a", first, minute).await, "a free lease is granted");
    assert!(
        acquire("a", first, minute).await,
        "a holder renews its lease"
    );
    assert!(!acquire("a", second, minute).await, "one process holds it");
    assert!(
        acquire("b", second, minute).await,
        "bots have leases of their own"
    );
    release("a", second).await;
    assert!(
        !acquire("a", second, minute).await,
        "only its holder releases it"
    );
    release("a", first).await;
    assert!(
        acquire("a", second, minute).await,
        "a released lease is free"
    );
    release("a", second).await;
    release("a", second).await;
    release("b", second).await;

    let short = Duration::from_millis(500);
    assert!(acquire("c", first, short).await, "a free lease is granted");
    sleep(short.mul_f32(0.6)).await;
    assert!(
        acquire("c", first, short).await,
        "a holder renews its lease"
    );
    sleep(short.mul_f32(0.6)).await;
    assert!(
        !acquire("c", second, minute).await,
        "a renewed lease goes on"
    );
    sleep(short).await;
    assert!(
        acquire("c", second, minute).await,
        "a lease that has ended is free"
    );
    assert!(
        !acquire("c", first, minute).await,
        "its old holder has lost it"
    );
    release("c", second).await;
}

#[expect(clippy::panic, reason = "documented")]
fn broken(error: &str) -> ! {
    panic!("a step failed: {error}")
}
