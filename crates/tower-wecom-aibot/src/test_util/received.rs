use serde_json::Value;

/// A frame that the bot has sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReceivedFrame {
    /// Its command, such as `aibot_respond_msg`.
    pub cmd: String,
    /// Its req_id. An answer has that of its callback.
    pub req_id: String,
    /// Its body. `Null` if it has none.
    pub body: Value,
    /// The code of the ack: 0 if it was accepted.
    pub errcode: i64,
}

/// What has happened at a [`StandIn`](super::StandIn).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StandInEvent {
    /// A bot has subscribed, or was refused with this code.
    Subscribed {
        /// The id in the subscription.
        bot_id: String,
        /// The code of the ack: 0 if it was accepted.
        errcode: i64,
    },
    /// The bot has sent a frame that is neither a subscription nor a ping.
    Frame(ReceivedFrame),
    /// The bot has sent a ping.
    Ping,
    /// The bot has sent something that is not a frame.
    Unreadable(String),
    /// A connection has ended.
    Closed,
}
