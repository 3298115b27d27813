//! Genuine payloads with elements in wrong places. A field is read from its own place only.

use serde_json::{Value, json};
use tower_wecom::Origin;

use super::entries::{deliver, typed};
use super::variant;

#[test]
fn a_field_is_taken_from_its_own_place_alone() {
    let rows: [(&str, &str, Value); 12] = [
        // A user id inside of the text is not the sender.
        (
            r#"{"msgtype":"text","text":{"content":"hi","userid":"mallory"},"from":{"userid":"alice"}}"#,
            "/user_id",
            json!("alice"),
        ),
        (
            r#"{"msgtype":"text","from":{"userid":"a","text":{"content":"no"}},"text":{"content":"yes"}}"#,
            "/content",
            json!("yes"),
        ),
        (
            r#"{"msgtype":"text","content":"no","from":{"userid":"a"},"text":{"content":"yes"}}"#,
            "/content",
            json!("yes"),
        ),
        (
            r#"{"msgtype":"text","from":[{"userid":"alice"},{"userid":"mallory"}]}"#,
            "/user_id",
            json!("alice"),
        ),
        (
            r#"{"msgtype":"text","from":{"userid":"alice"},"from":{"userid":"mallory"}}"#,
            "/user_id",
            json!("alice"),
        ),
        (
            r#"{"msgtype":"event","from":{"userid":"a","id":"no"},"event":{"eventtype":"feedback_event","id":"no","feedback_event":{"id":"yes"}}}"#,
            "/id",
            json!("yes"),
        ),
        (
            r#"{"msgtype":"mixed","from":{"userid":"a"},"mixed":{"msg_item":[{"msgtype":"text","text":{"content":"yes","url":"no"},"image":{"content":"no"}}]}}"#,
            "/mixed/0",
            json!({"msg_type": "text", "text": {"content": "yes"}, "image": {}}),
        ),
        (
            "<xml><Event>open_approval_change</Event><ApprovalInfo><ThirdNo>1</ThirdNo></ApprovalInfo><ApprovalInfo><ThirdNo>2</ThirdNo><OpenSpStatus>2</OpenSpStatus></ApprovalInfo></xml>",
            "",
            json!({"kind": "open_approval_change", "third_no": "1"}),
        ),
        (
            "<xml><Event>batch_job_result</Event><BatchJob><JobId>1</JobId></BatchJob><BatchJob><JobId>2</JobId><ErrCode>7</ErrCode></BatchJob></xml>",
            "",
            json!({"kind": "batch_job_result", "job_id": "1"}),
        ),
        (
            "<xml><Event>batch_job_result</Event><ErrCode>7</ErrCode><BatchJob><JobId>1</JobId></BatchJob></xml>",
            "",
            json!({"kind": "batch_job_result", "job_id": "1"}),
        ),
        (
            "<xml><InfoType>create_auth</InfoType><ExtraInfo><AuthCode>no</AuthCode><State>no</State></ExtraInfo><AuthCode>yes</AuthCode></xml>",
            "",
            json!({"kind": "create_auth", "auth_code": "yes"}),
        ),
        (
            "<xml><InfoType>register_corp</InfoType><AuthUserInfo><UserId>yes</UserId><State>no</State></AuthUserInfo><UserId>no</UserId></xml>",
            "",
            json!({"kind": "register_corp", "user_id": "yes"}),
        ),
    ];
    for (payload, pointer, expected) in rows {
        let callback = deliver(payload);
        assert_eq!(
            typed(&callback).pointer(pointer),
            Some(&expected),
            "{payload}"
        );
        assert!(callback.event().is_known(), "{payload}");
        assert_eq!(callback.misfits(), [""; 0], "{payload}");
        if pointer == "/user_id" {
            assert_eq!(
                callback.header().from.as_deref(),
                expected.as_str(),
                "{payload}"
            );
        }
    }
}

#[test]
fn a_message_never_passes_for_an_event_nor_an_event_for_a_notice() {
    let leaver =
        "<Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>boss</UserID>";
    let ticket = "<InfoType>suite_ticket</InfoType><SuiteTicket>t</SuiteTicket>";
    let message = "<MsgType>text</MsgType><FromUserName>lin</FromUserName>";
    let rows = [
        (format!("{message}{leaver}"), "message/text", "Text"),
        (format!("{leaver}{message}"), "message/text", "Text"),
        (format!("{message}{ticket}"), "message/text", "Text"),
        (format!("{ticket}{message}"), "message/text", "Text"),
        (
            format!("<MsgType>event</MsgType>{leaver}{ticket}"),
            "change_contact/delete_user",
            "DeleteUser",
        ),
        (
            format!("{ticket}<MsgType>event</MsgType>{leaver}"),
            "change_contact/delete_user",
            "DeleteUser",
        ),
        (
            format!("<MsgType>event</MsgType>{ticket}"),
            "event",
            "Unknown",
        ),
        (format!("{leaver}{ticket}"), "suite_ticket", "Unknown"),
    ];
    for (payload, kind, expected) in rows {
        let callback = deliver(&format!("<xml>{payload}</xml>"));
        assert_eq!(callback.kind(), kind, "{payload}");
        if kind == "suite_ticket" {
            // A change type in the wrong place does not change the kind of the notice.
            assert!(matches!(callback.origin(), Origin::Suite(_)), "{payload}");
            continue;
        }
        assert_eq!(variant(callback.event()), expected, "{payload}");
        assert_eq!(*callback.origin(), Origin::App, "{payload}");
    }
}

#[test]
fn an_unreadable_message_is_no_notice_because_it_mentions_one() {
    for payload in [
        "<xml><MsgType>location</MsgType><Label><![CDATA[look: <InfoType>]]></Label>&nbsp;</xml>",
        "{\"msgtype\":\"text\",\"text\":{\"content\":\"\\\"InfoType\\\"\"},",
    ] {
        let callback = deliver(payload);
        assert_eq!(
            (callback.kind(), callback.origin()),
            ("unreadable".parse().unwrap(), &Origin::App)
        );
    }
    let notice = deliver("<xml><InfoType>suite_ticket</InfoType>&nbsp;</xml>");
    assert!(matches!(notice.origin(), Origin::Suite(_)));
}

#[test]
fn a_kind_keeps_its_name_when_it_cannot_be_read() {
    let rows = [
        (
            "<Event>change_school_contact</Event><ChangeType>create_deparmtment</ChangeType>",
            "change_school_contact/create_department",
        ),
        (
            "<InfoType>suite_ticket</InfoType><ChangeType>x</ChangeType>",
            "suite_ticket",
        ),
        ("<InfoType>change_edition</InfoType>", "change_editon"),
        (
            "<Event>batch_job_result</Event><ChangeType>x</ChangeType>",
            "batch_job_result",
        ),
        ("<MsgType>text</MsgType>", "message/text"),
    ];
    for (payload, kind) in rows {
        let callback = deliver(&format!("<xml>{payload}</xml>"));
        assert_eq!(callback.kind(), kind, "{payload}");
        assert!(!callback.event().is_known(), "{payload}");
        assert_eq!(callback.misfits().len(), 1, "{payload}: the id is missing");
    }
}

#[test]
fn the_right_spelling_of_a_misspelt_word_is_understood_too() {
    let rows = [
        (
            "<Event>smart_sheet_change</Event><ChangeType>add_field</ChangeType><DocId>d</DocId><SheetId>s</SheetId>",
            "AddField",
            "smart_sheet_change/add_filed",
        ),
        (
            "<InfoType>change_edition</InfoType><PaidCorpId>c</PaidCorpId>",
            "ChangeEditon",
            "change_editon",
        ),
    ];
    for (payload, expected, kind) in rows {
        let callback = deliver(&format!("<xml>{payload}</xml>"));
        assert_eq!(
            (variant(callback.event()).as_str(), callback.kind().as_str()),
            (expected, kind)
        );
    }
}

#[test]
fn the_older_form_of_the_customer_service_event_has_a_token_alone() {
    let callback = deliver(
        "<xml><ToUserName>ww1</ToUserName><CreateTime>1</CreateTime><MsgType>event</MsgType>\
        <Event>kf_msg_or_event</Event><Token> ENC </Token></xml>",
    );
    assert_eq!(
        typed(&callback),
        json!({"kind": "kf_msg_or_event", "token": "ENC"})
    );
}
