//! WeChat customer service. See [`CustomerServiceEvent`].

use super::family::family;
use crate::payload::{Secret, fields};

family! {
    /// The customer service accounts (客服账号) of an app: there are messages to fetch, or the app
    /// manages other accounts than before.
    ///
    /// [`Header::to`](super::Header::to) is the corp.
    #[doc(alias = "微信客服")]
    pub enum CustomerServiceEvent {
        /// There are new messages or events to fetch.
        KF_MSG_OR_EVENT = "kf_msg_or_event" => KfMsgOrEvent,
        /// The set of customer service accounts that the app may manage changed.
        KF_ACCOUNT_AUTH_CHANGE = "kf_account_auth_change" => KfAccountAuthChange,
    }
}

fields! {
    /// There are new messages or events of a customer service account to fetch.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 94670, 94699, 96426. The callback contains no messages and names no sender. Fetch the
    /// messages through the API `sync_msg`, which keeps them for three days.
    #[doc(alias = "kf_msg_or_event")]
    #[doc(alias = "接收消息和事件")]
    #[event]
    pub struct KfMsgOrEvent {
        /// The token for `sync_msg`, which has a strict rate limit without it. Valid for 10
        /// minutes. At most 128 bytes.
        one token: Secret = "Token",
        /// The id of the customer service account.
        may open_kf_id: String = "OpenKfId",
    }

    /// The set of customer service accounts that the app may manage changed.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97302, 97712, 97713. An app that has lost all its customer service permissions still gets
    /// the callback about the removed accounts.
    #[doc(alias = "kf_account_auth_change")]
    #[doc(alias = "客服账号授权变更事件")]
    #[event]
    pub struct KfAccountAuthChange {
        /// The ids of the accounts that the app may manage now. Absent if there are none.
        many auth_add_open_kf_ids: String = "AuthAddOpenKfId",
        /// The ids of the accounts that the app may no longer manage. Absent if there are none.
        many auth_del_open_kf_ids: String = "AuthDelOpenKfId",
    }
}
