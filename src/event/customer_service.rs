//! WeChat customer service. See [`CustomerServiceEvent`].

use super::family::family;
use crate::payload::{Secret, fields};

family! {
    /// Something about the customer service accounts (客服账号) that an app looks after: there are messages to fetch,
    /// or it looks after other accounts than before.
    ///
    /// The corp concerned is [`Header::to`](super::Header::to).
    #[doc(alias = "微信客服")]
    pub enum CustomerServiceEvent {
        /// There are messages or events to fetch.
        KF_MSG_OR_EVENT = "kf_msg_or_event" => KfMsgOrEvent,
        /// The app may manage other customer service accounts than before.
        KF_ACCOUNT_AUTH_CHANGE = "kf_account_auth_change" => KfAccountAuthChange,
    }
}

fields! {
    /// There are messages or events of a customer service account to fetch.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 94670, 94699, 96426. What has
    /// happened is not told here: fetch it with the API `sync_msg`, which keeps it for three days. The callback names
    /// no sender.
    #[doc(alias = "kf_msg_or_event")]
    #[doc(alias = "接收消息和事件")]
    #[event]
    pub struct KfMsgOrEvent {
        /// What `sync_msg` wants, which has a strict rate limit without it; good for 10 minutes, 128 bytes at most.
        one token: Secret = "Token",
        /// The id of the customer service account.
        may open_kf_id: String = "OpenKfId",
    }

    /// The app may manage other customer service accounts than before.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 97302, 97712, 97713. That
    /// accounts were taken away is told even to an app that has lost all its rights on customer service.
    #[doc(alias = "kf_account_auth_change")]
    #[doc(alias = "客服账号授权变更事件")]
    #[event]
    pub struct KfAccountAuthChange {
        /// The ids of the accounts that it may manage now; absent when there are none.
        many auth_add_open_kf_ids: String = "AuthAddOpenKfId",
        /// The ids of the accounts that it may manage no more; absent when there are none.
        many auth_del_open_kf_ids: String = "AuthDelOpenKfId",
    }
}
