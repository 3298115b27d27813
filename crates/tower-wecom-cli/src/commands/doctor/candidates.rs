//! Credentials that the receiver may have instead of the given ones. They combine the Tokens, keys
//! and receive ids of the other profiles.

use crate::config::Settings;
use crate::credentials::{Credentials, ExpectedReceiveId, RawCredentials};
use crate::diagnosis::Finding;
use crate::language::{Text, text};

/// How many candidates are tried at most. Each one costs a request.
const MAX_CANDIDATES: usize = 48;

/// Credentials to try, and the finding if the receiver accepts them.
pub(super) struct Candidate {
    pub(super) credentials: Credentials,
    pub(super) finding: Finding,
}

/// A value and the name of its profile, which is `None` for the given credentials.
type Source<'a, T> = (T, Option<&'a Text>);

/// All combinations. Those that differ in one part only come first.
pub(super) fn candidates(given: &Credentials, settings: &Settings) -> Vec<Candidate> {
    let tokens = sources(&settings.raw, &settings.others, |raw| raw.token.as_ref());
    let keys = sources(&settings.raw, &settings.others, |raw| raw.key.as_ref());
    let mut combinations = Vec::new();
    for token in &tokens {
        for key in &keys {
            for id in ids(settings) {
                let differing = [token.1.is_some(), key.1.is_some(), id.is_some()];
                let count = differing.into_iter().filter(|differs| *differs).count();
                if count > 0 {
                    combinations.push((count, token, key, id));
                }
            }
        }
    }
    combinations.sort_by_key(|(count, ..)| *count);
    combinations.truncate(MAX_CANDIDATES);
    let candidates = combinations.into_iter().map(|(_, token, key, id)| {
        let raw = RawCredentials {
            token: Some(token.0.clone()),
            key: Some(key.0.clone()),
            receive_id: id.or_else(|| Some(own_id(given))),
            url_check_receive_id: None,
        };
        let finding = finding(token.1, key.1, raw.receive_id.as_deref(), given);
        Some(Candidate {
            credentials: raw.parse().ok()?,
            finding,
        })
    });
    candidates.flatten().collect()
}

/// The given value, then each other value once.
fn sources<'a>(
    given: &'a RawCredentials,
    others: &'a [(Text, RawCredentials)],
    part: impl Fn(&'a RawCredentials) -> Option<&'a String>,
) -> Vec<Source<'a, &'a String>> {
    let mut values: Vec<Source<'a, &'a String>> = Vec::new();
    let named = others.iter().map(|(name, raw)| (raw, Some(name)));
    for (raw, name) in std::iter::once((given, None)).chain(named) {
        if let Some(value) = part(raw)
            && values.iter().all(|(known, _)| *known != value)
        {
            values.push((value, name));
        }
    }
    values
}

/// `None` for the given id, then the empty id, then the ids of the other profiles.
fn ids(settings: &Settings) -> Vec<Option<String>> {
    let raw = &settings.raw;
    let given = raw
        .url_check_receive_id
        .as_ref()
        .or(raw.receive_id.as_ref());
    let mut others = vec![String::new()];
    for other in std::iter::once(raw).chain(settings.others.iter().map(|(_, other)| other)) {
        others.extend(other.receive_id.clone());
        others.extend(other.url_check_receive_id.clone());
    }
    let mut ids = vec![None];
    for id in others {
        let is_new = given != Some(&id) && id != "*" && !ids.contains(&Some(id.clone()));
        if is_new {
            ids.push(Some(id));
        }
    }
    ids
}

fn own_id(given: &Credentials) -> String {
    match &given.url_check_receive_id {
        ExpectedReceiveId::Exact(id) => id.clone(),
        ExpectedReceiveId::Any | ExpectedReceiveId::NotGiven => "*".to_owned(),
    }
}

fn finding(
    token: Option<&Text>,
    key: Option<&Text>,
    id: Option<&str>,
    given: &Credentials,
) -> Finding {
    let expects = id.filter(|id| *id != own_id(given));
    let also = expects.map(|id| text("also-expects").texts("id", [shown(id)]));
    match (token.cloned(), key.cloned()) {
        (Some(token), Some(key)) => Finding::failure(
            "wrong_token",
            text("receiver-has-both")
                .texts("token", [token])
                .texts("key", [key])
                .texts("also", also),
        )
        .advice(text("receiver-has-both-advice")),
        (Some(token), None) => Finding::failure(
            "wrong_token",
            text("receiver-has-token")
                .texts("token", [token])
                .texts("also", also),
        )
        .advice(text("receiver-has-token-advice")),
        (None, Some(key)) => Finding::failure(
            "wrong_key",
            text("receiver-has-key")
                .texts("key", [key])
                .texts("also", also),
        )
        .advice(text("receiver-has-key-advice")),
        (None, None) => Finding::failure(
            "receive_id",
            text("receiver-expects-id")
                .texts("id", [shown(expects.unwrap_or_default())])
                .texts("given", [given.url_check_receive_id.text()]),
        )
        .advice(match expects {
            Some("") => text("receiver-expects-empty-id-advice"),
            _ => text("receiver-expects-id-advice"),
        }),
    }
}

fn shown(id: &str) -> Text {
    if id.is_empty() {
        text("id-is-empty")
    } else {
        text("this-id").with("id", id)
    }
}
