/// Marks, in a response's extensions, that this copy of the callback did not run, because another
/// copy was still running. The outcome of that run is reported separately.
#[derive(Clone, Copy)]
pub(crate) struct Busy;

/// Whether a response failed only because another copy is still running.
#[cfg(feature = "tokio")]
pub(crate) fn is_busy<B>(response: &http::Response<B>) -> bool {
    response.extensions().get::<Busy>().is_some()
}
