use super::base::{
    BUTTON_INTERACTION, Card, MULTIPLE_INTERACTION, NEWS_NOTICE, TEXT_NOTICE, VOTE_INTERACTION,
};
use super::choice::{Button, Checkbox, SelectionItem, SubmitButton};
use super::link::{CardAction, HorizontalContent, JumpAction};
use super::part::{
    ActionMenu, CardImage, EmphasisContent, ImageTextArea, MainTitle, QuoteArea, Source,
    VerticalContent,
};
use crate::payload::Tree;
use crate::reply::builder::silent;
use crate::reply::error::ReplyError;

/// A card of one of five types: [`TextNotice`], [`NewsNotice`], [`ButtonInteraction`],
/// [`VoteInteraction`] and [`MultipleInteraction`]. Each of them converts into this type by
/// `into()`.
///
/// An app updates a card that a member has tapped (document 90241). An AI bot sends and updates
/// cards (documents 101031 and 101032). The same card serves both. A part that only one of them
/// supports is left out for the other, and its documentation mentions this. The lengths that WeCom
/// recommends are not checked. Those that it requires are checked.
#[derive(Clone, PartialEq)]
#[must_use]
#[doc(alias = "模板卡片")]
#[doc(alias = "模版卡片")]
pub struct TemplateCard(Box<Card>);

impl TemplateCard {
    pub(in crate::reply) fn check(&self) -> Result<(), ReplyError> {
        self.0.check()
    }

    pub(in crate::reply) fn check_new(&self) -> Result<(), ReplyError> {
        self.0.check_new()
    }

    pub(in crate::reply) fn tree(&self) -> Tree<'_> {
        self.0.tree()
    }
}

/// A card type: its struct and the setters of its optional parts.
macro_rules! card_type {
    ($(#[$meta:meta])* $Type:ident: $($setter:ident)+) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        #[must_use]
        pub struct $Type(Box<Card>);

        impl $Type {
            $( card_type!(@ $setter); )+
        }

        impl From<$Type> for TemplateCard {
            fn from(card: $Type) -> Self {
                Self(card.0)
            }
        }
    };
    (@ source) => {
        /// The source of the card: the line at its top.
        #[doc(alias = "Source")]
        pub fn source(mut self, source: Source) -> Self {
            self.0.source = Some(source);
            self
        }
    };
    (@ main_title) => {
        /// The title.
        #[doc(alias = "MainTitle")]
        pub fn main_title(mut self, main_title: MainTitle) -> Self {
            self.0.main_title = Some(main_title);
            self
        }
    };
    (@ sub_title_text) => {
        /// The text below the title. WeCom recommends at most 160 characters, 112 for AI bots.
        #[doc(alias = "SubTitleText")]
        #[doc(alias = "二级普通文本")]
        pub fn sub_title_text(mut self, text: impl Into<String>) -> Self {
            self.0.sub_title_text = Some(text.into());
            self
        }
    };
    (@ horizontal_content_list) => {
        /// The rows. At most 6.
        #[doc(alias = "HorizontalContentList")]
        #[doc(alias = "二级标题+文本列表")]
        pub fn horizontal_content_list(
            mut self,
            rows: impl IntoIterator<Item = HorizontalContent>,
        ) -> Self {
            self.0.horizontal_content_list = rows.into_iter().collect();
            self
        }
    };
    (@ jump_list) => {
        /// The links at the foot. At most 3.
        #[doc(alias = "JumpList")]
        #[doc(alias = "跳转指引样式的列表")]
        pub fn jump_list(mut self, jumps: impl IntoIterator<Item = JumpAction>) -> Self {
            self.0.jump_list = jumps.into_iter().collect();
            self
        }
    };
    (@ card_action) => {
        /// The action of a tap on the whole card.
        #[doc(alias = "CardAction")]
        pub fn card_action(mut self, action: CardAction) -> Self {
            self.0.card_action = Some(action);
            self
        }
    };
    (@ emphasis_content) => {
        /// The key figure.
        #[doc(alias = "EmphasisContent")]
        pub fn emphasis_content(mut self, content: EmphasisContent) -> Self {
            self.0.emphasis_content = Some(content);
            self
        }
    };
    (@ card_image) => {
        /// The picture. The card needs this or an [`image_text_area`](Self::image_text_area), or
        /// both.
        #[doc(alias = "CardImage")]
        pub fn card_image(mut self, image: CardImage) -> Self {
            self.0.card_image = Some(image);
            self
        }
    };
    (@ image_text_area) => {
        /// A picture with a text to its right.
        #[doc(alias = "ImageTextArea")]
        pub fn image_text_area(mut self, area: ImageTextArea) -> Self {
            self.0.image_text_area = Some(area);
            self
        }
    };
    (@ vertical_content_list) => {
        /// The paragraphs. At most 4.
        #[doc(alias = "VerticalContentList")]
        pub fn vertical_content_list(
            mut self,
            paragraphs: impl IntoIterator<Item = VerticalContent>,
        ) -> Self {
            self.0.vertical_content_list = paragraphs.into_iter().collect();
            self
        }
    };
    (@ button_selection) => {
        /// A selection list above the buttons.
        #[doc(alias = "ButtonSelection")]
        pub fn button_selection(mut self, selection: SelectionItem) -> Self {
            self.0.button_selection = Some(selection);
            self
        }
    };
    (@ submit_button) => {
        /// The button below the card. A new card of an AI bot requires it, an update does not.
        #[doc(alias = "SubmitButton")]
        pub fn submit_button(mut self, button: SubmitButton) -> Self {
            self.0.submit_button = Some(button);
            self
        }
    };
    (@ replace_text) => {
        /// The text of a grey button. It replaces the buttons and cannot be tapped.
        #[doc(alias = "ReplaceText")]
        #[doc(alias = "按钮替换文案")]
        pub fn replace_text(mut self, text: impl Into<String>) -> Self {
            self.0.replace_text = Some(text.into());
            self
        }
    };
    (@ action_menu) => {
        /// The menu in the corner.
        #[doc(alias = "ActionMenu")]
        pub fn action_menu(mut self, menu: ActionMenu) -> Self {
            self.0.action_menu = Some(menu);
            self
        }
    };
    (@ quote_area) => {
        /// The quotation.
        #[doc(alias = "QuoteArea")]
        pub fn quote_area(mut self, area: QuoteArea) -> Self {
            self.0.quote_area = Some(area);
            self
        }
    };
    (@ task_id) => {
        /// An id that the card's events contain: digits, letters and `_-@`, at most 128 bytes. An
        /// AI bot must not use the same id twice. Only for AI bots. An update does not change it.
        #[doc(alias = "TaskId")]
        pub fn task_id(mut self, id: impl Into<String>) -> Self {
            self.0.task_id = Some(id.into());
            self
        }
    };
    (@ feedback) => {
        /// Lets the members rate the card. Their [`BotFeedback`](crate::event::BotFeedback) has
        /// this id. At most 256 bytes. Only for AI bots.
        pub fn feedback(mut self, id: impl Into<String>) -> Self {
            self.0.feedback = Some(id.into());
            self
        }
    };
}

card_type! {
    /// A text notice. It needs a [main title](Self::main_title) or a
    /// [sub-title](Self::sub_title_text), or both.
    ///
    /// Documents 90241 and 101032.
    #[doc(alias = "text_notice")]
    #[doc(alias = "文本通知型")]
    TextNotice: source main_title sub_title_text horizontal_content_list jump_list emphasis_content
        action_menu quote_area task_id feedback
}

impl TextNotice {
    /// A notice with this action of a tap.
    pub fn new(card_action: CardAction) -> Self {
        let mut card = Card::of(TEXT_NOTICE);
        card.card_action = Some(card_action);
        Self(card)
    }
}

card_type! {
    /// A notice with a picture. It needs a [picture](Self::card_image) or one [with
    /// text](Self::image_text_area), or both.
    ///
    /// Documents 90241 and 101032.
    #[doc(alias = "news_notice")]
    #[doc(alias = "图文展示型")]
    NewsNotice: source card_image image_text_area vertical_content_list horizontal_content_list
        jump_list action_menu quote_area task_id feedback
}

impl NewsNotice {
    /// A notice with this title and this action of a tap.
    pub fn new(main_title: MainTitle, card_action: CardAction) -> Self {
        let mut card = Card::of(NEWS_NOTICE);
        card.main_title = Some(main_title);
        card.card_action = Some(card_action);
        Self(card)
    }
}

card_type! {
    /// A text with buttons.
    ///
    /// Documents 90241 and 101032.
    #[doc(alias = "button_interaction")]
    #[doc(alias = "按钮交互型")]
    ButtonInteraction: source sub_title_text horizontal_content_list jump_list card_action
        button_selection replace_text action_menu quote_area task_id feedback
}

impl ButtonInteraction {
    /// A text with this title and these buttons. There must be 1 to 6 buttons.
    #[doc(alias = "ButtonList")]
    pub fn new(main_title: MainTitle, button_list: impl IntoIterator<Item = Button>) -> Self {
        let mut card = Card::of(BUTTON_INTERACTION);
        card.main_title = Some(main_title);
        card.button_list = button_list.into_iter().collect();
        Self(card)
    }
}

card_type! {
    /// A vote: one question with options.
    ///
    /// Documents 90241 and 101032.
    #[doc(alias = "vote_interaction")]
    #[doc(alias = "投票选择型")]
    VoteInteraction: source submit_button replace_text task_id feedback
}

impl VoteInteraction {
    /// A vote with this title and this question.
    #[doc(alias = "CheckBox")]
    pub fn new(main_title: MainTitle, checkbox: Checkbox) -> Self {
        let mut card = Card::of(VOTE_INTERACTION);
        card.main_title = Some(main_title);
        card.checkbox = Some(checkbox);
        Self(card)
    }
}

card_type! {
    /// A form: several questions, each with a selection list.
    ///
    /// Documents 90241 and 101032.
    #[doc(alias = "multiple_interaction")]
    #[doc(alias = "多项选择型")]
    MultipleInteraction: source submit_button replace_text task_id feedback
}

impl MultipleInteraction {
    /// A form with this title and these questions. There must be 1 to 3 questions.
    #[doc(alias = "SelectList")]
    pub fn new(
        main_title: MainTitle,
        select_list: impl IntoIterator<Item = SelectionItem>,
    ) -> Self {
        let mut card = Card::of(MULTIPLE_INTERACTION);
        card.main_title = Some(main_title);
        card.select_list = select_list.into_iter().collect();
        Self(card)
    }
}

silent!(
    ButtonInteraction,
    MultipleInteraction,
    NewsNotice,
    TemplateCard,
    TextNotice,
    VoteInteraction,
);
