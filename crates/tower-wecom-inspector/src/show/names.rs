//! Decides by the name of an element whether its text may be shown.

/// Replaces a secret.
pub(crate) const SECRET: &str = "[secret]";
/// Replaces a masked text of any length.
pub(crate) const MASKED: &str = "•••";

/// Which texts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// All except secrets.
    Open,
    /// Only kinds, ids and times.
    Mask,
}

/// Tickets, codes, tokens and keys: the names of the fields of type `Secret` in tower-wecom, in
/// lower case and without underscores.
const SECRETS: [&str; 20] = [
    "accesstoken",
    "aeskey",
    "authcode",
    "chatkey",
    "corpsecret",
    "encodingaeskey",
    "getchatinfourl",
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
    "webhookurl",
    "welcomecode",
];

/// Names of elements that identify a callback and its time.
const UNMASKED: [&str; 13] = [
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

/// How a text is shown.
pub(crate) enum Treatment {
    Keep,
    Replace(&'static str),
}

impl Policy {
    /// How to show the text of an element with this name.
    pub(crate) fn treatment(self, name: &str) -> Treatment {
        if is_secret(name) {
            return Treatment::Replace(SECRET);
        }
        let name: String = normalized(name).collect();
        let is_id = name.ends_with("id") || name.ends_with("ids");
        match self {
            Self::Open => Treatment::Keep,
            Self::Mask if is_id || UNMASKED.contains(&&*name) => Treatment::Keep,
            Self::Mask => Treatment::Replace(MASKED),
        }
    }
}

/// Whether the texts of an element with this name, and of all elements below it, are never shown.
pub(super) fn is_secret(name: &str) -> bool {
    SECRETS
        .iter()
        .any(|secret| normalized(name).eq(secret.chars()))
}

/// The text before the first word that could be the name of a secret. Used for a text that is
/// neither valid XML nor valid JSON, whose elements are unknown.
pub(super) fn before_secrets(text: &str) -> Option<&str> {
    let names_one = |rest: &str| {
        let is_it = |secret: &&str| normalized(rest).take(secret.len()).eq(secret.chars());
        SECRETS.iter().any(is_it)
    };
    let (at, _) = text
        .char_indices()
        .filter(|(_, c)| c.is_ascii_alphabetic())
        .find(|&(at, _)| text.get(at..).is_some_and(names_one))?;
    text.get(..at)
}

fn normalized(name: &str) -> impl Iterator<Item = char> {
    let letters = name.chars().filter(|&c| c != '_' && c != '-');
    letters.map(|c| c.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of type `Secret` in the sources of tower-wecom. Their wire names follow the `=`.
    fn secrets_of_the_model() -> Vec<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/event");
        let files = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        let sources = files.map(|file| std::fs::read_to_string(file.path()).unwrap());
        let mut names = Vec::new();
        for source in sources {
            for line in source.lines().filter(|line| line.contains(": Secret =")) {
                let (field, wire) = line.split_once(": Secret =").unwrap();
                // The element around the secret has a name too.
                let wire = wire.split(" in ").next().unwrap();
                names.push(field.rsplit(' ').next().unwrap().to_owned());
                names.extend(wire.split('"').skip(1).step_by(2).map(str::to_owned));
            }
        }
        names
    }

    #[test]
    fn every_secret_of_the_model_is_secret_here() {
        let names = secrets_of_the_model();
        assert!(names.len() > 40, "{names:?}");
        for name in names {
            assert!(
                matches!(Policy::Open.treatment(&name), Treatment::Replace(SECRET)),
                "{name}"
            );
        }
    }

    #[test]
    fn a_text_ends_before_the_first_name_of_a_secret() {
        let text = "<xml><Name>林</Name><Suite_Ticket>s</Suite_Ticket>";
        assert_eq!(before_secrets(text), Some("<xml><Name>林</Name><"));
        assert_eq!(before_secrets("{\"response-URL\":1"), Some("{\""));
        assert_eq!(before_secrets("<xml><Suite>Ticket</Suite>"), None);
    }
}
