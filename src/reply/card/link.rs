//! Parts of a card that open something when they are tapped.

use crate::payload::Tree;
use crate::reply::builder::{silent, texts};
use crate::reply::error::{ReplyError, at_most, required};

/// The maximum length of a question to the bot, in bytes.
const QUESTION_MAX_BYTES: usize = 200;

/// The target of a tap: `Type` and the fields that belong to it.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) code: Option<u32>,
    pub(super) url: Option<String>,
    pub(super) app_id: Option<String>,
    pub(super) page_path: Option<String>,
    pub(super) media_id: Option<String>,
    pub(super) user_id: Option<String>,
    pub(super) question: Option<String>,
}

impl Link {
    /// Adds `Type` and the fields that belong to it to their part of the card.
    pub(super) fn tree(&self) -> Tree<'_> {
        Tree::default()
            .with("Type", "type", self.code)
            .with("Url", "url", &self.url)
            .with("AppId", "appid", &self.app_id)
            .with("PagePath", "pagepath", &self.page_path)
            .with("MediaId", "media_id", &self.media_id)
            .with("UserId", "userid", &self.user_id)
            .json("question", &self.question)
    }

    /// Rejects a link without a target. `fields` are the names of its possible fields.
    pub(super) fn check(&self, fields: &LinkFields) -> Result<(), ReplyError> {
        let given = [
            (fields.url, &self.url),
            (fields.app_id, &self.app_id),
            (fields.media_id, &self.media_id),
            (fields.user_id, &self.user_id),
            (fields.question, &self.question),
        ];
        for (field, text) in given {
            if text.is_some() {
                required(field, text.as_deref())?;
            }
        }
        let question = self.question.as_deref().unwrap_or_default();
        at_most(QUESTION_MAX_BYTES, fields.question, question)
    }
}

/// The paths of a link's fields, for errors.
pub(super) struct LinkFields {
    pub(super) url: &'static str,
    pub(super) app_id: &'static str,
    pub(super) media_id: &'static str,
    pub(super) user_id: &'static str,
    pub(super) question: &'static str,
}

macro_rules! link_fields {
    ($part:literal) => {
        &LinkFields {
            url: concat!($part, ".url"),
            app_id: concat!($part, ".appid"),
            media_id: concat!($part, ".media_id"),
            user_id: concat!($part, ".userid"),
            question: concat!($part, ".question"),
        }
    };
}

/// The setters of a part's `link` that the part supports.
macro_rules! links {
    ($($kind:ident),+ $(,)?) => { $( links!(@ $kind); )+ };
    (@ url) => {
        /// A tap opens this page.
        #[doc(alias = "Url")]
        pub fn url(mut self, url: impl Into<String>) -> Self {
            (self.link.code, self.link.url) = (Some(1), Some(url.into()));
            self
        }
    };
    (@ mini_program) => {
        /// A tap opens this mini program. It must be linked with the app.
        #[doc(alias = "AppId")]
        #[doc(alias = "小程序")]
        pub fn mini_program(mut self, app_id: impl Into<String>) -> Self {
            (self.link.code, self.link.app_id) = (Some(2), Some(app_id.into()));
            self
        }

        /// The page of the mini program. The default is its first page.
        #[doc(alias = "PagePath")]
        pub fn page_path(mut self, page_path: impl Into<String>) -> Self {
            self.link.page_path = Some(page_path.into());
            self
        }
    };
    (@ media_id) => {
        /// A tap downloads this file. The value of the row is the file's name. Not for AI bots.
        #[doc(alias = "MediaId")]
        pub fn media_id(mut self, media_id: impl Into<String>) -> Self {
            (self.link.code, self.link.media_id) = (Some(2), Some(media_id.into()));
            self
        }
    };
    (@ user_id) => {
        /// A tap shows this member.
        #[doc(alias = "userid")]
        pub fn user_id(mut self, user_id: impl Into<String>) -> Self {
            (self.link.code, self.link.user_id) = (Some(3), Some(user_id.into()));
            self
        }
    };
    (@ question) => {
        /// A tap asks the bot this question. At most 200 bytes. Only for AI bots.
        #[doc(alias = "消息智能回复")]
        pub fn question(mut self, question: impl Into<String>) -> Self {
            (self.link.code, self.link.question) = (Some(3), Some(question.into()));
            self
        }
    };
    (@ link_type) => {
        /// The code of a link type that this crate does not name yet. Call this method last.
        #[doc(alias = "Type")]
        pub fn link_type(mut self, code: u32) -> Self {
            self.link.code = Some(code);
            self
        }
    };
}

pub(super) use {link_fields, links};

/// The action of a tap on the whole card. Documents 90241 and 101032.
///
/// `CardAction::default()` does nothing. Text notices and news notices need another action.
#[derive(Clone, Default, PartialEq, Eq)]
#[must_use]
#[doc(alias = "card_action")]
#[doc(alias = "整体卡片的点击跳转事件")]
pub struct CardAction {
    title: Option<String>,
    link: Link,
}

impl CardAction {
    /// A tap opens this page.
    #[doc(alias = "Url")]
    pub fn url(url: impl Into<String>) -> Self {
        let link = Link {
            code: Some(1),
            url: Some(url.into()),
            ..Link::default()
        };
        Self { title: None, link }
    }

    /// A tap opens this mini program. It must be linked with the app.
    #[doc(alias = "AppId")]
    #[doc(alias = "小程序")]
    pub fn mini_program(app_id: impl Into<String>) -> Self {
        let link = Link {
            code: Some(2),
            app_id: Some(app_id.into()),
            ..Link::default()
        };
        Self { title: None, link }
    }

    /// The page of the mini program. The default is its first page.
    #[doc(alias = "PagePath")]
    pub fn page_path(mut self, page_path: impl Into<String>) -> Self {
        self.link.page_path = Some(page_path.into());
        self
    }

    texts! {
        /// A title. Only the XML for apps has it.
        #[doc(alias = "Title")]
        title,
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.link.code.is_none()
    }

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        self.link.check(link_fields!("card_action"))
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        Tree::default()
            .xml("Title", &self.title)
            .and(self.link.tree())
    }
}

/// A row of a card: a label and a value. Documents 90241 and 101032.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "horizontal_content_list")]
#[doc(alias = "二级标题+文本列表")]
pub struct HorizontalContent {
    keyname: String,
    value: Option<String>,
    link: Link,
}

impl HorizontalContent {
    /// A row with this label. WeCom recommends at most 5 characters.
    #[doc(alias = "KeyName")]
    pub fn new(keyname: impl Into<String>) -> Self {
        Self {
            keyname: keyname.into(),
            value: None,
            link: Link::default(),
        }
    }

    texts! {
        /// The value. WeCom recommends at most 30 characters, 26 for AI bots. For a file, it is the
        /// file's name with the extension.
        #[doc(alias = "Value")]
        value,
    }

    links!(url, media_id, user_id, link_type);

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        required("horizontal_content_list.keyname", Some(&self.keyname))?;
        self.link.check(link_fields!("horizontal_content_list"))
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        Tree::default()
            .with("KeyName", "keyname", &self.keyname)
            .with("Value", "value", &self.value)
            .and(self.link.tree())
    }
}

/// A link at the foot of a card. Documents 90241 and 101032.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "jump_list")]
#[doc(alias = "跳转指引")]
pub struct JumpAction {
    title: String,
    link: Link,
}

impl JumpAction {
    /// A link with this text. WeCom recommends at most 18 characters, 13 for AI bots.
    #[doc(alias = "Title")]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            link: Link::default(),
        }
    }

    links!(url, mini_program, question, link_type);

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        required("jump_list.title", Some(&self.title))?;
        self.link.check(link_fields!("jump_list"))
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        Tree::default()
            .with("Title", "title", &self.title)
            .and(self.link.tree())
    }
}

silent!(CardAction, HorizontalContent, JumpAction);
