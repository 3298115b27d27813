use super::error::ReplyError;
use super::media::{Article, Video};
use super::passive::Reply;
use super::stream::Stream;

/// Cuts a text that has more than `limit` bytes, and ends it with a mark. Returns the first part
/// with the mark, and the rest without it. The rest is empty if the text fits.
///
/// No character is cut in two, and nothing is lost: the first part without its mark, followed by
/// the rest, is the text. A mark that does not fit beside at least one character is left out. A
/// limit below the length of the first character, at most 4 bytes, gives an empty part and the
/// whole text as the rest.
///
/// ```
/// use tower_wecom::reply::fit;
///
/// assert_eq!(fit("all of it", 20, "…"), ("all of it".to_owned(), ""));
/// assert_eq!(fit("仓库在九点开门", 12, "…"), ("仓库在…".to_owned(), "九点开门"));
/// ```
#[must_use]
pub fn fit<'a>(text: &'a str, limit: usize, mark: &str) -> (String, &'a str) {
    if text.len() <= limit {
        return (text.to_owned(), "");
    }
    let first = text.chars().next().map_or(0, char::len_utf8);
    let is_room = first.saturating_add(mark.len()) <= limit;
    let mark = if is_room { mark } else { "" };
    let most = limit.saturating_sub(mark.len());
    let is_end = |index: &usize| text.is_char_boundary(*index);
    let end = (0..=most).rev().find(is_end).unwrap_or(0);
    let (part, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    ([part, mark].concat(), rest)
}

impl Reply {
    /// The maximum length of a [`text`](Self::text), in bytes of UTF-8. Document 90241.
    pub const TEXT_MAX_BYTES: usize = 2_048;

    /// A text of any length. What exceeds [`TEXT_MAX_BYTES`](Self::TEXT_MAX_BYTES) is cut off
    /// behind a whole character, and the mark takes its place. See [`fit`].
    ///
    /// Also returns the rest, which is empty if the text fits. Send it to the member through
    /// WeCom's API (document 90236), after the answer:
    ///
    /// ```
    /// use tower_wecom::event::Text;
    /// use tower_wecom::{EventRouter, Reply, ReplyError};
    ///
    /// # async fn ask_model(question: &str) -> String { question.repeat(1000) }
    /// # async fn send_by_api(member: String, text: String) {}
    /// async fn answer(text: Text) -> Result<Reply, ReplyError> {
    ///     let words = ask_model(text.content.as_deref().unwrap_or_default()).await;
    ///     let (reply, rest) = Reply::text_fitted(&words, " …")?;
    ///     if !rest.is_empty() {
    ///         tokio::spawn(send_by_api(text.from_user_name, rest.to_owned()));
    ///     }
    ///     Ok(reply)
    /// }
    ///
    /// let events: EventRouter = EventRouter::new().on(answer);
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is empty.
    pub fn text_fitted<'a>(content: &'a str, mark: &str) -> Result<(Self, &'a str), ReplyError> {
        let (text, rest) = fit(content, Self::TEXT_MAX_BYTES, mark);
        Ok((Self::text(text)?, rest))
    }
}

impl Video {
    /// The maximum length of a [`title`](Self::title), in bytes of UTF-8. Document 90241.
    pub const TITLE_MAX_BYTES: usize = 128;
    /// The maximum length of a [`description`](Self::description), in bytes of UTF-8.
    pub const DESCRIPTION_MAX_BYTES: usize = 512;
}

impl Article {
    /// The maximum length of a title, in bytes of UTF-8. Document 90241.
    pub const TITLE_MAX_BYTES: usize = 128;
    /// The maximum length of a [`description`](Self::description), in bytes of UTF-8.
    pub const DESCRIPTION_MAX_BYTES: usize = 512;
}

impl Stream {
    /// The maximum length of the text, in bytes of UTF-8. Document 101031.
    pub const CONTENT_MAX_BYTES: usize = 20_480;
    /// The maximum length of a [`feedback`](Self::feedback) id, in bytes of UTF-8. Document 101031.
    pub const FEEDBACK_ID_MAX_BYTES: usize = 256;

    /// Cuts off what exceeds [`CONTENT_MAX_BYTES`](Self::CONTENT_MAX_BYTES), with a mark in its
    /// place. See [`fit`].
    ///
    /// Also returns the rest, which is empty if the text fits. A stream shows no more than this. To
    /// show the rest, finish the stream and post the rest to the message's
    /// [`response_url`](crate::event::BotText::response_url) as Markdown (document 101138).
    ///
    /// ```
    /// use tower_wecom::Reply;
    /// use tower_wecom::reply::Stream;
    ///
    /// let words = "The north gate is open. ".repeat(1000);
    /// let (stream, rest) = Stream::finish("st-7", words).fitted("\n\n(to be continued)");
    /// let answer = Reply::stream(stream)?;
    /// assert_eq!(rest.len(), 24_000 - (Stream::CONTENT_MAX_BYTES - 19));
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    pub fn fitted(self, mark: &str) -> (Self, String) {
        let (content, rest) = fit(self.content(), Self::CONTENT_MAX_BYTES, mark);
        let rest = rest.to_owned();
        (self.with_content(content), rest)
    }
}
