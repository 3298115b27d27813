//! A storage that stores nothing.

use std::future::ready;

use super::face::{Answer, Counts, Engine, Finished, Letters, Taken};
use crate::entry::Push;

pub(crate) struct NullEngine;

fn now<'a, T: Send + 'a>(answer: T) -> Answer<'a, T> {
    Box::pin(ready(Ok(answer)))
}

impl Engine for NullEngine {
    fn push(&self, _: Vec<Push>) -> Answer<'_, ()> {
        now(())
    }

    fn heartbeat<'a>(&'a self, _: &'a str) -> Answer<'a, ()> {
        now(())
    }

    fn take_over(&self) -> Answer<'_, ()> {
        now(())
    }

    fn take<'a>(&'a self, _: &'a str, _: usize) -> Answer<'a, Vec<Taken>> {
        now(Vec::new())
    }

    fn finish<'a>(&'a self, _: &'a str, _: Vec<Finished>) -> Answer<'a, ()> {
        now(())
    }

    fn give_back<'a>(&'a self, _: &'a str, _: Vec<String>) -> Answer<'a, ()> {
        now(())
    }

    fn leave<'a>(&'a self, _: &'a str) -> Answer<'a, ()> {
        now(())
    }

    fn sweep(&self) -> Answer<'_, bool> {
        now(false)
    }

    fn count(&self) -> Answer<'_, Counts> {
        now(Counts {
            waiting: 0,
            dead: 0,
            due_since: None,
        })
    }

    fn dead(&self, _: u32) -> Answer<'_, Letters> {
        now(Letters::new())
    }

    fn dead_one<'a>(&'a self, _: &'a str) -> Answer<'a, Option<Vec<u8>>> {
        now(None)
    }

    fn revive<'a>(&'a self, _: &'a str, _: Vec<u8>) -> Answer<'a, bool> {
        now(false)
    }

    fn forget<'a>(&'a self, _: &'a str) -> Answer<'a, ()> {
        now(())
    }
}
