use std::fmt;

use subtle::{Choice, ConditionallySelectable};

use crate::crypto::{Plaintext, TAIL};

/// The longest id from a peer that is shown, in characters.
const SHOWN: usize = 64;

/// What was seen while a request was rejected, for an operator who looks for the cause.
///
/// No detail is a secret: it contains no Token, key or signature, and nothing of a payload.
/// [`Display`](fmt::Display) explains it in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// The timestamp of the request is this many seconds behind our clock, or ahead of it if
    /// negative. Present only if that is longer than WeCom takes to deliver. Unless the signature
    /// is right, the peer may have invented the timestamp.
    Age(i64),
    /// This many bytes of the body were read.
    BodySize(usize),
    /// The ciphertext has this many characters of base64.
    CiphertextLength(usize),
    /// The layer accepts bodies of at most this many bytes.
    Limit(usize),
    /// This parameter contains a `%` after it was decoded: a proxy in front of us encodes the URL
    /// again.
    EncodedTwice(&'static str),
    /// The envelope names this corp or suite, and this app. The names are **not signed**. They are
    /// a hint whose callback it may be.
    EnvelopeNames {
        /// `ToUserName`.
        to_user_name: SeenId,
        /// `AgentID`.
        agent_id: SeenId,
    },
    /// The signature was made with this pair of Token and EncodingAESKey: 0 is the current pair,
    /// others are [previous](crate::Config::previous) ones. So the Token is right. If the
    /// ciphertext does not open, the key belongs to another app or was replaced.
    FitsPair(usize),
    /// This many configurations were not tried, because the limit of bytes to hash for one request
    /// was reached.
    NotTried(usize),
    /// This many pairs of Token and EncodingAESKey were tried, and the signature fits none of them.
    PairsTried(usize),
    /// The decrypted receive id. It is known only because signature and key were right.
    ReceiveId(SeenId),
    /// This parameter or element contains a space where a `+` belongs: a proxy in front of us
    /// decodes the URL or the body as a form.
    SpaceForPlus(&'static str),
    /// The tenant whose Token made the signature.
    Tenant(String),
}

impl Detail {
    pub(crate) fn envelope(to_user_name: Option<&str>, agent_id: Option<&str>) -> Self {
        let seen = |id: Option<&str>| SeenId::new(id.unwrap_or_default().as_bytes());
        Self::EnvelopeNames {
            to_user_name: seen(to_user_name),
            agent_id: seen(agent_id),
        }
    }
}

/// An id that a peer sent. A text that does not look like an id is not kept, because it may be
/// anything, such as a part of a message.
#[derive(Clone)]
pub struct SeenId {
    /// All zeros except the id itself. All zeros if the id is not kept.
    bytes: [u8; TAIL],
    start: usize,
    end: usize,
}

impl SeenId {
    fn new(id: &[u8]) -> Self {
        let mut bytes = [0; TAIL];
        for (to, byte) in bytes.iter_mut().zip(id) {
            *to = *byte;
        }
        Self::kept(bytes, 0, id.len(), Choice::from(1))
    }

    /// The receive id, if nothing else was wrong.
    pub(crate) fn of(plaintext: &Plaintext) -> Self {
        let tail = plaintext.tail();
        Self::kept(tail.bytes, tail.start, tail.end, tail.is_right)
    }

    /// Works without a branch: the time must not reveal what a stranger's ciphertext decrypts to.
    fn kept(mut bytes: [u8; TAIL], start: usize, end: usize, is_right: Choice) -> Self {
        let mut is_id = u8::from(end.wrapping_sub(start) <= SHOWN);
        for (place, byte) in bytes.iter_mut().enumerate() {
            let is_inside = u8::from(place >= start) & u8::from(place < end);
            *byte &= is_inside.wrapping_neg();
            let is_shown = u8::from(byte.is_ascii_alphanumeric())
                | u8::from(*byte == b'_')
                | u8::from(*byte == b'-');
            is_id &= is_shown | (is_inside ^ 1);
        }
        let is_kept = Choice::from(is_id) & is_right;
        for byte in &mut bytes {
            *byte = u8::conditional_select(&0, byte, is_kept);
        }
        Self { bytes, start, end }
    }

    /// The id, which may be empty. `None` if the text did not look like an id.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if self.len() > SHOWN {
            return None;
        }
        let id = str::from_utf8(self.bytes.get(self.start..self.end)?).ok()?;
        (!id.contains('\0')).then_some(id)
    }

    /// In bytes.
    fn len(&self) -> usize {
        self.end.wrapping_sub(self.start)
    }
}

impl PartialEq for SeenId {
    fn eq(&self, other: &Self) -> bool {
        (self.as_str(), self.len()) == (other.as_str(), other.len())
    }
}

impl Eq for SeenId {}

impl fmt::Debug for SeenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            Some(id) => f.debug_tuple("SeenId").field(&id).finish(),
            None => f.debug_tuple("SeenId").field(&self.len()).finish(),
        }
    }
}

/// The id as if it had been seen in a request.
impl From<&str> for SeenId {
    fn from(id: &str) -> Self {
        Self::new(id.as_bytes())
    }
}

impl fmt::Display for SeenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            Some("") => f.write_str("(empty)"),
            Some(id) => f.write_str(id),
            None => write!(f, "({} bytes that are not an id)", self.len()),
        }
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age(seconds) if *seconds < 0 => {
                let ahead = seconds.unsigned_abs();
                write!(f, "the timestamp is {ahead} seconds ahead of our clock")
            }
            Self::Age(seconds) => write!(f, "the timestamp is {seconds} seconds behind our clock"),
            Self::BodySize(bytes) => write!(f, "{bytes} bytes of the body were read"),
            Self::CiphertextLength(characters) => {
                write!(f, "the ciphertext has {characters} characters")
            }
            Self::Limit(most) => write!(f, "the limit is {most} bytes"),
            Self::EncodedTwice(place) => {
                write!(f, "a % is left in {place}: a proxy encodes it twice")
            }
            Self::FitsPair(0) => f.write_str("the signature fits the current pair"),
            Self::FitsPair(index) => write!(f, "the signature fits previous pair {index}"),
            Self::EnvelopeNames {
                to_user_name,
                agent_id,
            } => write!(f, "the envelope names {to_user_name}, app {agent_id}"),
            Self::NotTried(configs) => write!(
                f,
                "{configs} configurations were not tried: too much to hash for one request"
            ),
            Self::PairsTried(1) => f.write_str("1 pair of Token and key was tried"),
            Self::PairsTried(pairs) => write!(f, "{pairs} pairs of Token and key were tried"),
            Self::ReceiveId(id) => write!(f, "the receive id is {id}"),
            Self::SpaceForPlus(place) => write!(
                f,
                "{place} contains a space where + belongs: a proxy decodes it as a form"
            ),
            Self::Tenant(name) => write!(f, "the Token is that of {name:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receive_id_that_may_be_anything_is_not_shown() {
        let long = "w".repeat(65);
        let rows = [
            ("", "the receive id is (empty)"),
            ("ww1-a_B", "the receive id is ww1-a_B"),
            (
                "<UserID>lin",
                "the receive id is (11 bytes that are not an id)",
            ),
            ("ww1\n", "the receive id is (4 bytes that are not an id)"),
            (&long, "the receive id is (65 bytes that are not an id)"),
        ];
        for (id, shown) in rows {
            assert_eq!(Detail::ReceiveId(id.into()).to_string(), shown);
        }
        assert!(SeenId::new(b"\xff").to_string().contains("1 bytes"));
    }

    #[test]
    fn a_receive_id_is_seen_wherever_it_stands() {
        for length in 0..=SHOWN + TAIL {
            let id = "w".repeat(length);
            let seen = SeenId::of(&Plaintext::of_receive_id(id.as_bytes()));
            assert_eq!(seen, SeenId::new(id.as_bytes()), "{length}");
            assert_eq!(seen.as_str(), (length <= SHOWN).then_some(&*id));
        }
    }

    #[test]
    fn what_does_not_look_like_an_id_is_not_kept() {
        for id in ["<UserID>lin", &"w".repeat(65), "ww\0"] {
            let seen = SeenId::of(&Plaintext::of_receive_id(id.as_bytes()));
            assert_eq!((seen.as_str(), seen.bytes), (None, [0; TAIL]), "{id}");
        }
    }

    #[test]
    fn nothing_is_kept_of_a_plaintext_that_is_wrong() {
        let kept = |length: u32, pad: u8| {
            let mut buffer = vec![b'x'; 64];
            buffer[16..20].copy_from_slice(&length.to_be_bytes());
            buffer[63] = pad;
            SeenId::of(&Plaintext::new(buffer).unwrap()).bytes != [0; TAIL]
        };
        assert!(kept(20, 1));
        assert!(!kept(20, b'x') && !kept(44, 1) && !kept(u32::MAX, 1));
    }

    #[test]
    fn a_timestamp_is_behind_or_ahead() {
        assert_eq!(
            [400, -400].map(|age| Detail::Age(age).to_string()),
            [
                "the timestamp is 400 seconds behind our clock",
                "the timestamp is 400 seconds ahead of our clock"
            ]
        );
        assert!(
            Detail::Age(i64::MIN)
                .to_string()
                .contains("9223372036854775808")
        );
    }
}
