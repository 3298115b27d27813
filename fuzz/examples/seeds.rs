//! Writes seeds for all targets into `corpus/`: the samples, and the vectors of other
//! implementations.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tower_wecom::test_util::{Platform, Sample};
use tower_wecom_fuzz::CONFIG;

fn main() {
    for sample in Sample::all() {
        let target = if sample.payload().trim_start().starts_with('<') {
            "xml"
        } else {
            "json"
        };
        write(target, sample.name(), sample.payload().as_bytes());
        // These targets read an enum. Mutation finds the bytes that `arbitrary` reads from the
        // front and the back.
        for target in ["typed", "open", "layer"] {
            write(target, sample.name(), sample.payload().as_bytes());
        }
        let request = Platform::new(&CONFIG)
            .nonce("1372623149")
            .deliver_sample(sample)
            .request()
            .unwrap();
        write("envelope", sample.name(), request.body().as_bytes());
    }
    write_bots();
    let vectors = fs::read_to_string(data("open.jsonl")).unwrap();
    for line in vectors.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| vector[name].as_str().unwrap_or_default();
        let query = format!(
            "msg_signature={}&timestamp={}&nonce={}",
            text("msg_signature"),
            text("timestamp"),
            text("nonce")
        );
        write("query", text("id"), query.as_bytes());
        let check = format!("{query}&echostr={}", text("echostr").replace('+', "%2B"));
        write("query", &format!("{}-echo", text("id")), check.as_bytes());
        write("envelope", text("id"), text("body").as_bytes());
        let plaintext = text("expected_plaintext");
        let target = if plaintext.starts_with('{') {
            "json"
        } else {
            "xml"
        };
        write(target, text("id"), plaintext.as_bytes());
        write("reply", text("id"), plaintext.as_bytes());
    }
}

/// Frames of the long connection, payloads of group robots, captures and entries of the inbox.
fn write_bots() {
    for file in fs::read_dir(data("bots/bodies")).unwrap() {
        let body = fs::read_to_string(file.as_ref().unwrap().path()).unwrap();
        let name = file.unwrap().file_name().into_string().unwrap();
        let head = r#"{"cmd":"aibot_msg_callback","headers":{"req_id":"r1"},"body":"#;
        write("frame", &name, format!("{head}{body}}}").as_bytes());
    }
    let ack = r#"{"headers":{"req_id":"r1"},"errcode":0,"errmsg":"ok","body":{"upload_id":"u"}}"#;
    write("frame", "ack", ack.as_bytes());
    for file in fs::read_dir(data("bots/group")).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        write("group", &name, &fs::read(file.path()).unwrap());
    }
    for sample in Sample::all() {
        let delivery = Platform::new(&CONFIG)
            .nonce("1372623149")
            .deliver_sample(sample);
        let request = delivery.request().unwrap();
        let (target, body) = (request.uri(), request.body());
        let raw = format!("POST {target} HTTP/1.1\r\nHost: a.example\r\n\r\n{body}");
        write("capture", sample.name(), raw.as_bytes());
        let entry = serde_json::json!({
            "version": 1, "tenant": "t", "receive_id": "ww", "kind": sample.kind(), "header": {},
            "origin": "own", "path": "/wecom", "arrived_at": 1_767_225_605_000_u64, "age": 0,
            "payload": {"text": sample.payload()},
        });
        write("entry", sample.name(), entry.to_string().as_bytes());
    }
    let url = "https://a.example/w?msg_signature=5c45&timestamp=1767225605&nonce=1&echostr=P9nA%3D";
    let captures = [
        format!("curl -v '{url}'"),
        format!(
            "> GET {url} HTTP/1.1\n> Host: a\n>\n< HTTP/1.1 403 Forbidden\n< date: Thu, 01 Jan 1970 00:01:00 GMT\n<\n"
        ),
        format!("10.0.0.1 - - [22/Nov/2026:21:53:37 +0000] \"GET {url} HTTP/1.1\" 403 9"),
        format!("time=\"x\" level=info msg=\"{{\\\"url\\\":\\\"{url}\\\"}}\""),
    ];
    for (number, capture) in captures.iter().enumerate() {
        write("capture", &format!("form_{number}"), capture.as_bytes());
    }
}

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data")
        .join(name)
}

fn write(target: &str, name: &str, seed: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name.replace('/', "_")), seed).unwrap();
}
