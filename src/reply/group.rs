//! What the robot of a group replies. Documents 99399 and 99110.

use super::builder::{silent, texts};
use super::error::{ReplyError, at_most, count, key, required};
use super::markdown::GROUP_MAX_BYTES;
use crate::payload::{Node, Tree};

/// The maximum length of a text, in bytes.
const TEXT_MAX_BYTES: usize = 2048;
/// The maximum length of the name of a button, in bytes.
const NAME_MAX_BYTES: usize = 64;
/// The maximum length of the other texts of a button, in bytes.
const ACTION_MAX_BYTES: usize = 128;

/// A text of the robot of a group, for [`Reply::group_text`](super::Reply::group_text).
///
/// ```
/// use tower_wecom::Reply;
/// use tower_wecom::reply::GroupText;
///
/// let answer = Reply::group_text(GroupText::new("Your turn").mentioned_list(["lin.mei"]))?;
/// # Ok::<_, tower_wecom::ReplyError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct GroupText {
    content: String,
    mentioned_list: Vec<String>,
    mentioned_mobile_list: Vec<String>,
    visible_to_user: VisibleToUser,
}

impl GroupText {
    /// A text of at most 2,048 bytes.
    #[doc(alias = "Content")]
    pub fn new(content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            mentioned_list: Vec::new(),
            mentioned_mobile_list: Vec::new(),
            visible_to_user: VisibleToUser::default(),
        }
    }

    /// Mentions members by their UserIDs. `@all` mentions all members of the group.
    #[doc(alias = "MentionedList")]
    pub fn mentioned_list(mut self, user_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.mentioned_list = user_ids.into_iter().map(Into::into).collect();
        self
    }

    /// Mentions members by the numbers of their mobile phones.
    #[doc(alias = "MentionedMobileList")]
    pub fn mentioned_mobile_list(
        mut self,
        mobiles: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.mentioned_mobile_list = mobiles.into_iter().map(Into::into).collect();
        self
    }

    /// Shows the text only to these members of the group, by their UserIDs.
    #[doc(alias = "VisibleToUser")]
    pub fn visible_to_user(
        mut self,
        user_ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.visible_to_user = VisibleToUser::new(user_ids);
        self
    }

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        required("text.content", Some(&self.content))?;
        at_most(TEXT_MAX_BYTES, "text.content", &self.content)?;
        self.visible_to_user.check()
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        let text = Tree::default().with("Content", "content", &self.content);
        let text = mentions(
            text,
            ("MentionedList", "mentioned_list"),
            &self.mentioned_list,
        );
        let mobiles = ("MentionedMobileList", "mentioned_mobile_list");
        let text = mentions(text, mobiles, &self.mentioned_mobile_list);
        let reply = Tree::default().with("MsgType", "msgtype", "text");
        let reply = self.visible_to_user.write(reply);
        reply.with("Text", "text", text)
    }
}

impl<T: Into<String>> From<T> for GroupText {
    fn from(content: T) -> Self {
        Self::new(content)
    }
}

/// In XML each value of the list has an element inside of the list's.
fn mentions<'a>(
    text: Tree<'a>,
    (xml, json): (&'static str, &'static str),
    list: &'a Vec<String>,
) -> Tree<'a> {
    if list.is_empty() {
        return text;
    }
    text.xml(xml, Tree::default().xml("Item", list))
        .json(json, list)
}

/// A Markdown text of the robot of a group, for
/// [`Reply::group_markdown`](super::Reply::group_markdown).
///
/// When a member taps a button, the robot gets a
/// [`GroupBotAttachment`](crate::event::GroupBotAttachment). The documents show the buttons in
/// JSON. In XML, their elements have the names that a tap has: let the callback URL end with
/// `?robot_callback_format=json` if you are in doubt.
///
/// ```
/// use tower_wecom::Reply;
/// use tower_wecom::reply::{GroupAction, GroupAttachment, GroupMarkdown};
///
/// let buttons = [
///     GroupAction::new("go", "Deploy", "yes").replace_text("Deployed").text_color("2EAB49"),
///     GroupAction::new("stop", "Cancel", "no"),
/// ];
/// let question = GroupMarkdown::new("Deploy **7.1**?")
///     .attachments([GroupAttachment::new("deploy-7", buttons)]);
/// let answer = Reply::group_markdown(question)?;
/// # Ok::<_, tower_wecom::ReplyError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct GroupMarkdown {
    content: String,
    attachments: Vec<GroupAttachment>,
    visible_to_user: VisibleToUser,
}

impl GroupMarkdown {
    /// A text of at most 4,096 bytes.
    #[doc(alias = "Content")]
    pub fn new(content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            attachments: Vec::new(),
            visible_to_user: VisibleToUser::default(),
        }
    }

    /// Adds buttons below the text.
    pub fn attachments(mut self, attachments: impl IntoIterator<Item = GroupAttachment>) -> Self {
        self.attachments = attachments.into_iter().collect();
        self
    }

    /// Shows the text only to these members of the group, by their UserIDs.
    #[doc(alias = "VisibleToUser")]
    pub fn visible_to_user(
        mut self,
        user_ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.visible_to_user = VisibleToUser::new(user_ids);
        self
    }

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        required("markdown.content", Some(&self.content))?;
        at_most(GROUP_MAX_BYTES, "markdown.content", &self.content)?;
        self.attachments
            .iter()
            .try_for_each(GroupAttachment::check)?;
        self.visible_to_user.check()
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        let attachments: Node<'_> = self.attachments.iter().map(GroupAttachment::tree).collect();
        let markdown = Tree::default()
            .with("Content", "content", &self.content)
            .with("Attachment", "attachments", attachments);
        let reply = Tree::default().with("MsgType", "msgtype", "markdown");
        let reply = self.visible_to_user.write(reply);
        reply.with("Markdown", "markdown", markdown)
    }
}

impl<T: Into<String>> From<T> for GroupMarkdown {
    fn from(content: T) -> Self {
        Self::new(content)
    }
}

/// A row of buttons below a [`GroupMarkdown`].
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "Attachment")]
pub struct GroupAttachment {
    callback_id: String,
    actions: Vec<GroupAction>,
}

impl GroupAttachment {
    /// Buttons with an id, which the [`GroupBotAttachment`](crate::event::GroupBotAttachment) of a
    /// tap has.
    #[doc(alias = "CallbackId")]
    pub fn new(
        callback_id: impl Into<String>,
        actions: impl IntoIterator<Item = GroupAction>,
    ) -> Self {
        Self {
            callback_id: callback_id.into(),
            actions: actions.into_iter().collect(),
        }
    }

    fn check(&self) -> Result<(), ReplyError> {
        required("attachments.callback_id", Some(&self.callback_id))?;
        count(1..=usize::MAX, "attachments.actions", self.actions.len())?;
        self.actions.iter().try_for_each(GroupAction::check)
    }

    fn tree(&self) -> Tree<'_> {
        let actions: Node<'_> = self.actions.iter().map(GroupAction::tree).collect();
        Tree::default()
            .with("CallbackId", "callback_id", &self.callback_id)
            .with("Actions", "actions", actions)
    }
}

/// A button below a [`GroupMarkdown`].
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "Actions")]
pub struct GroupAction {
    name: String,
    text: String,
    value: String,
    replace_text: Option<String>,
    border_color: Option<String>,
    text_color: Option<String>,
}

impl GroupAction {
    /// A button with a name of at most 64 bytes, a text and a value of at most 128 bytes each. A
    /// tap has the name and the value.
    #[doc(alias = "Name")]
    #[doc(alias = "Value")]
    pub fn new(name: impl Into<String>, text: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            value: value.into(),
            replace_text: None,
            border_color: None,
            text_color: None,
        }
    }

    texts! {
        /// The text of the button after a tap. At most 128 bytes.
        #[doc(alias = "ReplaceText")]
        replace_text,
        /// The colour of the border, such as `2EAB49`.
        #[doc(alias = "BorderColor")]
        border_color,
        /// The colour of the text, such as `2EAB49`.
        #[doc(alias = "TextColor")]
        text_color,
    }

    fn check(&self) -> Result<(), ReplyError> {
        key(NAME_MAX_BYTES, "actions.name", &self.name)?;
        key(ACTION_MAX_BYTES, "actions.text", &self.text)?;
        at_most(ACTION_MAX_BYTES, "actions.value", &self.value)?;
        let replaced = self.replace_text.as_deref().unwrap_or_default();
        at_most(ACTION_MAX_BYTES, "actions.replace_text", replaced)
    }

    fn tree(&self) -> Tree<'_> {
        Tree::default()
            .with("Name", "name", &self.name)
            .with("Type", "type", "button")
            .with("Text", "text", &self.text)
            .with("Value", "value", &self.value)
            .with("ReplaceText", "replace_text", &self.replace_text)
            .with("BorderColor", "border_color", &self.border_color)
            .with("TextColor", "text_color", &self.text_color)
    }
}

/// The members that can see a message: all of them if it is empty.
#[derive(Clone, Default, PartialEq, Eq)]
struct VisibleToUser {
    user_ids: Vec<String>,
    /// The UserIDs with a `|` between two of them.
    joined: String,
}

impl VisibleToUser {
    fn new(user_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let user_ids: Vec<String> = user_ids.into_iter().map(Into::into).collect();
        let joined = user_ids.join("|");
        Self { user_ids, joined }
    }

    fn check(&self) -> Result<(), ReplyError> {
        let field = "visible_to_user";
        for user_id in &self.user_ids {
            required(field, Some(user_id))?;
            if user_id.contains('|') {
                let expected = "UserIDs without `|`";
                return Err(ReplyError::Invalid { field, expected });
            }
        }
        Ok(())
    }

    fn write<'a>(&'a self, reply: Tree<'a>) -> Tree<'a> {
        let joined = (!self.joined.is_empty()).then_some(self.joined.as_str());
        reply.with("VisibleToUser", "visible_to_user", joined)
    }
}

silent!(GroupAction, GroupAttachment, GroupMarkdown, GroupText);
