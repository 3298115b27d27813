//! Robots of groups. See [`GroupBotEvent`].

use super::bot::{BotMessageType, ChatType};
use super::family::family;
use crate::payload::{Secret, fields};

family! {
    /// A member wrote to a robot of a group, tapped one of its buttons, or added or removed it.
    ///
    /// Documents 99399 and 99110. WeCom sends these to the corps of a closed test, whose robots
    /// have a page 接收消息配置. A robot of a group (群机器人, also 消息推送) is not an AI bot, which
    /// [`BotEvent`](super::BotEvent) is for. The query of the callback URL chooses the language:
    /// `?robot_callback_format=json`, or XML. Neither names a receiver or a time, and only the
    /// member is in the [`Header`](super::Header).
    #[doc(alias = "群机器人")]
    #[doc(alias = "消息推送")]
    pub enum GroupBotEvent {
        /// A text message.
        GROUP_BOT_TEXT = "group_bot" / "text" => GroupBotText,
        /// A picture.
        GROUP_BOT_IMAGE = "group_bot" / "image" => GroupBotImage,
        /// Text and pictures in one message.
        GROUP_BOT_MIXED = "group_bot" / "mixed" => GroupBotMixed,
        /// A member tapped a button below a message of the robot.
        GROUP_BOT_ATTACHMENT = "group_bot" / "attachment" => GroupBotAttachment,
        /// A member added the robot to a group.
        GROUP_BOT_ADD_TO_CHAT = "group_bot/event" / "add_to_chat" => GroupBotAddToChat,
        /// A member removed the robot from a group.
        GROUP_BOT_DELETE_FROM_CHAT = "group_bot/event" / "delete_from_chat" => GroupBotDeleteFromChat,
        /// A member opened the chat with the robot.
        GROUP_BOT_ENTER_CHAT = "group_bot/event" / "enter_chat" => GroupBotEnterChat,
    }
}

fields! {
    /// A member sent a text to the robot.
    #[doc(alias = "text")]
    #[doc(alias = "文本消息")]
    #[event]
    pub struct GroupBotText {
        /// The URL that sends messages of the robot to this chat.
        one webhook_url: Secret => "webhook_url" | "WebhookUrl",
        /// The id of the chat.
        may chat_id: String = "ChatId" | "chatid",
        /// The id of the post, on a blackboard.
        may post_id: String = "PostId" | "postid",
        /// Whether this is a direct chat, a group or a blackboard.
        one chat_type: ChatType = "ChatType" | "chattype",
        /// The URL that returns the chat's name and members. It is valid once, for five minutes.
        one get_chat_info_url: Secret => "get_chat_info_url" | "GetChatInfoUrl",
        /// The member's UserID.
        id user_id: String = "UserId" | "userid" in "From" | "from",
        /// The member's name.
        one name: String => "name" | "Name" in "From" | "from",
        /// The member's alias.
        one alias: String => "alias" | "Alias" in "From" | "from",
        /// The version of the member's client.
        one app_version: String => "app_version" | "AppVersion",
        /// The text. In a group it includes the mention of the robot, such as `@Robot hello`.
        one content: String => "content" | "Content" in "Text" | "text",
    }

    /// A member sent a picture to the robot, in a direct chat.
    #[doc(alias = "image")]
    #[doc(alias = "图片消息")]
    #[event]
    pub struct GroupBotImage {
        /// The URL that sends messages of the robot to this chat.
        one webhook_url: Secret => "webhook_url" | "WebhookUrl",
        /// The id of the chat.
        may chat_id: String = "ChatId" | "chatid",
        /// The id of the post, on a blackboard.
        may post_id: String = "PostId" | "postid",
        /// Whether this is a direct chat, a group or a blackboard.
        one chat_type: ChatType = "ChatType" | "chattype",
        /// The URL that returns the chat's name and members. It is valid once, for five minutes.
        one get_chat_info_url: Secret => "get_chat_info_url" | "GetChatInfoUrl",
        /// The member's UserID.
        id user_id: String = "UserId" | "userid" in "From" | "from",
        /// The member's name.
        one name: String => "name" | "Name" in "From" | "from",
        /// The member's alias.
        one alias: String => "alias" | "Alias" in "From" | "from",
        /// The version of the member's client.
        one app_version: String => "app_version" | "AppVersion",
        /// The URL of the picture. It is not encrypted.
        one image_url: String => "image_url" | "ImageUrl" in "Image" | "image",
    }

    /// A member sent text and pictures to the robot in one message.
    #[doc(alias = "mixed")]
    #[doc(alias = "图文混排消息")]
    #[event]
    pub struct GroupBotMixed {
        /// The URL that sends messages of the robot to this chat.
        one webhook_url: Secret => "webhook_url" | "WebhookUrl",
        /// The id of the chat.
        may chat_id: String = "ChatId" | "chatid",
        /// The id of the post, on a blackboard.
        may post_id: String = "PostId" | "postid",
        /// Whether this is a direct chat, a group or a blackboard.
        one chat_type: ChatType = "ChatType" | "chattype",
        /// The URL that returns the chat's name and members. It is valid once, for five minutes.
        one get_chat_info_url: Secret => "get_chat_info_url" | "GetChatInfoUrl",
        /// The member's UserID.
        id user_id: String = "UserId" | "userid" in "From" | "from",
        /// The member's name.
        one name: String => "name" | "Name" in "From" | "from",
        /// The member's alias.
        one alias: String => "alias" | "Alias" in "From" | "from",
        /// The version of the member's client.
        one app_version: String => "app_version" | "AppVersion",
        /// The texts and pictures in their order.
        list mixed_message: GroupBotItem => "mixed_message" | "MixedMessage" of "MsgItem" | "msg_item",
    }

    /// A member tapped a button below a Markdown message of the robot.
    #[doc(alias = "attachment")]
    #[doc(alias = "按钮点击事件")]
    #[event]
    pub struct GroupBotAttachment {
        /// The URL that sends messages of the robot to this chat.
        one webhook_url: Secret => "webhook_url" | "WebhookUrl",
        /// The id of the chat.
        may chat_id: String = "ChatId" | "chatid",
        /// The id of the post, on a blackboard.
        may post_id: String = "PostId" | "postid",
        /// Whether this is a direct chat, a group or a blackboard.
        one chat_type: ChatType = "ChatType" | "chattype",
        /// The URL that returns the chat's name and members. It is valid once, for five minutes.
        one get_chat_info_url: Secret => "get_chat_info_url" | "GetChatInfoUrl",
        /// The member's UserID.
        id user_id: String = "UserId" | "userid" in "From" | "from",
        /// The member's name.
        one name: String => "name" | "Name" in "From" | "from",
        /// The member's alias.
        one alias: String => "alias" | "Alias" in "From" | "from",
        /// The version of the member's client.
        one app_version: String => "app_version" | "AppVersion",
        /// The id that the robot gave to the buttons.
        may callback_id: String => "callback_id" | "callbackid" | "CallbackId" in "Attachment" | "attachment",
        /// The button that the member tapped.
        many actions: GroupBotAction => "actions" | "Actions" in "Attachment" | "attachment",
    }

    /// A member added the robot to a group.
    #[doc(alias = "add_to_chat")]
    #[doc(alias = "机器人进群事件")]
    #[event]
    pub struct GroupBotAddToChat {
        /// The URL that sends messages of the robot to this chat.
        one webhook_url: Secret => "webhook_url" | "WebhookUrl",
        /// The id of the chat.
        may chat_id: String = "ChatId" | "chatid",
        /// The id of the post, on a blackboard.
        may post_id: String = "PostId" | "postid",
        /// Whether this is a direct chat, a group or a blackboard.
        one chat_type: ChatType = "ChatType" | "chattype",
        /// The URL that returns the chat's name and members. It is valid once, for five minutes.
        one get_chat_info_url: Secret => "get_chat_info_url" | "GetChatInfoUrl",
        /// The member's UserID.
        may user_id: String = "UserId" | "userid" in "From" | "from",
        /// The member's name.
        one name: String => "name" | "Name" in "From" | "from",
        /// The member's alias.
        one alias: String => "alias" | "Alias" in "From" | "from",
        /// The version of the member's client.
        one app_version: String => "app_version" | "AppVersion",
    }

    /// A member removed the robot from a group.
    #[doc(alias = "delete_from_chat")]
    #[doc(alias = "机器人退群事件")]
    #[event]
    pub struct GroupBotDeleteFromChat {
        /// The URL that sends messages of the robot to this chat.
        one webhook_url: Secret => "webhook_url" | "WebhookUrl",
        /// The id of the chat.
        may chat_id: String = "ChatId" | "chatid",
        /// The id of the post, on a blackboard.
        may post_id: String = "PostId" | "postid",
        /// Whether this is a direct chat, a group or a blackboard.
        one chat_type: ChatType = "ChatType" | "chattype",
        /// The URL that returns the chat's name and members. It is valid once, for five minutes.
        one get_chat_info_url: Secret => "get_chat_info_url" | "GetChatInfoUrl",
        /// The member's UserID.
        may user_id: String = "UserId" | "userid" in "From" | "from",
        /// The member's name.
        one name: String => "name" | "Name" in "From" | "from",
        /// The member's alias.
        one alias: String => "alias" | "Alias" in "From" | "from",
        /// The version of the member's client.
        one app_version: String => "app_version" | "AppVersion",
    }

    /// A member opened the chat with the robot.
    #[doc(alias = "enter_chat")]
    #[doc(alias = "进入会话事件")]
    #[event]
    pub struct GroupBotEnterChat {
        /// The URL that sends messages of the robot to this chat.
        one webhook_url: Secret => "webhook_url" | "WebhookUrl",
        /// The id of the chat.
        may chat_id: String = "ChatId" | "chatid",
        /// The id of the post, on a blackboard.
        may post_id: String = "PostId" | "postid",
        /// Whether this is a direct chat, a group or a blackboard.
        one chat_type: ChatType = "ChatType" | "chattype",
        /// The URL that returns the chat's name and members. It is valid once, for five minutes.
        one get_chat_info_url: Secret => "get_chat_info_url" | "GetChatInfoUrl",
        /// The member's UserID.
        may user_id: String = "UserId" | "userid" in "From" | "from",
        /// The member's name.
        one name: String => "name" | "Name" in "From" | "from",
        /// The member's alias.
        one alias: String => "alias" | "Alias" in "From" | "from",
        /// The version of the member's client.
        one app_version: String => "app_version" | "AppVersion",
    }

    /// A text or a picture of a [`GroupBotMixed`].
    pub struct GroupBotItem {
        /// Whether it is a text or a picture.
        one msg_type: BotMessageType => "msg_type" | "MsgType",
        /// The text, if the item is a text.
        one content: String => "content" | "Content" in "Text" | "text",
        /// The URL of the picture, if the item is a picture.
        one image_url: String => "image_url" | "ImageUrl" in "Image" | "image",
    }

    /// A button that a member tapped.
    pub struct GroupBotAction {
        /// The name that the robot gave to the button.
        one name: String => "name" | "Name",
        /// The value that the robot gave to the button.
        one value: String => "value" | "Value",
        /// The type of the action. So far always `button`.
        one r#type: String => "type" | "Type",
    }
}
