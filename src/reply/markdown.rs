use super::builder::silent;
use super::error::{ReplyError, at_most, required};
use super::stream::{check_feedback, feedback_tree};
use crate::payload::Tree;

/// The maximum length of the text, in bytes.
const CONTENT_MAX_BYTES: usize = 20_480;
/// The maximum length for the robot of a group, in bytes.
pub(super) const GROUP_MAX_BYTES: usize = 4096;

/// A Markdown text of an AI bot, for [`Reply::markdown`](super::Reply::markdown). Document 101463.
///
/// The robot of a group takes it too, without a feedback id and with at most 4,096 bytes.
///
/// ```
/// use tower_wecom::Reply;
/// use tower_wecom::reply::Markdown;
///
/// let plain = Reply::markdown("The **north** gate is open.")?;
/// let rated = Reply::markdown(Markdown::new("The **north** gate is open.").feedback("fb-7"))?;
/// # Ok::<_, tower_wecom::ReplyError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "markdown消息")]
pub struct Markdown {
    content: String,
    feedback: Option<String>,
}

impl Markdown {
    /// A text of at most 20,480 bytes.
    pub fn new(content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            feedback: None,
        }
    }

    /// Lets the members rate the answer. Their [`BotFeedback`](crate::event::BotFeedback) has this
    /// id. At most 256 bytes.
    pub fn feedback(mut self, id: impl Into<String>) -> Self {
        self.feedback = Some(id.into());
        self
    }

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        required("markdown.content", Some(&self.content))?;
        at_most(CONTENT_MAX_BYTES, "markdown.content", &self.content)?;
        check_feedback("markdown.feedback.id", self.feedback.as_deref())
    }

    /// The whole reply of the robot of a group.
    pub(super) fn group_tree(&self) -> Result<Tree<'_>, &'static str> {
        if self.content.len() > GROUP_MAX_BYTES {
            return Err("the robot of a group takes at most 4,096 bytes of Markdown");
        }
        if self.feedback.is_some() {
            return Err("the members of a group cannot rate what its robot answers");
        }
        let markdown = Tree::default().with("Content", "content", &self.content);
        let reply = Tree::default().with("MsgType", "msgtype", "markdown");
        Ok(reply.with("Markdown", "markdown", markdown))
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        Tree::default()
            .json("content", &self.content)
            .json("feedback", feedback_tree(self.feedback.as_deref()))
    }
}

impl<T: Into<String>> From<T> for Markdown {
    fn from(content: T) -> Self {
        Self::new(content)
    }
}

silent!(Markdown);
