//! E-mail. See [`EmailEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// Mail has come in.
    ///
    /// The events count the mails and do not have them: read them through the API.
    #[doc(alias = "邮件")]
    pub enum EmailEvent {
        /// The mailbox of the app has got mail.
        APP_RECEIVE_EMAIL = "app_email_change" / "receive_email" => AppReceiveEmail,
        /// A public mailbox has got mail.
        PUBLIC_RECEIVE_EMAIL = "public_email_change" / "receive_email" => PublicReceiveEmail,
    }
}

fields! {
    /// The mailbox of the app has got mail.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 97495, 97506, 97517.
    #[doc(alias = "receive_email")]
    #[doc(alias = "应用邮箱接收邮件事件")]
    #[event]
    pub struct AppReceiveEmail {
        /// How many new mails are in the mailbox now.
        one amount: u64 = "Amount",
    }

    /// A public mailbox has got mail.
    ///
    /// For own apps: document 100180.
    #[doc(alias = "receive_email")]
    #[doc(alias = "公共邮箱接收邮件事件")]
    #[event]
    pub struct PublicReceiveEmail {
        /// The id of the mailbox.
        id id: String = "Id",
        /// How many new mails are in the mailbox now.
        one amount: u64 = "Amount",
    }
}
