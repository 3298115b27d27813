//! The replies that bots send, and apps do not.

use super::error::ReplyError;
use super::group::{GroupMarkdown, GroupText};
use super::markdown::Markdown;
use super::passive::{Kind, Reply, named};

/// For AI bots over their long connection (document 101463), where they also take
/// [`image`](Reply::image), [`voice`](Reply::voice) and [`video`](Reply::video). A callback URL
/// takes none of these.
impl Reply {
    /// A Markdown text. A `response_url` takes it too (document 101138). See [`Markdown`].
    ///
    /// # Errors
    ///
    /// If the text is empty or has more than 20,480 bytes. Also if its feedback id is empty or has
    /// more than 256 bytes.
    #[doc(alias = "markdown消息")]
    pub fn markdown(markdown: impl Into<Markdown>) -> Result<Self, ReplyError> {
        let markdown = markdown.into();
        markdown.check()?;
        Ok(Self(Kind::Markdown(markdown)))
    }

    /// The file that was uploaded with this media id.
    ///
    /// ```
    /// # use tower_wecom::Reply;
    /// let answer = Reply::file("media-id")?;
    /// let json = r#"{"msgtype":"file","file":{"media_id":"media-id"}}"#;
    /// assert_eq!(answer.to_json().as_deref(), Some(json));
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the id is empty.
    #[doc(alias = "文件消息")]
    pub fn file(media_id: impl Into<String>) -> Result<Self, ReplyError> {
        named("media_id", media_id.into(), Kind::File)
    }
}

/// For robots of groups (document 99399). They also take a [`text`](Reply::text) and a
/// [`markdown`](Reply::markdown).
impl Reply {
    /// A text that mentions members, or that only some members can see. See [`GroupText`].
    ///
    /// # Errors
    ///
    /// If the text is empty or has more than 2,048 bytes. Also if one of the UserIDs in
    /// [`visible_to_user`](GroupText::visible_to_user) is empty or contains a `|`.
    pub fn group_text(text: impl Into<GroupText>) -> Result<Self, ReplyError> {
        let text = text.into();
        text.check()?;
        Ok(Self(Kind::GroupText(text)))
    }

    /// A Markdown text, with buttons below it. See [`GroupMarkdown`].
    ///
    /// # Errors
    ///
    /// If the text is empty or has more than 4,096 bytes, or a text of a button is empty or too
    /// long: the documentation of the setters has the limits. Also if one of the UserIDs in
    /// [`visible_to_user`](GroupMarkdown::visible_to_user) is empty or contains a `|`.
    pub fn group_markdown(markdown: impl Into<GroupMarkdown>) -> Result<Self, ReplyError> {
        let markdown = markdown.into();
        markdown.check()?;
        Ok(Self(Kind::GroupMarkdown(markdown)))
    }
}
