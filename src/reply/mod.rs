//! The answers: what a handler may say to WeCom.
//!
//! A handler leaves a [`Reply`] in the response's extensions (with the feature `axum`, returning it is enough);
//! [`WeComLayer`](crate::WeComLayer) takes it out, writes it in the language of the callback and seals it with the
//! credentials that opened the callback. It goes to the sender of the callback, from its receiver, at the time of the
//! layer's clock.
//!
//! | reply | app | AI bot | suite notice, device, payment |
//! |---|---|---|---|
//! | [`ack`](Reply::ack), [`raw`](Reply::raw), [`verbatim`](Reply::verbatim) | yes | yes | yes |
//! | [`text`](Reply::text) | yes | as a welcome | |
//! | [`image`](Reply::image), [`voice`](Reply::voice), [`video`](Reply::video), [`news`](Reply::news) | yes | | |
//! | [`update_button`](Reply::update_button), [`update_taskcard`](Reply::update_taskcard) | yes | | |
//! | [`update_template_card`](Reply::update_template_card) | yes | yes | |
//! | [`stream`](Reply::stream), [`template_card`](Reply::template_card), [`stream_with_template_card`](Reply::stream_with_template_card) | | yes | |
//!
//! A reply that the callback cannot take becomes the acknowledgement, and a warning in the trace says why. What is longer
//! than WeCom takes is a [`ReplyError`] when the reply is made, never a text that is cut; lengths that WeCom only advises
//! stand in the documentation of the setters.
//!
//! Documents 90241, 90377 and 96469 (apps), 101031 and 101032 (AI bots); 90236 and 94888 for the lengths in cards.
//!
//! ```
//! use tower_wecom::Reply;
//! use tower_wecom::reply::{
//!     CardAction, EmphasisContent, HorizontalContent, MainTitle, ReplyError, Source, TextNotice,
//! };
//!
//! fn approved(by: &str) -> Result<Reply, ReplyError> {
//!     let card = TextNotice::new(CardAction::url("https://www.example.com/orders/78"))
//!         .source(Source::new().desc("Orders"))
//!         .main_title(MainTitle::new("Order 78").desc("Two forklifts"))
//!         .emphasis_content(EmphasisContent::new("¥ 78,000").desc("in all"))
//!         .horizontal_content_list([HorizontalContent::new("Approved by").value(by).user_id(by)]);
//!     Reply::update_template_card(card)
//! }
//! # approved("lin.mei").unwrap();
//! ```

mod builder;
mod card;
mod content;
mod error;
mod media;
mod passive;
mod stream;

pub use card::{
    ActionMenu, Button, ButtonInteraction, CardAction, CardImage, Checkbox, DescColor,
    EmphasisContent, HorizontalContent, ImageTextArea, JumpAction, MainTitle, MultipleInteraction,
    NewsNotice, QuoteArea, SelectionItem, Source, SubmitButton, TemplateCard, TextNotice,
    VerticalContent, VoteInteraction,
};
pub use error::ReplyError;
pub use media::{Article, Video};
pub use passive::Reply;
pub use stream::{Stream, StreamImage};
