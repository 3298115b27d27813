use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::error::SendError;
use super::moment::after;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// The chats are searched for idle ones when there are more than this.
const SWEEP_AT: usize = 1024;

/// How many messages a chat takes. Document 101463: replies and pushes together, 30 a minute and
/// 1,000 an hour.
///
/// ```
/// use std::time::Duration;
/// use tower_wecom_aibot::Limits;
///
/// // An error at once, in place of a wait of up to a minute.
/// let strict = Limits::default().wait_at_most(Duration::ZERO);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Limits {
    a_minute: usize,
    an_hour: usize,
    wait: Duration,
    counts_updates: bool,
}

impl Limits {
    /// No limits on our side. WeCom's remain.
    pub fn none() -> Self {
        Self {
            a_minute: usize::MAX,
            an_hour: usize::MAX,
            ..Self::default()
        }
    }

    /// Sets the number of messages a minute. The default is 30.
    pub fn a_minute(mut self, messages: usize) -> Self {
        self.a_minute = messages.max(1);
        self
    }

    /// Sets the number of messages an hour. The default is 1,000.
    pub fn an_hour(mut self, messages: usize) -> Self {
        self.an_hour = messages.max(1);
        self
    }

    /// Sets how long a message may wait for its turn. One that would wait longer is
    /// [`SendError::Limited`] at once. The default is a minute.
    pub fn wait_at_most(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Sets whether each frame of a stream counts as a message. The document leaves this open. By
    /// default a stream counts once, when it begins.
    pub fn count_stream_updates(mut self, counts: bool) -> Self {
        self.counts_updates = counts;
        self
    }

    pub(crate) fn counts_updates(&self) -> bool {
        self.counts_updates
    }

    fn is_none(&self) -> bool {
        self.a_minute == usize::MAX && self.an_hour == usize::MAX
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            a_minute: 30,
            an_hour: 1_000,
            wait: MINUTE,
            counts_updates: false,
        }
    }
}

/// Gives each message of a chat the moment at which it may be sent.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: Limits,
    /// The moments of the last hour, and those that are still to come.
    chats: Mutex<HashMap<String, VecDeque<Instant>>>,
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        let chats = Mutex::default();
        Self { limits, chats }
    }

    /// Waits for the chat's turn. Messages to one chat keep their order.
    pub(crate) async fn take(&self, chat: &str) -> Result<(), SendError> {
        if self.limits.is_none() {
            return Ok(());
        }
        let now = Instant::now();
        let turn = self.reserve(chat, now)?;
        if turn > now {
            sleep_until(turn).await;
        }
        Ok(())
    }

    fn reserve(&self, chat: &str, now: Instant) -> Result<Instant, SendError> {
        let mut chats = self.chats.lock().unwrap_or_else(PoisonError::into_inner);
        if chats.len() > SWEEP_AT && !chats.contains_key(chat) {
            chats.retain(|_, turns| turns.back().is_some_and(|last| after(*last, HOUR) > now));
        }
        let turns = chats.entry(chat.to_owned()).or_default();
        while turns
            .front()
            .is_some_and(|first| after(*first, HOUR) <= now)
        {
            turns.pop_front();
        }
        let free_at = |count: usize, window: Duration| {
            let index = turns.len().checked_sub(count)?;
            Some(after(*turns.get(index)?, window))
        };
        let (minute, hour) = (
            free_at(self.limits.a_minute, MINUTE),
            free_at(self.limits.an_hour, HOUR),
        );
        let turn = now.max(minute.unwrap_or(now)).max(hour.unwrap_or(now));
        let retry_after = turn.saturating_duration_since(now);
        if retry_after > self.limits.wait {
            return Err(SendError::Limited { retry_after });
        }
        turns.push_back(turn);
        Ok(turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_31st_message_of_a_minute_waits_and_another_chat_does_not() {
        let limiter = Limiter::new(Limits::default());
        let begun = Instant::now();
        for _ in 0..30 {
            limiter.take("a").await.unwrap();
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
        limiter.take("b").await.unwrap();
        assert_eq!(begun.elapsed(), Duration::ZERO);
        limiter.take("a").await.unwrap();
        assert_eq!(begun.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_that_would_wait_too_long_is_an_error_and_takes_no_place() {
        let limiter = Limiter::new(Limits::default().wait_at_most(Duration::from_secs(59)));
        for _ in 0..30 {
            limiter.take("a").await.unwrap();
        }
        let retry_after = MINUTE;
        for _ in 0..3 {
            let error = limiter.take("a").await.unwrap_err();
            assert_eq!(error, SendError::Limited { retry_after });
        }
        tokio::time::advance(MINUTE).await;
        limiter.take("a").await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_1001st_message_of_an_hour_waits_for_the_first_to_be_an_hour_old() {
        let limits = Limits::default().a_minute(usize::MAX).wait_at_most(HOUR);
        let limiter = Limiter::new(limits);
        let begun = Instant::now();
        for _ in 0..1_001 {
            limiter.take("a").await.unwrap();
        }
        assert_eq!(begun.elapsed(), HOUR);
    }
}
