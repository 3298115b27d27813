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

/// What may not stand in a path as it is. `/` and `%` stay: a kind has written its own already.
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
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

/// Shows each callback to a router as a request for the path of its kind: `/change_contact/create_user`.
///
/// The routes, wildcards, extractors, state and middleware are the router's own:
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
/// // The parameters of the outer route and of the inner one.
/// #[derive(Deserialize)]
/// struct At {
///     corp: String,
///     agent: u32,
///     change_type: String,
/// }
///
/// async fn contact_changed(Path(At { corp, agent, change_type }): Path<At>) {
///     println!("{change_type} in {corp} for {agent}");
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
/// A callback that the router has no route for (404, or 405 for another method than POST) is acknowledged and traced as
/// `unhandled`. **So a handler must not say 404 or 405 for a failure of its own**, such as a row that is missing: WeCom would
/// be told that all is well. A request that carries no [`Callback`] gets 404 under the prefix, so nobody reaches an event's route from
/// outside; elsewhere it is passed on. Without [`prefix`](Self::prefix) everything is under it.
///
/// The path of a kind is [`Callback::kind`]; a misspelt word stands in it as WeCom misspells it. The query stays. The URI of
/// the request before it was rewritten is in its extensions as [`CallbackUri`].
#[derive(Clone, Debug)]
#[must_use = "it routes nothing unless it is served"]
pub struct RouteByPath<S> {
    inner: S,
    prefix: String,
}

/// The URI of a callback's request before [`RouteByPath`] has rewritten it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackUri(pub Uri);

impl<S> RouteByPath<S> {
    /// For a router of any framework.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            prefix: String::new(),
        }
    }

    /// Puts the kinds under a prefix, `/events/change_contact/create_user`, so that the router can have other routes beside
    /// them. A `/` at its end, or none at its start, makes no difference.
    ///
    /// # Panics
    ///
    /// If it is not written as a path is: with a blank, a `?`, a `#`, a `%` or something that is not ASCII.
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

    /// Whether a path is one that only callbacks may ask for, or may become one for a router that decodes or tidies paths.
    fn is_ours(&self, path: &str) -> bool {
        let asked = segments(path);
        let own = segments(&self.prefix);
        asked.len() >= own.len() && asked.iter().zip(&own).all(|(asked, own)| asked == own)
    }

    /// The URI of a kind: another path, and the rest as it was.
    fn uri_of(&self, kind: &EventKind, original: &Uri) -> Option<Uri> {
        let kind = utf8_percent_encode(kind.as_str(), NOT_IN_PATHS);
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
            if self.is_ours(request.uri().path()) {
                return RouteByPathFuture(State::NotFound);
            }
            return RouteByPathFuture(State::Foreign(self.inner.call(request)));
        };
        let kind = callback.kind();
        let Some(uri) = self.uri_of(&kind, request.uri()) else {
            warning!(kind = kind.as_str(), "this kind makes no path");
            return RouteByPathFuture(State::Unroutable);
        };
        let original = std::mem::replace(request.uri_mut(), uri);
        request.extensions_mut().insert(CallbackUri(original));
        RouteByPathFuture(State::Callback(self.inner.call(request)))
    }
}

/// The future of [`RouteByPath`].
#[derive(Debug)]
#[pin_project]
#[must_use = "futures do nothing unless polled"]
pub struct RouteByPathFuture<F>(#[pin] State<F>);

#[derive(Debug)]
#[pin_project(project = StateProjection)]
enum State<F> {
    /// The router runs for a callback.
    Callback(#[pin] F),
    /// The router runs for somebody else.
    Foreign(#[pin] F),
    /// Somebody else asks for an event's route.
    NotFound,
    /// No path can be made of the kind: nobody can have a route for it.
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
                if is_no_route(&response) {
                    response.extensions_mut().insert(Unhandled::new());
                }
                response.map(ResponseBody::inner)
            }
            StateProjection::Foreign(future) => ready!(future.poll(cx))?.map(ResponseBody::inner),
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

/// What a router says of a path that it does not know. A handler has run if there is a reply.
fn is_no_route<B>(response: &Response<B>) -> bool {
    let is_status = matches!(
        response.status(),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    );
    is_status && response.extensions().get::<Reply>().is_none()
}

/// The segments of a path, decoded, without those that lead nowhere.
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
