//! The mark of a layer that is outside of `WeComLayer` but belongs inside.

use http::Extensions;

/// Marks, in a request's extensions, the layers that are outside of
/// [`WeComLayer`](crate::WeComLayer) although they belong inside.
///
/// A layer that works on callbacks passes a request without a [`Callback`](crate::Callback) on. If
/// the layer is outside of `WeComLayer` by mistake, no request has a callback, so the layer does
/// nothing. It cannot notice that, because a request for another path has no callback either. So it
/// leaves this mark. When `WeComLayer` opens a callback, it reads the mark and warns once for each
/// layer:
///
/// ```text
/// `DedupLayer` is outside of `WeComLayer` and protects nothing: put it inside
/// ```
///
/// [`DedupLayer`](crate::DedupLayer), `DeadlineLayer` and the inbox do this. A layer of your own
/// can do it too. It leaves the mark in each request without a callback:
///
/// ```
/// use http::Request;
/// use tower_wecom::Callback;
/// use tower_wecom::extensions::Outside;
///
/// fn limit_rate<B>(request: &mut Request<B>) {
///     let Some(callback) = request.extensions().get::<Callback>() else {
///         return Outside::warn(request.extensions_mut(), "RateLimitLayer");
///     };
///     println!("one more from {}", callback.receive_id());
/// }
/// ```
///
/// A URL check and a request for another path pass as if there was no mark. A layer inside of a
/// `WeComLayer` leaves no mark, even if that layer has passed the request on because of its path.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    layers: Vec<OutsideLayer>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct OutsideLayer {
    pub(crate) name: &'static str,
    /// Whether a callback must not be handled, because this layer did not see it.
    pub(crate) rejects: bool,
}

/// Marks, in a request's extensions, that a `WeComLayer` has passed the request on. The layers that
/// it reaches after that are inside of this `WeComLayer`.
#[derive(Clone, Copy)]
pub(crate) struct PassedOn;

impl Outside {
    /// Leaves the mark of this layer. `WeComLayer` warns if the request turns out to be a callback.
    ///
    /// `layer` is the name that the warning shows. Call this only if the request has no
    /// [`Callback`](crate::Callback).
    pub fn warn(extensions: &mut Extensions, layer: &'static str) {
        Self::mark(extensions, layer, false);
    }

    /// Leaves the mark of a layer without which no callback may be answered with a success, such as
    /// one that stores callbacks.
    ///
    /// `WeComLayer` warns as for [`warn`](Self::warn). It also rejects the callback with 503
    /// ([`RejectionKind::LayerOrder`](crate::RejectionKind::LayerOrder)), so that WeCom may send it
    /// again.
    pub fn reject(extensions: &mut Extensions, layer: &'static str) {
        Self::mark(extensions, layer, true);
    }

    fn mark(extensions: &mut Extensions, name: &'static str, rejects: bool) {
        if extensions.get::<PassedOn>().is_some() {
            return;
        }
        let outside: &mut Self = extensions.get_or_insert_default();
        outside.layers.push(OutsideLayer { name, rejects });
    }

    /// The layers that a request has passed too early. Empty if there is no mark.
    pub(crate) fn layers(extensions: &Extensions) -> &[OutsideLayer] {
        let outside = extensions.get::<Self>();
        outside.map_or(&[], |outside| &outside.layers)
    }
}
