use std::sync::Arc;

use futures_util::stream::Stream;
use tower_wecom::Reply;

use super::bot_core::Core;
use super::chat::Chat;
use super::error::SendError;
use super::frame::Command;
use super::state::{ConnectionState, states};
use super::upload::{self, MediaKind, Uploaded};

/// A bot's connection, for handlers and for the rest of the program. Cheap to clone.
///
/// Each request that the service gets has it in its extensions, beside the
/// [`ReplyHandle`](crate::ReplyHandle). [`Bot::handle`](crate::Bot::handle) returns it too.
#[derive(Clone, Debug)]
pub struct BotHandle(pub(crate) Arc<Core>);

impl BotHandle {
    /// What the connection does at this moment.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        *self.0.state.borrow()
    }

    /// Whether the bot is subscribed at this moment.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.state().is_connected()
    }

    /// The current state, and then each new one. A reader that is slow misses states between.
    pub fn states(&self) -> impl Stream<Item = ConnectionState> + Send + 'static + use<> {
        states(self.0.state.subscribe())
    }

    /// Writes to a chat without being asked: a push. Completes when WeCom has accepted it.
    ///
    /// ```no_run
    /// # use tower_wecom_aibot::{BotHandle, SendError};
    /// # async fn f(bot: BotHandle) -> Result<(), SendError> {
    /// use tower_wecom::Reply;
    /// use tower_wecom_aibot::Chat;
    ///
    /// bot.send(Chat::single("lin.mei"), Reply::markdown("The gate is open.")?).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the message was not sent, or WeCom has not accepted it. See [`SendError`].
    pub async fn send(&self, chat: impl Into<Chat>, reply: Reply) -> Result<(), SendError> {
        let chat = chat.into();
        let body = chat.push(&reply)?;
        self.0.limiter.take(chat.id()).await?;
        let req_id = self.0.new_id(Command::SendMsg.as_str());
        self.0.request(Command::SendMsg, req_id, &body).await?;
        Ok(())
    }

    /// Uploads a file in chunks. The media id is valid for three days.
    ///
    /// A chunk that is not acked, because the connection was cut for example, is sent again: at
    /// most three times.
    ///
    /// # Errors
    ///
    /// If the file has less than 5 bytes or more than 50 MiB, or its name has more than 256 bytes.
    /// Also if an image is larger than [`Bot::image_max_bytes`](crate::Bot::image_max_bytes), or a
    /// frame fails.
    pub async fn upload(
        &self,
        kind: MediaKind,
        name: &str,
        file: &[u8],
    ) -> Result<Uploaded, SendError> {
        upload::run(&self.0, kind, name, file).await
    }

    /// Ends [`Bot::serve`](crate::Bot::serve). Running handlers and streams go on to their end, at
    /// most for [`Bot::drain_timeout`](crate::Bot::drain_timeout), and the acks of their frames are
    /// waited for. Messages that arrive meanwhile are reported as unanswered.
    pub fn shutdown(&self) {
        self.0.stop();
    }
}
