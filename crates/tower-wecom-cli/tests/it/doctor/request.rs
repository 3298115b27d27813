//! `doctor --request`: one test per diagnosis of a captured request.

use std::time::{Duration, SystemTime};

use http::Request;
use httpdate::fmt_http_date;
use tower_wecom::ReceiveId;
use tower_wecom::test_util::Platform;

use crate::support::{
    ID, KEY, OTHER_ID, OTHER_KEY, OTHER_TOKEN, Ran, TOKEN, Wecom, config, config_of, profiles,
};

const PAYLOAD: &str = "<xml><MsgType>event</MsgType><Event>change_contact</Event><ChangeType>create_user</ChangeType><UserID>a</UserID></xml>";

/// The raw HTTP request.
fn raw(request: &Request<String>) -> String {
    let (method, uri, body) = (request.method(), request.uri(), request.body());
    format!("{method} {uri} HTTP/1.1\r\nhost: example.com\r\n\r\n{body}")
}

fn delivery(token: &str, key: &str, id: &str) -> Request<String> {
    let config = config_of(token, key, ReceiveId::exact(id));
    Platform::new(&config).deliver_xml(PAYLOAD).unwrap()
}

fn check(token: &str, key: &str, id: &str) -> Request<String> {
    let config = config_of(token, key, ReceiveId::exact(id));
    Platform::new(&config)
        .url_check("1616140317555161061")
        .unwrap()
}

fn examine(capture: &str) -> Ran {
    let wecom = Wecom::new().file("wecom.toml", profiles()).stdin(capture);
    wecom.run(&["doctor", "--json", "--request", "-"])
}

fn failure(capture: &str, code: &str) -> String {
    let ran = examine(capture);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec![code.to_owned()]),
        "{ran:?}"
    );
    let json = ran.json();
    let findings = json["findings"].as_array().unwrap();
    let found = findings
        .iter()
        .find(|finding| finding["code"] == code)
        .unwrap();
    assert!(found["advice"].is_string(), "{found}");
    found["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_genuine_request_opens() {
    for request in [delivery(TOKEN, KEY, ID), check(TOKEN, KEY, ID)] {
        let ran = examine(&raw(&request));
        assert_eq!((ran.code, ran.codes("ok")), (0, vec!["opens".to_owned()]));
    }
    let shown = Wecom::new()
        .stdin(raw(&delivery(TOKEN, KEY, ID)))
        .run(&["doctor", "--request", "-"])
        .out;
    assert!(
        shown.starts_with("ok    the request opens: change_contact/create_user, for wx58"),
        "{shown}"
    );
}

#[test]
fn a_wrong_token() {
    let message = failure(&raw(&delivery("nobodys", KEY, ID)), "wrong_token");
    assert!(
        message.contains("wrong Token: the request is signed with another Token"),
        "{message}"
    );
    for request in [
        delivery(OTHER_TOKEN, OTHER_KEY, OTHER_ID),
        check(OTHER_TOKEN, OTHER_KEY, OTHER_ID),
    ] {
        let message = failure(&raw(&request), "wrong_token");
        assert!(
            message.contains("signed with the Token of profile `other`"),
            "{message}"
        );
    }
}

#[test]
fn the_right_token_and_a_wrong_key() {
    for request in [delivery(TOKEN, OTHER_KEY, ID), check(TOKEN, OTHER_KEY, ID)] {
        let message = failure(&raw(&request), "wrong_key");
        assert_eq!(
            message,
            "right Token, wrong AES key: the key is that of profile `other`"
        );
    }
    let unknown_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    let message = failure(&raw(&delivery(TOKEN, unknown_key, ID)), "wrong_key");
    assert!(
        message.contains("the signature matches, but the decryption fails"),
        "{message}"
    );
}

#[test]
fn the_right_key_and_another_receive_id() {
    for request in [delivery(TOKEN, KEY, OTHER_ID), check(TOKEN, KEY, OTHER_ID)] {
        let message = failure(&raw(&request), "receive_id");
        assert_eq!(
            message,
            format!("right Token, right key, but the receive id is {OTHER_ID}. You expect {ID}")
        );
    }
    let message = failure(&raw(&delivery(TOKEN, KEY, "")), "receive_id");
    assert!(message.contains("the receive id is (empty)"), "{message}");
}

#[test]
fn a_plus_sign_that_became_a_space_in_the_url() {
    let request = loop {
        let request = check(TOKEN, KEY, ID);
        if request.uri().to_string().contains("%2B") {
            break request;
        }
    };
    let broken = raw(&request).replace("%2B", "%20");
    let message = failure(&broken, "plus_became_space");
    assert!(
        message.contains("a plus sign became a space in echostr"),
        "{message}"
    );
    // Everything else is right, which is a finding too.
    assert_eq!(examine(&broken).codes("ok"), ["opens"]);
    let as_it_is = raw(&request).replace("%2B", "+");
    assert_eq!(
        (examine(&as_it_is).code, examine(&as_it_is).codes("note")),
        (0, vec!["raw_plus".to_owned()])
    );
}

#[test]
fn a_plus_sign_that_became_a_space_in_the_body() {
    let request = loop {
        let request = delivery(TOKEN, KEY, ID);
        if request.body().contains('+') {
            break request;
        }
    };
    let broken = request.map(|body| body.replace('+', " "));
    let message = failure(&raw(&broken), "plus_became_space");
    assert!(
        message.contains("a plus sign became a space in Encrypt"),
        "{message}"
    );
    assert_eq!(examine(&raw(&broken)).codes("ok"), ["opens"]);
}

#[test]
fn line_breaks_in_the_ciphertext() {
    let request = delivery(TOKEN, KEY, ID);
    let at = request.body().find("<Encrypt><![CDATA[").unwrap() + 40;
    let broken = request.map(|body| format!("{}\n{}", &body[..at], &body[at..]));
    failure(&raw(&broken), "line_breaks");
}

#[test]
fn a_url_that_was_encoded_twice() {
    let request = loop {
        let request = check(TOKEN, KEY, ID);
        if request.uri().to_string().contains("%2B") {
            break request;
        }
    };
    failure(&raw(&request).replace('%', "%25"), "encoded_twice");
}

#[test]
fn a_key_of_42_characters() {
    let short = format!(
        "token = \"{TOKEN}\"\nencoding_aes_key = \"{}\"\nreceive_id = \"{ID}\"\n",
        &KEY[1..]
    );
    let wecom = Wecom::new()
        .file("wecom.toml", short)
        .stdin(raw(&delivery(TOKEN, KEY, ID)));
    let ran = wecom.run(&["doctor", "--json", "--request", "-"]);
    assert_eq!((ran.code, ran.failures()), (1, vec!["bad_key".to_owned()]));
    // The Token is checked even without the key.
    assert_eq!(ran.codes("ok"), ["token"]);
    assert!(
        ran.out
            .contains("EncodingAESKey has 42 characters, WeCom's has 43"),
        "{}",
        ran.out
    );
}

#[test]
fn a_clock_that_is_off() {
    let now = config().now();
    for off in [-900_i64, 900] {
        let is_certain = off < 0;
        let signed = now.saturating_sub_signed(off);
        let platform = Platform::new(&config()).timestamp(signed);
        let request = platform.url_check("1").unwrap();
        let date = fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(now));
        let text = format!(
            "> GET {} HTTP/1.1\n> Host: a\n> \n< HTTP/1.1 403 Forbidden\n< Date: {date}\n< \n",
            request.uri()
        );
        if is_certain {
            let message = failure(&text, "clock_off");
            assert!(message.contains("the clock is 900 s off"), "{message}");
            continue;
        }
        // Sending a captured URL again with curl has the same effect.
        let ran = examine(&text);
        assert_eq!(ran.codes("warning"), ["clock_off"], "{ran:?}");
        assert_eq!((ran.code, ran.codes("ok")), (0, vec!["opens".to_owned()]));
    }
    let ahead = Platform::new(&config())
        .timestamp(now + 900)
        .deliver_xml(PAYLOAD)
        .unwrap();
    let message = failure(&raw(&ahead), "clock_off");
    assert!(
        message.contains("this machine's clock is behind"),
        "{message}"
    );
}

#[test]
fn an_old_capture_is_not_a_failure() {
    let old = Platform::new(&config())
        .timestamp(1_409_659_813)
        .deliver_xml(PAYLOAD)
        .unwrap();
    let ran = examine(&raw(&old));
    assert_eq!((ran.code, ran.codes("note")), (0, vec!["age".to_owned()]));
}

#[test]
fn a_request_that_is_not_complete() {
    let request = delivery(TOKEN, KEY, ID);
    failure(&format!("POST {} HTTP/1.1\n\n", request.uri()), "no_body");
    failure(&format!("GET {} HTTP/1.1\n\n", request.uri()), "parameter");
    failure(&raw(&request).replace("&nonce=", "&other="), "parameter");
    failure(&raw(&request).replace("Encrypt", "Other"), "envelope");
    let official = raw(&request).replace("msg_signature=", "signature=");
    failure(&official, "not_wecom");
    // Cut off by a shell, because the URL had no quotes.
    let cut = request.uri().to_string();
    let cut = cut.split('&').next().unwrap();
    failure(&format!("curl http://example.com{cut}"), "parameter");
}

#[test]
fn a_body_that_something_has_encoded() {
    let request = delivery(TOKEN, KEY, ID);
    let with = |body: &[u8]| {
        let mut text = format!("POST {} HTTP/1.1\r\n\r\n", request.uri()).into_bytes();
        text.extend(body);
        let wecom = Wecom::new().file("wecom.toml", profiles()).stdin(text);
        wecom.run(&["doctor", "--json", "--request", "-"])
    };
    let rows: [(&[u8], &str); 5] = [
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "body_gzip"),
        (
            b"PHhtbD48RW5jcnlwdD5hPC9FbmNyeXB0PjwveG1sPg==",
            "body_base64",
        ),
        (
            b"xml=%3Cxml%3E%3CEncrypt%3Ea%3C%2FEncrypt%3E%3C%2Fxml%3E",
            "body_form",
        ),
        (
            b"%3Cxml%3E%3CEncrypt%3Ea%3C%2FEncrypt%3E%3C%2Fxml%3E=",
            "body_form",
        ),
        (b"Encrypt=a&AgentID=1", "body_form"),
    ];
    for (body, code) in rows {
        let ran = with(body);
        assert_eq!(
            (ran.code, ran.failures()),
            (1, vec![code.to_owned()]),
            "{ran:?}"
        );
    }
}

#[test]
fn a_url_copied_from_html_is_read() {
    let text = check(TOKEN, KEY, ID)
        .uri()
        .to_string()
        .replace('&', "&amp;");
    let ran = examine(&format!("http://example.com{text}"));
    assert_eq!(
        (ran.code, ran.codes("note")),
        (0, vec!["html_escaped".to_owned()]),
        "{ran:?}"
    );
}

#[test]
fn a_text_without_a_request_is_exit_code_2_and_a_missing_file_3() {
    let wecom = Wecom::new().file("wecom.toml", profiles()).stdin("hello");
    assert_eq!(wecom.run(&["doctor", "--request", "-"]).code, 2);
    assert_eq!(wecom.run(&["doctor", "--request", "nowhere"]).code, 3);
    let ran = wecom.run(&["doctor", "--request", "\u{1b}[31mnowhere"]);
    assert!(
        ran.code == 3 && ran.err.contains("\\u{1b}[31mnowhere"),
        "{ran:?}"
    );
}

#[test]
fn a_file_that_is_too_long_is_an_error() {
    let long = vec![b'a'; (64 << 20) + 1];
    let ran = Wecom::new()
        .file("long", &long)
        .run(&["doctor", "--request", "long"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("longer than 64 MiB"), "{ran:?}");
}
