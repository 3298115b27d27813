use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response, StatusCode, Uri};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use pin_project::pin_project;
use tower::Service;

use crate::body::ResponseBody;
use crate::event::EventKind;
use crate::extensions::Unhandled;
use crate::protocol::Callback;
use crate::reply::Reply;
use crate::trace::warning;

/// The characters of a kind that have to be percent-encoded in a path. `/` and `%` are not among
/// them, because `EventKind` has encoded its own already.
const PATH_ENCODE_SET: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Middleware that routes callbacks by path, with a router of another framework.
///
/// It changes the path of each callback's request to that of its kind, such as
/// `/change_contact/create_user`. Routes, wildcards, extractors, state and middleware are the
/// router's own:
///
/// ```
/// # #[cfg(feature = "axum")] {
/// use axum::extract::{Path, State};
/// use axum::routing::post;
/// use axum::Router;
/// use serde::Deserialize;
/// use tower_wecom::event::CreateUser;
/// use tower_wecom::{Callback, Config, On, RouteByPath, WeComLayer};
///
/// async fn user_created(State(db): State<&'static str>, user: On<CreateUser>) {
///     println!("insert {} into {db}", user.user_id);
/// }
///
/// // The parameters of both the outer route and the inner one.
/// #[derive(Deserialize)]
/// struct PathParams {
///     corp: String,
///     agent: u32,
///     change_type: String,
/// }
///
/// async fn contact_changed(Path(path): Path<PathParams>) {
///     println!("{} in {} for {}", path.change_type, path.corp, path.agent);
/// }
///
/// fn app(config: Config) -> Router {
///     let events: Router = Router::new()
///         .route("/change_contact/create_user", post(user_created))
///         .route("/change_contact/{change_type}", post(contact_changed))
///         .with_state("the database");
///     let service = WeComLayer::new(config).layer(RouteByPath::new(events));
///     Router::new().route_service("/wecom/{corp}/{agent}", service)
/// }
/// # }
/// ```
///
/// # Callbacks without a route
///
/// If the router answers 404 or 405 and there is no [`Reply`], it has no route for the callback, or
/// none for POST. The callback is then acknowledged and traced as `unhandled`.
///
/// **A handler must not return 404 or 405 for a failure of its own**, such as a missing row. WeCom
/// would get a 200 and would not send the event again.
///
/// # Requests that are not callbacks
///
/// A request without a [`Callback`] in its extensions gets 404 if its path is under the
/// [`prefix`](Self::prefix), so that no peer can reach the route of an event from outside. Any
/// other path is passed on. Without a prefix, every path counts as under it.
///
/// # The URI
///
/// The path is the prefix and [`Callback::kind`], spelt as WeCom spells it, mistakes included. The
/// query is unchanged. The original URI is in the request's extensions, as [`CallbackUri`].
#[derive(Clone, Debug)]
#[must_use = "it routes nothing unless it is served"]
pub struct RouteByPath<S> {
    inner: S,
    prefix: String,
}

/// The URI of a callback's request before [`RouteByPath`] rewrote it, in the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackUri(pub Uri);

impl<S> RouteByPath<S> {
    /// Wraps a router of any framework.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            prefix: String::new(),
        }
    }

    /// Sets a prefix for the paths of all kinds, such as `/events` in
    /// `/events/change_contact/create_user`. The router can then have other routes as well.
    ///
    /// A `/` at the start or the end of the prefix is optional.
    ///
    /// # Panics
    ///
    /// Panics if the prefix is not a valid path. It must consist of printable ASCII characters, and
    /// must not contain a space or one of ``?#%"<>\^`{|}``.
    #[track_caller]
    pub fn prefix(mut self, prefix: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        let is_path = |byte: u8| byte.is_ascii_graphic() && !b"?#%\"<>\\^`{|}".contains(&byte);
        assert!(
            prefix.bytes().all(is_path),
            "{prefix:?} cannot be the prefix of a path: no route would ever match it"
        );
        self.prefix = if prefix.is_empty() {
            String::new()
        } else {
            format!("/{prefix}")
        };
        self
    }

    /// Whether a path is under the prefix, which is for callbacks alone. The comparison is made on
    /// normalized segments, because the router may decode or normalize paths too.
    fn is_under_prefix(&self, path: &str) -> bool {
        segments(path).starts_with(&segments(&self.prefix))
    }

    /// The original URI with the path of this kind.
    fn uri_of(&self, kind: &EventKind, original: &Uri) -> Option<Uri> {
        let kind = utf8_percent_encode(kind.as_str(), PATH_ENCODE_SET);
        let query = original
            .query()
            .map_or(String::new(), |query| format!("?{query}"));
        let path = format!("{}/{kind}{query}", self.prefix).parse().ok()?;
        let mut parts = original.clone().into_parts();
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).ok()
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for RouteByPath<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = RouteByPathFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let Some(callback) = request.extensions().get::<Callback>() else {
            if self.is_under_prefix(request.uri().path()) {
                return RouteByPathFuture(State::NotFound);
            }
            return RouteByPathFuture(State::NoCallback(self.inner.call(request)));
        };
        let kind = callback.kind();
        let Some(uri) = self.uri_of(&kind, request.uri()) else {
            warning!(kind = kind.shown(), "no path can be made from this kind");
            return RouteByPathFuture(State::Unroutable);
        };
        let original = std::mem::replace(request.uri_mut(), uri);
        request.extensions_mut().insert(CallbackUri(original));
        RouteByPathFuture(State::Callback(self.inner.call(request)))
    }
}

/// The response future of [`RouteByPath`].
#[derive(Debug)]
#[pin_project]
#[must_use = "futures do nothing unless polled"]
pub struct RouteByPathFuture<F>(#[pin] State<F>);

#[derive(Debug)]
#[pin_project(project = StateProjection)]
enum State<F> {
    /// The router handles a callback.
    Callback(#[pin] F),
    /// The router handles another request.
    NoCallback(#[pin] F),
    /// Another request has a path that is for callbacks alone.
    NotFound,
    /// No path can be made from the kind, so the router cannot have a route for it.
    Unroutable,
}

impl<F, ResBody, E> Future for RouteByPathFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
{
    type Output = Result<Response<ResponseBody<ResBody>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match self.project().0.project() {
            StateProjection::Callback(future) => {
                let mut response = ready!(future.poll(cx))?;
                if has_no_route(&response) {
                    response.extensions_mut().insert(Unhandled::new());
                }
                response.map(ResponseBody::inner)
            }
            StateProjection::NoCallback(future) => {
                ready!(future.poll(cx))?.map(ResponseBody::inner)
            }
            StateProjection::NotFound => empty(StatusCode::NOT_FOUND),
            StateProjection::Unroutable => {
                let mut response = empty(StatusCode::OK);
                response.extensions_mut().insert(Unhandled::new());
                response
            }
        };
        Poll::Ready(Ok(response))
    }
}

/// Whether the router has no route for the callback. If there is a reply, a handler has run.
fn has_no_route<B>(response: &Response<B>) -> bool {
    let is_status = matches!(
        response.status(),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    );
    is_status && response.extensions().get::<Reply>().is_none()
}

/// The segments of a path, decoded, without empty ones and with `.` and `..` resolved.
fn segments(path: &str) -> Vec<String> {
    let mut segments = Vec::new();
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    for segment in decoded.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment.to_owned()),
        }
    }
    segments
}

fn empty<B>(status: StatusCode) -> Response<ResponseBody<B>> {
    let mut response = Response::new(ResponseBody::default());
    *response.status_mut() = status;
    response
}
