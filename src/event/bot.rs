//! AI bots. See [`BotEvent`].

use super::family::family;
use super::template_card::CardType;
use crate::payload::{Secret, fields, number_codes, text_codes};

family! {
    /// A member has written to an AI bot, or has done something in its chat.
    ///
    /// For own apps: documents 100719 (messages) and 101027 (events). In a group a bot gets only what mentions it, and
    /// that as [`BotText`] or [`BotMixed`]; everything else members can send it only when they are alone with it.
    /// [`Header::message_id`](super::Header::message_id) is different for each callback, so that a repeated one is
    /// known by it.
    ///
    /// Whoever has a `response_url`, which is not always sent, can post one reply to it within an hour (document
    /// 101138). What a `url` leads to is encrypted with the EncodingAESKey of the bot.
    #[doc(alias = "智能机器人")]
    pub enum BotEvent {
        /// A text.
        BOT_TEXT = "bot" / "text" => BotText,
        /// A picture.
        BOT_IMAGE = "bot" / "image" => BotImage,
        /// Text and pictures in one message.
        BOT_MIXED = "bot" / "mixed" => BotMixed,
        /// A voice message, as text.
        BOT_VOICE = "bot" / "voice" => BotVoice,
        /// A file.
        BOT_FILE = "bot" / "file" => BotFile,
        /// A video.
        BOT_VIDEO = "bot" / "video" => BotVideo,
        /// WeCom asks for the next part of a streamed answer.
        BOT_STREAM = "bot" / "stream" => BotStream,
        /// A member has opened the chat with the bot, for the first time in a day.
        BOT_ENTER_CHAT = "bot/event" / "enter_chat" => BotEnterChat,
        /// A member has tapped something on a card of the bot.
        BOT_TEMPLATE_CARD_CLICK = "bot/event" / "template_card_event" => BotTemplateCardClick,
        /// A member has judged an answer of the bot.
        BOT_FEEDBACK = "bot/event" / "feedback_event" => BotFeedback,
        /// The bot's long connection was replaced by another one.
        BOT_DISCONNECTED = "bot/event" / "disconnected_event" => BotDisconnected,
    }
}

fields! {
    /// A member has sent a text to the bot.
    #[doc(alias = "text")]
    #[doc(alias = "文本消息")]
    #[event]
    pub struct BotText {
        /// The id of the bot.
        may aibot_id: String = "aibotid",
        /// The id of the group; only sent from groups.
        may chat_id: String = "chatid",
        /// Whether the member is alone with the bot.
        one chat_type: ChatType = "chattype",
        /// The UserID of the member.
        id user_id: String = "userid" in "from",
        /// Where one reply can be posted within an hour.
        one response_url: Secret => "response_url",
        /// The text; in a group with the mention of the bot, such as `@Bot hello`.
        one content: String => "content" in "text",
        /// The message that the member has quoted, if any.
        one quote: Quote => "quote",
    }

    /// A member has sent a picture to the bot.
    #[doc(alias = "image")]
    #[doc(alias = "图片消息")]
    #[event]
    pub struct BotImage {
        /// The id of the bot.
        may aibot_id: String = "aibotid",
        /// The id of the group. Not sent so far: this comes from members alone with the bot.
        may chat_id: String = "chatid",
        /// Whether the member is alone with the bot: [`ChatType::Single`] so far.
        one chat_type: ChatType = "chattype",
        /// The UserID of the member.
        id user_id: String = "userid" in "from",
        /// Where one reply can be posted within an hour.
        one response_url: Secret => "response_url",
        /// Where the picture can be downloaded for five minutes. It is encrypted, and
        /// [`Config::open_media`](crate::Config::open_media) decrypts it.
        one url: String => "url" in "image",
    }

    /// A member has sent text and pictures in one message to the bot.
    #[doc(alias = "mixed")]
    #[doc(alias = "图文混排消息")]
    #[event]
    pub struct BotMixed {
        /// The id of the bot.
        may aibot_id: String = "aibotid",
        /// The id of the group; only sent from groups.
        may chat_id: String = "chatid",
        /// Whether the member is alone with the bot.
        one chat_type: ChatType = "chattype",
        /// The UserID of the member.
        id user_id: String = "userid" in "from",
        /// Where one reply can be posted within an hour.
        one response_url: Secret => "response_url",
        /// The texts and pictures; in a group with the mention of the bot in a text.
        list mixed: MixedItem => "mixed" of "msg_item",
        /// The message that the member has quoted, if any.
        one quote: Quote => "quote",
    }

    /// A member has sent a voice message to the bot. It comes as text alone.
    #[doc(alias = "voice")]
    #[doc(alias = "语音消息")]
    #[event]
    pub struct BotVoice {
        /// The id of the bot.
        may aibot_id: String = "aibotid",
        /// The id of the group. Not sent so far: this comes from members alone with the bot.
        may chat_id: String = "chatid",
        /// Whether the member is alone with the bot: [`ChatType::Single`] so far.
        one chat_type: ChatType = "chattype",
        /// The UserID of the member.
        id user_id: String = "userid" in "from",
        /// Where one reply can be posted within an hour.
        one response_url: Secret => "response_url",
        /// What the member said, as WeCom has understood it.
        one content: String => "content" in "voice",
    }

    /// A member has sent a file to the bot, of 100 MB at most.
    #[doc(alias = "file")]
    #[doc(alias = "文件消息")]
    #[event]
    pub struct BotFile {
        /// The id of the bot.
        may aibot_id: String = "aibotid",
        /// The id of the group. Not sent so far: this comes from members alone with the bot.
        may chat_id: String = "chatid",
        /// Whether the member is alone with the bot: [`ChatType::Single`] so far.
        one chat_type: ChatType = "chattype",
        /// The UserID of the member.
        id user_id: String = "userid" in "from",
        /// Where one reply can be posted within an hour.
        one response_url: Secret => "response_url",
        /// Where the file can be downloaded for five minutes. It is encrypted, and
        /// [`Config::open_media`](crate::Config::open_media) decrypts it.
        one url: String => "url" in "file",
    }

    /// A member has sent a video to the bot, of 100 MB at most.
    ///
    /// Document 100719 has all other messages, and not this one; one library knows it.
    #[doc(alias = "video")]
    #[doc(alias = "视频消息")]
    #[event]
    pub struct BotVideo {
        /// The id of the bot.
        may aibot_id: String = "aibotid",
        /// The id of the group. Not sent so far: this comes from members alone with the bot.
        may chat_id: String = "chatid",
        /// Whether the member is alone with the bot: [`ChatType::Single`] so far.
        one chat_type: ChatType = "chattype",
        /// The UserID of the member.
        id user_id: String = "userid" in "from",
        /// Where one reply can be posted within an hour.
        one response_url: Secret => "response_url",
        /// Where the video can be downloaded for five minutes. It is encrypted, and
        /// [`Config::open_media`](crate::Config::open_media) decrypts it.
        one url: String => "url" in "video",
    }

    /// WeCom asks for the next part of a streamed answer.
    ///
    /// Sent again and again until the answer says that it is finished, for six minutes after the message of the member
    /// at most. Another part of the stream is the only answer that WeCom takes.
    #[doc(alias = "stream")]
    #[doc(alias = "流式消息刷新")]
    #[event]
    pub struct BotStream {
        /// The id of the bot.
        may aibot_id: String = "aibotid",
        /// The id of the group; only sent from groups.
        may chat_id: String = "chatid",
        /// Whether the member is alone with the bot.
        one chat_type: ChatType = "chattype",
        /// The UserID of the member who is being answered.
        may user_id: String = "userid" in "from",
        /// The id that the bot gave to the stream.
        id id: String => "id" in "stream",
    }

    /// A member has opened the chat with the bot, for the first time in a day.
    ///
    /// WeCom takes a welcome as the answer, a text or a card, within five seconds. Without one the bot is not asked
    /// again on that day.
    #[doc(alias = "enter_chat")]
    #[doc(alias = "进入会话事件")]
    #[event]
    pub struct BotEnterChat {
        /// The id of the bot.
        may aibot_id: String = "aibotid",
        /// Whether the member is alone with the bot. The table of document 101027 has it, the sample has not.
        one chat_type: ChatType = "chattype",
        /// The corp of the member; not sent to a bot of that corp.
        may corp_id: String = "corpid" in "from",
        /// The UserID of the member.
        id user_id: String = "userid" in "from",
    }

    /// A member has tapped a button on a card of the bot, or an item of the menu in its corner.
    ///
    /// Sent only once: if the answer takes more than five seconds, WeCom drops the event.
    #[doc(alias = "template_card_event")]
    #[doc(alias = "模板卡片事件")]
    #[event]
    pub struct BotTemplateCardClick {
        /// The id of the bot.
        may aibot_id: String = "aibotid",
        /// The id of the group; only sent from groups.
        may chat_id: String = "chatid",
        /// Whether the member is alone with the bot.
        one chat_type: ChatType = "chattype",
        /// The corp of the member; not sent to a bot of that corp.
        may corp_id: String = "corpid" in "from",
        /// The UserID of the member.
        id user_id: String = "userid" in "from",
        /// Where one reply can be posted within an hour.
        one response_url: Secret => "response_url",
        /// What kind of card it is. [`CardType::TextNotice`] and [`CardType::NewsNotice`] have nothing to tap but the
        /// menu.
        one card_type: CardType => "card_type" | "cardtype" in "event/template_card_event",
        /// The key that the bot gave to the button or the item.
        one event_key: String => "event_key" | "eventkey" in "event/template_card_event",
        /// The task id that the bot gave to the card.
        id task_id: String => "task_id" in "event/template_card_event",
        /// What was chosen; not sent for the menu.
        list selected_items: BotSelectedItem => "selected_items" of "selected_item" in "event/template_card_event",
    }

    /// A member has judged an answer of the bot.
    ///
    /// Sent only for answers to which the bot gave a feedback id. WeCom takes nothing but an empty answer.
    #[doc(alias = "feedback_event")]
    #[doc(alias = "用户反馈事件")]
    #[event]
    pub struct BotFeedback {
        /// The id of the bot.
        may aibot_id: String = "aibotid",
        /// The id of the group; only sent from groups.
        may chat_id: String = "chatid",
        /// Whether the member is alone with the bot.
        one chat_type: ChatType = "chattype",
        /// The corp of the member; not sent to a bot of that corp.
        may corp_id: String = "corpid" in "from",
        /// The UserID of the member.
        may user_id: String = "userid" in "from",
        /// The feedback id that the bot gave to the answer; 256 bytes at most.
        id id: String => "id" in "event/feedback_event",
        /// What the member thinks of the answer.
        one r#type: FeedbackType => "type" in "event/feedback_event",
        /// What the member wrote about it; only for [`FeedbackType::Inaccurate`].
        one content: String => "content" in "event/feedback_event",
        /// What is wrong with it; only for [`FeedbackType::Inaccurate`].
        many inaccurate_reason_list: FeedbackReason => "inaccurate_reason_list" in "event/feedback_event",
    }

    /// The bot's long connection was replaced by another one.
    ///
    /// For own apps: document 101463. It concerns bots that hold a WebSocket open, and is sent through that, never to a
    /// callback URL. The fields are those that one library has.
    #[doc(alias = "disconnected_event")]
    #[doc(alias = "连接断开事件")]
    #[event]
    pub struct BotDisconnected {
        /// The id of the bot.
        may aibot_id: String = "aibotid",
        /// The corp of the member; not sent to a bot of that corp.
        may corp_id: String = "corpid" in "from",
        /// The UserID of the member.
        may user_id: String = "userid" in "from",
    }

    /// A message that a member has quoted.
    ///
    /// Only the field that `msg_type` names is meant.
    #[doc(alias = "引用")]
    pub struct Quote {
        /// What it is.
        one msg_type: BotMessageType = "msgtype",
        /// The text.
        one text: QuoteText => "text",
        /// The picture.
        one image: QuoteFile => "image",
        /// The texts and pictures.
        list mixed: MixedItem => "mixed" of "msg_item",
        /// The voice message.
        one voice: QuoteText => "voice",
        /// The file.
        one file: QuoteFile => "file",
    }

    /// The text of a [`Quote`], written or spoken.
    pub struct QuoteText {
        /// The text.
        one content: String => "content",
    }

    /// The picture or file of a [`Quote`].
    pub struct QuoteFile {
        /// Where it can be downloaded for five minutes. It is encrypted, and
        /// [`Config::open_media`](crate::Config::open_media) decrypts it.
        one url: String => "url",
    }

    /// A text or a picture of a message that has both.
    #[doc(alias = "图文混排")]
    pub struct MixedItem {
        /// Which of the two it is.
        one msg_type: BotMessageType = "msgtype",
        /// The text, of an item that is one.
        one content: String => "content" in "text",
        /// Where the picture, of an item that is one, can be downloaded for five minutes. It is encrypted, and
        /// [`Config::open_media`](crate::Config::open_media) decrypts it.
        one url: String => "url" in "image",
    }

    /// What was chosen for one question of a card.
    pub struct BotSelectedItem {
        /// The key that the bot gave to the question.
        one question_key: String => "question_key",
        /// The ids of the options that were chosen.
        list option_ids: String => "option_ids" | "optionids" of "option_id" | "optionid",
    }
}

text_codes! {
    /// Where a member meets a bot.
    #[doc(alias = "会话类型")]
    pub enum ChatType {
        /// In a chat of the two alone.
        #[doc(alias = "单聊")]
        Single = "single",
        /// In a group.
        #[doc(alias = "群聊")]
        Group = "group",
    }
}

text_codes! {
    /// What a message to a bot is, or a part of one.
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
    /// What a member thinks of an answer.
    #[doc(alias = "反馈类型")]
    pub enum FeedbackType {
        /// It is right.
        Accurate = 1,
        /// It is not.
        Inaccurate = 2,
        /// The member has taken the judgement back.
        Withdrawn = 3,
    }
}

number_codes! {
    /// What a member finds wrong with an answer.
    #[doc(alias = "负反馈原因")]
    pub enum FeedbackReason {
        /// It has nothing to do with the question.
        Irrelevant = 1,
        /// It is incomplete.
        Incomplete = 2,
        /// There is a mistake in it.
        Mistaken = 3,
        /// It has analysed the data wrongly.
        WrongAnalysis = 4,
    }
}
