//! The answer to each request: the rows of the table in the docs of `middleware`.

use http::{Method, Request, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tower_wecom::crypto::{Cipher, Signature};
use tower_wecom::protocol::Envelope;
use tower_wecom::{EventKind, RejectionKind};

use crate::support::{CORP, CREATE_USER, KEY, NOW, Recorder, TOKEN, config, delivery, platform};

#[tokio::test]
async fn a_genuine_url_check_gets_the_bare_echo() {
    let recorder = Recorder::default();
    let request = platform().url_check("1616140317555161061").unwrap();
    let answer = recorder.send(config(), request).await;
    assert_eq!(
        (answer.status, answer.text()),
        (StatusCode::OK, "1616140317555161061")
    );
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(recorder.count(), 0);
}

#[tokio::test]
async fn an_echo_that_is_no_text_is_rejected() {
    let cipher = Cipher::new(&KEY.parse().unwrap());
    let encrypted = cipher.dangerous_seal([7; 16], b"\xff", CORP.as_bytes());
    let token = TOKEN.parse().unwrap();
    let signature = Signature::new(&token, &NOW.to_string(), "n", &encrypted).to_hex();
    let echostr = utf8_percent_encode(&encrypted, NON_ALPHANUMERIC);
    let uri = format!("/?msg_signature={signature}&timestamp={NOW}&nonce=n&echostr={echostr}");
    let request = Request::get(uri).body(String::new()).unwrap();
    let answer = Recorder::default().send(config(), request).await;
    assert_eq!(answer.kind(), Some(RejectionKind::Echo));
}

#[tokio::test]
async fn a_request_without_parameters_gets_a_neutral_text() {
    for (method, uri) in [
        (Method::GET, "/wecom"),
        (Method::HEAD, "/wecom"),
        (Method::GET, "/?utm=1"),
    ] {
        let request = Request::builder().method(&method).uri(uri);
        let recorder = Recorder::default();
        let answer = recorder
            .send(config(), request.body(String::new()).unwrap())
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{uri}");
        if method == Method::HEAD {
            assert_eq!(
                (answer.text(), answer.header("content-length")),
                ("", Some("32"))
            );
        } else {
            assert_eq!(answer.text(), "This address receives callbacks.");
        }
        assert!(answer.rejection.is_none());
        assert_eq!(recorder.count(), 0);
    }
}

#[tokio::test]
async fn a_genuine_callback_reaches_the_handler_and_is_acknowledged() {
    let recorder = Recorder::default();
    let answer = recorder.send(config(), delivery()).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
    assert_eq!(answer.header("content-type"), None);
    let [callback] = &recorder.callbacks()[..] else {
        panic!("one callback")
    };
    assert_eq!(callback.kind(), EventKind::CREATE_USER);
    assert_eq!(callback.receive_id(), CORP);
    assert_eq!(callback.payload(), CREATE_USER.as_bytes());
    assert_eq!(callback.text(), CREATE_USER);
    assert_eq!(callback.get("UserID"), Some("lin.mei"));
    assert_eq!(callback.header().create_time, Some(1_767_225_605));
    assert_eq!(
        (
            callback.age(),
            callback.used_previous_key(),
            callback.tenant()
        ),
        (0, false, None)
    );
    assert!(callback.encrypted().starts_with(b"<xml><ToUserName>"));
}

#[tokio::test]
async fn a_third_party_notice_is_acknowledged_with_success_known_or_not() {
    for info_type in ["change_contact", "something_new", "suite_ticket"] {
        let xml = format!("<xml><InfoType>{info_type}</InfoType><SuiteId>ww2</SuiteId></xml>");
        let recorder = Recorder::default();
        let answer = recorder
            .send(config(), platform().deliver_xml(xml).unwrap())
            .await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, "success"),
            "{info_type}"
        );
        assert_eq!(recorder.count(), 1);
    }
}

#[tokio::test]
async fn what_cannot_be_a_callback_gets_400() {
    let signed = delivery();
    let query = signed.uri().query().unwrap().to_owned();
    let without = |name: &str| query.replace(&format!("{name}="), "x=");
    let rows = [
        ("POST", without("msg_signature"), "body"),
        ("POST", without("timestamp"), "body"),
        ("POST", without("nonce"), "body"),
        ("POST", format!("{query}&nonce=1"), "body"),
        ("POST", format!("{query}&echostr=1&echostr=2"), "body"),
        ("POST", String::new(), "body"),
        ("GET", query.clone(), ""),
        ("GET", "timestamp=1".to_owned(), ""),
        ("HEAD", "echostr=1".to_owned(), ""),
    ];
    for (method, query, body) in rows {
        let request = Request::builder().method(method).uri(format!("/?{query}"));
        let recorder = Recorder::default();
        let answer = recorder
            .send(config(), request.body(body.to_owned()).unwrap())
            .await;
        assert_eq!(
            answer.kind(),
            Some(RejectionKind::Parameter),
            "{method} {query}"
        );
        let text = if method == "HEAD" { "" } else { "Bad Request" };
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::BAD_REQUEST, text)
        );
        assert_eq!(recorder.count(), 0);
    }
}

#[tokio::test]
async fn a_body_that_is_no_envelope_gets_400() {
    let bodies = [
        "",
        "  ",
        "hello",
        "<xml>",
        "<xml></xml>",
        "<xml><Encrypt></Encrypt></xml>",
        "<xml><Encrypt> </Encrypt></xml>",
        "<xml><Encrypt><a/></Encrypt></xml>",
        "<xml><a><Encrypt>AAAA</Encrypt></a></xml>",
        "<xml><Encrypt>AAAA</Encrypt><Encrypt>AAAA</Encrypt></xml>",
        "<xml><![CDATA[<Encrypt>AAAA</Encrypt>]]></xml>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><xml><Encrypt>&b;</Encrypt></xml>",
        "{}",
        "{\"encrypt\":\"\"}",
        "{\"encrypt\":[\"AAAA\",\"AAAA\"]}",
        "{\"encrypt\":[\"AAAA\"]}",
        "{\"encrypt\":{\"a\":\"AAAA\"}}",
        "{\"encrypt\":\"AAAA\",\"Encrypt\":\"AAAA\"}",
        "{\"encrypt\":\"AAAA\"",
        "[\"AAAA\"]",
    ];
    for body in bodies {
        let request = delivery().map(|_| body.to_owned());
        let answer = Recorder::default().send(config(), request).await;
        assert_eq!(answer.kind(), Some(RejectionKind::Envelope), "{body}");
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::BAD_REQUEST, "Bad Request")
        );
    }
}

#[tokio::test]
async fn an_envelope_is_read_however_it_is_written() {
    let xml = delivery();
    let encrypt = xml.body().split("<Encrypt><![CDATA[").nth(1).unwrap();
    let encrypt = encrypt.split("]]>").next().unwrap();
    let bodies = [
        format!("<xml><Encrypt>{encrypt}</Encrypt></xml>"),
        format!(
            "\u{feff}<?xml version=\"1.0\"?>\n<xml>\n <Encrypt a='1'>\n {encrypt} \n</Encrypt><!-- -->\n</xml>\n"
        ),
        format!(
            "<xml><Encrypt><![CDATA[{}]]><![CDATA[{}]]></Encrypt></xml>",
            &encrypt[..9],
            &encrypt[9..]
        ),
        format!(
            "<xml><a><![CDATA[<Encrypt>AAAA</Encrypt>]]></a><Encrypt>{encrypt}</Encrypt></xml>"
        ),
        format!("{{\"encrypt\":\"{encrypt}\"}}"),
        format!(
            "\n{{\"Encrypt\":\"{}\",\"agentid\":7}}",
            encrypt.replace('/', "\\/").replace('+', "\\u002b")
        ),
    ];
    for body in bodies {
        let recorder = Recorder::default();
        let answer = recorder
            .send(config(), xml.clone().map(|_| body.clone()))
            .await;
        assert_eq!(
            (answer.status, recorder.count()),
            (StatusCode::OK, 1),
            "{body}"
        );
    }
}

#[test]
fn debug_of_an_envelope_shows_its_ids_and_no_ciphertext() {
    let body = "<xml><ToUserName>ww1</ToUserName><AgentID></AgentID><Encrypt>AAAA</Encrypt></xml>";
    let envelope = Envelope::parse(body.into()).unwrap();
    assert_eq!(
        format!("{envelope:?}"),
        r#"Envelope { to_user_name: Some("ww1"), agent_id: None, .. }"#
    );
}

#[tokio::test]
async fn other_methods_get_405_with_allow() {
    for method in [
        "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "WECOM",
    ] {
        let mut request = delivery();
        *request.method_mut() = method.parse().unwrap();
        let answer = Recorder::default().send(config(), request).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, POST"));
    }
}
