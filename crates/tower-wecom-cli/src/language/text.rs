use std::fmt::Display;

use fluent_bundle::{FluentArgs, FluentValue};
use serde::{Serialize, Serializer};

use super::bundle;
use super::choice::Language;

/// A text for people that has no language yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    key: &'static str,
    args: Vec<(&'static str, Arg)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Arg {
    /// The same in each language.
    Verbatim(String),
    /// A number that decides between singular and plural.
    Count(u64),
    /// Other texts, with the separator of a list between them.
    Texts(Vec<Text>),
}

/// The message with this key, which must be in `en/` and in `zh/`.
pub(crate) const fn text(key: &'static str) -> Text {
    Text {
        key,
        args: Vec::new(),
    }
}

impl Text {
    /// Sets an argument that is the same in each language.
    pub(crate) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.args.push((name, Arg::Verbatim(value.to_string())));
        self
    }

    /// Sets a number that decides between singular and plural.
    pub(crate) fn count(mut self, name: &'static str, number: u64) -> Self {
        self.args.push((name, Arg::Count(number)));
        self
    }

    /// Sets an argument that is other texts, or none.
    pub(crate) fn texts(
        mut self,
        name: &'static str,
        texts: impl IntoIterator<Item = Self>,
    ) -> Self {
        self.args
            .push((name, Arg::Texts(texts.into_iter().collect())));
        self
    }

    pub(crate) fn in_language(&self, language: Language) -> String {
        let mut args = FluentArgs::new();
        for (name, arg) in &self.args {
            args.set(*name, arg.value(language));
        }
        bundle::format(language, self.key, &args)
    }
}

impl Arg {
    fn value(&self, language: Language) -> FluentValue<'static> {
        match self {
            Self::Verbatim(text) => text.clone().into(),
            Self::Count(number) => (*number).into(),
            Self::Texts(texts) => {
                let separator = text("list-separator").in_language(language);
                let texts: Vec<_> = texts
                    .iter()
                    .map(|text| text.in_language(language))
                    .collect();
                texts.join(&separator).into()
            }
        }
    }
}

impl From<Text> for String {
    /// For JSON and files, which are in English.
    fn from(text: Text) -> Self {
        text.in_language(Language::En)
    }
}

/// JSON is in English: scripts read the same on every machine.
impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.in_language(Language::En))
    }
}
