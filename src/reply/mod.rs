//! The replies that a handler can send to WeCom.
//!
//! A handler puts a [`Reply`] into the response's extensions. With the feature `axum`, it can
//! return the reply instead. [`WeComLayer`](crate::WeComLayer) takes the reply out, writes it in
//! the format of the callback, and seals it with the credentials that opened the callback. The
//! reply goes from the callback's receiver back to its sender. Its time is that of the layer's
//! clock.
//!
//! | callback | replies besides [`ack`](Reply::ack) |
//! |---|---|
//! | a message to an app; `subscribe`, `enter_agent`, `LOCATION`, `click`, `view`, `view_miniprogram`, `scancode_waitmsg`, `template_card_menu_event` | [`text`](Reply::text), [`image`](Reply::image), [`voice`](Reply::voice), [`video`](Reply::video), [`news`](Reply::news) |
//! | a tap on a card of an app | [`update_button`](Reply::update_button), [`update_template_card`](Reply::update_template_card) |
//! | a tap on an app's task card | [`update_taskcard`](Reply::update_taskcard) |
//! | a message to an AI bot | [`stream`](Reply::stream), [`template_card`](Reply::template_card), [`stream_with_template_card`](Reply::stream_with_template_card) |
//! | the request for the rest of a stream | [`stream`](Reply::stream), [`stream_with_template_card`](Reply::stream_with_template_card) |
//! | a member opens the chat with an AI bot | [`text`](Reply::text), [`template_card`](Reply::template_card) |
//! | a tap on a card of an AI bot | [`update_template_card`](Reply::update_template_card), [`update_template_card_for`](Reply::update_template_card_for) |
//! | a message to the robot of a group, and its events | [`text`](Reply::text), [`group_text`](Reply::group_text), [`markdown`](Reply::markdown), [`group_markdown`](Reply::group_markdown) |
//! | all others, such as a change of the address book | none |
//!
//! [`ReplyKind::accepted_by`] is this table. A reply that the callback does not take becomes the
//! acknowledgement. A warning in the trace contains the reason, and the replies that it takes.
//! [`raw`](Reply::raw) and [`verbatim`](Reply::verbatim) are always sent, also with a warning.
//! Most events have the sender `sys` and take no reply: send a message to the member through
//! WeCom's API instead (document 90236).
//!
//! A text that is too long for WeCom is a [`ReplyError`] when the reply is created. It is never cut
//! off. The documentation of the setters also has the lengths that WeCom only recommends.
//!
//! Over their long connection, AI bots also take [`markdown`](Reply::markdown),
//! [`file`](Reply::file), [`image`](Reply::image), [`voice`](Reply::voice) and
//! [`video`](Reply::video). [`Reply::to_json`] is the plain JSON of an AI bot's reply, for its `response_url` and for its
//! long connection.
//!
//! For texts of unknown length, [`Reply::text_fitted`], [`Stream::fitted`] and [`fit`] cut off what
//! is too long, and return it. The maximum lengths are constants, such as
//! [`Reply::TEXT_MAX_BYTES`].
//!
//! Documents 90241, 90377 and 96469 are for apps, 101031, 101032 and 101463 for AI bots, 99399 and
//! 99110 for robots of groups. Documents 90236
//! and 94888 have the lengths in cards.
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

mod accepted;
mod bots;
mod builder;
mod card;
mod content;
mod error;
mod fit;
mod group;
mod markdown;
mod media;
mod passive;
mod stream;

pub use accepted::ReplyKind;
pub use card::{
    ActionMenu, Button, ButtonInteraction, CardAction, CardImage, Checkbox, DescColor,
    EmphasisContent, HorizontalContent, ImageTextArea, JumpAction, MainTitle, MultipleInteraction,
    NewsNotice, QuoteArea, SelectionItem, Source, SubmitButton, TemplateCard, TextNotice,
    VerticalContent, VoteInteraction,
};
pub use error::ReplyError;
pub use fit::fit;
pub use group::{GroupAction, GroupAttachment, GroupMarkdown, GroupText};
pub use markdown::Markdown;
pub use media::{Article, Video};
pub use passive::Reply;
pub use stream::{Stream, StreamImage};

pub(crate) use accepted::{NO_REPLY, takes_raw};
