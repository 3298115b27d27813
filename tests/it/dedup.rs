//! `DedupLayer`: a callback that comes twice is processed once, and no other callback is lost.

mod failures;
mod kinds;
mod model;
mod names;
mod no_runtime;
mod outages;
mod replies;
mod running;
mod settings;
mod stores;
mod twins;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tower_wecom::dedup::{DedupOutcome, Store};
use tower_wecom::test_util::Platform;
use tower_wecom::{Callback, Config, DedupLayer, Reply, RequestBody, Unhandled, WeComLayer};

use crate::support::{Answer, answer, config};

/// What the handler does in one call.
#[derive(Clone)]
enum Act {
    Answer(StatusCode),
    Grpc(&'static str),
    Panic,
    Reply(Reply),
    Sleep(Duration),
    Unhandled,
}

/// A handler that follows a script, call by call, and counts its calls by payload.
#[derive(Clone, Default)]
struct Handler {
    script: Arc<Mutex<Vec<Act>>>,
    calls: Arc<Mutex<HashMap<String, usize>>>,
    ended: Arc<Mutex<usize>>,
    outcomes: Arc<Mutex<Vec<DedupOutcome>>>,
}

impl Handler {
    /// The handler follows the script in its first calls, and succeeds in all later ones.
    fn doing(script: impl IntoIterator<Item = Act>) -> Self {
        let mut script = script.into_iter().collect::<Vec<_>>();
        script.reverse();
        Self {
            script: Arc::new(Mutex::new(script)),
            ..Self::default()
        }
    }

    fn calls(&self) -> usize {
        self.calls.lock().unwrap().values().sum()
    }

    fn calls_by_payload(&self) -> HashMap<String, usize> {
        self.calls.lock().unwrap().clone()
    }

    /// How many calls have ended.
    fn ended(&self) -> usize {
        *self.ended.lock().unwrap()
    }

    fn outcomes(&self) -> Vec<DedupOutcome> {
        self.outcomes.lock().unwrap().clone()
    }

    async fn serve<B>(
        self,
        request: Request<RequestBody<B>>,
    ) -> Result<Response<String>, Infallible> {
        let callback = request.extensions().get::<Callback>().unwrap();
        let payload = callback.text().into_owned();
        *self.calls.lock().unwrap().entry(payload).or_default() += 1;
        let act = self.script.lock().unwrap().pop();
        let mut response = Response::new(String::new());
        match act {
            None => {}
            Some(Act::Answer(status)) => *response.status_mut() = status,
            Some(Act::Grpc(status)) => {
                let status = status.parse().unwrap();
                response.headers_mut().insert("grpc-status", status);
            }
            Some(Act::Panic) => panic!("as it was told"),
            Some(Act::Reply(reply)) => drop(response.extensions_mut().insert(reply)),
            Some(Act::Sleep(time)) => tokio::time::sleep(time).await,
            Some(Act::Unhandled) => {
                *response.status_mut() = StatusCode::NOT_FOUND;
                response.extensions_mut().insert(Unhandled::new());
            }
        }
        *self.ended.lock().unwrap() += 1;
        Ok(response)
    }

    /// Sends a request through `WeComLayer` and this layer.
    async fn send<S: Store>(&self, layer: &DedupLayer<S>, request: Request<String>) -> Answer {
        self.send_to(config(), layer, request).await
    }

    async fn send_to<S: Store>(
        &self,
        config: Config,
        layer: &DedupLayer<S>,
        request: Request<String>,
    ) -> Answer {
        let (inner, outcomes) = (self.clone(), Arc::clone(&self.outcomes));
        let serve = move |request| inner.clone().serve::<String>(request);
        let layer = layer
            .clone()
            .on_outcome(move |outcome, _| outcomes.lock().unwrap().push(outcome));
        let service = layer.layer(tower::service_fn(serve));
        answer(WeComLayer::new(config).layer(service), request).await
    }
}

/// A genuine delivery of an event about this member. Each call encrypts it anew, as WeCom does.
pub fn about(member: &str) -> Request<String> {
    Platform::new(&config()).deliver_xml(event(member)).unwrap()
}

/// A genuine delivery of a message from this member, which takes a reply.
pub fn said_by(member: &str) -> Request<String> {
    Platform::new(&config())
        .deliver_xml(message(member))
        .unwrap()
}

fn message(member: &str) -> String {
    format!(
        "<xml><ToUserName>wx5823bf96d3bd56c7</ToUserName><FromUserName>{member}</FromUserName>\
         <CreateTime>1767225605</CreateTime><MsgType>text</MsgType><Content>UserID</Content>\
         <MsgId>1</MsgId></xml>"
    )
}

fn event(member: &str) -> String {
    format!(
        "<xml><ToUserName>wx5823bf96d3bd56c7</ToUserName><FromUserName>sys</FromUserName>\
         <CreateTime>1767225605</CreateTime><MsgType>event</MsgType><Event>change_contact</Event>\
         <ChangeType>create_user</ChangeType><UserID>{member}</UserID></xml>"
    )
}
