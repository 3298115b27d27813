//! Parts of a card that are only read.

use super::link::{Link, LinkFields, link_fields, links};
use crate::payload::{Node, Tree};
use crate::reply::builder::{silent, texts};
use crate::reply::error::{ReplyError, count, key, required, unique};

/// The maximum length of a key that an event contains, in bytes.
pub(super) const KEY_MAX_BYTES: usize = 1024;
/// The maximum number of actions in a menu.
const ACTIONS_MAX: usize = 3;

/// The source of a card: the line at its top. Documents 90241 and 101032.
#[derive(Clone, Default, PartialEq, Eq)]
#[must_use]
#[doc(alias = "卡片来源样式信息")]
pub struct Source {
    icon_url: Option<String>,
    desc: Option<String>,
    desc_color: Option<DescColor>,
}

impl Source {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    texts! {
        /// The URL of the icon. WeCom recommends 72 by 72 pixels.
        #[doc(alias = "IconUrl")]
        icon_url,
        /// The text of the line. WeCom recommends at most 20 characters, 13 for AI bots.
        #[doc(alias = "Desc")]
        desc,
    }

    /// The colour of the text. The default is grey. Not for votes and forms.
    #[doc(alias = "DescColor")]
    pub fn desc_color(mut self, color: DescColor) -> Self {
        self.desc_color = Some(color);
        self
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        Tree::default()
            .with("IconUrl", "icon_url", &self.icon_url)
            .with("Desc", "desc", &self.desc)
            .with(
                "DescColor",
                "desc_color",
                self.desc_color.map(DescColor::code),
            )
    }
}

/// The colour of [`Source::desc`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "desc_color")]
pub enum DescColor {
    /// Grey, 0.
    #[default]
    Grey,
    /// Black, 1.
    Black,
    /// Red, 2.
    Red,
    /// Green, 3.
    Green,
}

impl DescColor {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            Self::Grey => 0,
            Self::Black => 1,
            Self::Red => 2,
            Self::Green => 3,
        }
    }
}

/// A title with a description, used in several places of a card. Documents 90241 and 101032.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "一级标题")]
pub struct MainTitle {
    title: String,
    desc: Option<String>,
}

impl MainTitle {
    /// The title. WeCom recommends at most 36 characters, 26 for AI bots.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            desc: None,
        }
    }

    texts! {
        /// The description. WeCom recommends at most 44 characters, 30 for AI bots.
        #[doc(alias = "Desc")]
        desc,
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        title_and_desc(&self.title, self.desc.as_deref())
    }
}

/// The key figure of a text notice. Documents 90241 and 101032.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "关键数据样式")]
pub struct EmphasisContent {
    title: String,
    desc: Option<String>,
}

impl EmphasisContent {
    /// The figure itself. WeCom recommends at most 14 characters, 10 for AI bots.
    #[doc(alias = "Title")]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            desc: None,
        }
    }

    texts! {
        /// The description. WeCom recommends at most 22 characters, 15 for AI bots.
        #[doc(alias = "Desc")]
        desc,
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        title_and_desc(&self.title, self.desc.as_deref())
    }
}

/// A paragraph of a news notice. Documents 90241 and 101032.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "vertical_content_list")]
#[doc(alias = "卡片二级垂直内容")]
pub struct VerticalContent {
    title: String,
    desc: Option<String>,
}

impl VerticalContent {
    /// A paragraph with this title. WeCom recommends at most 38 characters, 26 for AI bots.
    #[doc(alias = "Title")]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            desc: None,
        }
    }

    texts! {
        /// The text of the paragraph. WeCom recommends at most 160 characters, 112 for AI bots.
        #[doc(alias = "Desc")]
        desc,
    }

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        required("vertical_content_list.title", Some(&self.title))
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        title_and_desc(&self.title, self.desc.as_deref())
    }
}

fn title_and_desc<'a>(title: &'a str, desc: Option<&'a str>) -> Tree<'a> {
    Tree::default()
        .with("Title", "title", title)
        .with("Desc", "desc", desc)
}

/// The picture of a news notice. Documents 90241 and 101032.
#[derive(Clone, PartialEq)]
#[must_use]
#[doc(alias = "图片样式")]
pub struct CardImage {
    url: String,
    aspect_ratio: Option<f64>,
}

impl CardImage {
    /// The picture at this URL.
    #[doc(alias = "Url")]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            aspect_ratio: None,
        }
    }

    /// The ratio of the width to the height, from 1.3 to 2.25. The default is 1.3.
    #[doc(alias = "AspectRatio")]
    #[doc(alias = "宽高比")]
    pub fn aspect_ratio(mut self, ratio: f64) -> Self {
        self.aspect_ratio = Some(ratio);
        self
    }

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        required("card_image.url", Some(&self.url))?;
        match self.aspect_ratio {
            Some(ratio) if !(1.3..=2.25).contains(&ratio) => Err(ReplyError::Invalid {
                field: "card_image.aspect_ratio",
                expected: "a number from 1.3 to 2.25",
            }),
            _ => Ok(()),
        }
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        Tree::default().with("Url", "url", &self.url).with(
            "AspectRatio",
            "aspect_ratio",
            self.aspect_ratio,
        )
    }
}

/// A picture with a text to its right, in a news notice. Documents 90241 and 101032.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "左图右文样式")]
pub struct ImageTextArea {
    image_url: String,
    title: Option<String>,
    desc: Option<String>,
    link: Link,
}

impl ImageTextArea {
    /// The picture at this URL.
    #[doc(alias = "ImageUrl")]
    pub fn new(image_url: impl Into<String>) -> Self {
        Self {
            image_url: image_url.into(),
            title: None,
            desc: None,
            link: Link::default(),
        }
    }

    texts! {
        /// The title beside it.
        #[doc(alias = "Title")]
        title,
        /// The text below the title.
        #[doc(alias = "Desc")]
        desc,
    }

    links!(url, mini_program, link_type);

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        required("image_text_area.image_url", Some(&self.image_url))?;
        self.link.check(link_fields!("image_text_area"))
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        self.link
            .tree()
            .with("Title", "title", &self.title)
            .with("Desc", "desc", &self.desc)
            .with("ImageUrl", "image_url", &self.image_url)
    }
}

/// A quotation on a card. WeCom advises not to combine it with an [`EmphasisContent`]. Documents
/// 90241 and 101032.
#[derive(Clone, Default, PartialEq, Eq)]
#[must_use]
#[doc(alias = "引用文献样式")]
pub struct QuoteArea {
    title: Option<String>,
    quote_text: Option<String>,
    link: Link,
}

impl QuoteArea {
    /// An empty quotation.
    pub fn new() -> Self {
        Self::default()
    }

    texts! {
        /// The title of the quotation.
        #[doc(alias = "Title")]
        title,
        /// The quoted text.
        #[doc(alias = "QuoteText")]
        quote_text,
    }

    links!(url, mini_program, link_type);

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        self.link.check(link_fields!("quote_area"))
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        self.link.tree().with("Title", "title", &self.title).with(
            "QuoteText",
            "quote_text",
            &self.quote_text,
        )
    }
}

/// The menu in the corner of a card. Documents 90241 and 101032.
///
/// A tap on it is a [`TemplateCardMenuClick`](crate::event::TemplateCardMenuClick) for an app, and
/// a [`BotTemplateCardClick`](crate::event::BotTemplateCardClick) for an AI bot.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "卡片右上角更多操作按钮")]
pub struct ActionMenu {
    desc: String,
    actions: Vec<(String, String)>,
}

impl ActionMenu {
    /// A menu with this description above its actions.
    #[doc(alias = "Desc")]
    pub fn new(desc: impl Into<String>) -> Self {
        Self {
            desc: desc.into(),
            actions: Vec::new(),
        }
    }

    /// Adds an action with this text and key. There must be 1 to 3 actions. The event of the action
    /// contains the key. The key has at most 1,024 bytes and differs from those of the other
    /// actions.
    #[doc(alias = "action_list")]
    pub fn action(mut self, text: impl Into<String>, key: impl Into<String>) -> Self {
        self.actions.push((text.into(), key.into()));
        self
    }

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        let field = "action_menu.action_list";
        count(1..=ACTIONS_MAX, field, self.actions.len())?;
        let field = "action_menu.action_list.key";
        for (text, action_key) in &self.actions {
            required("action_menu.action_list.text", Some(text))?;
            key(KEY_MAX_BYTES, field, action_key)?;
        }
        unique(field, self.actions.iter().map(|(_, key)| key))
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        let actions = self.actions.iter();
        let actions: Node<'_> = actions.map(|(text, key)| text_and_key(text, key)).collect();
        Tree::default()
            .with("Desc", "desc", &self.desc)
            .with("ActionList", "action_list", actions)
    }
}

pub(super) fn text_and_key<'a>(text: &'a str, key: &'a str) -> Tree<'a> {
    Tree::default()
        .with("Text", "text", text)
        .with("Key", "key", key)
}

silent!(
    ActionMenu,
    CardImage,
    EmphasisContent,
    ImageTextArea,
    MainTitle,
    QuoteArea,
    Source,
    VerticalContent,
);
