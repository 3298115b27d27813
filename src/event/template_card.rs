//! Cards that an app has sent. See [`TemplateCardEvent`].

use super::family::family;
use crate::payload::{Secret, fields, text_codes};

family! {
    /// A member tapped something on a card that the app had sent.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 90240, 90376, 96468. A tap on a card of an AI bot is a
    /// [`BotTemplateCardClick`](super::BotTemplateCardClick).
    #[doc(alias = "模板卡片事件")]
    pub enum TemplateCardEvent {
        /// A member tapped a button of a template card, or submitted its form.
        TEMPLATE_CARD_CLICK = "template_card_event" => TemplateCardClick,
        /// A member tapped an item of the menu in the corner of a template card.
        TEMPLATE_CARD_MENU_CLICK = "template_card_menu_event" => TemplateCardMenuClick,
        /// A member tapped a button of a task card.
        TASKCARD_CLICK = "taskcard_click" => TaskcardClick,
    }
}

fields! {
    /// A member tapped a button of a template card, or submitted its form.
    #[doc(alias = "template_card_event")]
    #[doc(alias = "模板卡片事件推送")]
    #[event]
    pub struct TemplateCardClick {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the button. Not always sent.
        one event_key: String = "EventKey",
        /// The task id that the app gave to the card.
        id task_id: String = "TaskId",
        /// The type of the card.
        one card_type: CardType = "CardType",
        /// The code that changes the card through the API. Valid once, for 72 hours.
        one response_code: Secret = "ResponseCode",
        /// The selected options. Not sent for a card without options.
        list selected_items: SelectedItem = "SelectedItems" of "SelectedItem",
    }

    /// A member tapped an item of the menu in the corner of a template card.
    #[doc(alias = "template_card_menu_event")]
    #[doc(alias = "通用模板卡片右上角菜单事件推送")]
    #[event]
    pub struct TemplateCardMenuClick {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// The task id that the app gave to the card.
        id task_id: String = "TaskId",
        /// The type of the card. Only [`CardType::TextNotice`], [`CardType::NewsNotice`] and
        /// [`CardType::ButtonInteraction`] have such a menu.
        one card_type: CardType = "CardType",
        /// The code that changes the card through the API. Valid once, for 72 hours.
        one response_code: Secret = "ResponseCode",
    }

    /// A member tapped a button of a task card. Task cards are the older form of template cards.
    #[doc(alias = "taskcard_click")]
    #[doc(alias = "任务卡片事件推送")]
    #[event]
    pub struct TaskcardClick {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the button.
        one event_key: String = "EventKey",
        /// The task id that the app gave to the card.
        id task_id: String = "TaskId",
    }

    /// The selected options of one question on a template card.
    pub struct SelectedItem {
        /// The key that the app gave to the question.
        one question_key: String = "QuestionKey",
        /// The ids of the selected options.
        list option_ids: String = "OptionIds" | "OpitonIds" of "OptionId" | "OpitonId",
    }
}

text_codes! {
    /// The type of a template card.
    #[doc(alias = "模板卡片类型")]
    pub enum CardType {
        /// A text notice.
        #[doc(alias = "文本通知")]
        TextNotice = "text_notice",
        /// A notice with a picture.
        #[doc(alias = "图文展示")]
        NewsNotice = "news_notice",
        /// A text with buttons.
        #[doc(alias = "按钮交互")]
        ButtonInteraction = "button_interaction",
        /// A vote, which is one question with options.
        #[doc(alias = "投票选择")]
        VoteInteraction = "vote_interaction",
        /// Several questions, each with a list of options.
        #[doc(alias = "多项选择")]
        MultipleInteraction = "multiple_interaction",
    }
}
