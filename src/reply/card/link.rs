//! Parts of a card that lead somewhere when they are tapped.

use crate::payload::Tree;
use crate::reply::builder::{silent, texts};
use crate::reply::error::{ReplyError, at_most, required};

/// How long a question to the bot may be, in bytes.
const QUESTION_MAX_BYTES: usize = 200;

/// Where a tap leads: `Type` and what belongs to it.
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
    /// Adds `Type` and what belongs to it to its part of the card.
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

    /// Refuses a link to nothing. `fields` are the names of what may be given.
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

/// The setters of a part's `link`: those that the part can have.
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
        /// A tap opens this mini program, which has to be linked with the app.
        #[doc(alias = "AppId")]
        #[doc(alias = "小程序")]
        pub fn mini_program(mut self, app_id: impl Into<String>) -> Self {
            (self.link.code, self.link.app_id) = (Some(2), Some(app_id.into()));
            self
        }

        /// Which page of the mini program; without it, its first one.
        #[doc(alias = "PagePath")]
        pub fn page_path(mut self, page_path: impl Into<String>) -> Self {
            self.link.page_path = Some(page_path.into());
            self
        }
    };
    (@ media_id) => {
        /// A tap downloads this file, whose name is the value. Not from AI bots.
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
        /// A tap asks the bot this question, at most 200 bytes. From AI bots alone.
        #[doc(alias = "消息智能回复")]
        pub fn question(mut self, question: impl Into<String>) -> Self {
            (self.link.code, self.link.question) = (Some(3), Some(question.into()));
            self
        }
    };
    (@ link_type) => {
        /// The code of a kind of link that has no name here yet. Call it last.
        #[doc(alias = "Type")]
        pub fn link_type(mut self, code: u32) -> Self {
            self.link.code = Some(code);
            self
        }
    };
}

pub(super) use {link_fields, links};

/// What a tap on the card as a whole does. Documents 90241 and 101032.
///
/// `CardAction::default()` does nothing; a text notice and a news notice need one that does.
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

    /// A tap opens this mini program, which has to be linked with the app.
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

    /// Which page of the mini program; without it, its first one.
    #[doc(alias = "PagePath")]
    pub fn page_path(mut self, page_path: impl Into<String>) -> Self {
        self.link.page_path = Some(page_path.into());
        self
    }

    texts! {
        /// A title. Only an app's XML has it.
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

/// A row of a card: a label and what stands beside it. Documents 90241 and 101032.
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
    /// A row with this label; WeCom advises at most 5 characters.
    #[doc(alias = "KeyName")]
    pub fn new(keyname: impl Into<String>) -> Self {
        Self {
            keyname: keyname.into(),
            value: None,
            link: Link::default(),
        }
    }

    texts! {
        /// What stands beside the label; WeCom advises at most 30 characters, 26 from AI bots. For a file, its name with
        /// the extension.
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

/// A line at the foot of a card that leads somewhere. Documents 90241 and 101032.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "jump_list")]
#[doc(alias = "跳转指引")]
pub struct JumpAction {
    title: String,
    link: Link,
}

impl JumpAction {
    /// A line of this text; WeCom advises at most 18 characters, 13 from AI bots.
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
