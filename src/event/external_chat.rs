//! Group chats with customers. See [`ExternalChatEvent`].

use super::family::family;
use crate::payload::{fields, number_codes, text_codes};

family! {
    /// A group chat with customers was made, changed or dismissed.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92130, 96361. Notice to a suite: document 92277.
    /// Only what people do in WeCom itself is reported, not what an API call did; and a third-party app for winning
    /// customers (营销获客) is told only of the chats that it has brought itself. What the API tells of the chat may
    /// lag behind the event by some two seconds.
    #[doc(alias = "客户群")]
    pub enum ExternalChatEvent {
        /// A group chat was made.
        CREATE_EXTERNAL_CHAT = "change_external_chat" / "create" => CreateExternalChat,
        /// A group chat was changed: its members, its owner, its name or its notice.
        UPDATE_EXTERNAL_CHAT = "change_external_chat" / "update" => UpdateExternalChat,
        /// A group chat was dismissed by its owner.
        DISMISS_EXTERNAL_CHAT = "change_external_chat" / "dismiss" => DismissExternalChat,
    }
}

fields! {
    /// A group chat was made.
    ///
    /// Who is in it must be read through the API.
    #[doc(alias = "create")]
    #[doc(alias = "客户群创建事件")]
    #[event]
    pub struct CreateExternalChat {
        /// The chat's id.
        id chat_id: String = "ChatId",
    }

    /// A group chat was changed: somebody has joined or left, or it has another owner, name or notice.
    ///
    /// A new owner, name or notice must be read through the API. Who has joined or left stands here, and can be trusted
    /// if `last_mem_ver` is the `cur_mem_ver` of the last such event of the chat. If it is another one, an event was
    /// lost or overtaken: read the whole chat through the API, which tells the present version as well.
    #[doc(alias = "update")]
    #[doc(alias = "客户群变更事件")]
    #[event]
    pub struct UpdateExternalChat {
        /// The chat's id.
        id chat_id: String = "ChatId",
        /// What has changed.
        one update_detail: ChatUpdate = "UpdateDetail",
        /// How they have joined. It means nothing unless `update_detail` is [`ChatUpdate::AddMember`], but may be there
        /// all the same.
        one join_scene: JoinScene = "JoinScene",
        /// How they have left. It means nothing unless `update_detail` is [`ChatUpdate::DelMember`], but may be there
        /// all the same.
        one quit_scene: QuitScene = "QuitScene",
        /// How many have joined or left; absent when something else has changed.
        one mem_change_cnt: u64 = "MemChangeCnt",
        /// The ids of those who have joined or left: UserIDs of members and ids of customers; absent when something
        /// else has changed.
        list mem_change_list: String = "MemChangeList" of "Item",
        /// The version of the list of members before the change; absent when something else has changed.
        one last_mem_ver: String = "LastMemVer",
        /// The version of the list of members after the change; absent when something else has changed.
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
    /// What has changed in a group chat.
    pub enum ChatUpdate {
        /// Somebody has joined.
        AddMember = "add_member",
        /// Somebody has left.
        DelMember = "del_member",
        /// It has another owner.
        ChangeOwner = "change_owner",
        /// It has another name.
        ChangeName = "change_name",
        /// It has another notice.
        ChangeNotice = "change_notice",
    }
}

number_codes! {
    /// How somebody has joined a group chat.
    ///
    /// The sample in the documents has a 1, which they do not explain.
    #[doc(alias = "入群方式")]
    pub enum JoinScene {
        /// Somebody in the chat has invited them, directly or with a link.
        Invited = 0,
        /// They have scanned the QR code of the chat.
        QrCode = 3,
    }
}

number_codes! {
    /// How somebody has left a group chat.
    #[doc(alias = "退群方式")]
    pub enum QuitScene {
        /// They have left of their own accord.
        Left = 0,
        /// The owner or an administrator of the chat has removed them.
        Removed = 1,
    }
}
