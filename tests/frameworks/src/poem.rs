use poem::error::ReadBodyError;
use poem::web::Data;
use poem::{Body, EndpointExt, IntoEndpoint, Request, Response, Route, handler};
use tower_wecom::Config;
use tower_wecom::protocol::DEFAULT_MAX_BODY_SIZE;

use crate::handle::handle;

// A handler without `get` or `post` takes all methods.
#[handler]
async fn wecom(
    request: &Request,
    body: Body,
    Data(config): Data<&Config>,
) -> Result<Response, ReadBodyError> {
    let query = request.uri().query().unwrap_or_default();
    let body = body.into_bytes_limit(DEFAULT_MAX_BODY_SIZE).await?;
    let response = handle(config, request.method().as_str(), query, body).await;
    let (parts, body) = response.into_parts();
    let mut answer = Response::builder().status(parts.status);
    for (name, value) in &parts.headers {
        answer = answer.header(name, value);
    }
    Ok(answer.body(body))
}

pub fn app(config: Config) -> impl IntoEndpoint {
    Route::new().at("/wecom", wecom).data(config)
}
