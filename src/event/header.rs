use serde::Serialize;

/// The fields that surround the event in a callback.
///
/// A field that was not sent is `None`. Suite notices have neither a sender nor a receiver. Most
/// events have no message id.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Header {
    /// The receiver, usually a corp id. For a shared app, it is the id of the downstream corp. AI
    /// bots, robots of groups, payments and devices do not send it.
    #[doc(alias = "ToUserName")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The sender: a member's UserID, or `sys`. For an AI bot and the robot of a group, it is the
    /// member that wrote to it.
    #[doc(alias = "FromUserName")]
    #[doc(alias = "UserId")]
    #[doc(alias = "userid")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// When the event happened. Unix time in seconds. The wire name is `TimeStamp` in suite
    /// notices, `create_time` for AI bots and `createtime` for devices. Payments have a text
    /// instead, which is a field of the event.
    #[doc(alias = "CreateTime")]
    #[doc(alias = "TimeStamp")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_time: Option<u64>,
    /// The id of the app that receives the callback.
    #[doc(alias = "AgentID")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<u64>,
    /// The id of a message. The wire name is `MsgId`, or `msgid` for AI bots, `id` for payments and
    /// `req_id` for devices. It is a text, because some of these ids are not numbers. `None` if it is
    /// absent or empty.
    #[doc(alias = "MsgId")]
    #[doc(alias = "msgid")]
    #[doc(alias = "req_id")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

/// The app that a callback belongs to: an app of the corp itself, or a suite. A suite is a
/// third-party app in other corps.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// An app or an assistant of the corp itself, or a bot. Payments and devices are `App` too;
    /// the corps of a device are in its [`BaseInfo`](super::BaseInfo). So are the callbacks to the
    /// data URL of a suite, which have the same form.
    App,
    /// A notice to the provider of a suite (`InfoType`).
    Suite(SuiteOrigin),
}

/// The suite and the corp of a third-party notice, as its text names them. The text alone does not
/// prove them: use [`Callback::verified_suite`](crate::Callback::verified_suite) where it matters.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SuiteOrigin {
    /// The suite's id.
    #[doc(alias = "SuiteId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite_id: Option<String>,
    /// The id of the corp that authorised the suite.
    #[doc(alias = "AuthCorpId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_corp_id: Option<String>,
    /// The id of the provider's own corp. Sent in notices that are not about a suite.
    #[doc(alias = "ServiceCorpId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_corp_id: Option<String>,
}
