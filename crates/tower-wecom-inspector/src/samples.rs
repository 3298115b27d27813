//! The samples that the page offers.

use std::sync::Arc;

use http::Request;
use serde_json::{Value, json};
use tower_wecom::test_util::{Platform, Sample};

use crate::send::{self, NotSent};
use crate::shared::Shared;

/// All of them, without their payloads.
pub(crate) fn all() -> Value {
    Sample::all()
        .map(|sample| {
            json!({
                "name": sample.name(),
                "kind": sample.kind(),
                "title": sample.title(),
                "flavour": sample.flavour().as_str(),
                "document": sample.document(),
            })
        })
        .collect()
}

/// The payload of one, as it would come to this target now.
pub(crate) fn payload(shared: &Arc<Shared>, target: usize, name: &str) -> Option<Value> {
    let target = shared.targets.get(target)?;
    let sample = Sample::of(name)?;
    let text = send::platform(target).deliver_sample(sample).payload();
    let is_json = is_json(sample);
    Some(json!({"text": text, "json": is_json}))
}

pub(crate) fn request(platform: &Platform, name: &str) -> Option<Result<Request<String>, NotSent>> {
    let sample = Sample::of(name)?;
    let request = platform.deliver_sample(sample).request();
    Some(request.map_err(NotSent::Request))
}

fn is_json(sample: Sample) -> bool {
    sample.payload().trim_ascii_start().starts_with('{')
}
