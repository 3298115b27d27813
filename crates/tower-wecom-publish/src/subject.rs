//! The `subject` of a message: what the callback is about.

use tower_wecom::{Callback, ContactEvent, Event};

/// The id of the user, party or job, if the kind has one.
pub(crate) fn of(callback: &Callback) -> Option<String> {
    // Of an element that is there twice, one may come from a text that was not escaped.
    let get = |path| {
        let is_misfit = callback.misfits().iter().any(|misfit| misfit == path);
        callback.get(path).filter(|_| !is_misfit)
    };
    let found = match callback.event() {
        Event::BatchJob(_) => get("BatchJob/JobId").or(get("JobId")),
        Event::Contact(
            ContactEvent::CreateParty(_)
            | ContactEvent::UpdateParty(_)
            | ContactEvent::DeleteParty(_),
        ) => get("Id"),
        _ => get("UserID").or_else(|| sender(callback)),
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

/// The beginning of a text, of this many bytes at most.
pub(crate) fn cut(text: &str, at_most: usize) -> &str {
    let ends = (0..=text.len().min(at_most)).rev();
    let mut found = ends.filter_map(|end| text.get(..end));
    found.next().unwrap_or_default()
}
