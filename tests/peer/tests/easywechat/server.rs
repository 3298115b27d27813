//! A server on a real port, with callbacks from wechatpy.

use std::net::SocketAddr;

use axum::Router;
use axum::http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_wecom::{EventRouter, WeComLayer};

use crate::account::{Account, OWN_APP, SUITE_COMMANDS};
use crate::log::Log;
use crate::peer::ask;

pub struct Server {
    account: Account,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start(account: Account, events: EventRouter) -> Self {
        let service = WeComLayer::new(account.config()).layer(events);
        Self::serve(account, Router::new().route_service("/wecom", service)).await
    }

    pub async fn serve(account: Account, app: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Self {
            account,
            address,
            task,
        }
    }

    /// Sends a callback that wechatpy has signed and encrypted.
    pub async fn send(&self, text: &str) -> Answer {
        let sealed = ask("seal", &self.account, self.account.receive_id, text).unwrap();
        let body = sealed["body"].as_str().unwrap().to_owned();
        self.send_sealed(&sealed, body).await
    }

    pub async fn send_sample(&self, name: &str) -> Answer {
        self.send(&self.account.sample(name)).await
    }

    /// Sends a callback as it is.
    pub async fn send_sealed(&self, sealed: &Value, body: String) -> Answer {
        let request = Request::post(self.url(sealed)).body(body).unwrap();
        self.request(request).await
    }

    /// Sends a URL check, as the console does.
    pub async fn check_url(&self, echo: &str) -> Answer {
        let id = self.account.url_check_id;
        let sealed = ask("seal_echo", &self.account, id, echo).unwrap();
        let request = Request::get(self.url(&sealed)).body(String::new()).unwrap();
        self.request(request).await
    }

    fn url(&self, sealed: &Value) -> String {
        let mut url = format!("http://{}/wecom?", self.address);
        for name in ["msg_signature", "timestamp", "nonce", "echostr"] {
            if let Some(value) = sealed[name].as_str() {
                let value = value.replace('+', "%2B").replace('/', "%2F");
                url.extend([name, "=", &value.replace('=', "%3D"), "&"]);
            }
        }
        url.trim_end_matches('&').to_owned()
    }

    async fn request(&self, request: Request<String>) -> Answer {
        let client: Client<HttpConnector, String> =
            Client::builder(TokioExecutor::new()).build_http();
        let (parts, body) = client.request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            account: self.account,
            status: parts.status.as_u16(),
            body: String::from_utf8(body).unwrap(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    account: Account,
    pub status: u16,
    pub body: String,
}

impl Answer {
    /// The reply's elements. wechatpy has checked its signature and its receive id.
    pub fn open(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        let id = self.account.receive_id;
        let mut opened = ask("open_reply", &self.account, id, &self.body).unwrap();
        opened["elements"].take()
    }

    /// The text for the member, in a reply whose other parts are right.
    pub fn text(&self, callback: &str) -> String {
        let reply = self.open();
        assert_eq!(reply["MsgType"], "text");
        assert_eq!(reply["ToUserName"], element(callback, "FromUserName"));
        assert_eq!(reply["FromUserName"], element(callback, "ToUserName"));
        assert!(
            reply["CreateTime"]
                .as_str()
                .unwrap()
                .parse::<u64>()
                .unwrap()
                > 1_767_225_605
        );
        assert_eq!(reply.as_object().unwrap().len(), 5, "{reply}");
        reply["Content"].as_str().unwrap().to_owned()
    }

    pub fn is_acknowledgement(&self) -> bool {
        self.status == 200 && self.body == self.account.acknowledgement
    }
}

pub fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}><![CDATA[")).unwrap();
    rest.split_once("]]>").unwrap().0
}

/// The callbacks of the address book, which have the same names in both flavours.
const CONTACT: [&str; 7] = [
    "change_contact_create_user",
    "change_contact_update_user",
    "change_contact_delete_user",
    "change_contact_create_party",
    "change_contact_update_party",
    "change_contact_delete_party",
    "change_contact_update_tag",
];

/// The other callbacks of a row, from own apps.
const OWN: [&str; 3] = ["batch_job_result", "share_agent_change", "change_app_admin"];

/// The other callbacks of a row, from suites.
const NOTICES: [&str; 9] = [
    "batch_job_result_export",
    "share_agent_change",
    "suite_ticket",
    "create_auth",
    "change_auth",
    "cancel_auth",
    "reset_permanent_code",
    "approve_special_auth",
    "cancel_special_auth",
];

/// The replies of the handlers to some callbacks. They must not take any other callback.
pub type Expected<'a> = [(&'a str, &'a str)];

/// Of all callbacks from own apps, the handlers take only these. wechatpy opens their replies.
pub async fn takes_of_own_app(events: impl Fn(Log) -> EventRouter, expected: &Expected<'_>) {
    let samples = [&CONTACT[..], &OWN].concat();
    takes(OWN_APP, &samples, events, expected).await;
}

/// The same for a suite. Its answer is always `success`, even if a handler returns a reply.
pub async fn takes_of_suite(events: impl Fn(Log) -> EventRouter, expected: &Expected<'_>) {
    let samples = [&CONTACT[..], &NOTICES].concat();
    takes(SUITE_COMMANDS, &samples, events, expected).await;
}

/// Document 90241: the address book and jobs take none.
fn takes_a_reply(sample: &str) -> bool {
    sample.starts_with("message_") || ["subscribe", "click", "view"].contains(&sample)
}

pub async fn takes(
    account: Account,
    samples: &[&str],
    events: impl Fn(Log) -> EventRouter,
    expected: &Expected<'_>,
) {
    let log = Log::default();
    let server = Server::start(account, events(log.clone())).await;
    let mut said = Vec::new();
    for &name in samples {
        let callback = account.sample(name);
        let answer = server.send(&callback).await;
        let words = log.said();
        let is_answered = account.acknowledgement.is_empty() && takes_a_reply(name);
        if !words.is_empty() && is_answered {
            assert_eq!([answer.text(&callback)], words[..], "{name}");
        } else {
            assert!(answer.is_acknowledgement(), "{name}: {answer:?}");
        }
        said.extend(words.into_iter().map(|words| (name, words)));
    }
    let said: Vec<_> = said
        .iter()
        .map(|(name, words)| (*name, words.as_str()))
        .collect();
    assert_eq!(said, expected);
}
