//! Parts of a card with which a member makes a choice.

use super::part::{KEY_MAX_BYTES, text_and_key};
use crate::payload::{Node, Tree};
use crate::reply::builder::{silent, texts};
use crate::reply::error::{ReplyError, count, key, required, unique};

/// The maximum length of an option's id, in bytes.
const OPTION_ID_MAX_BYTES: usize = 128;
/// The maximum number of options in a vote.
const CHECKBOX_OPTIONS_MAX: usize = 20;
/// The maximum number of options in a list.
const SELECTION_OPTIONS_MAX: usize = 10;

/// A button. Documents 90241 and 101032.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "button_list")]
#[doc(alias = "按钮")]
pub struct Button {
    text: String,
    key: String,
    style: Option<u32>,
}

impl Button {
    /// A button with this text and key. WeCom recommends at most 10 characters for the text. The
    /// event of the button contains the key. The key has at most 1,024 bytes and differs from those
    /// of the other buttons.
    pub fn new(text: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            key: key.into(),
            style: None,
        }
    }

    /// The style of the button, from 1 to 4. The default is 1.
    #[doc(alias = "Style")]
    pub fn style(mut self, style: u32) -> Self {
        self.style = Some(style);
        self
    }

    fn check(&self) -> Result<(), ReplyError> {
        required("button_list.text", Some(&self.text))?;
        key(KEY_MAX_BYTES, "button_list.key", &self.key)?;
        match self.style {
            Some(style) if !(1..=4).contains(&style) => Err(ReplyError::Invalid {
                field: "button_list.style",
                expected: "a number from 1 to 4",
            }),
            _ => Ok(()),
        }
    }

    pub(super) fn check_all(buttons: &[Self]) -> Result<(), ReplyError> {
        buttons.iter().try_for_each(Self::check)?;
        unique("button_list.key", buttons.iter().map(|button| &button.key))
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        Tree::default()
            .with("Text", "text", &self.text)
            .with("Style", "style", self.style)
            .with("Key", "key", &self.key)
    }
}

/// The button below a vote or a form. Documents 90241 and 101032.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "提交按钮样式")]
pub struct SubmitButton {
    text: String,
    key: String,
}

impl SubmitButton {
    /// A button with this text and key. WeCom recommends at most 10 characters for the text. The
    /// event of the button contains the key, which has at most 1,024 bytes.
    pub fn new(text: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            key: key.into(),
        }
    }

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        required("submit_button.text", Some(&self.text))?;
        key(KEY_MAX_BYTES, "submit_button.key", &self.key)
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        text_and_key(&self.text, &self.key)
    }
}

/// A question with a list of options, one of which can be selected. Documents 90241 and 101032.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "select_list")]
#[doc(alias = "button_selection")]
#[doc(alias = "下拉式的选择器")]
pub struct SelectionItem {
    question_key: String,
    title: Option<String>,
    selected_id: Option<String>,
    disable: Option<bool>,
    options: Vec<(String, String)>,
}

impl SelectionItem {
    /// A question with this key. The event contains the key. It has at most 1,024 bytes and differs
    /// from those of the other questions.
    #[doc(alias = "QuestionKey")]
    pub fn new(question_key: impl Into<String>) -> Self {
        Self {
            question_key: question_key.into(),
            title: None,
            selected_id: None,
            disable: None,
            options: Vec::new(),
        }
    }

    texts! {
        /// The text of the question. WeCom recommends at most 13 characters.
        #[doc(alias = "Title")]
        title,
        /// The id of the option that is selected at first. The default is the first option, also
        /// for an unknown id.
        #[doc(alias = "SelectedId")]
        selected_id,
    }

    /// Whether the selection is disabled. Only for an update of a card.
    #[doc(alias = "Disable")]
    pub fn disable(mut self, disable: bool) -> Self {
        self.disable = Some(disable);
        self
    }

    /// Adds an option with this id and text. There must be 1 to 10 options. The id has at most 128
    /// bytes and differs from those of the other options. WeCom recommends at most 16 characters
    /// for the text, 10 for AI bots.
    #[doc(alias = "option_list")]
    pub fn option(mut self, id: impl Into<String>, text: impl Into<String>) -> Self {
        self.options.push((id.into(), text.into()));
        self
    }

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        key(KEY_MAX_BYTES, "question_key", &self.question_key)?;
        count(1..=SELECTION_OPTIONS_MAX, "option_list", self.options.len())?;
        let options = self.options.iter();
        check_options(options.map(|(id, text)| (id, text)))
    }

    pub(super) fn check_all(items: &[Self]) -> Result<(), ReplyError> {
        items.iter().try_for_each(Self::check)?;
        unique("question_key", items.iter().map(|item| &item.question_key))
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        let options = self.options.iter();
        let options: Node<'_> = options.map(|(id, text)| id_and_text(id, text)).collect();
        Tree::default()
            .with("QuestionKey", "question_key", &self.question_key)
            .with("Title", "title", &self.title)
            .with("SelectedId", "selected_id", &self.selected_id)
            .with("Disable", "disable", self.disable)
            .with("OptionList", "option_list", options)
    }
}

/// The question of a vote. Documents 90241 and 101032.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "CheckBox")]
#[doc(alias = "选择题样式")]
pub struct Checkbox {
    question_key: String,
    options: Vec<(String, String, bool)>,
    disable: Option<bool>,
    mode: Option<u32>,
}

impl Checkbox {
    /// A question with this key. The event contains the key, which has at most 1,024 bytes.
    #[doc(alias = "QuestionKey")]
    pub fn new(question_key: impl Into<String>) -> Self {
        Self {
            question_key: question_key.into(),
            options: Vec::new(),
            disable: None,
            mode: None,
        }
    }

    /// Adds an option with this id and text. There must be 1 to 20 options. The id has at most 128
    /// bytes and differs from those of the other options. WeCom recommends at most 17 characters
    /// for the text, 11 for AI bots.
    #[doc(alias = "option_list")]
    pub fn option(mut self, id: impl Into<String>, text: impl Into<String>) -> Self {
        self.options.push((id.into(), text.into(), false));
        self
    }

    /// Adds an option that is checked at first. See [`option`](Self::option).
    #[doc(alias = "is_checked")]
    pub fn checked_option(mut self, id: impl Into<String>, text: impl Into<String>) -> Self {
        self.options.push((id.into(), text.into(), true));
        self
    }

    /// Whether the options are disabled. Only for an update of a card.
    #[doc(alias = "Disable")]
    pub fn disable(mut self, disable: bool) -> Self {
        self.disable = Some(disable);
        self
    }

    /// Whether several options can be checked. The default is only one.
    #[doc(alias = "Mode")]
    pub fn multiple(mut self, multiple: bool) -> Self {
        self.mode = Some(multiple.into());
        self
    }

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        key(KEY_MAX_BYTES, "question_key", &self.question_key)?;
        count(1..=CHECKBOX_OPTIONS_MAX, "option_list", self.options.len())?;
        let options = self.options.iter();
        check_options(options.map(|(id, text, _)| (id, text)))
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        let options = self.options.iter().map(|(id, text, is_checked)| {
            id_and_text(id, text).with("IsChecked", "is_checked", *is_checked)
        });
        Tree::default()
            .with("QuestionKey", "question_key", &self.question_key)
            .with("OptionList", "option_list", options.collect::<Node<'_>>())
            .with("Disable", "disable", self.disable)
            .with("Mode", "mode", self.mode)
    }
}

fn check_options<'a>(
    options: impl Iterator<Item = (&'a String, &'a String)> + Clone,
) -> Result<(), ReplyError> {
    for (id, text) in options.clone() {
        key(OPTION_ID_MAX_BYTES, "option_list.id", id)?;
        required("option_list.text", Some(text))?;
    }
    unique("option_list.id", options.map(|(id, _)| id))
}

fn id_and_text<'a>(id: &'a str, text: &'a str) -> Tree<'a> {
    Tree::default()
        .with("Id", "id", id)
        .with("Text", "text", text)
}

silent!(Button, Checkbox, SelectionItem, SubmitButton);
