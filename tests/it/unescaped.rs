//! Texts whose `]]>` was not escaped, and elements that are there twice because of it.

use proptest::prelude::*;
use tower_wecom::event::{Event, Message};
use tower_wecom::payload::Document;
use tower_wecom::{Callback, Reply};

use crate::properties::{holds, text};
use crate::support::{Recorder, config, platform};

/// A message whose text is written into a section as it is.
fn message(said: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\
         <FromUserName><![CDATA[lin.mei]]></FromUserName><CreateTime>1767225605</CreateTime>\
         <MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{said}]]></Content>\
         <MsgId>4711</MsgId><AgentID>1000002</AgentID></xml>"
    )
}

async fn received(payload: &str) -> Callback {
    let recorder = Recorder::default();
    let request = platform().deliver_xml(payload).unwrap();
    assert_eq!(recorder.send(config(), request).await.status, 200);
    recorder.callbacks().remove(0)
}

fn content(callback: &Callback) -> Option<&str> {
    match callback.event() {
        Event::Message(Message::Text(text)) => text.content.as_deref(),
        event => panic!("{event:?}"),
    }
}

#[tokio::test]
async fn a_text_with_an_unescaped_end_of_a_section_is_read_whole() {
    for said in [
        "if (a[b[0]]>1) {}",
        "]]>",
        "a]]>",
        "]]>a]]>b",
        "a]]>b & c &nbsp; d",
        "a]]>1 < 2",
        "a]]></b>",
        "a]]><b>",
        "a]]><!-- b",
        "a]]><?php echo 1 ?>",
        "a]]><!DOCTYPE b>",
        "a]]>b<![CDATA[c]]>d",
        "a]]></Content",
        "a]]>\n</ Content>\n",
    ] {
        let callback = received(&message(said)).await;
        assert_eq!(content(&callback), Some(said), "{said}");
        assert_eq!(callback.misfits(), [""; 0], "{said}");
        let header = callback.header();
        assert_eq!(
            (header.agent_id, header.message_id.as_deref()),
            (Some(1_000_002), Some("4711")),
            "{said}"
        );
    }
}

#[tokio::test]
async fn what_could_be_read_before_keeps_its_value() {
    let rows = [
        ("<x><![CDATA[]]]]><![CDATA[>]]></x>", "]]>"),
        ("<x>a<![CDATA[b]]>c</x>", "abc"),
        ("<x><![CDATA[a]]>b<![CDATA[c]]></x>", "abc"),
        ("<x>a]]></x>", "a]]>"),
        ("<x>a]]>b<![CDATA[c]]></x>", "a]]>bc"),
        ("<x><![CDATA[a]]>b]]>c</x>", "ab]]>c"),
        ("<x><![CDATA[a]]>]]&gt;</x>", "a]]>"),
        ("<x><![CDATA[a]]><!-- ]]></x> -->b</x>", "ab"),
    ];
    for (xml, expected) in rows {
        let document = Document::parse(xml.as_bytes()).unwrap();
        assert_eq!(document.root().text(), expected, "{xml}");
        // Beside another element that is repaired.
        let xml = format!("<xml>{xml}<y><![CDATA[a]]>b]]></y></xml>");
        let document = Document::parse(xml.as_bytes()).unwrap();
        let text_of = |name| document.root().child(name).unwrap().text();
        assert_eq!((text_of("x"), text_of("y")), (expected, "a]]>b"), "{xml}");
    }
}

/// Beside a text that no reader could take as it is.
#[test]
fn a_text_that_looks_like_a_comment_goes_on_to_the_end_of_its_element() {
    let xml = "<xml><w><![CDATA[a]]></b>]]></w><x><![CDATA[a]]> <!-- b]]></x>\
               <x><![CDATA[-->]]></x></xml>";
    let document = Document::parse(xml.as_bytes()).unwrap();
    let children = document.root().children();
    let texts: Vec<_> = children.map(|child| child.text().to_owned()).collect();
    assert_eq!(texts, ["a]]></b>", "a]]> <!-- b", "-->"]);
}

#[test]
fn a_section_behind_an_empty_element_is_not_of_that_element() {
    for empty in ["<x/>", "<x at=\"/>\"/>"] {
        let xml = format!("<xml>{empty}<![CDATA[a]]><y>1</y><x><![CDATA[b]]><c]]></x></xml>");
        let document = Document::parse(xml.as_bytes()).unwrap();
        let children = document.root().children();
        let texts: Vec<_> = children.map(|child| child.text().to_owned()).collect();
        assert_eq!(texts, ["", "1", "b]]><c"], "{xml}");
    }
}

/// A text without markup of its own, which nothing escapes.
#[test]
fn any_text_without_markup_is_read_as_it_was_written() {
    let inputs = (text(30), text(30), text(30));
    holds(300, &inputs, |(one, two, three)| {
        let said = [one, two, three].join("]]>").replace('<', "-");
        let other = said.replace("]]>", "]]]]><![CDATA[>");
        let xml = format!(
            "<xml><A><![CDATA[{other}]]></A><B><![CDATA[{said}]]></B><C><![CDATA[c]]></C></xml>"
        );
        let document = Document::parse(xml.as_bytes()).unwrap();
        let text_of = |name| document.root().child(name).unwrap().text().to_owned();
        prop_assert_eq!(text_of("A"), said.as_str());
        prop_assert_eq!(text_of("B"), said.as_str());
        prop_assert_eq!(text_of("C"), "c");
        Ok(())
    });
}

/// A member writes the end of the element and elements of their own.
#[tokio::test]
async fn a_member_cannot_choose_the_fields_around_a_message() {
    let said = "]]></Content><MsgId>1</MsgId><AgentID>7</AgentID>\
                <FromUserName><![CDATA[boss]]></FromUserName><Content><![CDATA[pay";
    let callback = received(&message(said)).await;
    let header = callback.header();
    assert_eq!(
        (header.agent_id, &header.message_id, &header.from),
        (None, &None, &None)
    );
    assert_eq!(callback.kind(), "message/text");
    for name in ["MsgId", "AgentID", "FromUserName"] {
        let is_named = callback.misfits().iter().any(|misfit| misfit == name);
        assert!(is_named, "{name}: {:?}", callback.misfits());
    }
}

/// A text that names the same element again in any order.
#[tokio::test]
async fn a_scalar_element_that_is_there_twice_is_a_misfit_and_has_no_value() {
    let rows = [
        ("<AgentID>7</AgentID>", "AgentID"),
        ("<AgentID>1000002</AgentID>", "AgentID"),
        ("<MsgId>7</MsgId>", "MsgId"),
        ("<CreateTime>7</CreateTime>", "CreateTime"),
        ("<ToUserName>other</ToUserName>", "ToUserName"),
        ("<Content>other</Content>", "Content"),
    ];
    for (again, name) in rows {
        for payload in [
            message("hi").replace("</xml>", &format!("{again}</xml>")),
            message("hi").replacen("<xml>", &format!("<xml>{again}"), 1),
        ] {
            let callback = received(&payload).await;
            assert_eq!(callback.misfits(), [name], "{payload}");
            let header = callback.header();
            let value = match name {
                "AgentID" => header.agent_id.map(|id| id.to_string()),
                "MsgId" => header.message_id.clone(),
                "CreateTime" => header.create_time.map(|time| time.to_string()),
                "ToUserName" => header.to.clone(),
                _ => content(&callback).map(str::to_owned),
            };
            assert_eq!(value, None, "{payload}");
        }
    }
}

/// The kind does not change: a message could pass for a notice otherwise.
#[tokio::test]
async fn a_second_name_of_the_kind_is_a_misfit_and_the_first_one_counts() {
    let again = "<MsgType>event</MsgType><Event>change_contact</Event><Event>click</Event>";
    let payload = message("hi").replace("</xml>", &format!("{again}</xml>"));
    let callback = received(&payload).await;
    assert_eq!(callback.kind(), "message/text");
    assert_eq!(callback.misfits(), ["MsgType", "Event"]);
}

#[tokio::test]
async fn an_event_whose_id_is_there_twice_is_unknown_and_keeps_its_kind() {
    let payload = crate::support::CREATE_USER.replace(
        "</xml>",
        "<UserID>boss</UserID><Department>1</Department>\
            <Department>2</Department></xml>",
    );
    let callback = received(&payload).await;
    assert_eq!(callback.kind(), "change_contact/create_user");
    assert!(!callback.event().is_known());
    assert_eq!(callback.misfits(), ["UserID", "Department"]);
    assert_eq!(callback.get("UserID"), Some("lin.mei"));
}

#[tokio::test]
async fn a_bots_message_with_two_ids_has_none() {
    let json = r#"{"msgid":"1","msgtype":"text","from":{"userid":"lin","userid":"boss"},
        "msgid":"2","create_time":1,"create_time":2,"text":{"content":"hi"}}"#;
    let recorder = Recorder::replying(Reply::ack());
    let request = platform().deliver_json(json).unwrap();
    recorder.send(config(), request).await;
    let callback = recorder.callbacks().remove(0);
    let header = callback.header();
    assert_eq!((&header.message_id, header.create_time), (&None, None));
    assert!(!callback.event().is_known());
    assert_eq!(callback.misfits(), ["msgid", "create_time", "from/userid"]);
}
