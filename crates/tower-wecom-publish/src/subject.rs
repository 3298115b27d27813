//! The `subject` of a message: what the callback is about.

use tower_wecom::{Callback, ContactEvent, Event};

/// The id of the user, party or job, if the kind has one.
pub(crate) fn of(callback: &Callback) -> Option<String> {
    let found = match callback.event() {
        Event::BatchJob(_) => callback.get("BatchJob/JobId").or(callback.get("JobId")),
        Event::Contact(
            ContactEvent::CreateParty(_)
            | ContactEvent::UpdateParty(_)
            | ContactEvent::DeleteParty(_),
        ) => callback.get("Id"),
        _ => callback.get("UserID").or_else(|| sender(callback)),
    };
    let found = found.filter(|text| !text.is_empty())?;
    Some(without_control(found))
}

/// The member that caused it. `sys` is no member.
fn sender(callback: &Callback) -> Option<&str> {
    let from = callback.header().from.as_deref();
    from.filter(|from| *from != "sys")
}

/// CloudEvents allows no control characters in a text.
pub(crate) fn without_control(text: &str) -> String {
    text.chars()
        .map(|char| if char.is_control() { '_' } else { char })
        .collect()
}
