use bytes::Bytes;
use http::Response;
use tower_wecom::event::{Event, Message};
use tower_wecom::protocol::{self, Received};
use tower_wecom::{Callback, Config, Reply, ReplyError};

/// `query` is the raw query string, and `body` the raw body.
pub async fn handle(config: &Config, method: &str, query: &str, body: Bytes) -> Response<Bytes> {
    let callback = match protocol::receive(config, method, query, body) {
        Received::Callback(callback) => callback,
        Received::Answer(response) => return response,
    };
    match answer(&callback).await {
        Ok(reply) => protocol::respond(&callback, &reply),
        Err(error) => {
            eprintln!("{} has failed: {error}", callback.kind());
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}

/// Your code.
async fn answer(callback: &Callback) -> Result<Reply, ReplyError> {
    match callback.event() {
        Event::Message(Message::Text(text)) => {
            Reply::text(format!("hello {}", text.from_user_name))
        }
        _ => Ok(Reply::ack()),
    }
}
