use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::Deserialize;

/// One JSON object per line. Written and checked by `tests/it/samples.rs`.
const SAMPLES: &str = include_str!("samples.jsonl");

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    // A line that cannot be read would be missing in the count that `tests/it/samples.rs` holds.
    let rows = SAMPLES.lines().map(serde_json::from_str);
    rows.filter_map(Result::ok).collect()
});

#[derive(Debug, Deserialize)]
struct Row {
    name: String,
    kind: String,
    flavour: Flavour,
    title: String,
    document: Option<String>,
    payload: String,
}

/// A decrypted callback as WeCom's documents have it, with invented values and every documented field.
///
/// There is one for each callback in each form: `change_contact/create_user` comes to an app of one's own and, with other
/// elements, to a suite.
///
/// ```
/// use tower_wecom::test_util::{Flavour, Sample};
///
/// let sample = Sample::of("change_contact/create_user").ok_or("no such sample")?;
/// assert_eq!(sample.name(), "change_contact_create_user");
/// assert_eq!(sample.flavour(), Flavour::SelfBuilt);
/// assert!(sample.payload().contains("<UserID><![CDATA[lin.mei]]></UserID>"));
/// assert!(Sample::all().count() > 200);
/// # Ok::<_, &str>(())
/// ```
#[derive(Clone, Copy)]
pub struct Sample(&'static Row);

impl Sample {
    /// All of them, apps of one's own first, then suites, then bots.
    pub fn all() -> impl ExactSizeIterator<Item = Self> + Clone {
        ROWS.iter().map(Self)
    }

    /// The sample of this name, such as `info_change_contact_create_user`, or the first one of this kind, such as
    /// `change_contact/create_user`.
    #[must_use]
    pub fn of(name_or_kind: &str) -> Option<Self> {
        Self::all()
            .find(|sample| sample.name() == name_or_kind)
            .or_else(|| Self::all().find(|sample| sample.kind() == name_or_kind))
    }

    /// Its name in the catalogue, which no other has: `info_change_contact_create_user`.
    #[must_use]
    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// What it is, as [`EventKind`](crate::event::EventKind) shows it: `change_contact/create_user`.
    #[must_use]
    pub fn kind(self) -> &'static str {
        &self.0.kind
    }

    /// To which sort of receiver it comes.
    #[must_use]
    pub fn flavour(self) -> Flavour {
        self.0.flavour
    }

    /// What has happened, in a few English words: `member created`.
    #[must_use]
    pub fn title(self) -> &'static str {
        &self.0.title
    }

    /// The page of WeCom's documentation that shows it, if one does.
    #[must_use]
    pub fn document(self) -> Option<String> {
        let page = self.0.document.as_ref()?;
        Some(format!(
            "https://developer.work.weixin.qq.com/document/path/{page}"
        ))
    }

    /// The decrypted text, XML or JSON.
    #[must_use]
    pub fn payload(self) -> &'static str {
        &self.0.payload
    }
}

impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sample").field(&self.name()).finish()
    }
}

/// To which sort of receiver a callback comes, and so in which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Flavour {
    /// An app of one's own, and the data URL of a suite: `Event=…` and messages.
    SelfBuilt,
    /// The command URL of a suite or a provider: `InfoType=…`.
    ThirdParty,
    /// An AI bot: JSON.
    Bot,
}

impl Flavour {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SelfBuilt, Self::ThirdParty, Self::Bot];

    /// `self-built`, `third-party` or `bot`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SelfBuilt => "self-built",
            Self::ThirdParty => "third-party",
            Self::Bot => "bot",
        }
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Flavour {
    type Err = FlavourError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|flavour| flavour.as_str() == text)
            .ok_or(FlavourError(()))
    }
}

/// The text is the name of no [`Flavour`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlavourError(());

impl fmt::Display for FlavourError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a flavour is `self-built`, `third-party` or `bot`")
    }
}

impl std::error::Error for FlavourError {}
