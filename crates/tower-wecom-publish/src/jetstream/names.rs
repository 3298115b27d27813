//! The streams and their subjects.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};

use crate::subject::cut;

/// Longer than WeCom sends a callback again and again.
const DUPLICATES: Duration = Duration::from_secs(10 * 60);

/// The longest part of a subject that a kind can be, in bytes. The server closes the connection for
/// a command of more than 4,096 bytes, and all callbacks share it.
const MAX_KIND: usize = 255;

/// What belongs to one name.
#[derive(Clone, Debug)]
pub(super) struct Names {
    name: String,
}

impl Names {
    pub(super) const fn new(name: String) -> Self {
        Self { name }
    }

    pub(super) fn stream(&self) -> &str {
        &self.name
    }

    pub(super) fn dead_stream(&self) -> String {
        format!("{}-dead", self.name)
    }

    /// The subject of a message: the kind with dots below the name.
    pub(super) fn subject(&self, kind: &str) -> String {
        format!("{}.{}", self.name, tokens(cut(kind, MAX_KIND)))
    }

    pub(super) fn dead_subject(&self, subject: &str) -> String {
        let kind = subject.strip_prefix(&self.name);
        format!("{}-dead{}", self.name, kind.unwrap_or(".unknown"))
    }

    /// A message leaves the stream when it is acknowledged. A full stream refuses new ones.
    pub(super) fn config(&self, max_bytes: i64, replicas: usize) -> Config {
        Config {
            retention: RetentionPolicy::WorkQueue,
            duplicate_window: DUPLICATES,
            ..self.config_of(self.name.clone(), max_bytes, replicas)
        }
    }

    pub(super) fn dead_config(&self, max_bytes: i64, replicas: usize) -> Config {
        self.config_of(self.dead_stream(), max_bytes, replicas)
    }

    fn config_of(&self, name: String, max_bytes: i64, replicas: usize) -> Config {
        Config {
            subjects: vec![format!("{name}.>")],
            name,
            max_bytes,
            discard: DiscardPolicy::New,
            storage: StorageType::File,
            num_replicas: replicas,
            ..Config::default()
        }
    }
}

/// A kind may be any text. A subject has words between dots, and `*`, `>` and blanks mean
/// something.
fn tokens(kind: &str) -> String {
    let word = |word: &str| match word {
        "" => "_".to_owned(),
        word => word.chars().map(letter).collect(),
    };
    kind.split('.').map(word).collect::<Vec<_>>().join(".")
}

fn letter(char: char) -> char {
    let is_plain = char.is_ascii_alphanumeric() || char == '_' || char == '-';
    if is_plain { char } else { '_' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_makes_a_subject_with_a_wildcard_a_blank_or_an_empty_word() {
        let names = Names::new("wecom".to_owned());
        let kind = "a..> *.b\n.é.";
        assert_eq!(names.subject(kind), "wecom.a._.___.b_._._");
        assert_eq!(
            names.subject(&"é".repeat(10_000)).len(),
            "wecom.".len() + 127
        );
        let dead = names.dead_subject("wecom.change_contact.create_user");
        assert_eq!(dead, "wecom-dead.change_contact.create_user");
    }
}
