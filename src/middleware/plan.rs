use http::Request;
use http_body::Body;

use super::options::Options;
use super::read::ReadBody;
use crate::protocol::{
    Asked, Callback, DetachedQuery, Detail, Query, QueryError, Reason, Rejection,
};

/// What to do with a request, decided before its body is read.
///
/// It contains the parsed query, so that the query string is parsed once.
pub(super) enum Plan {
    /// Read the body of the delivery and open it.
    Delivery(DetachedQuery),
    /// Answer a person or a load balancer with a fixed text.
    Greet,
    /// Pass the request on untouched, because it is not for this layer.
    PassOn,
    /// Reject the request, because WeCom does not send such requests.
    Reject(Rejection),
    /// Answer the URL check.
    UrlCheck(DetachedQuery),
}

impl Plan {
    pub(super) fn of<B: Body>(request: &Request<B>, options: &Options) -> Self {
        let is_elsewhere = !options.path.matches(request.uri().path());
        if is_elsewhere || request.extensions().get::<Callback>().is_some() {
            return Self::PassOn;
        }
        let raw = request.uri().query().unwrap_or_default();
        let query = Query::parse(raw, options.nonce_max_len);
        if options.path.is_any() && query.as_ref().is_err_and(QueryError::is_not_a_callback) {
            options.warnings.stray(request.uri().path());
        }
        match Asked::of(request.method().as_str(), query) {
            Asked::Greet => Self::Greet,
            Asked::UrlCheck(query) => Self::UrlCheck(query.detach(raw)),
            Asked::Reject(rejection) => Self::Reject(rejection),
            Asked::Delivery(query) => {
                if ReadBody::is_too_large(request.body(), options.max_body_size) {
                    let limit = Detail::Limit(options.max_body_size);
                    return Self::Reject(Rejection::new(Reason::TooLarge).with(limit));
                }
                Self::Delivery(query.detach(raw))
            }
        }
    }
}
