use std::convert::Infallible;

use lambda_http::{Request, Response};
use tower::Service;
use tower_wecom::event::Text;
use tower_wecom::router::EmptyBody;
use tower_wecom::{Config, EventRouter, Reply, ReplyError, ResponseBody, WeComLayer};

async fn hello(text: Text) -> Result<Reply, ReplyError> {
    Reply::text(format!("hello {}", text.from_user_name))
}

/// `path` begins with the stage of the API: `/prod/wecom`. That of the stage `$default`, and of a
/// function URL, does not: `/wecom`.
pub fn service(
    config: Config,
    path: &str,
) -> impl Service<
    Request,
    Response = Response<ResponseBody<EmptyBody>>,
    Error = Infallible,
    Future: Send,
> + Clone {
    WeComLayer::new(config)
        .at(path)
        .layer(EventRouter::new().on(hello))
}

/// The `main` of the function.
pub async fn main() -> Result<(), lambda_http::Error> {
    let config = Config::new(
        std::env::var("WECOM_TOKEN")?.parse()?,
        std::env::var("WECOM_ENCODING_AES_KEY")?.parse()?,
        tower_wecom::ReceiveId::exact(std::env::var("WECOM_RECEIVE_ID")?),
    );
    lambda_http::run(service(config, "/prod/wecom")).await
}
