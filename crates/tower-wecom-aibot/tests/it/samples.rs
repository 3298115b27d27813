//! Each sample of a callback to an AI bot, over the long connection.

use serde_json::Value;
use tower_wecom::test_util::{Flavour, Sample};
use tower_wecom::{Callback, EventRouter, protocol};
use tower_wecom_aibot::test_util::StandIn;

use crate::support::{quick, serve, soon};

/// The paths and texts of all leaves.
fn leaves(path: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                leaves(&format!("{path}/{name}"), value, found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                leaves(&format!("{path}[{index}]"), value, found);
            }
        }
        Value::Null => {}
        Value::String(text) => found.push((path[1..].to_owned(), text.clone())),
        other => found.push((path[1..].to_owned(), other.to_string())),
    }
}

/// The samples of `test_util`, and bodies that a long connection brings. The notice that displaces
/// the bot is left out: it would end the test.
fn samples() -> Vec<(String, String)> {
    let samples = Sample::all().filter(|sample| sample.flavour() == Flavour::Bot);
    let samples = samples.map(|it| (it.name().to_owned(), it.payload().to_owned()));
    let mut all: Vec<_> = samples.collect();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/bots/bodies");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        all.push((name, std::fs::read_to_string(path).unwrap()));
    }
    all.retain(|(_, payload)| !payload.contains("disconnected_event"));
    all
}

#[tokio::test]
async fn every_leaf_of_every_sample_arrives_and_its_kind_is_that_of_http() {
    let (sender, mut received) = tokio::sync::mpsc::unbounded_channel();
    let events = EventRouter::new().on(move |callback: Callback| {
        sender.send(callback).unwrap();
        async {}
    });
    let stand_in = StandIn::start().await.unwrap();
    serve(quick(&stand_in), events);
    let mut count = 0;
    for (name, payload) in samples() {
        stand_in.send(&payload).await;
        let callback = soon(received.recv()).await.unwrap();
        let over_http = protocol::restore(payload.clone().into(), "", None, 0);
        assert_eq!(callback.kind(), over_http.kind(), "{name}");
        assert_eq!(callback.event(), over_http.event(), "{name}");
        let mut found = Vec::new();
        leaves("", &serde_json::from_str(&payload).unwrap(), &mut found);
        assert!(!found.is_empty());
        for (path, text) in found {
            assert_eq!(callback.get(&path), Some(text.as_str()), "{name} {path}");
            count += 1;
        }
    }
    println!("{count} leaves");
    assert!(count > 100);
}
