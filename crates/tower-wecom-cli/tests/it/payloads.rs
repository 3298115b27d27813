use std::fs;

use serde_json::Value;

use crate::support::{App, OTHER_KEY, OTHER_TOKEN, Seen, Wecom, config, layered, wecom};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data");
const PAYLOAD: &str = "<xml><ToUserName>a</ToUserName><MsgType>event</MsgType><Event>change_contact</Event>\
    <ChangeType>create_user</ChangeType><UserID>o'lin &amp; \"co\"</UserID></xml>";

#[test]
fn samples_are_those_of_the_catalogue() {
    let catalogue: Vec<Value> =
        serde_json::from_slice(&fs::read(format!("{DATA}/catalogue.json")).unwrap()).unwrap();
    let is_callback = |entry: &&Value| !entry["sample"].as_str().unwrap().contains("passive_reply");
    let count = catalogue.iter().filter(is_callback).count();
    let own = ["own", "own_json"]
        .map(|folder| format!("{DATA}/samples/{folder}"))
        .map(|folder| fs::read_dir(folder).unwrap().count());
    let own: usize = own.iter().sum();
    let ran = wecom(&["samples"]);
    assert_eq!(
        ran.out.lines().last(),
        Some(format!("{} samples", count + own).as_str())
    );
    assert_eq!(wecom(&["samples", "--json"]).lines().len(), count + own);
    let ran = wecom(&["samples", "CREATE_USER"]);
    assert_eq!((ran.code, ran.out.lines().count()), (0, 3), "{}", ran.out);
    assert_eq!(wecom(&["samples", "no such thing"]).code, 1);
}

#[test]
fn every_sample_can_be_explained_and_is_known() {
    let mut files = Vec::new();
    let folders = [
        "ai_bot",
        "message",
        "own",
        "own_json",
        "self_built",
        "third_party_info",
    ];
    for folder in folders {
        let entries = fs::read_dir(format!("{DATA}/samples/{folder}")).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path().to_str().unwrap().to_owned()));
    }
    let mut args = vec!["explain"];
    args.extend(files.iter().map(String::as_str));
    let ran = wecom(&args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines = ran.lines();
    assert_eq!(lines.len(), files.len());
    for (line, file) in lines.iter().zip(&files) {
        assert_eq!(
            (&line["file"], &line["known"]),
            (&file.as_str().into(), &true.into()),
            "{line}"
        );
        assert!(line.get("misfits").is_none(), "{line}");
    }
}

#[test]
fn an_invalid_payload_is_a_line_and_an_unreadable_file_is_exit_code_3() {
    let wecom = Wecom::new()
        .file("broken.xml", "<xml><a>")
        .file("new.json", r#"{"msgtype": "brand_new"}"#)
        .file("odd.xml", "<xml><MsgType>event</MsgType><Event>change_contact</Event><ChangeType>create_user</ChangeType><UserID>a</UserID><Gender>x</Gender></xml>");
    let ran = wecom.run(&[
        "explain",
        "broken.xml",
        "new.json",
        "nowhere.xml",
        "odd.xml",
    ]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("nowhere.xml"), "{}", ran.err);
    let lines = ran.lines();
    let known: Vec<_> = lines
        .iter()
        .map(|line| line["known"].as_bool().unwrap())
        .collect();
    assert_eq!(known, [false, false, true]);
    assert_eq!(lines[0]["kind"], "unreadable");
    assert!(lines[0]["error"].is_string());
    assert_eq!(lines[2]["misfits"], serde_json::json!(["Gender"]));
    assert_eq!(wecom.run(&["explain", "broken.xml"]).code, 1);
    assert_eq!(wecom.run(&["explain", "new.json", "odd.xml"]).code, 0);
}

#[test]
fn explain_reads_stdin() {
    let ran = Wecom::new().stdin(PAYLOAD).run(&["explain", "-"]);
    let line = ran.json();
    assert_eq!(
        (&line["file"], &line["kind"]),
        (&"-".into(), &"change_contact/create_user".into())
    );
}

#[test]
fn explain_shows_header_and_origin() {
    let notice = "<xml><SuiteId>ww-suite</SuiteId><InfoType>change_auth</InfoType>\
        <TimeStamp>1403610513</TimeStamp><AuthCorpId>ww-customer</AuthCorpId></xml>";
    let message = "<xml><ToUserName>ww-corp</ToUserName><FromUserName>lin</FromUserName>\
        <CreateTime>1348831860</CreateTime><MsgType>text</MsgType><Content>a</Content>\
        <MsgId>1234567890123456</MsgId><AgentID>7</AgentID></xml>";
    let line = Wecom::new().stdin(notice).run(&["explain", "-"]).json();
    assert_eq!(line["header"]["create_time"], 1_403_610_513);
    assert_eq!(line["origin"]["suite"]["suite_id"], "ww-suite");
    assert_eq!(line["origin"]["suite"]["auth_corp_id"], "ww-customer");
    let line = Wecom::new().stdin(message).run(&["explain", "-"]).json();
    let header = serde_json::json!({"to": "ww-corp", "from": "lin", "create_time": 1_348_831_860,
        "agent_id": 7, "message_id": "1234567890123456"});
    assert_eq!((&line["header"], &line["origin"]), (&header, &"app".into()));
    let sealed = Wecom::new().stdin(message).run(&["seal", "-"]);
    let opened = Wecom::new().stdin(sealed.out).run(&["open", "-", "--json"]);
    assert_eq!(opened.json()["header"], header, "{opened:?}");
    assert_eq!(opened.json()["origin"], "app");
}

#[test]
fn explain_sends_what_is_still_encrypted_to_open() {
    let sealed = |form| {
        Wecom::new()
            .stdin(PAYLOAD)
            .run(&["seal", "-", "--as", form])
            .out
    };
    let raw = sealed("http");
    let body = raw.split("\r\n\r\n").nth(1).unwrap().to_owned();
    let rows = [
        body,
        r#"{"encrypt":"aGVsbG8="}"#.to_owned(),
        "<xml><Encrypt>a</Encrypt></xml>".to_owned(),
        sealed("curl"),
        sealed("json"),
        raw,
    ];
    for text in rows {
        let ran = Wecom::new().stdin(text.clone()).run(&["explain", "-"]);
        assert_eq!(ran.code, 1, "{text}: {ran:?}");
        let error = ran.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains("wecom open"), "{text}: {error}");
    }
}

#[test]
fn explain_does_not_accept_what_is_no_callback() {
    for text in [
        "",
        "hello",
        "{}",
        "[]",
        "42",
        "<xml></xml>",
        "<html><body>x</body></html>",
        "{\"errcode\": 0}",
        "<xml><a>1</a>",
    ] {
        let ran = Wecom::new().stdin(text).run(&["explain", "-"]);
        assert_eq!(ran.code, 1, "{text}: {ran:?}");
        assert!(ran.json()["error"].is_string(), "{text}: {ran:?}");
    }
}

#[test]
fn a_sealed_payload_opens_again_in_every_form() {
    let sealer = Wecom::new()
        .file("payload.xml", PAYLOAD)
        .file("payload.json", r#"{"msgtype": "text"}"#);
    for form in ["curl", "http", "json"] {
        for (file, payload) in [
            ("payload.xml", PAYLOAD),
            ("payload.json", r#"{"msgtype": "text"}"#),
        ] {
            let sealed = sealer.run(&["seal", file, "--as", form]);
            assert_eq!(sealed.code, 0, "{sealed:?}");
            let opened = Wecom::new().stdin(sealed.out).run(&["open", "-"]);
            assert_eq!((opened.code, opened.out.as_str()), (0, payload), "{form}");
        }
        let sealed = sealer.run(&["seal", "--echo", "1616140317555161061", "--as", form]);
        let opened = Wecom::new().stdin(sealed.out).run(&["open", "-"]);
        assert_eq!(
            (opened.code, opened.out.as_str()),
            (0, "1616140317555161061"),
            "{form}"
        );
    }
}

#[test]
fn the_curl_command_works_in_a_shell_and_with_an_application() {
    let seen = Seen::default();
    let app = App::start(layered(config(), seen.clone(), None));
    let sealed = Wecom::new()
        .stdin(PAYLOAD)
        .run(&["seal", "-", "--to", &app.url]);
    let ran = std::process::Command::new("sh")
        .args(["-c", &sealed.out])
        .output()
        .expect("sh and curl");
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(seen.all()[0].payload(), PAYLOAD.as_bytes());
}

#[test]
fn open_shows_the_event_or_the_reason() {
    let sealed = Wecom::new().stdin(PAYLOAD).run(&["seal", "-"]);
    let json = Wecom::new()
        .stdin(sealed.out.clone())
        .run(&["open", "-", "--json"])
        .json();
    assert_eq!(
        (&json["kind"], &json["known"]),
        (&"change_contact/create_user".into(), &true.into())
    );
    assert_eq!(json["payload"], PAYLOAD);

    let other = Wecom::new()
        .stdin(sealed.out)
        .env("WECOM_TOKEN", OTHER_TOKEN)
        .env("WECOM_ENCODING_AES_KEY", OTHER_KEY);
    let ran = other.run(&["open", "-"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("the Token of WeCom's documentation"),
        "{}",
        ran.out
    );
    assert_eq!(Wecom::new().stdin("hello").run(&["open", "-"]).code, 2);
    assert_eq!(wecom(&["open", "nowhere"]).code, 3);
}
