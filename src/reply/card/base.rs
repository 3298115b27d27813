//! The base of all card types.

use super::choice::{Button, Checkbox, SelectionItem, SubmitButton};
use super::link::{CardAction, HorizontalContent, JumpAction};
use super::part::{
    ActionMenu, CardImage, EmphasisContent, ImageTextArea, MainTitle, QuoteArea, Source,
    VerticalContent,
};
use crate::payload::{Node, Tree};
use crate::reply::error::{ReplyError, at_most, count, required};
use crate::reply::stream::{check_feedback, feedback_tree};

/// The maximum number of rows on a card.
const HORIZONTAL_CONTENTS_MAX: usize = 6;
/// The maximum number of links at the foot of a card.
const JUMPS_MAX: usize = 3;
/// The maximum number of paragraphs.
const VERTICAL_CONTENTS_MAX: usize = 4;
/// The maximum number of buttons.
const BUTTONS_MAX: usize = 6;
/// The maximum number of selection lists.
const SELECTS_MAX: usize = 3;
/// The maximum length of a task id, in bytes.
const TASK_ID_MAX_BYTES: usize = 128;

/// Everything that a card of any type can have.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Card {
    pub(super) card_type: &'static str,
    pub(super) source: Option<Source>,
    pub(super) main_title: Option<MainTitle>,
    pub(super) sub_title_text: Option<String>,
    pub(super) horizontal_content_list: Vec<HorizontalContent>,
    pub(super) jump_list: Vec<JumpAction>,
    pub(super) card_action: Option<CardAction>,
    pub(super) emphasis_content: Option<EmphasisContent>,
    pub(super) card_image: Option<CardImage>,
    pub(super) vertical_content_list: Vec<VerticalContent>,
    pub(super) button_list: Vec<Button>,
    pub(super) checkbox: Option<Checkbox>,
    pub(super) select_list: Vec<SelectionItem>,
    pub(super) submit_button: Option<SubmitButton>,
    pub(super) replace_text: Option<String>,
    pub(super) action_menu: Option<ActionMenu>,
    pub(super) quote_area: Option<QuoteArea>,
    pub(super) image_text_area: Option<ImageTextArea>,
    pub(super) button_selection: Option<SelectionItem>,
    pub(super) task_id: Option<String>,
    pub(super) feedback: Option<String>,
}

pub(super) const TEXT_NOTICE: &str = "text_notice";
pub(super) const NEWS_NOTICE: &str = "news_notice";
pub(super) const BUTTON_INTERACTION: &str = "button_interaction";
pub(super) const VOTE_INTERACTION: &str = "vote_interaction";
pub(super) const MULTIPLE_INTERACTION: &str = "multiple_interaction";

impl Card {
    pub(super) fn of(card_type: &'static str) -> Box<Self> {
        Box::new(Self {
            card_type,
            ..Self::default()
        })
    }

    /// Rejects what WeCom would reject in an update.
    pub(super) fn check(&self) -> Result<(), ReplyError> {
        self.check_type()?;
        self.check_lists()?;
        check(self.card_action.as_ref(), CardAction::check)?;
        check(self.card_image.as_ref(), CardImage::check)?;
        check(self.checkbox.as_ref(), Checkbox::check)?;
        check(self.submit_button.as_ref(), SubmitButton::check)?;
        check(self.action_menu.as_ref(), ActionMenu::check)?;
        check(self.quote_area.as_ref(), QuoteArea::check)?;
        check(self.image_text_area.as_ref(), ImageTextArea::check)?;
        check(self.button_selection.as_ref(), SelectionItem::check)?;
        check(self.task_id.as_ref(), |id| check_task_id(id))?;
        check_feedback("feedback.id", self.feedback.as_deref())
    }

    /// Rejects what WeCom would reject in a new card of an AI bot.
    pub(super) fn check_new(&self) -> Result<(), ReplyError> {
        self.check()?;
        let has_events = matches!(self.card_type, BUTTON_INTERACTION | VOTE_INTERACTION);
        if has_events || self.action_menu.is_some() {
            required("task_id", self.task_id.as_deref())?;
        }
        let is_submitted = matches!(self.card_type, VOTE_INTERACTION | MULTIPLE_INTERACTION);
        if is_submitted && self.submit_button.is_none() {
            return required("submit_button", None);
        }
        Ok(())
    }

    /// Rejects a card without the parts that its type requires.
    fn check_type(&self) -> Result<(), ReplyError> {
        let title = self.main_title.as_ref().map(MainTitle::title);
        let has_sub_title = self
            .sub_title_text
            .as_deref()
            .is_some_and(|it| !it.is_empty());
        if self.card_type != TEXT_NOTICE || !has_sub_title {
            required("main_title.title", title)?;
        }
        let leads_nowhere = self.card_action.as_ref().is_none_or(CardAction::is_nothing);
        if matches!(self.card_type, TEXT_NOTICE | NEWS_NOTICE) && leads_nowhere {
            return required("card_action", None);
        }
        let has_picture = self.card_image.is_some() || self.image_text_area.is_some();
        if self.card_type == NEWS_NOTICE && !has_picture {
            return required("card_image", None);
        }
        Ok(())
    }

    fn check_lists(&self) -> Result<(), ReplyError> {
        let (rows, jumps) = (&self.horizontal_content_list, &self.jump_list);
        count(
            0..=HORIZONTAL_CONTENTS_MAX,
            "horizontal_content_list",
            rows.len(),
        )?;
        rows.iter().try_for_each(HorizontalContent::check)?;
        count(0..=JUMPS_MAX, "jump_list", jumps.len())?;
        jumps.iter().try_for_each(JumpAction::check)?;
        let paragraphs = &self.vertical_content_list;
        count(
            0..=VERTICAL_CONTENTS_MAX,
            "vertical_content_list",
            paragraphs.len(),
        )?;
        paragraphs.iter().try_for_each(VerticalContent::check)?;
        if self.card_type == BUTTON_INTERACTION {
            count(1..=BUTTONS_MAX, "button_list", self.button_list.len())?;
        }
        Button::check_all(&self.button_list)?;
        if self.card_type == MULTIPLE_INTERACTION {
            count(1..=SELECTS_MAX, "select_list", self.select_list.len())?;
        }
        SelectionItem::check_all(&self.select_list)
    }

    /// Has the order of the XML examples in the documents.
    pub(super) fn tree(&self) -> Tree<'_> {
        let rows = self.horizontal_content_list.iter();
        let rows: Node<'_> = rows.map(HorizontalContent::tree).collect();
        let jumps: Node<'_> = self.jump_list.iter().map(JumpAction::tree).collect();
        let paragraphs = self.vertical_content_list.iter();
        let paragraphs: Node<'_> = paragraphs.map(VerticalContent::tree).collect();
        let buttons: Node<'_> = self.button_list.iter().map(Button::tree).collect();
        let selects: Node<'_> = self.select_list.iter().map(SelectionItem::tree).collect();
        let image_text_area = self.image_text_area.as_ref().map(ImageTextArea::tree);
        let selection = self.button_selection.as_ref().map(SelectionItem::tree);
        let emphasis = self.emphasis_content.as_ref().map(EmphasisContent::tree);
        let submit_button = self.submit_button.as_ref().map(SubmitButton::tree);
        let action_menu = self.action_menu.as_ref().map(ActionMenu::tree);
        Tree::default()
            .with("CardType", "card_type", self.card_type)
            .with("Source", "source", self.source.as_ref().map(Source::tree))
            .with(
                "MainTitle",
                "main_title",
                self.main_title.as_ref().map(MainTitle::tree),
            )
            .with("SubTitleText", "sub_title_text", &self.sub_title_text)
            .with("HorizontalContentList", "horizontal_content_list", rows)
            .with("JumpList", "jump_list", jumps)
            .with(
                "CardAction",
                "card_action",
                self.card_action.as_ref().map(CardAction::tree),
            )
            .with("EmphasisContent", "emphasis_content", emphasis)
            .with(
                "CardImage",
                "card_image",
                self.card_image.as_ref().map(CardImage::tree),
            )
            .with("VerticalContentList", "vertical_content_list", paragraphs)
            .with("ButtonList", "button_list", buttons)
            .with(
                "CheckBox",
                "checkbox",
                self.checkbox.as_ref().map(Checkbox::tree),
            )
            .with("SelectList", "select_list", selects)
            .with("SubmitButton", "submit_button", submit_button)
            .with("ReplaceText", "replace_text", &self.replace_text)
            .with("ActionMenu", "action_menu", action_menu)
            .with(
                "QuoteArea",
                "quote_area",
                self.quote_area.as_ref().map(QuoteArea::tree),
            )
            .with("ImageTextArea", "image_text_area", image_text_area)
            .with("ButtonSelection", "button_selection", selection)
            .json("task_id", &self.task_id)
            .json("feedback", feedback_tree(self.feedback.as_deref()))
    }
}

/// Checks a part, if it is present.
fn check<T>(
    part: Option<&T>,
    check: impl FnOnce(&T) -> Result<(), ReplyError>,
) -> Result<(), ReplyError> {
    part.map_or(Ok(()), check)
}

fn check_task_id(id: &str) -> Result<(), ReplyError> {
    required("task_id", Some(id))?;
    at_most(TASK_ID_MAX_BYTES, "task_id", id)?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '@');
    if id.chars().all(is_allowed) {
        return Ok(());
    }
    Err(ReplyError::Invalid {
        field: "task_id",
        expected: "digits, letters and `_-@` alone",
    })
}
