/// Says, in a response's extensions, that it was given before the work was done.
///
/// `DeadlineLayer` leaves it in the acknowledgement that it gives in place of an inner service that
/// is still running. Whoever is outside must not take such a response for a success: what came of the work is not known
/// yet. [`DedupLayer`](crate::DedupLayer) never commits it.
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
