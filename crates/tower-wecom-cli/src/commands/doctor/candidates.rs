//! Credentials that the receiver may have instead of the given ones. They combine the Tokens, keys
//! and receive ids of the other profiles.

use crate::config::Settings;
use crate::credentials::{Credentials, ExpectedReceiveId, RawCredentials};
use crate::diagnosis::Finding;

/// How many candidates are tried at most. Each one costs a request.
const MAX_CANDIDATES: usize = 48;

/// Credentials to try, and the finding if the receiver accepts them.
pub(super) struct Candidate {
    pub(super) credentials: Credentials,
    pub(super) finding: Finding,
}

/// A value and the name of its profile, which is `None` for the given credentials.
type Source<'a, T> = (T, Option<&'a str>);

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
    others: &'a [(String, RawCredentials)],
    part: impl Fn(&'a RawCredentials) -> Option<&'a String>,
) -> Vec<Source<'a, &'a String>> {
    let mut values: Vec<Source<'a, &'a String>> = Vec::new();
    let named = others.iter().map(|(name, raw)| (raw, Some(name.as_str())));
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
    for (_, other) in std::iter::once(&(String::new(), raw.clone())).chain(&settings.others) {
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
    token: Option<&str>,
    key: Option<&str>,
    id: Option<&str>,
    given: &Credentials,
) -> Finding {
    let expects = id.filter(|id| *id != own_id(given));
    let shown = |id: &str| {
        if id.is_empty() {
            "(empty)".to_owned()
        } else {
            id.to_owned()
        }
    };
    let also = expects.map_or_else(String::new, |id| {
        format!(", and it expects the receive id {}", shown(id))
    });
    match (token, key) {
        (Some(token), Some(key)) => Finding::failure(
            "wrong_token",
            format!(
                "wrong Token and wrong AES key: the receiver has the Token of {token} and the key \
                 of {key}{also}"
            ),
        )
        .advice(
            "give the receiver the credentials of this URL's page in the console, or use that \
             profile here",
        ),
        (Some(token), None) => Finding::failure(
            "wrong_token",
            format!("right AES key, wrong Token: the receiver has the Token of {token}{also}"),
        )
        .advice("give the receiver the Token of this URL's page in the console"),
        (None, Some(key)) => Finding::failure(
            "wrong_key",
            format!("right Token, wrong AES key: the receiver has the key of {key}{also}"),
        )
        .advice("give the receiver the EncodingAESKey of this URL's page in the console"),
        (None, None) => Finding::failure(
            "receive_id",
            format!(
                "right Token, right key, but the receiver expects the receive id {}. You send for \
                 {}",
                shown(expects.unwrap_or_default()),
                given.url_check_receive_id
            ),
        )
        .advice(if expects.is_some_and(|id| id.is_empty()) {
            "the empty id is that of an AI bot: if the URL belongs to a bot, use `--flavour bot` \
             here. Otherwise give the receiver the id of the URL: the corp id for an app of your \
             own, the provider's corp id for URL checks of suites"
        } else {
            "one of the two is wrong: it is the corp id for an app of your own, the provider's \
             corp id for URL checks of suites, and empty for AI bots"
        }),
    }
}
