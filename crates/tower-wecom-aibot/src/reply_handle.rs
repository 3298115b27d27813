use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Mutex;
use tower_wecom::{Callback, Reply};

use super::bot_core::Core;
use super::chat::Chat;
use super::error::SendError;
use super::frame::{Command, Delivery, ReqId};
use super::handle::BotHandle;
use super::place::{Place, plain_json};

/// The answers to one callback, for its handler and for whatever goes on after it. Cheap to clone.
///
/// Each request that the service gets has it in its extensions. WeCom takes answers to a message
/// for 24 hours, those to `enter_chat` and to taps on a card for 5 seconds. Frames of one callback
/// are sent one after the other: the next one waits for the ack of the one before.
///
/// A handler that answers only once needs none of this: it returns its [`Reply`].
///
/// ```
/// use tower_wecom::event::BotText;
/// use tower_wecom::{EventRouter, On, Reply};
/// use tower_wecom_aibot::ReplyHandle;
///
/// async fn slow(text: On<BotText>) {
///     let Some(reply) = text.extension::<ReplyHandle>().cloned() else {
///         return; // it came over HTTP
///     };
///     tokio::spawn(async move {
///         let Ok(report) = Reply::markdown("An hour later: done") else { return };
///         if let Err(error) = reply.respond(report).await {
///             eprintln!("not answered: {error}");
///         }
///     });
/// }
///
/// let events: EventRouter = EventRouter::new().on(slow);
/// ```
#[derive(Clone)]
pub struct ReplyHandle(Arc<ReplyTo>);

struct ReplyTo {
    core: Arc<Core>,
    req_id: ReqId,
    command: Cow<'static, str>,
    place: Place,
    chat: Option<Chat>,
    /// One frame of a req_id at a time.
    turn: Mutex<()>,
    /// Whether a stream has begun: its later frames may count for nothing.
    is_streaming: AtomicBool,
}

impl ReplyHandle {
    pub(crate) fn new(core: Arc<Core>, delivery: Delivery, callback: &Callback) -> Self {
        let user = callback.get("from/userid").map(Chat::single);
        let group = callback.get("chatid").map(Chat::group);
        Self(Arc::new(ReplyTo {
            core,
            req_id: delivery.req_id,
            command: delivery.command,
            place: Place::of(callback),
            chat: group.or(user),
            turn: Mutex::default(),
            is_streaming: AtomicBool::new(false),
        }))
    }

    /// The bot, for pushes and uploads.
    #[must_use]
    pub fn bot(&self) -> BotHandle {
        BotHandle(Arc::clone(&self.0.core))
    }

    /// The `cmd` of the callback's frame: `aibot_msg_callback`, `aibot_event_callback`, or one that
    /// this crate does not know. WeCom has written it: it is any text.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.0.command
    }

    /// The chat that the callback comes from, for [`BotHandle::send`]. `None` if it names none.
    #[must_use]
    pub fn chat(&self) -> Option<&Chat> {
        self.0.chat.as_ref()
    }

    /// Sends an answer. Completes when WeCom has accepted it.
    ///
    /// # Errors
    ///
    /// If the answer was not sent, or WeCom has not accepted it. Also [`SendError::Unfit`], if the
    /// callback does not take such an answer: a message takes a stream, a card, Markdown and files;
    /// `enter_chat` takes a text and a card; a tap on a card takes a new card; other events take
    /// nothing.
    pub async fn respond(&self, reply: Reply) -> Result<(), SendError> {
        let Some(json) = plain_json(&reply)? else {
            return Ok(());
        };
        let command = self.0.place.command(&reply, &json)?;
        self.limit(json.starts_with(r#"{"msgtype":"stream"#))
            .await?;
        self.send(command, &json).await
    }

    /// Sends the welcome message: the answer to `enter_chat`.
    ///
    /// # Errors
    ///
    /// Those of [`respond`](Self::respond), and [`SendError::Unfit`] for any other callback.
    pub async fn welcome(&self, reply: Reply) -> Result<(), SendError> {
        if self.0.place != Place::Welcome {
            let reason = "only `enter_chat` is answered with a welcome message";
            return Err(SendError::Unfit(reason));
        }
        self.respond(reply).await
    }

    /// Replaces the card that a member has tapped, with a [`Reply::update_template_card`].
    ///
    /// # Errors
    ///
    /// Those of [`respond`](Self::respond), and [`SendError::Unfit`] for any other callback.
    pub async fn update_card(&self, reply: Reply) -> Result<(), SendError> {
        if self.0.place != Place::Card {
            let reason = "only a tap on a card is answered with a new card";
            return Err(SendError::Unfit(reason));
        }
        self.respond(reply).await
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.0.core
    }

    /// Waits for the chat's turn. Without a chat there is no limit to keep.
    async fn limit(&self, is_stream: bool) -> Result<(), SendError> {
        let is_update = is_stream && self.0.is_streaming.swap(true, Ordering::Relaxed);
        let is_free = is_update && !self.0.core.settings.limits.counts_updates();
        match &self.0.chat {
            Some(chat) if !is_free => self.0.core.limiter.take(chat.id()).await,
            _ => Ok(()),
        }
    }

    async fn send(&self, command: Command, body: &str) -> Result<(), SendError> {
        let _turn = self.0.turn.lock().await;
        let req_id = Arc::clone(&self.0.req_id);
        self.0.core.request(command, req_id, body).await?;
        Ok(())
    }
}

impl fmt::Debug for ReplyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyHandle")
            .field("place", &self.0.place)
            .finish_non_exhaustive()
    }
}
