//! Hooks are somebody else's code, called when a callback's work has come to its end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::trace::warning;

/// Calls a hook. A panic ends here, as a warning: it must not make a failure of work that is done, and if the hook is called because
/// something else panics, a second panic would end the process.
pub(crate) fn call(name: &'static str, hook: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(hook)).is_err() {
        warning!(hook = name, "a hook has panicked");
        let _ = name;
    }
}
