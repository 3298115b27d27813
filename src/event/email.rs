//! E-mail. See [`EmailEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// New e-mail arrived.
    ///
    /// The events contain the number of e-mails, not the e-mails. Read them through the API.
    #[doc(alias = "邮件")]
    pub enum EmailEvent {
        /// New e-mail arrived in the app's mailbox.
        APP_RECEIVE_EMAIL = "app_email_change" / "receive_email" => AppReceiveEmail,
        /// New e-mail arrived in a public mailbox.
        PUBLIC_RECEIVE_EMAIL = "public_email_change" / "receive_email" => PublicReceiveEmail,
    }
}

fields! {
    /// New e-mail arrived in the app's mailbox.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97495, 97506, 97517.
    #[doc(alias = "receive_email")]
    #[doc(alias = "应用邮箱接收邮件事件")]
    #[event]
    pub struct AppReceiveEmail {
        /// The number of new e-mails in the mailbox.
        one amount: u64 = "Amount",
    }

    /// New e-mail arrived in a public mailbox.
    ///
    /// Sent to self-built apps. Document 100180.
    #[doc(alias = "receive_email")]
    #[doc(alias = "公共邮箱接收邮件事件")]
    #[event]
    pub struct PublicReceiveEmail {
        /// The mailbox's id.
        id id: String = "Id",
        /// The number of new e-mails in the mailbox.
        one amount: u64 = "Amount",
    }
}
