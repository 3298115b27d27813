//! What an element may show, by its name.

/// Stands where a secret was.
pub(crate) const SECRET: &str = "[secret]";
/// Stands where a text was, however long.
pub(crate) const MASKED: &str = "•••";

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// All but secrets.
    Open,
    /// Kinds, ids and times.
    Mask,
}

/// Tickets, codes, tokens and keys: what tower-wecom calls a `Secret`, without case and underscores.
const SECRETS: [&str; 18] = [
    "accesstoken",
    "aeskey",
    "authcode",
    "chatkey",
    "corpsecret",
    "encodingaeskey",
    "modelticket",
    "permanentcode",
    "providersecret",
    "refreshtoken",
    "responsecode",
    "responseurl",
    "secret",
    "suitesecret",
    "suiteticket",
    "token",
    "verifcode",
    "welcomecode",
];

/// What says what a callback is, and when.
const PLAIN: [&str; 13] = [
    "cardtype",
    "changetype",
    "createtime",
    "event",
    "eventtype",
    "fromusername",
    "infotype",
    "jobtype",
    "kind",
    "msgtype",
    "timestamp",
    "tousername",
    "type",
];

/// What becomes of a text.
pub(crate) enum Shown {
    Whole,
    Instead(&'static str),
}

impl Policy {
    /// What the text of an element of this name becomes.
    pub(crate) fn of(self, name: &str) -> Shown {
        let name: String = name
            .chars()
            .filter(|&c| c != '_' && c != '-')
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if SECRETS.contains(&&*name) {
            return Shown::Instead(SECRET);
        }
        let is_id = name.ends_with("id") || name.ends_with("ids");
        match self {
            Self::Open => Shown::Whole,
            Self::Mask if is_id || PLAIN.contains(&&*name) => Shown::Whole,
            Self::Mask => Shown::Instead(MASKED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of the type `Secret` in tower-wecom's sources: after the `=` their names on the wire.
    fn secrets_of_the_model() -> Vec<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/event");
        let files = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        let sources = files.map(|file| std::fs::read_to_string(file.path()).unwrap());
        let mut names = Vec::new();
        for source in sources {
            for line in source.lines().filter(|line| line.contains(": Secret =")) {
                let (field, wire) = line.split_once(": Secret =").unwrap();
                names.push(field.rsplit(' ').next().unwrap().to_owned());
                names.extend(wire.split('"').skip(1).step_by(2).map(str::to_owned));
            }
        }
        names
    }

    #[test]
    fn every_secret_of_the_model_is_one_here() {
        let names = secrets_of_the_model();
        assert!(names.len() > 40, "{names:?}");
        for name in names {
            assert!(
                matches!(Policy::Open.of(&name), Shown::Instead(SECRET)),
                "{name}"
            );
        }
    }
}
