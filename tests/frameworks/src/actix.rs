use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, PayloadConfig, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use tower_wecom::Config;
use tower_wecom::protocol::DEFAULT_MAX_BODY_SIZE;

use crate::handle::handle;

async fn wecom(request: HttpRequest, body: Bytes, config: Data<Config>) -> HttpResponse {
    let query = request.query_string();
    let response = handle(&config, request.method().as_str(), query, body).await;
    // actix-web 4 has the types of http 0.2.
    let status = StatusCode::from_u16(response.status().as_u16()).unwrap_or_default();
    let mut answer = HttpResponse::build(status);
    for (name, value) in response.headers() {
        answer.insert_header((name.as_str(), value.as_bytes()));
    }
    answer.body(response.into_body())
}

/// For `App::configure`. A route without a method takes GET and POST.
pub fn routes(config: Config) -> impl FnOnce(&mut ServiceConfig) {
    move |app| {
        app.app_data(Data::new(config))
            .app_data(PayloadConfig::new(DEFAULT_MAX_BODY_SIZE))
            .route("/wecom", web::route().to(wecom));
    }
}
