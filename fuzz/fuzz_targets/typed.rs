#![no_main]
//! Types payloads that are nearly valid: a sample with some changed elements, or any text.

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tower_wecom::protocol;
use tower_wecom::test_util::{Platform, Sample};
use tower_wecom_fuzz::{CONFIG, CORP};

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Sample {
        index: u16,
        changes: Vec<Change<'a>>,
    },
    Text(&'a [u8]),
}

#[derive(Arbitrary, Debug)]
enum Change<'a> {
    Set {
        leaf: u8,
        text: &'a str,
    },
    Unset {
        leaf: u8,
    },
    Add {
        leaf: u8,
        name: &'a str,
        text: &'a str,
    },
}

static SAMPLES: LazyLock<Vec<(Sample, Vec<String>)>> = LazyLock::new(|| {
    let leaves = |sample: Sample| {
        let document = tower_wecom::payload::Document::parse(sample.payload().as_bytes()).unwrap();
        let mut leaves = Vec::new();
        collect(document.root(), "", &mut leaves);
        leaves
    };
    Sample::all()
        .map(|sample| (sample, leaves(sample)))
        .collect()
});

fn collect(element: tower_wecom::payload::Element<'_>, path: &str, leaves: &mut Vec<String>) {
    let mut seen = std::collections::HashMap::new();
    for child in element.children() {
        let index = seen.entry(child.name()).or_insert(0);
        let at = match path {
            "" => format!("{}[{index}]", child.name()),
            path => format!("{path}/{}[{index}]", child.name()),
        };
        *index += 1;
        collect(child, &at, leaves);
        leaves.push(at);
    }
}

fuzz_target!(|input: Input<'_>| {
    let payload = match input {
        Input::Text(bytes) => bytes.to_vec(),
        Input::Sample { index, changes } => {
            let (sample, leaves) = &SAMPLES[usize::from(index) % SAMPLES.len()];
            let mut delivery = Platform::new(&CONFIG).deliver_sample(*sample);
            for change in changes.iter().take(8) {
                let at = |leaf: u8| leaves[usize::from(leaf) % leaves.len()].as_str();
                delivery = match change {
                    Change::Set { leaf, text } => delivery.set(at(*leaf), *text),
                    Change::Unset { leaf } => delivery.unset(at(*leaf)),
                    Change::Add { leaf, name, text } => {
                        delivery.set(&format!("{}/{name}", at(*leaf)), *text)
                    }
                };
            }
            delivery.payload().into_bytes()
        }
    };
    let callback = protocol::restore(payload.clone().into(), CORP, None, 0);
    assert_eq!(callback.payload(), &payload);
    let json = serde_json::to_value(callback.event()).unwrap();
    assert_eq!(json["kind"], callback.kind().as_str());
    assert!(callback.kind().as_str() != "");
    let _ = format!(
        "{callback:?} {:?} {:?} {:?}",
        callback.event(),
        callback.header(),
        callback.origin()
    );
    assert!(callback.misfits().iter().all(|path| !path.is_empty()));
    let again = protocol::restore(payload.into(), CORP, None, 0);
    assert_eq!(again.event(), callback.event());
});
