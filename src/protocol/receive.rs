use bytes::Bytes;
use http::Response;

use super::answer;
use super::callback::Callback;
use super::config::Config;
use super::detail::Detail;
use super::envelope::Envelope;
use super::open::open;
use super::query::{DEFAULT_NONCE_MAX_LEN, Query, QueryError};
use super::rejection::{Reason, Rejection};
use super::url_check::{check_echostr, verify_url};

/// The longest body that [`receive`] and [`WeComLayer`](crate::WeComLayer) accept, in bytes:
/// 256 KiB.
///
/// The limit of a framework has to be at least this. Many have one of 16 KiB to 2 MiB.
pub const DEFAULT_MAX_BODY_SIZE: usize = 256 * 1024;

/// What [`receive`] makes of a request.
#[derive(Debug)]
#[must_use]
#[allow(
    clippy::exhaustive_enums,
    reason = "a caller has to handle both, and there is no third"
)]
pub enum Received {
    /// A genuine callback. Handle it, then send [`respond`](super::respond)`(&callback, &reply)`.
    Callback(Callback),
    /// The request is no callback: a URL check, a person, a load balancer, or an invalid request.
    /// Send this response.
    ///
    /// The reason of a rejection is in its extensions, as a [`Rejection`].
    Answer(Response<Bytes>),
}

/// Receives a whole request, for a server that is not a tower service.
///
/// Statuses, headers and bytes are those of [`WeComLayer`](crate::WeComLayer), with its default
/// limits. The layer also has a deadline for the body, a span, hooks and many tenants. This
/// function traces only rejections.
///
/// `method` is in capitals, as on the wire. `query` is the **raw** query string, still percent
/// encoded and without the `?`; empty if it is absent. `body` is the raw body.
///
/// The [module docs](super) have an example and the statuses.
pub fn receive(config: &Config, method: &str, query: &str, body: impl Into<Bytes>) -> Received {
    let response = match Asked::of(method, Query::parse(query, DEFAULT_NONCE_MAX_LEN)) {
        Asked::Greet => answer::greeting(),
        Asked::UrlCheck(query) => match verify_url(config, &query, config.now()) {
            Ok(echo) => answer::echo(echo),
            Err(rejection) => rejected(rejection),
        },
        Asked::Delivery(query) => match delivery(config, &query, body.into()) {
            Ok(callback) => return Received::Callback(callback),
            Err(rejection) => rejected(rejection),
        },
        Asked::Reject(rejection) => rejected(rejection),
    };
    Received::Answer(if method == "HEAD" {
        answer::head(response)
    } else {
        response
    })
}

fn delivery(config: &Config, query: &Query<'_>, body: Bytes) -> Result<Callback, Rejection> {
    if body.len() > DEFAULT_MAX_BODY_SIZE {
        let limit = Detail::Limit(DEFAULT_MAX_BODY_SIZE);
        return Err(Rejection::new(Reason::TooLarge).with(limit));
    }
    let envelope = Envelope::parse(body)?;
    open(config, query, &envelope, config.now())
}

fn rejected(rejection: Rejection) -> Response<Bytes> {
    rejection.trace();
    answer::rejected(rejection)
}

/// What a request asks for, by its method and its query string.
pub(crate) enum Asked<'a> {
    /// A delivery, whose body has to be opened.
    Delivery(Query<'a>),
    /// A request of a person or a load balancer.
    Greet,
    /// WeCom does not send such requests.
    Reject(Rejection),
    UrlCheck(Query<'a>),
}

impl<'a> Asked<'a> {
    pub(crate) fn of(method: &str, query: Result<Query<'a>, QueryError>) -> Self {
        match method {
            "GET" | "HEAD" => Self::of_get(query),
            "POST" => query.map_or_else(|error| Self::Reject(error.into()), Self::Delivery),
            _ => Self::Reject(Rejection::new(Reason::Method)),
        }
    }

    fn of_get(query: Result<Query<'a>, QueryError>) -> Self {
        match query {
            Ok(query) => match check_echostr(&query) {
                Ok(()) => Self::UrlCheck(query),
                Err(rejection) => Self::Reject(rejection),
            },
            Err(error) if error.is_not_a_callback() => Self::Greet,
            Err(error) => Self::Reject(error.into()),
        }
    }
}
