//! wechatpy 1.8.18, and 2.0.0a26 where it differs.

use serde_json::{Value, json};
use tower_wecom::Reply;
use tower_wecom::test_util::{Flavour, Sample};

use crate::ours::{PROVIDER, bot, own_app, suite};
use crate::receiver::{Receiver, WECHATPY, WECHATPY_2};

#[tokio::test]
async fn wechatpy_has_classes_for_messages_and_menus_but_not_for_the_directory() {
    for (kind, class) in [
        ("message/text", "TextMessage"),
        ("message/image", "ImageMessage"),
        ("subscribe", "SubscribeEvent"),
        ("click", "ClickEvent"),
        ("enter_agent", "EnterAgentEvent"),
        ("batch_job_result", "BatchJobResultEvent"),
        ("change_contact/create_user", "UnknownMessage"),
        ("change_contact/update_user", "UnknownMessage"),
        ("change_contact/delete_party", "UnknownMessage"),
        ("change_contact/update_tag", "UnknownMessage"),
        (
            "change_external_contact/add_external_contact",
            "UnknownMessage",
        ),
        ("sys_approval_change", "UnknownMessage"),
        ("template_card_event", "UnknownMessage"),
        ("kf_msg_or_event", "UnknownMessage"),
    ] {
        let account = own_app();
        let request = account.platform().deliver(kind).unwrap().request().unwrap();
        let theirs = WECHATPY
            .ask("receive", &account, &request, json!({}))
            .unwrap();
        assert_eq!(theirs["class"], class, "{kind}");
        assert!(account.receive(request).await.event().is_known(), "{kind}");
    }
}

#[tokio::test]
async fn wechatpy_2_has_classes_for_customers_and_approvals_but_not_for_the_directory() {
    for (kind, class) in [
        (
            "change_external_contact/add_external_contact",
            "ChangeExternalContactEvent",
        ),
        ("sys_approval_change", "SysApprovalChangeEvent"),
        ("kf_msg_or_event", "KFMsgOrEventEvent"),
        ("change_contact/create_user", "UnknownMessage"),
        ("template_card_event", "UnknownMessage"),
    ] {
        let account = own_app();
        let request = account.platform().deliver(kind).unwrap().request().unwrap();
        let theirs = WECHATPY_2
            .ask("receive", &account, &request, json!({}))
            .unwrap();
        assert_eq!(theirs["class"], class, "{kind}");
    }
}

#[tokio::test]
async fn wechatpy_2_loses_the_result_of_a_batch_job() {
    let account = own_app();
    let request = account
        .platform()
        .deliver("batch_job_result")
        .unwrap()
        .request()
        .unwrap();
    let read = |library: &Receiver| {
        let fields = json!({ "fields": ["job_id", "err_code"] });
        let mut read = library.ask("receive", &account, &request, fields).unwrap();
        read["fields"].take()
    };
    let job = "jobid_Qz7m2Ld0xVb9Rk4TsHw1";
    assert_eq!(read(&WECHATPY), json!({ "job_id": job, "err_code": "0" }));
    let lost = json!({ "error": "AttributeError" });
    assert_eq!(
        read(&WECHATPY_2),
        json!({ "job_id": job, "err_code": lost })
    );
    let ours = account.receive(request).await;
    assert_eq!(ours.get("BatchJob/ErrCode"), Some("0"));
}

#[tokio::test]
async fn wechatpy_raises_at_each_notice_of_a_suite() {
    let account = suite();
    let notices = Sample::all().filter(|sample| {
        sample.flavour() == Flavour::ThirdParty
            && sample.payload().starts_with('<')
            && sample.payload().contains("<InfoType>")
    });
    let mut count = 0;
    for sample in notices {
        let request = account.platform().deliver_sample(sample).request().unwrap();
        for library in [&WECHATPY, &WECHATPY_2] {
            let theirs = library.ask("receive", &account, &request, json!({}));
            assert_eq!(
                theirs.unwrap_err(),
                "KeyError: 'MsgType'",
                "{}",
                sample.name()
            );
        }
        let (ours, callback) = account.send(request).await;
        assert!(callback.unwrap().event().is_known(), "{}", sample.name());
        assert_eq!(ours.body(), "success");
        count += 1;
    }
    assert!(count > 80, "{count}");
}

#[tokio::test]
async fn wechatpy_raises_when_the_id_of_a_message_is_not_a_number() {
    let account = own_app();
    let id = "CAIQg/PKxgYY2sC9tpuAgAMg9/zKaw==";
    let text = account.platform().deliver("message/text").unwrap();
    let request = text.set("MsgId", id).request().unwrap();
    let fields = json!({ "fields": ["id", "content"] });
    for library in [&WECHATPY, &WECHATPY_2] {
        let theirs = library
            .ask("receive", &account, &request, fields.clone())
            .unwrap();
        assert_eq!(theirs["fields"]["id"], json!({ "error": "ValueError" }));
    }
    let ours = account.receive(request).await;
    assert_eq!(ours.header().message_id.as_deref(), Some(id));
}

#[tokio::test]
async fn wechatpy_cannot_read_the_callback_of_a_bot() {
    let account = bot();
    let request = account
        .platform()
        .deliver("bot/text")
        .unwrap()
        .request()
        .unwrap();
    for library in [&WECHATPY, &WECHATPY_2] {
        let error = library
            .ask("receive", &account, &request, json!({}))
            .unwrap_err();
        assert!(error.starts_with("ExpatError: "), "{error}");
    }
    assert!(account.receive(request).await.event().is_known());
}

#[tokio::test]
async fn the_check_of_a_suites_url_has_another_id_than_its_notices() {
    let account = suite();
    let request = account.platform().url_check("3872958419").unwrap();
    let ask = |extra: Value| WECHATPY.ask("check_url", &account, &request, extra);
    let error = ask(json!({})).unwrap_err();
    assert!(error.starts_with("InvalidCorpIdException: "), "{error}");
    assert_eq!(
        ask(json!({ "receive_id": PROVIDER })).unwrap(),
        "3872958419"
    );
    let (ours, _) = account.send(request).await;
    assert_eq!(ours.body(), "3872958419");
}

#[tokio::test]
async fn wechatpy_makes_a_message_of_an_empty_string() {
    let account = own_app();
    let request = account
        .platform()
        .deliver("message/text")
        .unwrap()
        .request()
        .unwrap();
    let reply = |text: &str| {
        let sealed = WECHATPY
            .ask("reply", &account, &request, json!({ "text": text }))
            .unwrap();
        account
            .platform()
            .open_reply(sealed.as_str().unwrap().as_bytes())
            .unwrap()
    };
    assert_eq!(reply("hello").get("Content").as_deref(), Some("hello"));
    assert_eq!(reply("").get("Content").as_deref(), Some(""));
    assert!(Reply::text("").is_err());
}
