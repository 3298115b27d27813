use salvo::http::request::SecureMaxSize;
use salvo::http::{Request, Response, StatusError};
use salvo::{Router, handler};
use tower_wecom::Config;
use tower_wecom::protocol::DEFAULT_MAX_BODY_SIZE;

use crate::handle::handle;

struct WeCom(Config);

#[handler]
impl WeCom {
    async fn handle(
        &self,
        request: &mut Request,
        response: &mut Response,
    ) -> Result<(), StatusError> {
        let body = request.payload().await.cloned();
        let body = body.map_err(|_| StatusError::payload_too_large())?;
        let query = request.uri().query().unwrap_or_default();
        let (parts, body) = handle(&self.0, request.method().as_str(), query, body)
            .await
            .into_parts();
        response.status_code(parts.status);
        response.headers_mut().extend(parts.headers);
        response.body(body);
        Ok(())
    }
}

/// `goal` takes all methods.
pub fn router(config: Config) -> Router {
    Router::with_path("wecom")
        .hoop(SecureMaxSize(DEFAULT_MAX_BODY_SIZE))
        .goal(WeCom(config))
}
