//! The layer, with a broker that is played.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tokio::time::Instant;
use tower::{Layer, ServiceExt, service_fn};
use tower_wecom::test_util::{Platform, Sample};
use tower_wecom::{Config, DeadlineLayer, ReceiveId, RejectionKind, RequestBody, WeComLayer};
use tower_wecom_publish::{CloudEvent, PublishError, PublishLayer, Publisher};

const CREATE_USER: &str = "<xml><Event>change_contact</Event><ChangeType>create_user</ChangeType>\
                           <UserID>lin</UserID></xml>";
/// The answer of the inner service.
const PASSED_ON: StatusCode = StatusCode::IM_A_TEAPOT;

#[derive(Clone, Copy)]
enum Mood {
    Confirms,
    Fails,
    IsSilent,
}

#[derive(Clone)]
struct Played {
    mood: Mood,
    published: Arc<Mutex<Vec<CloudEvent>>>,
}

impl Played {
    fn new(mood: Mood) -> Self {
        let published = Arc::default();
        Self { mood, published }
    }
}

impl Publisher for Played {
    async fn publish(&self, event: CloudEvent) -> Result<(), PublishError> {
        self.published.lock().unwrap().push(event);
        match self.mood {
            Mood::Confirms => Ok(()),
            Mood::Fails => Err(PublishError::new("no room")),
            Mood::IsSilent => pending().await,
        }
    }
}

fn config() -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let (token, key) = ("QDG6eK".parse().unwrap(), key.parse().unwrap());
    Config::new(token, key, ReceiveId::dangerous_any())
}

async fn inner(_: Request<RequestBody<String>>) -> Result<Response<String>, &'static str> {
    let mut response = Response::new(String::new());
    *response.status_mut() = PASSED_ON;
    Ok(response)
}

async fn deliver(broker: &Played, payload: &str) -> StatusCode {
    let publish = PublishLayer::new(broker.clone());
    let service = WeComLayer::new(config()).layer(publish.layer(service_fn(inner)));
    let request = Platform::new(&config()).deliver_xml(payload).unwrap();
    service.oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn a_callback_is_acknowledged_when_the_broker_has_confirmed_it() {
    let broker = Played::new(Mood::Confirms);
    assert_eq!(deliver(&broker, CREATE_USER).await, StatusCode::OK);
    let published = broker.published.lock().unwrap();
    assert_eq!(published[0].payload(), CREATE_USER);
    assert_eq!(published.len(), 1);
}

#[tokio::test]
async fn a_broker_that_fails_is_503() {
    let broker = Played::new(Mood::Fails);
    assert_eq!(
        deliver(&broker, CREATE_USER).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_confirmation_in_time_the_answer_is_503() {
    let broker = Played::new(Mood::IsSilent);
    let begun = Instant::now();
    assert_eq!(
        deliver(&broker, CREATE_USER).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    let waited = begun.elapsed();
    assert!(
        waited > Duration::from_secs(3) && waited < Duration::from_secs(5),
        "{waited:?}"
    );

    // WeCom wants notices to third-party apps answered within a second.
    let begun = Instant::now();
    let notice = "<xml><InfoType>change_auth</InfoType><SuiteId>s</SuiteId></xml>";
    assert_eq!(
        deliver(&broker, notice).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn inside_of_a_deadline_layer_it_answers_first() {
    let broker = Played::new(Mood::IsSilent);
    let publish = PublishLayer::new(broker).layer(service_fn(inner));
    let deadline = DeadlineLayer::new().answer_within(Duration::from_secs(2));
    let service = WeComLayer::new(config()).layer(deadline.layer(publish));
    let request = Platform::new(&config()).deliver_xml(CREATE_USER).unwrap();
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn no_credential_and_nothing_that_may_be_answered_reaches_the_broker() {
    let broker = Played::new(Mood::Confirms);
    for payload in [
        "<xml><InfoType>suite_ticket</InfoType><SuiteTicket>secret</SuiteTicket></xml>",
        "<xml><InfoType>create_auth</InfoType><AuthCode>secret</AuthCode></xml>",
        "<xml><Event>change_external_contact</Event><ChangeType>add_external_contact</ChangeType>\
         <UserID>a</UserID><WelcomeCode>secret</WelcomeCode></xml>",
        "<xml><Event>kf_msg_or_event</Event><Token>secret</Token></xml>",
        "<xml><MsgType>text</MsgType><Content>hello</Content></xml>",
        "<xml><Event>enter_agent</Event></xml>",
    ] {
        deliver(&broker, payload).await;
    }
    assert!(broker.published.lock().unwrap().is_empty());

    for sample in Sample::all().filter(|sample| sample.payload().starts_with('<')) {
        deliver(&broker, sample.payload()).await;
    }
    let published = broker.published.lock().unwrap();
    assert!(published.len() > 50, "{}", published.len());
    for event in &*published {
        let callback = event.restore();
        for path in [
            "WelcomeCode",
            "AuthCode",
            "Token",
            "ChatKey",
            "SuiteTicket",
            "NotifyId",
        ] {
            let found = callback.get(path).unwrap_or_default();
            assert!(found.is_empty(), "{} has {path}", event.event_type());
        }
    }
}

#[tokio::test]
async fn your_own_rule_decides_what_is_published() {
    let broker = Played::new(Mood::Confirms);
    let publish = PublishLayer::new(broker.clone()).publish_if(|_| false);
    let service = WeComLayer::new(config()).layer(publish.layer(service_fn(inner)));
    let request = Platform::new(&config()).deliver_xml(CREATE_USER).unwrap();
    assert_eq!(service.oneshot(request).await.unwrap().status(), PASSED_ON);
    assert!(broker.published.lock().unwrap().is_empty());
}

#[tokio::test]
async fn outside_of_the_wecom_layer_no_callback_is_answered_200() {
    let broker = Played::new(Mood::Confirms);
    let wecom = WeComLayer::new(config()).layer(service_fn(inner));
    let service = PublishLayer::new(broker).layer(wecom);
    let request = Platform::new(&config()).deliver_xml(CREATE_USER).unwrap();
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let rejection = response.extensions().get::<tower_wecom::Rejection>();
    let kind = rejection.map(tower_wecom::Rejection::kind);
    assert_eq!(kind, Some(RejectionKind::LayerOrder));
}
