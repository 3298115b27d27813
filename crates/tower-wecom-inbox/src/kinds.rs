//! Which callbacks are stored.

use tower_wecom::event::MembershipEvent;
use tower_wecom::{Callback, Event, EventKind};

/// Elements that are useless, or worse, when they are read late.
const SHORT_LIVED: [&str; 6] = [
    // 20 seconds.
    "WelcomeCode",
    // 10 minutes, and once.
    "AuthCode",
    // 10 minutes: customer service, and the zone for chats.
    "Token",
    // 30 minutes.
    "ChatKey",
    "SuiteTicket",
    // A corp's whole address book, for as long as it is being registered.
    "ContactSync/AccessToken",
];

/// Whether the inbox stores a callback, unless
/// [`InboxLayer::store_if`](crate::InboxLayer::store_if) decides otherwise.
///
/// Passed on, to be handled at once, are
///
/// - what may be answered: messages, menus, cards, AI bots, devices, and members that enter an app,
///   subscribe to it or send their location
/// - what contains a short-lived credential: `WelcomeCode` (20 seconds), `AuthCode` (10 minutes),
///   the `Token` of customer service and of the zone for chats (10 minutes), `NotifyId` of
///   `program_notify` (10 minutes), `ChatKey` (30 minutes), `SuiteTicket` (30 minutes, and an old
///   one must not replace a new one), the `AccessToken` of `register_corp`. A callback of such a
///   kind without the credential is stored.
///
/// Everything else is stored, unknown kinds included.
#[must_use]
pub fn is_stored_by_default(callback: &Callback) -> bool {
    !may_be_answered(callback.event()) && !is_short_lived(callback)
}

fn may_be_answered(event: &Event) -> bool {
    match event {
        Event::Message(_)
        | Event::Menu(_)
        | Event::TemplateCard(_)
        | Event::Bot(_)
        | Event::GroupBot(_)
        | Event::Hardware(_) => true,
        Event::Membership(event) => !matches!(event, MembershipEvent::Unsubscribe(_)),
        _ => false,
    }
}

fn is_short_lived(callback: &Callback) -> bool {
    let is_there = |path: &&str| callback.get(path).is_some_and(|text| !text.is_empty());
    callback.kind() == EventKind::PROGRAM_NOTIFY || SHORT_LIVED.iter().any(is_there)
}
