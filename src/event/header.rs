use serde::Serialize;

/// What stands in every callback around the event itself.
///
/// Whatever was not sent is `None`: suite notices have neither sender nor receiver, most events no message id.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Header {
    /// The receiver: a corp id as a rule. Under shared apps it is the downstream corp's. AI bots, payments and devices send
    /// none.
    #[doc(alias = "ToUserName")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The sender: a member's UserID, or `sys`. From an AI bot, the member who wrote to it.
    #[doc(alias = "FromUserName")]
    #[doc(alias = "userid")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// When it happened, in seconds since 1970. `TimeStamp` in suite notices, `create_time` from AI bots, `createtime` from
    /// devices. Payments have a text instead, which is a field of theirs.
    #[doc(alias = "CreateTime")]
    #[doc(alias = "TimeStamp")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_time: Option<u64>,
    /// The app that it is meant for.
    #[doc(alias = "AgentID")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<u64>,
    /// The id of a message: `MsgId`, the `msgid` of AI bots, the `id` of a payment's notice, the `req_id` of devices. A text,
    /// because not all of them are numbers.
    #[doc(alias = "MsgId")]
    #[doc(alias = "msgid")]
    #[doc(alias = "req_id")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

/// Who the callback is from: an app of one's own, or a suite, which is a third party's app in other corps.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// An app or assistant of one's own corp, or an AI bot; also a suite's data URL, which sends the same form, a payment, and
    /// a device, whose corps stand in its [`BaseInfo`](super::BaseInfo).
    App,
    /// A notice to the provider of a suite (`InfoType`).
    Suite(SuiteOrigin),
}

/// Which suite and which corp a third-party notice is about, as its text says. [`Callback::verified_suite`] says it on the word of
/// the suite.
///
/// [`Callback::verified_suite`]: https://docs.rs/tower-wecom/latest/tower_wecom/struct.Callback.html#method.verified_suite
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SuiteOrigin {
    /// The suite.
    #[doc(alias = "SuiteId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite_id: Option<String>,
    /// The corp that has authorised the suite.
    #[doc(alias = "AuthCorpId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_corp_id: Option<String>,
    /// The provider's own corp, in notices that concern no suite.
    #[doc(alias = "ServiceCorpId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_corp_id: Option<String>,
}
