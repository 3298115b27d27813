use std::time::SystemTime;

use futures_util::future::BoxFuture;

use crate::entry::Push;
use crate::error::InboxError;

/// Dead letters: their ids and their bodies.
pub(crate) type Letters = Vec<(String, Vec<u8>)>;

/// What a storage answers.
pub(crate) type Answer<'a, T> = BoxFuture<'a, Result<T, InboxError>>;

/// A storage, behind one face.
///
/// An entry is held by the worker that has taken it, until it is finished or given back, or the worker is silent for too long.
pub(crate) trait Engine: Send + Sync + 'static {
    /// Stores all of them, or says that it may have failed. What is there under its key already is left as it is.
    fn push(&self, pushes: Vec<Push>) -> Answer<'_, ()>;

    /// Says that a worker lives, and makes it known if it is not, or not any more.
    fn heartbeat<'a>(&'a self, worker: &'a str) -> Answer<'a, ()>;

    /// Gives back what those workers hold that were silent for too long.
    fn take_over(&self) -> Answer<'_, ()>;

    /// Gives a worker some of what is due.
    fn take<'a>(&'a self, worker: &'a str, at_most: usize) -> Answer<'a, Vec<Taken>>;

    /// Writes down what became of entries that a worker holds. What it does not hold any more is left to who does, but what is
    /// done is done, a dead letter by now or not.
    fn finish<'a>(&'a self, worker: &'a str, finished: Vec<Finished>) -> Answer<'a, ()>;

    /// Gives back what a worker holds, but for some.
    fn give_back<'a>(&'a self, worker: &'a str, but: Vec<String>) -> Answer<'a, ()>;

    /// Forgets a worker that holds nothing.
    fn leave<'a>(&'a self, worker: &'a str) -> Answer<'a, ()>;

    /// Removes some of what has been done for long enough. Tells whether there may be more.
    fn sweep(&self) -> Answer<'_, bool>;

    fn count(&self) -> Answer<'_, Counts>;

    /// The ids and bodies of some dead letters, the oldest first.
    fn dead(&self, at_most: u32) -> Answer<'_, Letters>;

    /// The body of one dead letter.
    fn dead_one<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Vec<u8>>>;

    /// Makes a dead letter an entry again. Tells whether it was one.
    fn revive<'a>(&'a self, id: &'a str, body: Vec<u8>) -> Answer<'a, bool>;

    /// Forgets a dead letter.
    fn forget<'a>(&'a self, id: &'a str) -> Answer<'a, ()>;
}

/// An entry in the hands of a worker.
pub(crate) struct Taken {
    pub(crate) id: String,
    pub(crate) body: Vec<u8>,
    /// How often a worker held it and fell silent, or could not read it.
    pub(crate) taken_back: u32,
}

/// What became of it.
#[derive(Clone)]
pub(crate) struct Finished {
    pub(crate) id: String,
    pub(crate) fate: Fate,
}

/// Times are in seconds since 1970.
#[derive(Clone)]
pub(crate) enum Fate {
    Done,
    /// It failed, and this is its body for the next attempt.
    Again {
        run_at: u64,
        body: Vec<u8>,
    },
    /// It could not be read, and is left as it is.
    Later {
        run_at: u64,
    },
    /// It is a dead letter, and this is its body.
    Dead {
        body: Vec<u8>,
    },
}

/// What an inbox holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Callbacks that wait for their first or a further attempt, or are being worked on.
    pub waiting: u64,
    /// Dead letters.
    pub dead: u64,
    /// Since when the first of those waits that are due and that no worker has taken: how far the workers are behind. `None` if there is
    /// none. Whole seconds.
    pub due_since: Option<SystemTime>,
}
