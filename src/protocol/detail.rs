use std::fmt;

use subtle::{Choice, ConditionallySelectable};

use crate::crypto::{Plaintext, TAIL};

/// How many characters of an id are shown that a peer has sent.
const SHOWN: usize = 64;

/// Something that was seen while a request was refused, for whoever has to find out why.
///
/// None is a secret: no Token, no key, no signature and nothing of a payload. [`Display`](fmt::Display) says it in plain
/// words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// The request's timestamp is this many seconds behind our clock, or ahead of it if negative, and this is more than WeCom
    /// takes to deliver. Without a right signature it is what the peer says.
    Age(i64),
    /// So many bytes of the body were read.
    BodySize(usize),
    /// The ciphertext, in base64, has this many characters.
    CiphertextLength(usize),
    /// The layer takes a body of so many bytes and no longer one.
    Limit(usize),
    /// A `%` is left in this parameter after it was decoded: something before us encodes the URL once more.
    EncodedTwice(&'static str),
    /// The envelope names this corp or suite, and this app. **Nobody has signed that**; it tells whose callback it may be.
    EnvelopeNames {
        /// `ToUserName`.
        to_user_name: SeenId,
        /// `AgentID`.
        agent_id: SeenId,
    },
    /// The signature is that of this pair of Token and EncodingAESKey: 0 is the current one, others are
    /// [previous](crate::Config::previous) ones. So the Token is right; if the ciphertext does not open, the key is that of
    /// another app or of another time.
    FitsPair(usize),
    /// So many configurations were not tried: what had been hashed for the others was enough for one request.
    NotTried(usize),
    /// So many pairs of Token and EncodingAESKey were tried, and the signature is of none of them.
    PairsTried(usize),
    /// The decrypted receive id, which is known only because signature and key were right.
    ReceiveId(SeenId),
    /// A space stands in this parameter or element where `+` belongs: something before us reads the URL or the body as a form.
    SpaceForPlus(&'static str),
    /// The tenant whose Token has made the signature.
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

/// An id that a peer has sent. What does not look like an id may be anything, a piece of a message too, and is not kept.
#[derive(Clone)]
pub struct SeenId {
    /// Nothing but zeros beside the id, or if it is not kept.
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

    /// The receive id, if nothing but that was wrong.
    pub(crate) fn of(plaintext: &Plaintext) -> Self {
        let tail = plaintext.tail();
        Self::kept(tail.bytes, tail.start, tail.end, tail.is_right)
    }

    /// Without a branch: the time must not tell what a stranger's ciphertext decrypts to.
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

    /// The id, which may be empty; nothing if it did not look like one.
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

/// As it would be seen in a request.
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
            None => write!(f, "({} bytes that are no id)", self.len()),
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
                "a space stands in {place} where + belongs: a proxy reads it as a form"
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
            ("<UserID>lin", "the receive id is (11 bytes that are no id)"),
            ("ww1\n", "the receive id is (4 bytes that are no id)"),
            (&long, "the receive id is (65 bytes that are no id)"),
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
