//! The samples that the page offers.

use std::sync::Arc;

use http::Request;
use serde_json::{Value, json};
use tower_wecom::payload::Format;
use tower_wecom::test_util::{Platform, PlatformError, Sample};

use crate::shared::Shared;

/// All samples, without their payloads.
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

/// The payload of a sample, as WeCom would send it to this target now.
pub(crate) fn payload(shared: &Arc<Shared>, target: usize, name: &str) -> Option<Value> {
    let target = shared.targets.get(target)?;
    let sample = Sample::of(name)?;
    let text = target.platform().deliver_sample(sample).payload();
    let is_json = Format::of(text.as_bytes()) == Some(Format::Json);
    Some(json!({"text": text, "json": is_json}))
}

/// The request that delivers a sample. `None` if there is no sample of this name.
pub(crate) fn request(
    platform: &Platform,
    name: &str,
) -> Option<Result<Request<String>, PlatformError>> {
    let sample = Sample::of(name)?;
    Some(platform.deliver_sample(sample).request())
}
