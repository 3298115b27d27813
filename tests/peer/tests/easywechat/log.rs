//! What handlers have said.

use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};

use tower_wecom::{Reply, ReplyError};

/// What the handlers have said, in the order in which they ran.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub fn say(&self, words: impl Into<String>) {
        self.0.lock().unwrap().push(words.into());
    }

    /// Says it, and replies with it.
    pub fn tell(&self, words: impl Into<String>) -> Ready<Result<Reply, ReplyError>> {
        let words = words.into();
        self.say(words.as_str());
        ready(Reply::text(words))
    }

    pub fn said(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}
