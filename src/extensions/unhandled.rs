/// Says, in a response's extensions, that nobody took the callback: it was for another handler than the one it reached.
///
/// That is not a failure. WeCom drops events for receivers that answer errors often, so
/// [`WeComLayer`](crate::WeComLayer) acknowledges such a callback, whatever the status of the response, and traces it as
/// `unhandled`. The extractors of the feature `axum` leave this mark when the event is another one than they were asked
/// for; your own may do so too.
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
