//! Which kinds a name could mean that is the kind of no callback.

use std::iter;

use crate::event::{KnownKind, known_kinds};

/// How many kinds a suggestion names.
const SHOWN: usize = 3;

/// The kinds that have a part of this name, and the types for them: "`message/text`, or `Text`".
///
/// `None` if the name resembles no kind with a type, as that of a new event.
pub(super) fn suggestion(name: &str) -> Option<String> {
    let word = Word::of(name);
    let found: Vec<_> = known_kinds().filter(|row| word.is_in(row)).collect();
    if found.is_empty() {
        return None;
    }
    let kinds: Vec<_> = found
        .iter()
        .take(SHOWN)
        .map(|row| row.kind.as_str())
        .collect();
    let more = if found.len() > SHOWN { " …" } else { "" };
    Some(format!(
        "{}{more}, or {}",
        quoted(kinds),
        quoted(types(&found))
    ))
}

/// The structs of a few kinds, or the families of many.
fn types(found: &[&KnownKind]) -> Vec<&'static str> {
    let structs = found.len() <= SHOWN;
    let name = |row: &&KnownKind| if structs { row.type_name } else { row.family };
    let mut names: Vec<_> = found.iter().map(name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn quoted<'a, I: IntoIterator<Item = &'a str>>(names: I) -> String {
    let quoted: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// A name without case, underscores and other marks.
struct Word {
    whole: String,
    /// What comes behind a first segment that is part of no kind: `subscribe` in `event/subscribe`.
    rest: Option<String>,
}

impl Word {
    fn of(name: &str) -> Self {
        let rest = name.split_once('/').and_then(|(first, rest)| {
            let is_envelope = ["event", "info", "infotype", "msgtype"].contains(&&*letters(first));
            is_envelope.then(|| letters(rest))
        });
        Self {
            whole: letters(name),
            rest,
        }
    }

    fn is_in(&self, row: &KnownKind) -> bool {
        let kind = row.kind.as_str();
        let names = [kind, row.type_name, row.family];
        let mut names = names.into_iter().chain(kind.split('/')).chain(iter::once(
            // As in a `match` on WeCom's `ChangeType`, or in a path such as `contact/create_user`.
            kind.strip_prefix("change_").unwrap_or(kind),
        ));
        names.any(|name| {
            let name = letters(name);
            name == self.whole || self.rest.as_deref() == Some(&name)
        })
    }
}

fn letters(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
