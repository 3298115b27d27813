//! Mistakes in the set-up that a layer can notice only while it serves. Each is reported once.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::span::truncate;
use crate::extensions::OutsideLayer;
use crate::trace::warning;

/// The longest segment that is compared and recorded, in characters.
const MAX_SEGMENT: usize = 64;

/// The mistakes that a layer has already warned of. All clones of a layer share it.
#[derive(Default)]
pub(super) struct Warnings(Mutex<Given>);

#[derive(Default)]
struct Given {
    /// The layers outside of this one.
    outside: Vec<&'static str>,
    strays: Strays,
}

/// The requests that this layer has answered although they have nothing to do with WeCom.
#[derive(Default)]
enum Strays {
    #[default]
    None,
    /// All of them have this first segment in their path.
    Below(Box<str>),
    Warned,
}

impl Warnings {
    /// A callback was opened that has passed these layers too early.
    pub(super) fn outside(&self, layers: &[OutsideLayer]) {
        for layer in layers {
            if self.lock().is_new(layer.name) {
                warning!(
                    "`{}` is outside of `WeComLayer` and protects nothing: put it inside",
                    layer.name
                );
            }
        }
    }

    /// A request without any parameter of a callback was answered. This layer is for all paths.
    ///
    /// A health check asks one path, and a route such as `/wecom/{corp}` has many paths below one
    /// segment. Requests below two different segments mean that the layer covers other routes.
    pub(super) fn stray(&self, path: &str) {
        let segment = first_segment(path);
        let Some(before) = self.lock().strays.next(segment) else {
            return;
        };
        warning!(
            paths = ?[&*before, segment],
            "`WeComLayer` answers requests to all paths, also those that are not for it: limit it with `.at(…)` or `.under(…)`"
        );
        let _ = before;
    }

    // Nothing panics while it holds the lock, so a poisoned lock is still consistent.
    fn lock(&self) -> MutexGuard<'_, Given> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Given {
    fn is_new(&mut self, layer: &'static str) -> bool {
        let is_new = !self.outside.contains(&layer);
        if is_new {
            self.outside.push(layer);
        }
        is_new
    }
}

impl Strays {
    /// Remembers the segment. Returns the one before it if it is time to warn.
    fn next(&mut self, segment: &str) -> Option<Box<str>> {
        match self {
            Self::None => {
                *self = Self::Below(segment.into());
                None
            }
            Self::Below(before) if **before != *segment => {
                let before = std::mem::take(before);
                *self = Self::Warned;
                Some(before)
            }
            Self::Below(_) | Self::Warned => None,
        }
    }
}

/// The path up to its second `/`.
fn first_segment(path: &str) -> &str {
    let rest = path.strip_prefix('/').unwrap_or(path);
    let length = rest.find('/').unwrap_or(rest.len());
    let start = path.len().saturating_sub(rest.len());
    let end = start.saturating_add(length);
    truncate(path.get(..end).unwrap_or(path), MAX_SEGMENT)
}
