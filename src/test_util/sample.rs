use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::Deserialize;

/// One JSON object per line. `tests/it/samples.rs` writes and checks the file.
const SAMPLES: &str = include_str!("samples.jsonl");

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    // If a line could not be read, the count in `tests/it/samples.rs` would be too small.
    let rows = SAMPLES.lines().map(serde_json::from_str);
    rows.filter_map(Result::ok).collect()
});

#[derive(Debug, Deserialize)]
struct Row {
    name: String,
    kind: String,
    flavour: Flavour,
    title: String,
    chinese: Vec<String>,
    document: Option<String>,
    payload: String,
}

/// A decrypted callback in the form of WeCom's documents, with invented values and every documented
/// field.
///
/// There is one sample for each callback in each form. For example, `change_contact/create_user`
/// has other elements for a suite than for a self-built app.
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
    /// All samples: first those for self-built apps, then those for suites, for bots, and for
    /// robots of groups.
    pub fn all() -> impl ExactSizeIterator<Item = Self> + Clone {
        ROWS.iter().map(Self)
    }

    /// The sample of this name, such as `info_change_contact_create_user`, or the first one of this
    /// kind, such as `change_contact/create_user`.
    #[must_use]
    pub fn of(name_or_kind: &str) -> Option<Self> {
        Self::all()
            .find(|sample| sample.name() == name_or_kind)
            .or_else(|| Self::all().find(|sample| sample.kind() == name_or_kind))
    }

    /// The unique name in the catalogue: `info_change_contact_create_user`.
    #[must_use]
    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// The kind, as [`EventKind`](crate::event::EventKind) displays it:
    /// `change_contact/create_user`.
    #[must_use]
    pub fn kind(self) -> &'static str {
        &self.0.kind
    }

    /// The flavour of receiver that gets it.
    #[must_use]
    pub fn flavour(self) -> Flavour {
        self.0.flavour
    }

    /// A short English title: `member created`.
    #[must_use]
    pub fn title(self) -> &'static str {
        &self.0.title
    }

    /// WeCom's Chinese names of the event, the most general one first: `记录变更事件`, `新增记录事件`.
    ///
    /// They are also aliases in the documentation of the event's type. Several kinds can have the
    /// same name: `文本消息` is a text to an app or to a bot.
    ///
    /// ```
    /// use tower_wecom::test_util::Sample;
    ///
    /// let sample = Sample::of("change_contact/create_user").ok_or("no such sample")?;
    /// assert!(sample.chinese_names().eq(["新增成员事件"]));
    /// # Ok::<_, &str>(())
    /// ```
    pub fn chinese_names(self) -> impl ExactSizeIterator<Item = &'static str> {
        self.0.chinese.iter().map(String::as_str)
    }

    /// The page of WeCom's documentation that contains it, if any.
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

/// The flavour of a callback's receiver. It decides the form of the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Flavour {
    /// A self-built app, or the data URL of a suite: `Event=…` and messages.
    SelfBuilt,
    /// The command URL of a suite or a provider: `InfoType=…`.
    ThirdParty,
    /// An AI bot: JSON.
    Bot,
    /// A robot of groups: XML or JSON.
    GroupBot,
}

impl Flavour {
    /// All flavours.
    pub const ALL: [Self; 4] = [Self::SelfBuilt, Self::ThirdParty, Self::Bot, Self::GroupBot];

    /// `self-built`, `third-party`, `bot` or `group-bot`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SelfBuilt => "self-built",
            Self::ThirdParty => "third-party",
            Self::Bot => "bot",
            Self::GroupBot => "group-bot",
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

/// The text is not the name of a [`Flavour`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlavourError(());

impl fmt::Display for FlavourError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a flavour is `self-built`, `third-party`, `bot` or `group-bot`")
    }
}

impl std::error::Error for FlavourError {}
