//! Group chats with customers. See [`ExternalChatEvent`].

use super::family::family;
use crate::payload::{fields, number_codes, text_codes};

family! {
    /// A group chat with customers was created, changed or dismissed.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92130, 96361. Sent
    /// to suites as a notice. Document 92277. Only actions in WeCom itself are reported, not those
    /// of API calls. A third-party app for customer acquisition (营销获客) only gets callbacks
    /// about chats that it brought itself. The API can return the chat's old state for some two
    /// seconds after the event.
    #[doc(alias = "客户群")]
    pub enum ExternalChatEvent {
        /// A group chat was created.
        CREATE_EXTERNAL_CHAT = "change_external_chat" / "create" => CreateExternalChat,
        /// A group chat was changed: its members, its owner, its name or its notice.
        UPDATE_EXTERNAL_CHAT = "change_external_chat" / "update" => UpdateExternalChat,
        /// A group chat was dismissed by its owner.
        DISMISS_EXTERNAL_CHAT = "change_external_chat" / "dismiss" => DismissExternalChat,
    }
}

fields! {
    /// A group chat was created.
    ///
    /// The callback does not contain its members. Read them through the API.
    #[doc(alias = "create")]
    #[doc(alias = "客户群创建事件")]
    #[event]
    pub struct CreateExternalChat {
        /// The chat's id.
        id chat_id: String = "ChatId",
    }

    /// A group chat was changed: a person joined or left, or its owner, name or notice changed.
    ///
    /// A new owner, name or notice must be read through the API. The people that joined or left are
    /// in this event. They are complete if `last_mem_ver` equals the `cur_mem_ver` of the previous
    /// such event of the chat. Otherwise an event was lost or overtaken. Then read the whole chat
    /// through the API, which also returns the current version.
    #[doc(alias = "update")]
    #[doc(alias = "客户群变更事件")]
    #[event]
    pub struct UpdateExternalChat {
        /// The chat's id.
        id chat_id: String = "ChatId",
        /// What changed.
        one update_detail: ChatUpdate = "UpdateDetail",
        /// How the people joined. It has a meaning only if `update_detail` is
        /// [`ChatUpdate::AddMember`], but can be present otherwise.
        one join_scene: JoinScene = "JoinScene",
        /// How the people left. It has a meaning only if `update_detail` is
        /// [`ChatUpdate::DelMember`], but can be present otherwise.
        one quit_scene: QuitScene = "QuitScene",
        /// How many people joined or left. Absent for other changes.
        one mem_change_cnt: u64 = "MemChangeCnt",
        /// The ids of the people that joined or left: UserIDs of members and ids of customers.
        /// Absent for other changes.
        list mem_change_list: String = "MemChangeList" of "Item",
        /// The version of the member list before the change. Absent for other changes.
        one last_mem_ver: String = "LastMemVer",
        /// The version of the member list after the change. Absent for other changes.
        one cur_mem_ver: String = "CurMemVer",
    }

    /// A group chat was dismissed by its owner.
    #[doc(alias = "dismiss")]
    #[doc(alias = "客户群解散事件")]
    #[event]
    pub struct DismissExternalChat {
        /// The chat's id.
        id chat_id: String = "ChatId",
    }
}

text_codes! {
    /// A change of a group chat.
    pub enum ChatUpdate {
        /// People joined.
        AddMember = "add_member",
        /// People left.
        DelMember = "del_member",
        /// The owner changed.
        ChangeOwner = "change_owner",
        /// The name changed.
        ChangeName = "change_name",
        /// The notice changed.
        ChangeNotice = "change_notice",
    }
}

number_codes! {
    /// How people joined a group chat.
    ///
    /// The sample in the documents has the code 1, which they do not explain.
    #[doc(alias = "入群方式")]
    pub enum JoinScene {
        /// A person in the chat invited them, directly or with a link.
        Invited = 0,
        /// They scanned the QR code of the chat.
        QrCode = 3,
    }
}

number_codes! {
    /// How people left a group chat.
    #[doc(alias = "退群方式")]
    pub enum QuitScene {
        /// They left voluntarily.
        Left = 0,
        /// The owner or an administrator of the chat removed them.
        Removed = 1,
    }
}
