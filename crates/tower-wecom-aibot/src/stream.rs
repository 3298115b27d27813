use std::fmt;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use tower_wecom::reply::Stream;
use tower_wecom::{Reply, ReplyError};

use super::error::SendError;
use super::moment::after;
use super::reply_handle::ReplyHandle;

/// The maximum length of a stream's text, in bytes.
const TEXT_MAX_BYTES: usize = 20_480;
/// A stream that its owner has forgotten is finished so long before its life ends.
const MARGIN: Duration = Duration::from_secs(5);

impl ReplyHandle {
    /// Begins an answer that grows while the members watch. The text may be empty.
    ///
    /// The first frame is sent at once, from a task of its own, and later ones as the text grows:
    /// always the whole text, and never more often than
    /// [`Bot::stream_pace`](crate::Bot::stream_pace). So [`AnswerStream::append`] can be called for
    /// each word.
    ///
    /// ```no_run
    /// # use tower_wecom_aibot::{ReplyHandle, SendError};
    /// # async fn f(
    /// #     reply: ReplyHandle,
    /// #     mut words: impl Iterator<Item = String>,
    /// # ) -> Result<(), SendError> {
    /// let mut answer = reply.stream("");
    /// for word in words {
    ///     answer.append(&word)?;
    /// }
    /// answer.finish().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime.
    pub fn stream(&self, text: impl Into<String>) -> AnswerStream {
        self.begin(text.into(), None)
    }

    /// As [`stream`](Self::stream), and members can rate the answer. Their
    /// [`BotFeedback`](tower_wecom::event::BotFeedback) has this id, of at most 256 bytes.
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime.
    pub fn stream_with_feedback(
        &self,
        text: impl Into<String>,
        feedback_id: impl Into<String>,
    ) -> AnswerStream {
        self.begin(text.into(), Some(feedback_id.into()))
    }

    fn begin(&self, text: String, feedback: Option<String>) -> AnswerStream {
        let id = self.core().new_id("stream").to_string();
        let finish = None;
        let (draft, changes) = watch::channel(Draft { text, finish });
        let begun = Instant::now();
        let guard = self.core().tasks.guard();
        let pump = Pump {
            reply: self.clone(),
            id: id.clone(),
            feedback,
            changes,
            begun,
        };
        let pump = tokio::spawn(async move {
            let _guard = guard;
            pump.run().await
        });
        AnswerStream { id, draft, pump }
    }
}

/// What the stream has to show.
struct Draft {
    text: String,
    finish: Option<Reply>,
}

/// An answer that grows while the members watch, from [`ReplyHandle::stream`].
///
/// If it is dropped, or its life ends, the text so far is its end: otherwise the members would
/// watch it wait. Its life is [`Bot::stream_life`](crate::Bot::stream_life).
#[must_use = "a stream that is dropped ends"]
pub struct AnswerStream {
    id: String,
    draft: watch::Sender<Draft>,
    pump: JoinHandle<Result<(), SendError>>,
}

impl AnswerStream {
    /// Adds to the text. Does not wait.
    ///
    /// # Errors
    ///
    /// [`SendError::StreamOver`] if the stream has ended: [`finish`](Self::finish) then returns the
    /// cause. Also if the text would have more than 20,480 bytes; then it is unchanged.
    pub fn append(&mut self, text: &str) -> Result<(), SendError> {
        let length = self.draft.borrow().text.len();
        self.check(length.saturating_add(text.len()))?;
        self.draft.send_modify(|draft| draft.text.push_str(text));
        Ok(())
    }

    /// Replaces the whole text. Does not wait.
    ///
    /// # Errors
    ///
    /// Those of [`append`](Self::append).
    pub fn replace(&mut self, text: impl Into<String>) -> Result<(), SendError> {
        let text = text.into();
        self.check(text.len())?;
        self.draft.send_modify(|draft| draft.text = text);
        Ok(())
    }

    /// Ends the stream with the text so far. Completes when WeCom has accepted the end.
    ///
    /// # Errors
    ///
    /// The error with which the stream has failed.
    pub async fn finish(self) -> Result<(), SendError> {
        self.finish_as(Reply::stream).await
    }

    /// Ends the stream with pictures or a card below its text.
    ///
    /// ```no_run
    /// # use tower_wecom_aibot::{AnswerStream, SendError};
    /// # async fn f(answer: AnswerStream, picture: Vec<u8>) -> Result<(), SendError> {
    /// use tower_wecom::Reply;
    /// use tower_wecom::reply::StreamImage;
    ///
    /// answer.finish_as(|end| Reply::stream(end.images([StreamImage::new(picture)]))).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error with which the stream has failed, or that of the reply.
    pub async fn finish_as(
        self,
        end: impl FnOnce(Stream) -> Result<Reply, ReplyError>,
    ) -> Result<(), SendError> {
        let text = self.draft.borrow().text.clone();
        let end = end(Stream::finish(&self.id, text))?;
        self.draft.send_modify(|draft| draft.finish = Some(end));
        // An error of the task means that the runtime has ended.
        self.pump.await.unwrap_or(Err(SendError::Ended))
    }

    fn check(&self, length: usize) -> Result<(), SendError> {
        if self.pump.is_finished() {
            return Err(SendError::StreamOver);
        }
        if length > TEXT_MAX_BYTES {
            let reason = "the text of a stream can have 20,480 bytes at most";
            return Err(SendError::Unfit(reason));
        }
        Ok(())
    }
}

/// Sends the frames of a stream.
struct Pump {
    reply: ReplyHandle,
    id: String,
    feedback: Option<String>,
    changes: watch::Receiver<Draft>,
    begun: Instant,
}

impl Pump {
    async fn run(mut self) -> Result<(), SendError> {
        let settings = &self.reply.core().settings;
        let (life, pace) = (settings.stream_life, settings.stream_pace);
        let over = after(self.begun, life.saturating_sub(MARGIN));
        self.change(Stream::start(&self.id, self.text())).await?;
        loop {
            let next = after(Instant::now(), pace);
            tokio::select! {
                changed = self.changes.changed() => {
                    if changed.is_err() {
                        return self.end().await;
                    }
                }
                () = sleep_until(over) => {
                    self.end().await?;
                    return Err(SendError::StreamOver);
                }
            }
            sleep_until(next.min(over)).await;
            let finish = self.changes.borrow_and_update().finish.clone();
            if let Some(end) = finish {
                return self.reply.respond(end).await;
            }
            self.change(Stream::refresh(&self.id, self.text())).await?;
        }
    }

    fn text(&self) -> String {
        self.changes.borrow().text.clone()
    }

    async fn end(&self) -> Result<(), SendError> {
        let end = Reply::stream(Stream::finish(&self.id, self.text()))?;
        self.reply.respond(end).await
    }

    /// Sends a frame before the last. If it is lost the next one brings the whole text, so only a
    /// refusal that concerns the stream ends it.
    async fn change(&self, stream: Stream) -> Result<(), SendError> {
        let stream = match &self.feedback {
            Some(id) => stream.feedback(id),
            None => stream,
        };
        match self.reply.respond(Reply::stream(stream)?).await {
            Err(SendError::Unacked | SendError::Limited { .. }) => Ok(()),
            Err(SendError::Refused(it)) if it.is_passing() || it.is_too_often() => Ok(()),
            result => result,
        }
    }
}

impl fmt::Debug for AnswerStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerStream")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
