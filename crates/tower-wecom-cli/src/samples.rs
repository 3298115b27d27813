//! The samples of tower-wecom's `test_util`.

use tower_wecom::test_util::{Delivery, Flavour, Platform, Sample};

use crate::exit::Error;

/// How many names are proposed for one that is unknown.
const PROPOSED: usize = 3;
/// From which likeness on, by Jaro and Winkler.
const LIKE: f64 = 0.8;

/// The samples whose name, kind or title has this in it, in lower or upper case.
pub(crate) fn matching(pattern: &str) -> impl Iterator<Item = Sample> {
    let pattern = pattern.to_lowercase();
    Sample::all().filter(move |sample| {
        let texts = [sample.name(), sample.kind(), sample.title()];
        texts
            .iter()
            .any(|text| text.to_lowercase().contains(&pattern))
    })
}

/// A sample by its name or its kind, as this platform would deliver it.
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
            Error::usage(format!("{kind} never comes to a {flavour} receiver"))
        }),
    }
}

fn unknown(name: &str) -> Error {
    let near = |text: &str| strsim::jaro_winkler(name, text);
    let last = |kind: &'static str| kind.rsplit('/').next().unwrap_or(kind);
    let mut kinds: Vec<_> = Sample::all()
        .map(|sample| sample.kind())
        .map(|kind| (near(kind).max(near(last(kind))), kind))
        .collect();
    kinds.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    kinds.dedup();
    let near = kinds.iter().filter(|(likeness, _)| *likeness > LIKE);
    let near: Vec<_> = near.take(PROPOSED).map(|(_, kind)| *kind).collect();
    let hint = match near.as_slice() {
        [] => "`wecom samples` has all of them".to_owned(),
        near => format!(
            "perhaps {}? `wecom samples` has all of them",
            near.join(", ")
        ),
    };
    Error::usage(format!("no sample is called {name:?}: {hint}"))
}
