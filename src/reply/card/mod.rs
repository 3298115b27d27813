//! The five template cards and their parts.

mod base;
mod choice;
mod link;
mod part;
mod template;

pub use choice::{Button, Checkbox, SelectionItem, SubmitButton};
pub use link::{CardAction, HorizontalContent, JumpAction};
pub use part::{
    ActionMenu, CardImage, DescColor, EmphasisContent, ImageTextArea, MainTitle, QuoteArea, Source,
    VerticalContent,
};
pub use template::{
    ButtonInteraction, MultipleInteraction, NewsNotice, TemplateCard, TextNotice, VoteInteraction,
};
