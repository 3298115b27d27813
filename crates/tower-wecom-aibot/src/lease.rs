use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Lets several processes take turns at the one connection that a bot may have.
///
/// One process holds the lease and the connection; the others wait. A holder renews its lease while
/// it lives. When it has died, its lease ends, and a waiting process takes its place. All processes
/// of a bot must use the same store.
///
/// `tower-wecom-redis` has an implementation for Redis behind its feature `aibot`. Each step must
/// be atomic, and may run twice: the caller repeats a step whose answer was lost. With the feature
/// `test-util`, `test_util::lease_contract` tests an implementation.
pub trait Lease: Send + Sync + 'static {
    /// Why a step failed.
    type Error: Error + Send + Sync + 'static;

    /// Takes the lease of a bot for this holder until `duration` from now, if it is free, has
    /// ended, or is this holder's already. Returns whether this holder has it.
    fn acquire(
        &self,
        bot: &str,
        holder: LeaseHolder,
        duration: Duration,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Frees the lease of a bot, if this holder has it.
    fn release(
        &self,
        bot: &str,
        holder: LeaseHolder,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Identifies a process that holds a lease or waits for it.
///
/// It displays as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseHolder(u128);

impl LeaseHolder {
    /// Makes it from a number, for the tests of an implementation. A bot chooses a random one.
    #[must_use]
    pub const fn new(holder: u128) -> Self {
        Self(holder)
    }

    pub(crate) fn random() -> Self {
        let halves = [getrandom::u64(), getrandom::u64()];
        let [high, low] = halves.map(|half| u128::from(half.unwrap_or_default()));
        // Without random bytes the process and the moment still differ.
        let moment = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
        Self((high << 64 | low) ^ moment.as_nanos() ^ u128::from(std::process::id()))
    }
}

impl fmt::Display for LeaseHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for LeaseHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeaseHolder({self})")
    }
}

type Step<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

/// A [`Lease`] of any type.
pub(crate) trait AnyLease: Send + Sync {
    fn acquire<'a>(
        &'a self,
        bot: &'a str,
        holder: LeaseHolder,
        duration: Duration,
    ) -> Step<'a, bool>;
    fn release<'a>(&'a self, bot: &'a str, holder: LeaseHolder) -> Step<'a, ()>;
}

impl<L: Lease> AnyLease for L {
    fn acquire<'a>(
        &'a self,
        bot: &'a str,
        holder: LeaseHolder,
        duration: Duration,
    ) -> Step<'a, bool> {
        let step = Lease::acquire(self, bot, holder, duration);
        Box::pin(async { step.await.map_err(|error| error.to_string()) })
    }

    fn release<'a>(&'a self, bot: &'a str, holder: LeaseHolder) -> Step<'a, ()> {
        let step = Lease::release(self, bot, holder);
        Box::pin(async { step.await.map_err(|error| error.to_string()) })
    }
}

/// The lease of a bot and how long it lasts.
#[derive(Clone)]
pub(crate) struct LeaseSetting {
    pub(crate) lease: Arc<dyn AnyLease>,
    pub(crate) duration: Duration,
}
