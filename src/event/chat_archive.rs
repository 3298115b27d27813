//! The archive of chats, and the zone for their data. See [`ChatArchiveEvent`].

use super::family::family;
use crate::payload::{Secret, fields};

family! {
    /// There is something new in the archive of chats (会话内容存档), or in the zone where programs work on them
    /// (数据与智能专区).
    ///
    /// No message comes with it: it must be fetched. For an app the corp concerned is
    /// [`Header::to`](super::Header::to), and the app itself [`Header::agent_id`](super::Header::agent_id) in
    /// [`MsgauditNotify`]. In a notice to a suite, which stands for the grant of the archive (会话存档接口授权), the
    /// corp is [`SuiteOrigin::auth_corp_id`](super::SuiteOrigin::auth_corp_id).
    #[doc(alias = "会话内容存档")]
    #[doc(alias = "数据与智能专区")]
    pub enum ChatArchiveEvent {
        /// There are new messages in the archive; to the corp itself.
        MSGAUDIT_NOTIFY = "msgaudit_notify" => MsgauditNotify,
        /// There are new messages in the archive; to a provider.
        CONVERSATION_NEW_MESSAGE = "conversation_new_message" => ConversationNewMessage,
        /// A message has one of the keywords in it.
        HIT_KEYWORD = "hit_keyword" => HitKeyword,
        /// A customer has agreed that the chat with a member is archived.
        CHAT_ARCHIVE_AUDIT_APPROVED_SINGLE = "chat_archive_audit_approved_single" => ChatArchiveAuditApprovedSingle,
        /// A customer has agreed that a group chat is archived.
        CHAT_ARCHIVE_AUDIT_APPROVED_ROOM = "chat_archive_audit_approved_room" => ChatArchiveAuditApprovedRoom,
        /// An export of the archive has ended.
        CHAT_ARCHIVE_EXPORT_FINISHED = "chat_archive_export_finished" => ChatArchiveExportFinished,
        /// A program in the zone has something for the app.
        PROGRAM_NOTIFY = "program_notify" => ProgramNotify,
    }
}

fields! {
    /// There are new messages in the archive of one's own corp.
    ///
    /// For own apps: document 95039. Sent every 15 seconds at most, so it stands for any number of messages.
    #[doc(alias = "msgaudit_notify")]
    #[doc(alias = "产生会话回调事件")]
    #[event]
    pub struct MsgauditNotify {}

    /// There are new messages in the archive of a corp that has granted it to a provider.
    ///
    /// Notice to a suite: documents 97085, 99682.
    #[doc(alias = "conversation_new_message")]
    #[doc(alias = "产生会话回调事件")]
    #[event]
    pub struct ConversationNewMessage {
        /// What the API wants for giving out the messages; good for 10 minutes, 128 bytes at most.
        one token: Secret = "Token",
    }

    /// A message has one of the keywords in it that the provider's rules look for.
    ///
    /// Notice to a suite: documents 97244, 99683.
    #[doc(alias = "hit_keyword")]
    #[doc(alias = "命中关键词规则通知")]
    #[event]
    pub struct HitKeyword {
        /// What the API wants for giving out the messages that were hit; good for 10 minutes, 128 bytes at most.
        one token: Secret = "Token",
    }

    /// A customer has agreed that the chat with a member is archived.
    ///
    /// Notice to a suite: documents 99532, 99681. An app of the corp itself is told with
    /// [`MsgAuditApproved`](super::MsgAuditApproved) instead.
    #[doc(alias = "chat_archive_audit_approved_single")]
    #[doc(alias = "客户同意进行聊天内容存档事件回调")]
    #[event]
    pub struct ChatArchiveAuditApprovedSingle {
        /// The member's id for the whole provider, 64 bytes at most.
        may open_user_id: String = "OpenUserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
        /// The group chat's id. The sample in the documents has it, though a chat with a single member has none.
        may chat_id: String = "ChatId",
    }

    /// A customer has agreed that a group chat is archived.
    ///
    /// Notice to a suite: documents 99532, 99681, which have no sample of it.
    #[doc(alias = "chat_archive_audit_approved_room")]
    #[doc(alias = "客户同意进行聊天内容存档事件回调")]
    #[event]
    pub struct ChatArchiveAuditApprovedRoom {
        /// The member's id for the whole provider, 64 bytes at most. According to the documents it is not sent for a
        /// group chat.
        may open_user_id: String = "OpenUserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
        /// The group chat's id.
        id chat_id: String = "ChatId",
    }

    /// An export of the archive has ended, whether well or not.
    ///
    /// Notice to a suite: documents 99620, 99679.
    #[doc(alias = "chat_archive_export_finished")]
    #[doc(alias = "会话内容导出任务完成回调")]
    #[event]
    pub struct ChatArchiveExportFinished {
        /// The id that the job got when it was started, with which the API tells the result; good for 24 hours, 64
        /// characters at most.
        id job_id: String = "JobId",
    }

    /// A program in the zone has something for the app.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 99843, 99998, 100048.
    #[doc(alias = "program_notify")]
    #[doc(alias = "应用接收专区通知")]
    #[event]
    pub struct ProgramNotify {
        /// The notice's id, with which the app calls the program through the API; good for 10 minutes, 128 bytes at
        /// most.
        id notify_id: String = "NotifyId",
        /// A number that the program has chosen, for what the two have agreed on.
        one notify_scene: u32 = "NotifyScene",
    }
}
