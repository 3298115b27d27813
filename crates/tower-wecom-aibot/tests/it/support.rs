//! What the tests share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinHandle;
use tower_wecom::{BotEvent, EventRouter, Reply, ReplyError};
use tower_wecom_aibot::test_util::{ReceivedFrame, StandIn};
use tower_wecom_aibot::{Bot, ReplyHandle, ServeError, Unanswered, UnansweredReason};

/// Longer than any step of a test takes, on a slow machine too.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) fn text(msgid: &str, user: &str, content: &str) -> String {
    serde_json::json!({
        "msgid": msgid, "aibotid": "aibStandIn", "chattype": "single", "from": {"userid": user},
        "msgtype": "text", "text": {"content": content},
    })
    .to_string()
}

pub(crate) const ENTER_CHAT: &str = r#"{"msgid":"m-e","create_time":1795852801,"aibotid":"aibStandIn",
    "from":{"userid":"wen.qing"},"msgtype":"event","event":{"eventtype":"enter_chat"}}"#;

pub(crate) const CARD_EVENT: &str = r#"{"msgid":"m-c","create_time":1795852801,"aibotid":"aibStandIn",
    "chattype":"single","from":{"userid":"wen.qing"},"msgtype":"event",
    "event":{"eventtype":"template_card_event","template_card_event":{
        "card_type":"button_interaction","event_key":"yes","task_id":"k1"}}}"#;

pub(crate) const FEEDBACK: &str = r#"{"msgid":"m-f","create_time":1795852801,"aibotid":"aibStandIn",
    "chattype":"single","from":{"userid":"wen.qing"},"msgtype":"event",
    "event":{"eventtype":"feedback_event","feedback_event":{"id":"f1","type":1}}}"#;

/// A reply of one frame with this text.
pub(crate) fn answer(text: &str) -> Result<Reply, ReplyError> {
    use tower_wecom::reply::Stream;
    Reply::stream(Stream::finish("st", text))
}

/// A router that answers each callback with its kind.
pub(crate) fn echo() -> EventRouter {
    EventRouter::new().on(async |event: BotEvent| answer(event.kind().as_str()))
}

/// The bot of a test server, with pauses that fit into a test.
pub(crate) fn quick(stand_in: &StandIn) -> Bot {
    let (first, longest) = (Duration::from_millis(20), Duration::from_millis(100));
    stand_in.bot().reconnect_pauses(first, longest)
}

pub(crate) fn serve(bot: Bot, events: EventRouter) -> JoinHandle<Result<(), ServeError>> {
    tokio::spawn(bot.serve(events))
}

pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LONG, future).await.expect("in time")
}

pub(crate) async fn next(stand_in: &mut StandIn) -> ReceivedFrame {
    soon(stand_in.next_frame()).await
}

/// Hands the `ReplyHandle` of the next callback to the test.
pub(crate) fn catcher() -> (
    EventRouter,
    tokio::sync::mpsc::UnboundedReceiver<ReplyHandle>,
) {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    let events = EventRouter::new().on(move |event: tower_wecom::On<BotEvent>| {
        let handle = event.extension::<ReplyHandle>().unwrap().clone();
        sender.send(handle).unwrap();
        async {}
    });
    (events, receiver)
}

/// What `on_unanswered` was called with.
#[derive(Clone, Default)]
pub(crate) struct Reports(pub(crate) Arc<Mutex<Vec<(String, UnansweredReason)>>>);

impl Reports {
    pub(crate) fn hook(&self) -> impl Fn(&Unanswered) + Send + Sync + 'static {
        let reports = Arc::clone(&self.0);
        move |unanswered| {
            let id = unanswered.callback().get("msgid").unwrap_or_default();
            let report = (id.to_owned(), unanswered.reason().clone());
            reports.lock().unwrap().push(report);
        }
    }

    pub(crate) async fn next(&self) -> UnansweredReason {
        soon(async {
            loop {
                if let Some((_, reason)) = self.0.lock().unwrap().pop() {
                    return reason;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
    }
}
