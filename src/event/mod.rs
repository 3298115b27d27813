//! The events: what WeCom sent, as types.
//!
//! [`Event`] is the sum of all families. A family is an enum of kinds that a reader looks for together, such as
//! [`ContactEvent`], or a struct where there is one kind alone, such as [`BatchJobResult`].
//!
//! | family | kinds | types |
//! |---|---|---|
//! | [`ContactEvent`] | `change_contact/create_user`, `…/update_user`, `…/delete_user` | [`CreateUser`], [`UpdateUser`], [`DeleteUser`] |
//! | | `change_contact/create_party`, `…/update_party`, `…/delete_party` | [`CreateParty`], [`UpdateParty`], [`DeleteParty`] |
//! | | `change_contact/update_tag` | [`UpdateTag`] |
//! | [`BatchJobResult`] | `batch_job_result` | [`BatchJobResult`] |
//! | [`UnknownEvent`] | whatever else | [`UnknownEvent`] |
//!
//! One struct serves both flavours of an event: the self-built app's (`Event=…`) and the third-party suite's
//! (`InfoType=…`). What differs stands in the [`Header`] and the [`Origin`].
//!
//! Three rules hold everywhere:
//!
//! - **Absent is not empty.** `None` means "not sent", which in an update means "unchanged"; `Some([])` and `Some("")` mean
//!   that it was sent and is empty. Only the ids without which an event is of no use are not `Option`.
//! - **Nothing unknown is an error.** An event, change type, job type, code or element that this crate does not know arrives
//!   as `Unknown`, `Other`, or in [`Callback::get`](crate::Callback::get).
//! - **One bad field spoils nothing else.** A text that does not fit its field makes it `None` and is named by
//!   [`Callback::misfits`](crate::Callback::misfits); only an unreadable id makes the event `Unknown`.

mod batch_job;
mod contact;
mod header;
mod kind;
mod parse;
mod sum;
mod unknown;

pub use batch_job::{BatchJobResult, JobType};
pub use contact::{
    ContactEvent, CreateParty, CreateUser, DeleteParty, DeleteUser, ExtAttr, ExtAttrItem,
    ExtAttrText, ExtAttrType, ExtAttrWeb, Gender, UpdateParty, UpdateTag, UpdateUser, UserStatus,
};
pub use header::{Header, Origin, SuiteOrigin};
pub use kind::EventKind;
pub use parse::{Parsed, parse};
pub use sum::Event;
pub use unknown::UnknownEvent;
