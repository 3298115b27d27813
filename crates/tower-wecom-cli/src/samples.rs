//! Finds the samples of tower-wecom's `test_util`.

use tower_wecom::test_util::{Delivery, Flavour, Platform, Sample};

use crate::exit::Error;

/// How many names are suggested for an unknown one.
const MAX_SUGGESTIONS: usize = 3;
/// How similar a suggestion must be, as a Jaro–Winkler similarity.
const MIN_SIMILARITY: f64 = 0.8;

/// The samples whose name, kind or title contains this text. Case is ignored.
pub(crate) fn matching(pattern: &str) -> impl Iterator<Item = Sample> {
    let pattern = pattern.to_lowercase();
    Sample::all().filter(move |sample| {
        let texts = [sample.name(), sample.kind(), sample.title()];
        texts
            .iter()
            .any(|text| text.to_lowercase().contains(&pattern))
    })
}

/// A delivery of the sample with this name or kind, made by this platform.
pub(crate) fn delivery(
    platform: &Platform,
    name: &str,
    flavour: Option<Flavour>,
) -> Result<Delivery, Error> {
    let sample = Sample::of(name).ok_or_else(|| unknown(name))?;
    let delivery = platform.deliver_sample(sample);
    match flavour {
        None => Ok(delivery),
        Some(flavour) => delivery.flavour(flavour).map_err(|_| {
            let kind = sample.kind();
            Error::usage(format!("WeCom never sends {kind} to a {flavour} receiver"))
        }),
    }
}

fn unknown(name: &str) -> Error {
    let similarity = |text: &str| strsim::jaro_winkler(name, text);
    let last = |kind: &'static str| kind.rsplit('/').next().unwrap_or(kind);
    let mut kinds: Vec<_> = Sample::all()
        .map(|sample| sample.kind())
        .map(|kind| (similarity(kind).max(similarity(last(kind))), kind))
        .collect();
    kinds.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    kinds.dedup();
    let near = kinds
        .iter()
        .filter(|(similarity, _)| *similarity > MIN_SIMILARITY);
    let near: Vec<_> = near.take(MAX_SUGGESTIONS).map(|(_, kind)| *kind).collect();
    let hint = match near.as_slice() {
        [] => "`wecom samples` lists all of them".to_owned(),
        near => format!(
            "did you mean {}? `wecom samples` lists all of them",
            near.join(", ")
        ),
    };
    Error::usage(format!("there is no sample {name:?}: {hint}"))
}
