//! Tests what the page must not show.

use tower_wecom::test_util::Sample;

use crate::support::*;

const TICKET: &str = "<xml><SuiteId>wx5823bf96d3bd56c7</SuiteId><InfoType>suite_ticket</InfoType>\
    <TimeStamp>1767225605</TimeStamp><SuiteTicket>the-ticket-itself</SuiteTicket></xml>";

#[tokio::test]
async fn secrets_token_and_key_are_never_shown() {
    let app = inspected(inspector());
    ask(&app, platform().deliver_xml(TICKET).unwrap()).await;
    let bot = r#"{"msgtype":"text","msgid":"1","response_url":"https://secret.example/x","text":{"content":"hi"}}"#;
    ask(&app, platform().deliver_json(bot).unwrap()).await;
    ask(&app, forged()).await;
    let mut all = String::new();
    let mut stream = Stream::open(&app).await;
    for _ in 0..4 {
        all += &stream.message().await.unwrap();
    }
    for id in 1..=3 {
        all += &ask(&app, get(&format!("/?test={id}")))
            .await
            .text
            .replace(
                // The copied test contains these credentials too. They are from WeCom's documents.
                "QDG6eK", "",
            )
            .replace("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "");
        all += &ask(&app, get(&format!("/?curl={id}"))).await.text;
    }
    assert!(all.contains("suite_ticket") && all.contains("[secret]"));
    for secret in ["the-ticket-itself", "secret.example", "QDG6eK", "jWmYm7qr"] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn secrets_in_an_unreadable_payload_are_not_shown() {
    let app = inspected(inspector());
    let broken = TICKET.replace("</xml>", "");
    ask(&app, platform().deliver_xml(broken).unwrap()).await;
    let bot = r#"{"msgtype":"text","response_url":"the-ticket-itself""#;
    ask(&app, platform().deliver_json(bot).unwrap()).await;
    let harmless = "<xml><Name>Lin Mei</Name>";
    ask(&app, platform().deliver_xml(harmless).unwrap()).await;
    let entries = kept(&app, 3).await;
    for (id, entry) in (1..).zip(&entries) {
        assert_eq!(entry["kind"], "unreadable");
        let test = ask(&app, get(&format!("/?test={id}"))).await.text;
        assert!(!entry.to_string().contains("the-ticket"), "{entry}");
        assert!(!test.contains("the-ticket"), "{test}");
    }
    assert_eq!(entries[2]["payload"], harmless);
}

#[tokio::test]
async fn everything_is_masked_but_kinds_and_ids() {
    let app = inspected(inspector().mask(true));
    ask(&app, platform().deliver_xml(HELLO).unwrap()).await;
    ask(&app, platform().deliver_xml(HIRE).unwrap()).await;
    ask(&app, platform().deliver_xml("no xml: Lin Mei").unwrap()).await;
    let failing = r#"{"again":{"id":2}}"#;
    assert_eq!(ask(&app, post("/?send", failing)).await.status, 200);
    let entries = kept(&app, 4).await;
    let all = serde_json::to_string(&entries).unwrap();
    for text in ["hello", "Lin Mei", "Welcome"] {
        assert!(!all.contains(text), "{text} in {all}");
    }
    let payload = entries[1]["payload"].as_str().unwrap();
    assert!(
        payload.contains("<UserID>lin</UserID>\n  <Name>•••</Name>"),
        "{payload}"
    );
    assert!(payload.contains("<ChangeType>create_user</ChangeType>"));
    assert!(entries[0]["reply"].as_str().unwrap().contains("•••"));
    assert_eq!(entries[2]["payload"], "•••");
    // It was sent again unmasked.
    assert_eq!(entries[3]["copy_of"], 2);
    let test = ask(&app, get("/?test=2")).await.text;
    assert!(test.contains("•••") && !test.contains("Lin Mei"), "{test}");
    let mut stream = Stream::open(&app).await;
    assert!(stream.message().await.unwrap().contains("\"masked\":true"));
}

#[tokio::test]
async fn every_sample_can_be_shown_and_masked() {
    for is_masked in [false, true] {
        let app = inspected(inspector().mask(is_masked));
        for sample in Sample::all() {
            let order = serde_json::json!({"sample": {"target": 0, "name": sample.name()}});
            let response = ask(&app, post("/?send", order.to_string())).await.json();
            assert!(response["error"].is_null(), "{} {response}", sample.name());
        }
        let entries = kept(&app, 200).await;
        for entry in &entries {
            assert!(!entry["payload"].as_str().unwrap().is_empty());
            assert_ne!(
                entry["event"].as_str().unwrap().len(),
                0,
                "{}",
                entry["kind"]
            );
            assert!(is_masked || !entry["payload"].as_str().unwrap().contains("•••"));
        }
    }
}
