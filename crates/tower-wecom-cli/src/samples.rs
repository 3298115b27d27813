//! Finds the samples of tower-wecom's `test_util`.

use tower_wecom::test_util::{Delivery, Flavour, Platform, Sample};

use crate::exit::Error;
use crate::language::{Text, text};

/// How many names are suggested for an unknown one.
const MAX_SUGGESTIONS: usize = 3;
/// How similar a suggestion must be, as a Jaro–Winkler similarity.
const MIN_SIMILARITY: f64 = 0.8;
/// The same for Chinese names, which have few characters.
const MIN_CHINESE_SIMILARITY: f64 = 0.7;

/// The samples whose name, kind, title or Chinese name contains this text. Case is ignored.
pub(crate) fn matching(pattern: &str) -> impl Iterator<Item = Sample> {
    let pattern = pattern.to_lowercase();
    Sample::all().filter(move |sample| {
        let texts = [sample.name(), sample.kind(), sample.title()];
        texts
            .into_iter()
            .chain(sample.chinese_names())
            .any(|text| text.to_lowercase().contains(&pattern))
    })
}

/// A delivery of the sample with this name, kind or Chinese name, made by this platform.
pub(crate) fn delivery(
    platform: &Platform,
    name: &str,
    flavour: Option<Flavour>,
) -> Result<Delivery, Error> {
    let sample = find(name, flavour)?;
    let delivery = platform.deliver_sample(sample);
    match flavour {
        None => Ok(delivery),
        Some(flavour) => delivery.flavour(flavour).map_err(|_| {
            let message = text("never-sent").with("kind", sample.kind());
            Error::usage(message.with("flavour", flavour))
        }),
    }
}

/// The sample with this name, kind or Chinese name. Several kinds can have the same Chinese name,
/// and then the flavour decides.
pub(crate) fn find(name: &str, flavour: Option<Flavour>) -> Result<Sample, Error> {
    if let Some(sample) = Sample::of(name) {
        return Ok(sample);
    }
    let named = Sample::all().filter(|sample| sample.chinese_names().any(|known| known == name));
    let of_flavour = named
        .clone()
        .filter(|sample| Some(sample.flavour()) == flavour);
    let mut kinds = distinct(of_flavour.map(Sample::kind));
    if kinds.is_empty() {
        kinds = distinct(named.map(Sample::kind));
    }
    match kinds.as_slice() {
        [kind] => Sample::of(kind).ok_or_else(|| Error::usage(unknown(name))),
        [] => Err(Error::usage(unknown(name))),
        several => {
            let message = text("several-kinds").with("name", name);
            Err(Error::usage(message.with("kinds", several.join(", "))))
        }
    }
}

/// Each value once, in the order of the first ones.
fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut distinct = Vec::new();
    for value in values {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
}

/// That there is no such sample, with similar names.
pub(crate) fn unknown(name: &str) -> Text {
    let mut near: Vec<_> = Sample::all()
        .filter_map(|sample| Some((similarity(name, sample)?, shown(sample))))
        .collect();
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let mut near = distinct(near.into_iter().map(|(_, shown)| shown));
    near.truncate(MAX_SUGGESTIONS);
    let message = match near.as_slice() {
        [] => text("no-sample"),
        near => text("no-sample-perhaps").with("near", near.join(", ")),
    };
    message.with("name", format!("{name:?}"))
}

/// The kind, with the Chinese name behind it.
fn shown(sample: Sample) -> String {
    match sample.chinese_names().last() {
        Some(chinese) => format!("{} ({chinese})", sample.kind()),
        None => sample.kind().to_owned(),
    }
}

/// How similar a name is to those of the sample. `None` if it is not similar enough.
fn similarity(name: &str, sample: Sample) -> Option<f64> {
    let kind = sample.kind();
    let last = kind.rsplit('/').next().unwrap_or(kind);
    let of_kind = [kind, last].map(|known| strsim::jaro_winkler(name, known));
    let best = of_kind.into_iter().fold(0.0, f64::max);
    let of_names = sample.chinese_names().map(|known| {
        let is_part = !name.is_empty() && (known.contains(name) || name.contains(known));
        let similarity = strsim::jaro_winkler(name, known);
        if is_part {
            similarity.max(0.9)
        } else {
            similarity
        }
    });
    let chinese = of_names.fold(0.0, f64::max);
    let is_near = best > MIN_SIMILARITY || chinese > MIN_CHINESE_SIMILARITY;
    is_near.then(|| best.max(chinese))
}
