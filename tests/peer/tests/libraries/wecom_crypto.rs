//! @wecom/crypto 1.0.1.

use serde_json::{Value, json};
use tower_wecom::event::BotText;
use tower_wecom::reply::Stream;
use tower_wecom::test_util::{Flavour, Sample};
use tower_wecom::{EventRouter, Reply, WeComLayer};

use crate::ours::{bot, own_app, suite};
use crate::receiver::WECOM_CRYPTO;

#[tokio::test]
async fn wecom_crypto_returns_the_text_of_each_callback_and_the_receive_id() {
    let accounts = [own_app(), suite(), bot()];
    for sample in Sample::all() {
        let account = match sample.flavour() {
            Flavour::SelfBuilt => &accounts[0],
            Flavour::ThirdParty => &accounts[1],
            Flavour::Bot => &accounts[2],
            _ => continue,
        };
        let delivery = account.platform().deliver_sample(sample);
        let request = delivery.request().unwrap();
        let theirs = WECOM_CRYPTO
            .ask("receive", account, &request, json!({}))
            .unwrap();
        assert_eq!(theirs["id"], account.receive_id, "{}", sample.name());
        let ours = account.receive(request).await;
        assert_eq!(theirs["message"], &*ours.text(), "{}", sample.name());
    }
}

#[tokio::test]
async fn wecom_crypto_answers_the_check_of_the_url() {
    let account = own_app();
    let request = account.platform().url_check("3872958419").unwrap();
    let theirs = WECOM_CRYPTO
        .ask("check_url", &account, &request, json!({}))
        .unwrap();
    assert_eq!(theirs["message"], "3872958419");
    let (ours, _) = account.send(request).await;
    assert_eq!(ours.body(), "3872958419");
}

#[tokio::test]
async fn a_reply_of_wecom_crypto_is_the_envelope_that_wecom_opens() {
    let account = own_app();
    let request = account
        .platform()
        .deliver("message/text")
        .unwrap()
        .request()
        .unwrap();
    let text = "<xml><MsgType>text</MsgType><Content>hello</Content></xml>";
    let reply = WECOM_CRYPTO
        .ask("reply", &account, &request, json!({ "text": text }))
        .unwrap();
    let opened = account
        .platform()
        .open_reply(reply.as_str().unwrap().as_bytes())
        .unwrap();
    assert_eq!(opened.get("Content").as_deref(), Some("hello"));
}

#[tokio::test]
async fn wecom_crypto_opens_the_answer_to_a_bot() {
    let account = bot();
    let platform = account.platform();
    let events: EventRouter = EventRouter::new()
        .on(async |_: BotText| Reply::stream(Stream::finish("id1", "Which gate?")));
    let service = WeComLayer::new(account.config.clone()).layer(events);
    let request = platform.deliver("bot/text").unwrap().request().unwrap();
    let answer = platform.send(request.clone(), service).await.unwrap();
    let envelope: Value = serde_json::from_slice(answer.body()).unwrap();
    let parts = json!({
        "body": String::from_utf8_lossy(answer.body()),
        "msg_signature": envelope["msgsignature"],
        "timestamp": envelope["timestamp"].to_string(),
        "nonce": envelope["nonce"],
    });
    let theirs = WECOM_CRYPTO
        .ask("receive", &account, &request, parts)
        .unwrap();
    let reply: Value = serde_json::from_str(theirs["message"].as_str().unwrap()).unwrap();
    assert_eq!(reply["stream"]["content"], "Which gate?");
    assert_eq!(reply["stream"]["finish"], true);
}
