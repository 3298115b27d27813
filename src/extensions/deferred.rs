/// Marks, in a response's extensions, an acknowledgement that was sent before the work was done.
///
/// `DeadlineLayer` inserts it when it answers in place of an inner service that is still running. A
/// layer outside of it must not take such a response for a success: the result of the work is not
/// known yet. [`DedupLayer`](crate::DedupLayer) never commits it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deferred;

impl Deferred {
    /// The mark.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}
