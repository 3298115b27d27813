//! The chat archive, and the data zone for chats. See [`ChatArchiveEvent`].

use super::family::family;
use crate::payload::{Secret, fields};

family! {
    /// The chat archive (会话内容存档) has something new, or so does the data zone (数据与智能专区)
    /// where programs analyse chats.
    ///
    /// A callback contains no message: fetch the messages through the API. For an app, the corp is
    /// [`Header::to`](super::Header::to), and in [`MsgauditNotify`] the app is
    /// [`Header::agent_id`](super::Header::agent_id). For a suite that was granted access to the
    /// archive (会话存档接口授权), the corp is
    /// [`SuiteOrigin::auth_corp_id`](super::SuiteOrigin::auth_corp_id).
    #[doc(alias = "会话内容存档")]
    #[doc(alias = "数据与智能专区")]
    pub enum ChatArchiveEvent {
        /// The archive has new messages. Sent to the corp itself.
        MSGAUDIT_NOTIFY = "msgaudit_notify" => MsgauditNotify,
        /// The archive has new messages. Sent to a provider.
        CONVERSATION_NEW_MESSAGE = "conversation_new_message" => ConversationNewMessage,
        /// A message contains one of the keywords.
        HIT_KEYWORD = "hit_keyword" => HitKeyword,
        /// A customer agreed to the archiving of the chat with a member.
        CHAT_ARCHIVE_AUDIT_APPROVED_SINGLE = "chat_archive_audit_approved_single" => ChatArchiveAuditApprovedSingle,
        /// A customer agreed to the archiving of a group chat.
        CHAT_ARCHIVE_AUDIT_APPROVED_ROOM = "chat_archive_audit_approved_room" => ChatArchiveAuditApprovedRoom,
        /// An export of the archive ended.
        CHAT_ARCHIVE_EXPORT_FINISHED = "chat_archive_export_finished" => ChatArchiveExportFinished,
        /// A program in the data zone notifies the app.
        PROGRAM_NOTIFY = "program_notify" => ProgramNotify,
    }
}

fields! {
    /// The archive of the corp itself has new messages.
    ///
    /// Sent to self-built apps. Document 95039. Sent at most every 15 seconds, so one callback can
    /// announce any number of messages.
    #[doc(alias = "msgaudit_notify")]
    #[doc(alias = "产生会话回调事件")]
    #[event]
    pub struct MsgauditNotify {}

    /// The archive of a corp that granted access to a provider has new messages.
    ///
    /// Sent to suites as a notice. Documents 97085, 99682.
    #[doc(alias = "conversation_new_message")]
    #[doc(alias = "产生会话回调事件")]
    #[event]
    pub struct ConversationNewMessage {
        /// The token with which the API returns the messages. Valid for 10 minutes. At most 128
        /// bytes.
        one token: Secret = "Token",
    }

    /// A message contains one of the keywords of the provider's rules.
    ///
    /// Sent to suites as a notice. Documents 97244, 99683.
    #[doc(alias = "hit_keyword")]
    #[doc(alias = "命中关键词规则通知")]
    #[event]
    pub struct HitKeyword {
        /// The token with which the API returns the matching messages. Valid for 10 minutes. At
        /// most 128 bytes.
        one token: Secret = "Token",
    }

    /// A customer agreed to the archiving of the chat with a member.
    ///
    /// Sent to suites as a notice. Documents 99532, 99681. An app of the corp itself gets
    /// [`MsgAuditApproved`](super::MsgAuditApproved) instead.
    #[doc(alias = "chat_archive_audit_approved_single")]
    #[doc(alias = "客户同意进行聊天内容存档事件回调")]
    #[event]
    pub struct ChatArchiveAuditApprovedSingle {
        /// The member's id for the whole provider. At most 64 bytes.
        may open_user_id: String = "OpenUserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
        /// The group chat's id. It is in the documents' sample, although the chat with a single
        /// member has no id.
        may chat_id: String = "ChatId",
    }

    /// A customer agreed to the archiving of a group chat.
    ///
    /// Sent to suites as a notice. Documents 99532, 99681. They have no sample of it.
    #[doc(alias = "chat_archive_audit_approved_room")]
    #[doc(alias = "客户同意进行聊天内容存档事件回调")]
    #[event]
    pub struct ChatArchiveAuditApprovedRoom {
        /// The member's id for the whole provider. At most 64 bytes. According to the documents, it
        /// is not sent for a group chat.
        may open_user_id: String = "OpenUserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
        /// The group chat's id.
        id chat_id: String = "ChatId",
    }

    /// An export of the archive ended, with or without success.
    ///
    /// Sent to suites as a notice. Documents 99620, 99679.
    #[doc(alias = "chat_archive_export_finished")]
    #[doc(alias = "会话内容导出任务完成回调")]
    #[event]
    pub struct ChatArchiveExportFinished {
        /// The id that the job got at its start. The API returns the result for it. Valid for 24
        /// hours. At most 64 characters.
        id job_id: String = "JobId",
    }

    /// A program in the data zone notifies the app.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 99843, 99998, 100048.
    #[doc(alias = "program_notify")]
    #[doc(alias = "应用接收专区通知")]
    #[event]
    pub struct ProgramNotify {
        /// The notice's id. The app calls the program with it through the API. Valid for 10
        /// minutes. At most 128 bytes.
        id notify_id: String = "NotifyId",
        /// A number that the program chose. Its meaning is up to the program and the app.
        one notify_scene: u32 = "NotifyScene",
    }
}
