//! What several tests need.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http::{Request, Response};
use http_body_util::BodyExt;
use tower_wecom::test_util::FixedClock;
use tower_wecom::{Callback, Config, ReceiveId, RequestBody};

pub const TOKEN: &str = "QDG6eK";
pub const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
pub const CORP: &str = "wx5823bf96d3bd56c7";
/// What the clock of [`config`] shows.
pub const NOW: u64 = 1_767_225_605;

/// The official sample's credentials under a clock that stands still.
pub fn config() -> Config {
    let (token, key) = (TOKEN.parse().unwrap(), KEY.parse().unwrap());
    Config::new(token, key, ReceiveId::exact(CORP)).clock(FixedClock::at(NOW))
}

/// A callback of an event that everybody knows.
pub const CREATE_USER: &str = "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\
    <FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1767225605</CreateTime>\
    <MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_contact]]></Event>\
    <ChangeType>create_user</ChangeType><UserID><![CDATA[lin.mei]]></UserID></xml>";

/// A service that answers 200 and remembers the callbacks that reached it.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Vec<Callback>>>);

impl Recorder {
    pub fn callbacks(&self) -> Vec<Callback> {
        self.0.lock().unwrap().clone()
    }

    pub fn record<B>(&self, request: &Request<RequestBody<B>>) {
        let callback = request
            .extensions()
            .get::<Callback>()
            .expect("nothing else gets through");
        self.0.lock().unwrap().push(callback.clone());
    }

    /// The service.
    pub async fn serve<B>(
        self,
        request: Request<RequestBody<B>>,
    ) -> Result<Response<String>, Infallible> {
        self.record(&request);
        Ok(Response::new(String::new()))
    }
}

/// The whole body.
pub async fn body<B: http_body::Body<Error: std::fmt::Debug>>(response: Response<B>) -> Vec<u8> {
    response
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes()
        .to_vec()
}
