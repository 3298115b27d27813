use bytes::Bytes;
use http::{Method, Response};
use tower_wecom::Config;
use tower_wecom::protocol::DEFAULT_MAX_BODY_SIZE;
use warp::{Filter, Rejection};

use crate::handle::handle;

/// `warp::query::raw` rejects a request without a query string, and `content_length_limit` one
/// without a `Content-Length`, such as a GET.
pub fn route(
    config: Config,
) -> impl Filter<Extract = (Response<Bytes>,), Error = Rejection> + Clone {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    let limit = u64::try_from(DEFAULT_MAX_BODY_SIZE).unwrap_or(u64::MAX);
    let with_body = warp::post()
        .and(warp::body::content_length_limit(limit))
        .and(warp::body::bytes());
    let without_body = warp::get().or(warp::head()).unify().map(Bytes::new);
    warp::path!("wecom")
        .and(warp::method())
        .and(query)
        .and(with_body.or(without_body).unify())
        .then(move |method: Method, query: String, body: Bytes| {
            let config = config.clone();
            async move { handle(&config, method.as_str(), &query, body).await }
        })
}
