use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::builder::silent;
use super::error::{ReplyError, at_most, count, key, required};
use crate::payload::{Node, Tree};

/// The maximum number of pictures below a stream.
const IMAGES_MAX: usize = 10;
/// The maximum size of a picture, in bytes.
const IMAGE_MAX_BYTES: usize = 10 << 20;

/// An answer of an AI bot that grows while the members watch, for
/// [`Reply::stream`](super::Reply::stream).
///
/// Document 101031. The first answer to a message [starts](Self::start) the stream, with an id that
/// you choose. WeCom then requests the rest with [`BotStream`](crate::event::BotStream) callbacks
/// that have this id, for at most six minutes. Answer each of them with a
/// [`refresh`](Self::refresh), and the last one with [`finish`](Self::finish). The text is always
/// the whole Markdown text so far. It replaces the text before.
///
/// # Begin at once
///
/// WeCom waits 5 seconds for the answer to a message. An answer that comes later cannot be shown,
/// and WeCom sends the message again. A language model often takes longer. So start the stream
/// before you call the model, with an empty text or a few words, and let a task collect the text.
/// The refreshes return what it has so far, and none of them waits for the model. Do not use
/// `DeadlineLayer` for this: it acknowledges a late message, and then its
/// answer is lost. `examples/bot.rs` is such a bot.
///
/// ```
/// use tower_wecom::Reply;
/// use tower_wecom::reply::Stream;
///
/// let first = Reply::stream(Stream::start("st-7", "The north gate"))?;
/// let next = Reply::stream(Stream::refresh("st-7", "The north gate is"))?;
/// let last = Reply::stream(Stream::finish("st-7", "The north gate is open."))?;
/// # Ok::<_, tower_wecom::ReplyError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "流式消息回复")]
pub struct Stream {
    id: String,
    finish: bool,
    content: String,
    msg_item: Vec<StreamImage>,
    feedback: Option<String>,
}

impl Stream {
    /// Starts a stream with the text so far. At most 20,480 bytes, can be empty.
    pub fn start(id: impl Into<String>, content: impl Into<String>) -> Self {
        Self::new(id, content, false)
    }

    /// Replaces the text with the text so far. At most 20,480 bytes. More text follows.
    pub fn refresh(id: impl Into<String>, content: impl Into<String>) -> Self {
        Self::new(id, content, false)
    }

    /// Replaces the text with the whole text and ends the stream. At most 20,480 bytes.
    #[doc(alias = "finish=true")]
    pub fn finish(id: impl Into<String>, content: impl Into<String>) -> Self {
        Self::new(id, content, true)
    }

    fn new(id: impl Into<String>, content: impl Into<String>, finish: bool) -> Self {
        Self {
            id: id.into(),
            finish,
            content: content.into(),
            msg_item: Vec::new(),
            feedback: None,
        }
    }

    /// Adds pictures below the text. At most 10, and only when the stream [finishes](Self::finish).
    #[doc(alias = "msg_item")]
    #[doc(alias = "图文混排")]
    pub fn images(mut self, images: impl IntoIterator<Item = StreamImage>) -> Self {
        self.msg_item = images.into_iter().collect();
        self
    }

    /// Lets the members rate the answer. Their [`BotFeedback`](crate::event::BotFeedback) has this
    /// id. At most 256 bytes. Set it when the stream starts.
    pub fn feedback(mut self, id: impl Into<String>) -> Self {
        self.feedback = Some(id.into());
        self
    }

    pub(super) fn content(&self) -> &str {
        &self.content
    }

    pub(super) fn with_content(mut self, content: String) -> Self {
        self.content = content;
        self
    }

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        required("stream.id", Some(&self.id))?;
        at_most(Self::CONTENT_MAX_BYTES, "stream.content", &self.content)?;
        count(0..=IMAGES_MAX, "stream.msg_item", self.msg_item.len())?;
        if !self.finish && !self.msg_item.is_empty() {
            let (field, expected) = ("stream.msg_item", "left for the end of the stream");
            return Err(ReplyError::Invalid { field, expected });
        }
        self.msg_item.iter().try_for_each(StreamImage::check)?;
        check_feedback("stream.feedback.id", self.feedback.as_deref())
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        let images: Node<'_> = self.msg_item.iter().map(StreamImage::tree).collect();
        Tree::default()
            .json("id", &self.id)
            .json("finish", self.finish)
            .json("content", &self.content)
            .json("msg_item", images)
            .json("feedback", feedback_tree(self.feedback.as_deref()))
    }
}

/// A picture below a [`Stream`]: JPG or PNG, at most 10 MiB. Document 101031.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "msg_item.image")]
pub struct StreamImage {
    length: usize,
    base64: String,
    md5: String,
}

impl StreamImage {
    /// Takes the content of a picture file.
    #[doc(alias = "base64")]
    #[doc(alias = "md5")]
    pub fn new(file: impl AsRef<[u8]>) -> Self {
        let file = file.as_ref();
        let digest = Md5::digest(file);
        Self {
            length: file.len(),
            base64: STANDARD.encode(file),
            md5: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }

    fn check(&self) -> Result<(), ReplyError> {
        let (field, length, limit) = ("stream.msg_item.image", self.length, IMAGE_MAX_BYTES);
        match length {
            0 => Err(ReplyError::Empty { field }),
            _ if length > limit => Err(ReplyError::TooLong {
                field,
                length,
                limit,
            }),
            _ => Ok(()),
        }
    }

    fn tree(&self) -> Tree<'_> {
        let image = Tree::default()
            .json("base64", &self.base64)
            .json("md5", &self.md5);
        Tree::default()
            .json("msgtype", "image")
            .json("image", image)
    }
}

silent!(Stream, StreamImage);

pub(super) fn check_feedback(field: &'static str, id: Option<&str>) -> Result<(), ReplyError> {
    id.map_or(Ok(()), |id| key(Stream::FEEDBACK_ID_MAX_BYTES, field, id))
}

pub(super) fn feedback_tree(id: Option<&str>) -> Option<Tree<'_>> {
    id.map(|id| Tree::default().json("id", id))
}
