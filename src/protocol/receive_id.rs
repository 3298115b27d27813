//! For whom a callback must be.

use std::fmt;

use subtle::Choice;

use crate::crypto::Plaintext;

/// For whom a callback must be.
///
/// The *receive id* stands at the end of each decrypted frame. It is the corp id for an app of one's own, the suite id for
/// notices to a suite, the authorising corp's id on a suite's data URL, and empty for AI bots and for suites of an
/// individual (document 90968). It is compared byte for byte and in constant time.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiveId(Policy);

#[derive(Clone, PartialEq, Eq)]
enum Policy {
    OneOf(Vec<String>),
    NotEmpty,
    Any,
}

impl ReceiveId {
    /// This id and no other.
    #[must_use]
    pub fn exact(id: impl Into<String>) -> Self {
        Self::any_of([id])
    }

    /// One of these ids.
    #[must_use]
    pub fn any_of(ids: impl IntoIterator<Item: Into<String>>) -> Self {
        Self(Policy::OneOf(ids.into_iter().map(Into::into).collect()))
    }

    /// The empty id, which AI bots and suites of an individual have.
    #[must_use]
    pub fn empty() -> Self {
        Self::exact("")
    }

    /// Any id that is not empty. For suites, whose credentials are the suite's own and serve all corps, those that WeCom uses
    /// to review a suite for its store among them.
    ///
    /// Never for a pair that one corp's administrator knows: he could write callbacks in the name of any other.
    #[must_use]
    pub const fn any_corp() -> Self {
        Self(Policy::NotEmpty)
    }

    /// Any id that is UTF-8, and none. Whoever knows Token and key of *another* receiver that shares them may send what he likes.
    #[must_use]
    pub const fn dangerous_any() -> Self {
        Self(Policy::Any)
    }

    pub(crate) fn allows(&self, plaintext: &Plaintext) -> Choice {
        match &self.0 {
            Policy::Any => Choice::from(1),
            Policy::NotEmpty => plaintext.has_receive_id(),
            // All are compared, so that the time does not tell which one it was.
            Policy::OneOf(ids) => ids.iter().fold(Choice::from(0), |found, allowed| {
                found | plaintext.is_for(allowed.as_bytes())
            }),
        }
    }

    /// An id that is allowed, for the tests' platform.
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
        }
        assert!(allows(&ReceiveId::any_of(["a", "b", "a"]), "a"));
    }
}
