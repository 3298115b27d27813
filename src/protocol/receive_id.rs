//! The id that a callback must be encrypted for.

use std::fmt;

use subtle::Choice;

use crate::crypto::Plaintext;

/// The id that a callback must be encrypted for.
///
/// WeCom puts it at the end of each encrypted message. Document 90968 lists the ids:
///
/// | callback | receive id |
/// |---|---|
/// | own app | the corp id |
/// | notice to a suite | the suite id |
/// | data URL of a suite | the id of the corp that has authorised the suite |
/// | AI bot, suite of an individual | empty |
///
/// It is compared byte for byte and in constant time.
///
/// ```
/// use tower_wecom::ReceiveId;
///
/// let one_corp = ReceiveId::exact("ww1a2b3c");
/// let two_corps = ReceiveId::any_of(["ww1a2b3c", "ww4d5e6f"]);
/// let bot = ReceiveId::empty();
/// # let _ = (one_corp, two_corps, bot);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiveId(Policy);

#[derive(Clone, PartialEq, Eq)]
enum Policy {
    OneOf(Vec<String>),
    NotEmpty,
    Any,
}

impl ReceiveId {
    /// Accepts this id only.
    #[must_use]
    pub fn exact(id: impl Into<String>) -> Self {
        Self::any_of([id])
    }

    /// Accepts each of these ids.
    #[must_use]
    pub fn any_of(ids: impl IntoIterator<Item: Into<String>>) -> Self {
        Self(Policy::OneOf(ids.into_iter().map(Into::into).collect()))
    }

    /// Accepts the empty id only, which AI bots and suites of an individual have.
    #[must_use]
    pub fn empty() -> Self {
        Self::exact("")
    }

    /// Accepts any id that is not empty. For suites: their credentials are the suite's own and
    /// serve all corps, including the corps that WeCom uses to review a suite for its store.
    ///
    /// Never use it for a Token and key that the administrator of one corp knows: they could write
    /// callbacks in the name of any other corp.
    #[must_use]
    pub const fn any_corp() -> Self {
        Self(Policy::NotEmpty)
    }

    /// Accepts any id that is UTF-8, also the empty one. A peer that knows the Token and key of
    /// *another* receiver with the same credentials can then send anything.
    #[must_use]
    pub const fn dangerous_any() -> Self {
        Self(Policy::Any)
    }

    /// Whether it accepts the empty id.
    pub(crate) fn allows_empty(&self) -> bool {
        match &self.0 {
            Policy::OneOf(ids) => ids.iter().any(String::is_empty),
            Policy::NotEmpty => false,
            Policy::Any => true,
        }
    }

    pub(crate) fn allows(&self, plaintext: &Plaintext) -> Choice {
        match &self.0 {
            Policy::Any => Choice::from(1),
            Policy::NotEmpty => plaintext.has_receive_id(),
            // All ids are compared, so that the time does not reveal which one matched.
            Policy::OneOf(ids) => ids.iter().fold(Choice::from(0), |found, allowed| {
                found | plaintext.is_for(allowed.as_bytes())
            }),
        }
    }

    /// The ids that are accepted. `*` is any id.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        let (ids, any) = match &self.0 {
            Policy::OneOf(ids) => (&**ids, None),
            Policy::NotEmpty | Policy::Any => (&[][..], Some("*")),
        };
        ids.iter().map(String::as_str).chain(any)
    }

    /// An id that is accepted, for the platform in `test_util`.
    #[cfg(feature = "test-util")]
    pub(crate) fn example(&self) -> &str {
        match &self.0 {
            Policy::OneOf(ids) => ids.first().map_or("", String::as_str),
            Policy::NotEmpty | Policy::Any => "ww0000000000000000",
        }
    }
}

impl fmt::Debug for ReceiveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Policy::OneOf(ids) => f.debug_tuple("ReceiveId").field(ids).finish(),
            Policy::NotEmpty => f.write_str("ReceiveId(not empty)"),
            Policy::Any => f.write_str("ReceiveId(any)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(policy: &ReceiveId, id: &str) -> bool {
        policy
            .allows(&Plaintext::of_receive_id(id.as_bytes()))
            .into()
    }

    #[test]
    fn receive_ids_are_compared_byte_for_byte() {
        let exact = ReceiveId::exact("ww1");
        for wrong in ["", "ww", "ww11", "WW1", " ww1", "ww1 ", "ww1\0"] {
            assert!(!allows(&exact, wrong), "{wrong:?}");
        }
        assert!(allows(&exact, "ww1"));
    }

    #[test]
    fn each_policy_allows_what_its_name_says() {
        let rows = [
            (ReceiveId::any_of(["a", "b"]), [false, true, true, false]),
            (
                ReceiveId::any_of(Vec::<String>::new()),
                [false, false, false, false],
            ),
            (ReceiveId::empty(), [true, false, false, false]),
            (ReceiveId::any_corp(), [false, true, true, true]),
            (ReceiveId::dangerous_any(), [true, true, true, true]),
        ];
        for (policy, expected) in rows {
            let allowed = ["", "a", "b", "c"].map(|id| allows(&policy, id));
            assert_eq!(allowed, expected, "{policy:?}");
            assert_eq!(policy.allows_empty(), expected[0], "{policy:?}");
        }
        assert!(allows(&ReceiveId::any_of(["a", "b", "a"]), "a"));
    }
}
