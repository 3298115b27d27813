//! Cards that an app has sent. See [`TemplateCardEvent`].

use super::family::family;
use crate::payload::{Secret, fields, text_codes};

family! {
    /// A member has tapped something on a card that the app had sent.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 90240, 90376, 96468. What members
    /// tap on the cards of an AI bot is a [`BotTemplateCardClick`](super::BotTemplateCardClick).
    #[doc(alias = "模板卡片事件")]
    pub enum TemplateCardEvent {
        /// A button of a template card was tapped, or its form was submitted.
        TEMPLATE_CARD_CLICK = "template_card_event" => TemplateCardClick,
        /// An item of the menu in the corner of a template card was tapped.
        TEMPLATE_CARD_MENU_CLICK = "template_card_menu_event" => TemplateCardMenuClick,
        /// A button of a task card was tapped.
        TASKCARD_CLICK = "taskcard_click" => TaskcardClick,
    }
}

fields! {
    /// A button of a template card was tapped, or its form was submitted.
    #[doc(alias = "template_card_event")]
    #[doc(alias = "模板卡片事件推送")]
    #[event]
    pub struct TemplateCardClick {
        /// The UserID of the member who tapped it.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the button; not always sent.
        one event_key: String = "EventKey",
        /// The task id that the app gave to the card.
        id task_id: String = "TaskId",
        /// What kind of card it is.
        one card_type: CardType = "CardType",
        /// The code that changes the card through the API, once and within 72 hours.
        one response_code: Secret = "ResponseCode",
        /// What was chosen; not sent for a card on which there is nothing to choose.
        list selected_items: SelectedItem = "SelectedItems" of "SelectedItem",
    }

    /// An item of the menu in the corner of a template card was tapped.
    #[doc(alias = "template_card_menu_event")]
    #[doc(alias = "通用模板卡片右上角菜单事件推送")]
    #[event]
    pub struct TemplateCardMenuClick {
        /// The UserID of the member who tapped it.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// The task id that the app gave to the card.
        id task_id: String = "TaskId",
        /// What kind of card it is. Only [`CardType::TextNotice`], [`CardType::NewsNotice`] and
        /// [`CardType::ButtonInteraction`] have such a menu.
        one card_type: CardType = "CardType",
        /// The code that changes the card through the API, once and within 72 hours.
        one response_code: Secret = "ResponseCode",
    }

    /// A button of a task card was tapped. Task cards are the older form of template cards.
    #[doc(alias = "taskcard_click")]
    #[doc(alias = "任务卡片事件推送")]
    #[event]
    pub struct TaskcardClick {
        /// The UserID of the member who tapped it.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the button.
        one event_key: String = "EventKey",
        /// The task id that the app gave to the card.
        id task_id: String = "TaskId",
    }

    /// What was chosen for one question of a template card.
    pub struct SelectedItem {
        /// The key that the app gave to the question.
        one question_key: String = "QuestionKey",
        /// The ids of the options that were chosen.
        list option_ids: String = "OptionIds" | "OpitonIds" of "OptionId" | "OpitonId",
    }
}

text_codes! {
    /// What kind of template card it is.
    #[doc(alias = "模板卡片类型")]
    pub enum CardType {
        /// A notice of text.
        #[doc(alias = "文本通知")]
        TextNotice = "text_notice",
        /// A notice with a picture.
        #[doc(alias = "图文展示")]
        NewsNotice = "news_notice",
        /// A text with buttons.
        #[doc(alias = "按钮交互")]
        ButtonInteraction = "button_interaction",
        /// A vote: one question with options.
        #[doc(alias = "投票选择")]
        VoteInteraction = "vote_interaction",
        /// Several questions, each with a list of options.
        #[doc(alias = "多项选择")]
        MultipleInteraction = "multiple_interaction",
    }
}
