//! AI bots. See [`BotEvent`].

use super::family::family;
use super::template_card::CardType;
use crate::payload::{Secret, fields, number_codes, text_codes};

family! {
    /// A member wrote to an AI bot, or did something in its chat.
    ///
    /// Document 100719 has the messages, document 101027 the events. A bot gets them at its
    /// callback URL, or over its long connection (document 101463). In a group, a bot only gets
    /// messages that mention it, as [`BotText`] or [`BotMixed`]. Members can send the other
    /// messages only in a direct chat with the bot.
    /// [`Header::message_id`](super::Header::message_id) differs for each callback and identifies a
    /// repeated one.
    ///
    /// A bot has 5 seconds for its first answer. If yours takes longer, as that of a language
    /// model, begin a [`Stream`](crate::reply::Stream) at once.
    ///
    /// `response_url` is not always sent. It accepts one reply from any sender within an hour
    /// (document 101138).
    ///
    /// The content behind a `url` is encrypted. Over the long connection there is an `aes_key`
    /// beside it: [`open_media_with`](crate::crypto::open_media_with) decrypts it. At a callback
    /// URL the key is the EncodingAESKey of the bot:
    /// [`Callback::open_media`](crate::Callback::open_media) decrypts it.
    #[doc(alias = "智能机器人")]
    pub enum BotEvent {
        /// A text message.
        BOT_TEXT = "bot" / "text" => BotText,
        /// A picture.
        BOT_IMAGE = "bot" / "image" => BotImage,
        /// Text, pictures and other items in one message.
        BOT_MIXED = "bot" / "mixed" => BotMixed,
        /// A voice message, as text.
        BOT_VOICE = "bot" / "voice" => BotVoice,
        /// A file.
        BOT_FILE = "bot" / "file" => BotFile,
        /// A video.
        BOT_VIDEO = "bot" / "video" => BotVideo,
        /// WeCom requests the next part of a streamed answer.
        BOT_STREAM = "bot" / "stream" => BotStream,
        /// A member opened the chat with the bot for the first time on that day.
        BOT_ENTER_CHAT = "bot/event" / "enter_chat" => BotEnterChat,
        /// A member tapped something on a card of the bot.
        BOT_TEMPLATE_CARD_CLICK = "bot/event" / "template_card_event" => BotTemplateCardClick,
        /// A member rated an answer of the bot.
        BOT_FEEDBACK = "bot/event" / "feedback_event" => BotFeedback,
        /// A member changed what the bot may do on their behalf.
        BOT_AUTH_CHANGE = "bot/event" / "auth_change_event" => BotAuthChange,
        /// Another long connection of the bot replaced this one.
        BOT_DISCONNECTED = "bot/event" / "disconnected_event" => BotDisconnected,
    }
}

fields! {
    /// A member sent a text to the bot.
    #[doc(alias = "text")]
    #[doc(alias = "文本消息")]
    #[event]
    pub struct BotText {
        /// The bot's id.
        may aibot_id: String = "aibotid",
        /// The group's id. Only sent from groups.
        may chat_id: String = "chatid",
        /// Whether this is a direct chat or a group.
        one chat_type: ChatType = "chattype",
        /// The member's UserID.
        id user_id: String = "userid" in "from",
        /// The URL that accepts one reply within an hour.
        one response_url: Secret => "response_url",
        /// The text. In a group it includes the mention of the bot, such as `@Bot hello`.
        /// [`without_mention`](Self::without_mention) takes it off.
        one content: String => "content" in "text",
        /// The message that the member quoted, if any.
        one quote: Quote => "quote",
    }

    /// A member sent a picture to the bot.
    #[doc(alias = "image")]
    #[doc(alias = "图片消息")]
    #[event]
    pub struct BotImage {
        /// The bot's id.
        may aibot_id: String = "aibotid",
        /// The group's id. Not sent so far, because this message is only possible in a direct chat.
        may chat_id: String = "chatid",
        /// Whether this is a direct chat or a group. So far always [`ChatType::Single`].
        one chat_type: ChatType = "chattype",
        /// The member's UserID.
        id user_id: String = "userid" in "from",
        /// The URL that accepts one reply within an hour.
        one response_url: Secret => "response_url",
        /// The download URL of the picture, valid for five minutes. The picture is encrypted.
        one url: String => "url" in "image",
        /// The key of the picture: 43 or 44 characters. Only sent over the long connection.
        one aes_key: Secret = "aeskey" in "image",
        /// The message that the member quoted, if any.
        one quote: Quote => "quote",
    }

    /// A member sent text, pictures, files, videos or voice messages to the bot in one message.
    #[doc(alias = "mixed")]
    #[doc(alias = "图文混排消息")]
    #[event]
    pub struct BotMixed {
        /// The bot's id.
        may aibot_id: String = "aibotid",
        /// The group's id. Only sent from groups.
        may chat_id: String = "chatid",
        /// Whether this is a direct chat or a group.
        one chat_type: ChatType = "chattype",
        /// The member's UserID.
        id user_id: String = "userid" in "from",
        /// The URL that accepts one reply within an hour.
        one response_url: Secret => "response_url",
        /// The items in their order. In a group, one text includes the mention of the bot.
        /// [`without_mention`](super::without_mention) takes it off.
        list mixed: MixedItem => "mixed" of "msg_item",
        /// The message that the member quoted, if any.
        one quote: Quote => "quote",
    }

    /// A member sent a voice message to the bot. Only its text is sent.
    #[doc(alias = "voice")]
    #[doc(alias = "语音消息")]
    #[event]
    pub struct BotVoice {
        /// The bot's id.
        may aibot_id: String = "aibotid",
        /// The group's id. Not sent so far, because this message is only possible in a direct chat.
        may chat_id: String = "chatid",
        /// Whether this is a direct chat or a group. So far always [`ChatType::Single`].
        one chat_type: ChatType = "chattype",
        /// The member's UserID.
        id user_id: String = "userid" in "from",
        /// The URL that accepts one reply within an hour.
        one response_url: Secret => "response_url",
        /// The text that WeCom recognised in the voice message.
        one content: String => "content" in "voice",
        /// The message that the member quoted, if any.
        one quote: Quote => "quote",
    }

    /// A member sent a file to the bot. At most 100 MB.
    #[doc(alias = "file")]
    #[doc(alias = "文件消息")]
    #[event]
    pub struct BotFile {
        /// The bot's id.
        may aibot_id: String = "aibotid",
        /// The group's id. Not sent so far, because this message is only possible in a direct chat.
        may chat_id: String = "chatid",
        /// Whether this is a direct chat or a group. So far always [`ChatType::Single`].
        one chat_type: ChatType = "chattype",
        /// The member's UserID.
        id user_id: String = "userid" in "from",
        /// The URL that accepts one reply within an hour.
        one response_url: Secret => "response_url",
        /// The download URL of the file, valid for five minutes. The file is encrypted.
        one url: String => "url" in "file",
        /// The key of the file: 43 or 44 characters. Only sent over the long connection.
        one aes_key: Secret = "aeskey" in "file",
        /// The name of the file. It is in no document, and is not always sent.
        one filename: String => "filename" in "file",
        /// The message that the member quoted, if any.
        one quote: Quote => "quote",
    }

    /// A member sent a video to the bot. At most 100 MB.
    #[doc(alias = "video")]
    #[doc(alias = "视频消息")]
    #[event]
    pub struct BotVideo {
        /// The bot's id.
        may aibot_id: String = "aibotid",
        /// The group's id. Not sent so far, because this message is only possible in a direct chat.
        may chat_id: String = "chatid",
        /// Whether this is a direct chat or a group. So far always [`ChatType::Single`].
        one chat_type: ChatType = "chattype",
        /// The member's UserID.
        id user_id: String = "userid" in "from",
        /// The URL that accepts one reply within an hour.
        one response_url: Secret => "response_url",
        /// The download URL of the video, valid for five minutes. The video is encrypted.
        one url: String => "url" in "video",
        /// The key of the video: 43 or 44 characters. Only sent over the long connection.
        one aes_key: Secret = "aeskey" in "video",
        /// The message that the member quoted, if any.
        one quote: Quote => "quote",
    }

    /// WeCom requests the next part of a streamed answer.
    ///
    /// WeCom repeats this until an answer finishes the stream, for at most six minutes after the
    /// member's message. The only answer that WeCom accepts is another part of the stream.
    #[doc(alias = "stream")]
    #[doc(alias = "流式消息刷新")]
    #[event]
    pub struct BotStream {
        /// The bot's id.
        may aibot_id: String = "aibotid",
        /// The group's id. Only sent from groups.
        may chat_id: String = "chatid",
        /// Whether this is a direct chat or a group.
        one chat_type: ChatType = "chattype",
        /// The UserID of the member to whom the stream is an answer.
        may user_id: String = "userid" in "from",
        /// The URL that accepts one reply within an hour.
        one response_url: Secret => "response_url",
        /// The id that the bot gave to the stream.
        id id: String => "id" in "stream",
    }

    /// A member opened the chat with the bot for the first time on that day.
    ///
    /// WeCom accepts a welcome message as the answer, a text or a card, within five seconds. The
    /// bot gets no second request on that day.
    #[doc(alias = "enter_chat")]
    #[doc(alias = "进入会话事件")]
    #[event]
    pub struct BotEnterChat {
        /// The bot's id.
        may aibot_id: String = "aibotid",
        /// Whether this is a direct chat or a group. It is in the table of document 101027, but not
        /// in the sample.
        one chat_type: ChatType = "chattype",
        /// The member's corp. Not sent to a bot of that corp.
        may corp_id: String = "corpid" in "from",
        /// The member's UserID.
        id user_id: String = "userid" in "from",
        /// The URL that accepts one reply within an hour.
        one response_url: Secret => "response_url",
    }

    /// A member tapped a button on a card of the bot, or an item of the menu in its corner.
    ///
    /// Sent only once. WeCom drops the event if the answer takes more than five seconds.
    #[doc(alias = "template_card_event")]
    #[doc(alias = "模板卡片事件")]
    #[event]
    pub struct BotTemplateCardClick {
        /// The bot's id.
        may aibot_id: String = "aibotid",
        /// The group's id. Only sent from groups.
        may chat_id: String = "chatid",
        /// Whether this is a direct chat or a group.
        one chat_type: ChatType = "chattype",
        /// The member's corp. Not sent to a bot of that corp.
        may corp_id: String = "corpid" in "from",
        /// The member's UserID.
        id user_id: String = "userid" in "from",
        /// The URL that accepts one reply within an hour.
        one response_url: Secret => "response_url",
        /// The type of the card. On [`CardType::TextNotice`] and [`CardType::NewsNotice`], a member
        /// can tap only the menu.
        one card_type: CardType => "card_type" | "cardtype" in "event/template_card_event",
        /// The key that the bot gave to the button or the item.
        one event_key: String => "event_key" | "eventkey" in "event/template_card_event",
        /// The task id that the bot gave to the card.
        id task_id: String => "task_id" in "event/template_card_event",
        /// The selected options. Not sent for the menu.
        list selected_items: BotSelectedItem => "selected_items" of "selected_item" in "event/template_card_event",
    }

    /// A member rated an answer of the bot.
    ///
    /// Sent only for answers to which the bot gave a feedback id. WeCom accepts only an empty
    /// answer.
    #[doc(alias = "feedback_event")]
    #[doc(alias = "用户反馈事件")]
    #[event]
    pub struct BotFeedback {
        /// The bot's id.
        may aibot_id: String = "aibotid",
        /// The group's id. Only sent from groups.
        may chat_id: String = "chatid",
        /// Whether this is a direct chat or a group.
        one chat_type: ChatType = "chattype",
        /// The member's corp. Not sent to a bot of that corp.
        may corp_id: String = "corpid" in "from",
        /// The member's UserID.
        may user_id: String = "userid" in "from",
        /// The URL that accepts one reply within an hour.
        one response_url: Secret => "response_url",
        /// The feedback id that the bot gave to the answer. At most 256 bytes.
        id id: String => "id" in "event/feedback_event",
        /// The member's rating of the answer.
        one r#type: FeedbackType => "type" in "event/feedback_event",
        /// The member's comment. Only sent for [`FeedbackType::Inaccurate`].
        one content: String => "content" in "event/feedback_event",
        /// What is wrong with the answer. Only sent for [`FeedbackType::Inaccurate`].
        many inaccurate_reason_list: FeedbackReason => "inaccurate_reason_list" in "event/feedback_event",
    }

    /// A member changed what the bot may do on their behalf.
    ///
    /// In no document. WeCom's own plugin for bots reads it.
    #[doc(alias = "auth_change_event")]
    #[doc(alias = "授权变更事件")]
    #[event]
    pub struct BotAuthChange {
        /// The bot's id.
        may aibot_id: String = "aibotid",
        /// The id of the chat.
        may chat_id: String => "chat_id" | "chatid" in "from",
        /// Whether this is a direct chat or a group.
        one chat_type: ChatType = "chattype",
        /// The member's corp.
        may corp_id: String = "corpid" in "from",
        /// The member's UserID.
        may user_id: String = "userid" in "from",
        /// The URL that accepts one reply within an hour.
        one response_url: Secret => "response_url",
        /// What the bot may do now.
        many auth_list: BotAuth => "auth_list" in "event/auth_change_event",
    }

    /// Another long connection of the bot replaced this one.
    ///
    /// Document 101463. WeCom sends it over the old connection, never to a callback URL. The sample
    /// of the document has no `from`. Some libraries have one.
    #[doc(alias = "disconnected_event")]
    #[doc(alias = "连接断开事件")]
    #[event]
    pub struct BotDisconnected {
        /// The bot's id.
        may aibot_id: String = "aibotid",
        /// Whether this is a direct chat or a group.
        one chat_type: ChatType = "chattype",
        /// The member's corp. Not sent to a bot of that corp.
        may corp_id: String = "corpid" in "from",
        /// The member's UserID.
        may user_id: String = "userid" in "from",
        /// The URL that accepts one reply within an hour.
        one response_url: Secret => "response_url",
    }

    /// A message that a member quoted.
    ///
    /// Only the field that `msg_type` names has a meaning.
    #[doc(alias = "引用")]
    pub struct Quote {
        /// The type of the quoted message.
        one msg_type: BotMessageType = "msgtype",
        /// The text.
        one text: BotContent => "text",
        /// The picture.
        one image: BotMedia => "image",
        /// The items of a mixed message.
        list mixed: MixedItem => "mixed" of "msg_item",
        /// The voice message.
        one voice: BotContent => "voice",
        /// The file.
        one file: BotMedia => "file",
        /// The video.
        one video: BotMedia => "video",
    }

    /// An item of a message that contains several.
    ///
    /// Only the field that `msg_type` names has a meaning.
    #[doc(alias = "图文混排")]
    pub struct MixedItem {
        /// The type of the item.
        one msg_type: BotMessageType = "msgtype",
        /// The text.
        one text: BotContent => "text",
        /// The picture.
        one image: BotMedia => "image",
        /// The voice message.
        one voice: BotContent => "voice",
        /// The file.
        one file: BotMedia => "file",
        /// The video.
        one video: BotMedia => "video",
    }

    /// The text of a [`Quote`] or a [`MixedItem`], written or spoken.
    pub struct BotContent {
        /// The text.
        one content: String => "content",
    }

    /// The picture, file or video of a [`Quote`] or a [`MixedItem`].
    pub struct BotMedia {
        /// The download URL, valid for five minutes. The content is encrypted.
        one url: String => "url",
        /// The key of the content: 43 or 44 characters. Only sent over the long connection.
        one aes_key: Secret = "aeskey",
        /// The name of a file. It is in no document, and is not always sent.
        one filename: String => "filename",
    }

    /// The selected options of one question on a card.
    pub struct BotSelectedItem {
        /// The key that the bot gave to the question.
        one question_key: String => "question_key",
        /// The ids of the selected options.
        list option_ids: String => "option_ids" | "optionids" of "option_id" | "optionid",
    }
}

text_codes! {
    /// The chat in which a member writes to a bot or a robot.
    #[doc(alias = "会话类型")]
    pub enum ChatType {
        /// A direct chat.
        #[doc(alias = "单聊")]
        Single = "single",
        /// A group.
        #[doc(alias = "群聊")]
        Group = "group",
        /// A blackboard. Only for robots of groups.
        #[doc(alias = "小黑板帖子")]
        Blackboard = "blackboard",
        /// An answer on a blackboard. Only for robots of groups.
        #[doc(alias = "小黑板回复")]
        BlackboardReply = "blackboard_reply",
    }
}

text_codes! {
    /// The type of a message to a bot, or of a part of one.
    pub enum BotMessageType {
        /// A text.
        Text = "text",
        /// A picture.
        Image = "image",
        /// Text and pictures.
        Mixed = "mixed",
        /// A voice message.
        Voice = "voice",
        /// A file.
        File = "file",
        /// A video.
        Video = "video",
    }
}

number_codes! {
    /// What a bot may do on behalf of a member.
    pub enum BotAuth {
        /// Create and edit documents.
        EditDocuments = 1,
        /// Read the documents of the member.
        ReadDocuments = 2,
    }
}

number_codes! {
    /// A member's rating of an answer.
    #[doc(alias = "反馈类型")]
    pub enum FeedbackType {
        /// The answer is accurate.
        Accurate = 1,
        /// The answer is inaccurate.
        Inaccurate = 2,
        /// The member withdrew the rating.
        Withdrawn = 3,
    }
}

number_codes! {
    /// What is wrong with an answer, according to the member.
    #[doc(alias = "负反馈原因")]
    pub enum FeedbackReason {
        /// It is not related to the question.
        Irrelevant = 1,
        /// It is incomplete.
        Incomplete = 2,
        /// It contains a mistake.
        Mistaken = 3,
        /// Its analysis of the data is wrong.
        WrongAnalysis = 4,
    }
}
