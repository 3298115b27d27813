use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::lease::{Lease, LeaseHolder};
use crate::moment::after;

/// A [`Lease`] in memory, for tests: its clones are one store.
#[derive(Clone, Debug, Default)]
pub struct MemoryLease(Arc<Mutex<HashMap<String, (LeaseHolder, Instant)>>>);

impl Lease for MemoryLease {
    type Error = Infallible;

    async fn acquire(
        &self,
        bot: &str,
        holder: LeaseHolder,
        duration: Duration,
    ) -> Result<bool, Infallible> {
        let now = Instant::now();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_taken = held
            .get(bot)
            .is_some_and(|(by, ends)| *by != holder && *ends > now);
        if !is_taken {
            let ends = after(now, duration);
            held.insert(bot.to_owned(), (holder, ends));
        }
        Ok(!is_taken)
    }

    async fn release(&self, bot: &str, holder: LeaseHolder) -> Result<(), Infallible> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.get(bot).is_some_and(|(by, _)| *by == holder) {
            held.remove(bot);
        }
        Ok(())
    }
}
