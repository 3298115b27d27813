/// Marks, in a response's extensions, that no handler took the callback.
///
/// This is not a failure. WeCom may send fewer events to receivers that often answer with errors.
/// So [`WeComLayer`](crate::WeComLayer) acknowledges such a callback, whatever the status of the
/// response, and traces it as `unhandled`. The extractors of the feature `axum` insert this mark
/// when the callback is another event than the argument of the handler. Your own code can insert it
/// too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unhandled;

impl Unhandled {
    /// The mark.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}
