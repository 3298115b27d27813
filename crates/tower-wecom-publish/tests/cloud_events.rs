//! A callback becomes a CloudEvent and comes back as it was.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use serde_json::{Value, json};
use tower_wecom::dedup::{DedupKey, Recurrence, recurrence};
use tower_wecom::test_util::Sample;
use tower_wecom::{Callback, protocol};
use tower_wecom_publish::{CloudEvent, CloudEventError};

type Change = fn(&mut Value);

fn callback(payload: impl Into<Vec<u8>>) -> Callback {
    let tenant = Some("总部 1/2".to_owned());
    protocol::restore(payload.into().into(), "ww1a2b3c", tenant, 7)
}

fn written(callback: &Callback) -> Value {
    serde_json::from_slice(&CloudEvent::new(callback, "/wecom").to_json()).unwrap()
}

#[test]
fn every_sample_comes_back_byte_for_byte() {
    for sample in Sample::all() {
        let before = callback(sample.payload());
        let event = CloudEvent::new(&before, "/wecom");
        let read = CloudEvent::from_json(&event.to_json()).unwrap();
        let after = read.restore();
        assert_eq!(after.payload(), before.payload(), "{}", sample.name());
        assert_eq!(after.kind(), before.kind());
        assert_eq!(after.tenant(), before.tenant());
        assert_eq!(after.receive_id(), before.receive_id());
        assert_eq!(after.age(), before.age());
        assert_eq!(DedupKey::of(&after), DedupKey::of(&before));
        assert_eq!((read.id(), read.path()), (event.id(), "/wecom"));
        assert_eq!(read.is_once(), recurrence(&before) == Recurrence::Once);
        let lag = read.arrived_at().elapsed().unwrap();
        assert!(lag.as_secs() < 60, "{lag:?}");
    }
}

#[test]
fn payloads_that_are_no_xml_come_back_byte_for_byte() {
    let json = r#"{"b":1.50,"a":"A", "a":2}"#;
    let others = [
        b"\xff\x00".as_slice(),
        b"",
        b"text",
        b" {} ",
        b"{",
        b"\x07",
        b"1e5",
        b"null",
    ];
    for payload in [json.as_bytes()].into_iter().chain(others) {
        let event = CloudEvent::new(&callback(payload), "/wecom");
        let read = CloudEvent::from_json(&event.to_json()).unwrap();
        assert_eq!(read.payload(), payload);
    }
    let text = String::from_utf8(CloudEvent::new(&callback(json), "").to_json()).unwrap();
    assert!(text.contains(&format!("\"data\":{json}")), "{text}");
}

#[test]
fn the_attributes_are_those_of_the_page() {
    let payload = "<xml><ToUserName>ww1a2b3c</ToUserName><FromUserName>sys</FromUserName>\
        <CreateTime>1767225605</CreateTime><MsgType>event</MsgType><Event>change_contact</Event>\
        <ChangeType>create_user</ChangeType><UserID>lin</UserID></xml>";
    let callback = callback(payload);
    let mut written = written(&callback);
    let arrived = written["wecomarrived"].take();
    assert!(arrived.as_str().unwrap().parse::<u64>().unwrap() > 1_767_225_605_000);
    let expected = json!({
        "specversion": "1.0",
        "id": DedupKey::of(&callback).to_string(),
        "source": "//tower-wecom/%E6%80%BB%E9%83%A8%201%2F2/ww1a2b3c",
        "type": "com.tencent.wecom.change_contact.create_user",
        "subject": "lin",
        "time": "2026-01-01T00:00:05Z",
        "datacontenttype": "application/xml",
        "wecomtenant": "总部 1/2",
        "wecomreceiveid": "ww1a2b3c",
        "wecomage": 7,
        "wecomarrived": null,
        "wecompath": "/wecom",
        "data": payload,
    });
    assert_eq!(written, expected);
}

#[test]
fn the_subject_is_the_user_the_party_or_the_job() {
    let of = |payload: &str| {
        CloudEvent::new(&callback(payload), "")
            .subject()
            .map(str::to_owned)
    };
    let contact = |rest: &str| format!("<xml><Event>change_contact</Event>{rest}</xml>");
    let party = contact("<ChangeType>delete_party</ChangeType><Id>2</Id>");
    assert_eq!(of(&party).as_deref(), Some("2"));
    let job = "<xml><Event>batch_job_result</Event><BatchJob><JobId>j</JobId></BatchJob></xml>";
    assert_eq!(of(job).as_deref(), Some("j"));
    let sender = "<xml><FromUserName>lin</FromUserName><Event>unsubscribe</Event></xml>";
    assert_eq!(of(sender).as_deref(), Some("lin"));
    let system = "<xml><FromUserName>sys</FromUserName><Event>new</Event></xml>";
    assert_eq!(of(system), None);
    // One of them may come from a text that was not escaped.
    let twice = contact("<ChangeType>delete_user</ChangeType><UserID>a</UserID><UserID>b</UserID>");
    assert_eq!(of(&twice), None);
}

#[test]
fn two_equal_callbacks_that_can_both_be_genuine_have_two_ids() {
    let payload = "<xml><Event>change_contact</Event><ChangeType>update_user</ChangeType>\
                   <UserID>lin</UserID></xml>";
    let callback = callback(payload);
    let (first, second) = (
        CloudEvent::new(&callback, ""),
        CloudEvent::new(&callback, ""),
    );
    assert_ne!(first.id(), second.id());
    assert!(!first.is_once());
    assert!(first.id().starts_with(&DedupKey::of(&callback).to_string()));
}

#[test]
fn no_kind_and_no_time_makes_an_invalid_attribute() {
    let payload = "<xml><CreateTime>18446744073709551615</CreateTime><FromUserName>a&#10;b\
                   </FromUserName><Event>new&#9;\u{85}kind</Event></xml>";
    let written = written(&callback(payload));
    assert_eq!(written["type"], "com.tencent.wecom.new%09%C2%85kind");
    assert_eq!(written["subject"], "a_b");
    assert_eq!(written.get("time"), None);
}

#[test]
fn what_is_no_message_is_an_error_that_shows_nothing_of_it() {
    let valid = json!({
        "specversion": "1.0", "id": "1", "source": "//a", "type": "b", "data": "secret",
    });
    let read = |change: &dyn Fn(&mut Value)| {
        let mut event = valid.clone();
        change(&mut event);
        CloudEvent::from_json(event.to_string().as_bytes())
    };
    assert_eq!(read(&|_| ()).unwrap().payload(), "secret");
    let changes: [(Change, CloudEventError); 6] = [
        (
            |it| it["specversion"] = json!("0.3"),
            CloudEventError::Version,
        ),
        (|it| it["id"] = Value::Null, CloudEventError::Json),
        (|it| it["data"] = json!({"a": 1}), CloudEventError::Data),
        (|it| it["data"] = Value::Null, CloudEventError::Data),
        (
            |it| it["data_base64"] = json!("AA=="),
            CloudEventError::Data,
        ),
        (|it| *it = json!([1]), CloudEventError::Json),
    ];
    for (change, error) in changes {
        let found = read(&change).unwrap_err();
        assert_eq!(found, error);
        assert!(!format!("{found} {found:?}").contains("secret"));
    }
    let event = read(&|_| ()).unwrap();
    assert!(!format!("{event:?}").contains("secret"));
}
