//! A consumer in Python, with the CNCF's SDK and a queue of its own, reads what Rust has published.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use http::StatusCode;
use serde_json::{Value, json};
use tower_wecom::protocol;
use tower_wecom_publish::{CloudEvent, Publisher, RabbitMq};

use crate::broker::{Broker, Rabbit};
use crate::limits::{deliver, payload};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_reads_what_rust_has_published() {
    let server = Rabbit::start();
    let broker = RabbitMq::connect(&server.url()).await.unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let reader = Command::new(target.join("publish-venv/bin/python"))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/reader.py"))
        .args([server.url().as_str(), "wecom"])
        .stdout(Stdio::piped())
        .spawn();
    let mut reader = reader.expect("there is no Python with cloudevents: .ci/servers makes it");
    let mut lines = BufReader::new(reader.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");

    assert_eq!(deliver(&broker, "lin mei").await, StatusCode::OK);
    let json_payload = r#"{"msgtype":"event","b":1.50,"a":"é"}"#;
    for bytes in [json_payload.as_bytes(), b"\xff\x00"] {
        let callback = protocol::restore(bytes.into(), "", None, 0);
        broker
            .publish(CloudEvent::new(&callback, "/wecom"))
            .await
            .unwrap();
    }
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    let xml = next();
    assert_eq!(xml["source"], "//tower-wecom/head%20office/ww1a2b3c");
    assert_eq!(xml["type"], "com.tencent.wecom.change_contact.create_user");
    assert_eq!(xml["subject"], "lin mei");
    assert_eq!(xml["time"], "2026-01-01T00:00:05+00:00");
    assert_eq!(xml["tenant"], "head office");
    assert_eq!(xml["receive_id"], "ww1a2b3c");
    assert_eq!(xml["datacontenttype"], "application/xml");
    assert_eq!(xml["data"], payload("lin mei"));
    assert_eq!(xml["id"].as_str().map(str::len), Some(64));
    assert_eq!(
        next()["data"],
        json!({"msgtype": "event", "b": 1.5, "a": "é"})
    );
    let bytes = next();
    assert_eq!(
        (&bytes["data"], &bytes["source"]),
        (&json!("ff00"), &json!("//tower-wecom//"))
    );
    reader.kill().unwrap();
    reader.wait().unwrap();
}
