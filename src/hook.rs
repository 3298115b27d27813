//! Calls the hooks that a user of the crate has set.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::trace::warning;

/// Calls a hook and catches its panic, which becomes a warning in the trace.
///
/// A panic must not turn finished work into a failure. And the hook may be called while another
/// panic unwinds: a second panic would then abort the process.
pub(crate) fn call(name: &'static str, hook: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(hook)).is_err() {
        warning!(hook = name, "a hook has panicked");
        let _ = name;
    }
}
