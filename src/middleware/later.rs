//! What a layer shares that makes a callback safe first, and a worker that handles it later.

use std::time::Duration;

use http::{Extensions, Request, Response, Uri};
use tower::{BoxError, Service, ServiceExt};

use super::request::request_for;
use crate::body::RequestBody;
use crate::extensions::{AnswerBy, Arrival, Attempt, Deferred, is_success};
use crate::protocol::{ANSWER_URGENT_WITHIN, Callback, is_urgent};
use crate::reply::Reply;
use crate::trace::warning;

/// WeCom waits for 5 seconds; the rest is for the answer on its way.
const SAFE_WITHIN: Duration = Duration::from_secs(4);
/// How long before an outer layer answers.
const MARGIN: Duration = Duration::from_millis(100);

/// How long a layer may still take to make a callback safe before it has to answer.
///
/// That is 4 seconds from the arrival, 900 ms for notices to third-party apps and for devices, and
/// at most until 100 ms before an outer `DeadlineLayer` answers, which would acknowledge what is
/// not safe. Zero if the time is over. `extensions` are those of the request.
///
/// ```
/// use std::time::Duration;
/// use tower_wecom::{middleware, protocol};
///
/// let payload = "<xml><Event>unsubscribe</Event></xml>";
/// let callback = protocol::restore(payload.into(), "ww1a2b3c", None, 0);
/// let left = middleware::time_to_store(&callback, &http::Extensions::new());
/// assert_eq!(left, Duration::from_secs(4));
/// ```
#[must_use]
pub fn time_to_store(callback: &Callback, extensions: &Extensions) -> Duration {
    let arrival = extensions.get::<Arrival>();
    let passed = arrival.map_or(Duration::ZERO, |arrival| arrival.instant().elapsed());
    let all = if is_urgent(callback) {
        ANSWER_URGENT_WITHIN
    } else {
        SAFE_WITHIN
    };
    let left = all.saturating_sub(passed);
    extensions.get::<AnswerBy>().map_or(left, |answer_by| {
        left.min(answer_by.remaining().saturating_sub(MARGIN))
    })
}

/// Runs a service for a callback that WeCom has had the answer to, from a store or a broker.
///
/// The request is that of [`request_for`], with the [`Attempt`] in its extensions. A
/// [`Reply`] is dropped with a warning, because nothing waits for it.
///
/// # Errors
///
/// If the callback is to be tried again: the service returned an error, its response [is not a
/// success](is_success), or a `DeadlineLayer` answered while the work goes on. The text names no
/// value of the callback, unless the error of the service does.
pub async fn run_later<S, B, ResBody>(
    service: S,
    callback: &Callback,
    uri: Uri,
    attempt: Attempt,
) -> Result<(), BoxError>
where
    S: Service<Request<RequestBody<B>>, Response = Response<ResBody>>,
    S::Error: Into<BoxError>,
{
    let mut request = request_for(callback, uri);
    request.extensions_mut().insert(attempt);
    let response = service.oneshot(request).await.map_err(Into::into)?;
    if response.extensions().get::<Deferred>().is_some() {
        return Err(
            "a deadline answered while the work went on: what came of it is not known".into(),
        );
    }
    if !is_success(&response) {
        return Err(failure(&response).into());
    }
    let reply = response.extensions().get::<Reply>();
    if reply.is_some_and(|reply| *reply != Reply::ack()) {
        warning!(
            kind = callback.kind().shown(),
            "a reply to a callback that was acknowledged before is dropped: WeCom has had its answer"
        );
    }
    Ok(())
}

fn failure<B>(response: &Response<B>) -> String {
    let status = response.status();
    // Only gRPC has failures that are answered 200.
    let grpc = if status.is_success() {
        " with a failure of gRPC"
    } else {
        ""
    };
    format!("the handler answered {status}{grpc}")
}
