//! The words of the handlers.

use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};

use tower_wecom::{Reply, ReplyError};

/// The words of the handlers, in the order in which they ran.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub fn say(&self, words: impl Into<String>) {
        self.0.lock().unwrap().push(words.into());
    }

    /// Adds a word, and replies with it.
    pub fn tell(&self, words: impl Into<String>) -> Ready<Result<Reply, ReplyError>> {
        let words = words.into();
        self.say(words.as_str());
        ready(Reply::text(words))
    }

    pub fn said(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}
