//! Which callbacks lose nothing when they are handled later.

use memchr::memmem;

use super::callback::Callback;
use crate::event::{Event, EventKind, MembershipEvent};

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

/// Whether a callback can be acknowledged first and handled later, from a store or a broker.
///
/// The others are to be handled while WeCom waits:
///
/// - what may be answered: messages, menus, cards, AI bots, devices, and members that enter an app,
///   subscribe to it or send their location
/// - what contains a short-lived credential: `WelcomeCode` (20 seconds), `AuthCode` (10 minutes),
///   the `Token` of customer service and of the zone for chats (10 minutes), `NotifyId` of
///   `program_notify` (10 minutes), `ChatKey` (30 minutes), `SuiteTicket` (30 minutes, and an old
///   one must not replace a new one), the `AccessToken` of `register_corp`. A callback of such a
///   kind without the credential can wait. So can a payload that is neither readable XML nor
///   readable JSON, unless one of these names is in it
///
/// Everything else can wait, unknown kinds included.
///
/// ```
/// use tower_wecom::protocol;
///
/// let left = "<xml><Event>change_contact</Event><ChangeType>delete_user</ChangeType>\
///             <UserID>lin</UserID></xml>";
/// assert!(protocol::can_wait(&protocol::restore(left.into(), "ww1a2b3c", None, 0)));
/// let ticket = "<xml><InfoType>suite_ticket</InfoType><SuiteTicket>a</SuiteTicket></xml>";
/// assert!(!protocol::can_wait(&protocol::restore(ticket.into(), "ww1a2b3c", None, 0)));
/// ```
#[must_use]
pub fn can_wait(callback: &Callback) -> bool {
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
    if callback.unreadable().is_some() {
        return SHORT_LIVED.iter().any(|path| contains(callback, path));
    }
    let is_there = |path: &&str| callback.get(path).is_some_and(|text| !text.is_empty());
    callback.kind() == EventKind::PROGRAM_NOTIFY || SHORT_LIVED.iter().any(is_there)
}

/// Whether the last name of a path is anywhere in the payload.
fn contains(callback: &Callback, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let has = |text: String| memmem::find(callback.payload(), text.as_bytes()).is_some();
    has(format!("<{name}")) || has(format!("\"{name}\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::restore;

    #[test]
    fn a_credential_in_a_payload_that_cannot_be_read_does_not_wait() {
        let rows = [
            (
                "<xml><InfoType>suite_ticket</InfoType><SuiteTicket>a</xml>",
                false,
            ),
            ("<xml><SuiteTicket a='b'>a</xml>", false),
            ("{\"WelcomeCode\": \"a\"", false),
            ("<xml><ContactSync><AccessToken>a</xml>", false),
            ("<xml><UserID>Token</xml>", true),
            ("<xml><UserID>lin</xml>", true),
        ];
        for (payload, can) in rows {
            let callback = restore(payload.into(), "ww1a2b3c", None, 0);
            assert!(callback.unreadable().is_some(), "{payload}");
            assert_eq!(can_wait(&callback), can, "{payload}");
        }
    }
}
