//! Finds the parts of a decrypted text without a branch on its content.
//!
//! A peer that knows the Token but not the key can have any ciphertext opened. If the peer learned
//! whether the padding or the frame is invalid, even from the time of the response, it could
//! decrypt captured messages and encrypt its own (Vaudenay 2002, Rizzo and Duong 2010). So all
//! parts are checked, even if an earlier one is invalid, and the fault stays a number until the
//! reason is requested. `.ci/timing` measures this.

use std::fmt;

use bytes::Bytes;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};

use super::error::OpenError;

/// WeCom pads to this many bytes, twice the block of AES.
pub(super) const BLOCK: usize = 32;
pub(super) const PREFIX: usize = 16;
/// The end of the random bytes before a reply of ours. WeCom's requests have it by chance once in
/// 2^48, and the ten bytes before it are enough that equal replies have different ciphertexts.
pub(super) const REPLY_MARK: [u8; 6] = [0xe5, 0x9b, 0x9e, 0x00, 0xff, 0x8d];
const LENGTH: usize = 4;
/// The position of the message in the frame.
pub(super) const HEAD: usize = PREFIX + LENGTH;
/// How many bytes a receive id of 64 bytes and its padding need.
pub(crate) const TAIL: usize = 64 + BLOCK;

/// The content of a ciphertext. Both parts share the decrypted buffer.
#[derive(Clone)]
#[non_exhaustive]
pub struct Frame {
    /// The message, byte for byte.
    pub message: Bytes,
    /// The receive id, byte for byte: that of a corp or of a suite, or empty.
    pub receive_id: Bytes,
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("message", &self.message.len())
            .finish_non_exhaustive()
    }
}

/// A decrypted text, and the positions of its parts if it is valid.
pub(crate) struct Plaintext {
    buffer: Bytes,
    is_padded: Choice,
    adds_up: Choice,
    /// The start and the end of the receive id. If the text is invalid, both are still inside the
    /// buffer.
    start: usize,
    end: usize,
}

/// The fault of a plaintext.
#[derive(Clone, Copy)]
pub(crate) struct Fault(u8);

const NONE: u8 = 0;
const PADDING: u8 = 1;
const FRAME: u8 = 2;
const RECEIVE_ID: u8 = 3;

impl Fault {
    pub(crate) const RECEIVE_ID: Self = Self(RECEIVE_ID);

    /// How many checks passed before this fault: 2, 3 or 4. Those of the signature and of the
    /// ciphertext are the first two.
    pub(crate) const fn checks_passed(self) -> u8 {
        self.0.wrapping_add(1)
    }

    /// Returns the argument for this fault.
    pub(crate) fn pick<T>(self, padding: T, length: T, receive_id: T) -> T {
        match self.0 {
            PADDING => padding,
            FRAME => length,
            _ => receive_id,
        }
    }
}

impl Plaintext {
    /// `None` if the length is not a positive multiple of 32 bytes.
    pub(crate) fn new(buffer: Vec<u8>) -> Option<Self> {
        let (is_padded, pad) = padding(buffer.last_chunk::<BLOCK>()?);
        let [.., a, b, c, d] = *buffer.first_chunk::<HEAD>()?;
        let end = u64::try_from(buffer.len()).ok()?.wrapping_sub(pad.into());
        let start = u64::from(u32::from_be_bytes([a, b, c, d]));
        let start = start.wrapping_add(u64::try_from(HEAD).ok()?);
        let adds_up = !start.ct_gt(&end);
        let start = u64::conditional_select(&end, &start, adds_up);
        Some(Self {
            buffer: buffer.into(),
            is_padded,
            adds_up,
            start: start.try_into().ok()?,
            end: end.try_into().ok()?,
        })
    }

    /// Whether the receive id is `id`. The time depends on the lengths of `id` and of the buffer,
    /// which are not secret.
    pub(crate) fn is_for(&self, id: &[u8]) -> Choice {
        // `id` can be longer than all bytes before the end. Then the first bytes are compared, and
        // the positions differ.
        let start = self.end.saturating_sub(id.len());
        let end = start.wrapping_add(id.len());
        match self.buffer.get(start..end) {
            Some(place) => place.ct_eq(id) & start.ct_eq(&self.start) & end.ct_eq(&self.end),
            // It is longer than the buffer.
            None => Choice::from(0),
        }
    }

    pub(crate) fn has_receive_id(&self) -> Choice {
        !self.start.ct_eq(&self.end)
    }

    /// Whether it has the mark of a reply. Ask only if the frame is valid: the time depends on it.
    pub(crate) fn is_reply(&self) -> bool {
        let prefix = self.buffer.first_chunk::<PREFIX>();
        prefix.is_some_and(|prefix| prefix.ends_with(&REPLY_MARK))
    }

    /// The frame, if padding and length are valid and the receive id is allowed.
    pub(crate) fn frame(&self, is_allowed: Choice) -> Result<Frame, Fault> {
        let fault = u8::conditional_select(&RECEIVE_ID, &NONE, is_allowed);
        let fault = u8::conditional_select(&FRAME, &fault, self.adds_up);
        let fault = u8::conditional_select(&PADDING, &fault, self.is_padded);
        if fault != NONE {
            return Err(Fault(fault));
        }
        Ok(Frame {
            message: self.buffer.slice(HEAD..self.start),
            receive_id: self.buffer.slice(self.start..self.end),
        })
    }

    pub(super) fn any_frame(&self) -> Result<Frame, OpenError> {
        let any = Choice::from(1);
        self.frame(any)
            .map_err(|fault| fault.pick(OpenError::Padding, OpenError::Length, OpenError::Length))
    }

    /// The last bytes, and the position of the receive id in them.
    pub(crate) fn tail(&self) -> Tail {
        let mut bytes = [0; TAIL];
        let from = self.buffer.len().saturating_sub(TAIL);
        for (to, byte) in bytes.iter_mut().zip(self.buffer.iter().skip(from)) {
            *to = *byte;
        }
        Tail {
            bytes,
            start: self.start.wrapping_sub(from),
            end: self.end.wrapping_sub(from),
            is_right: self.is_padded & self.adds_up,
        }
    }
}

/// The end of a plaintext.
pub(crate) struct Tail {
    pub(crate) bytes: [u8; TAIL],
    /// The start of the receive id. Larger than `end` if it is before these bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether padding and length are valid. If not, the bytes can be any part of the message.
    pub(crate) is_right: Choice,
}

#[cfg(test)]
impl Plaintext {
    /// A valid plaintext with this receive id.
    pub(crate) fn of_receive_id(id: &[u8]) -> Self {
        let mut buffer = vec![0; HEAD];
        buffer.extend_from_slice(id);
        let pad = BLOCK - buffer.len() % BLOCK;
        buffer.resize(buffer.len() + pad, u8::try_from(pad).unwrap());
        Self::new(buffer).unwrap()
    }
}

/// Whether the last block ends in a valid padding, and the length of the padding. If the padding is
/// invalid, the length is a number from 1 to 32 without a meaning. All bytes are read, whatever
/// their values are.
pub(super) fn padding(block: &[u8; BLOCK]) -> (Choice, u8) {
    let [.., last] = *block;
    let pad = usize::from(last);
    // 0 wraps around and is larger than the block.
    let mut wrong = u8::from(pad.wrapping_sub(1) >= BLOCK);
    for (from_the_end, byte) in block.iter().rev().enumerate() {
        wrong |= u8::from(from_the_end < pad) & u8::from(*byte != last);
    }
    let from_1_to_32 = (last.wrapping_sub(1) & 31).wrapping_add(1);
    (!Choice::from(wrong), from_1_to_32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_that_one_and_none_that_ends_or_begins_alike() {
        let plaintext = Plaintext::of_receive_id(b"ww12");
        for (id, is_it) in [("ww12", 1), ("w12", 0), ("", 0), ("xww12", 0), ("ww13", 0)] {
            assert_eq!(plaintext.is_for(id.as_bytes()).unwrap_u8(), is_it, "{id}");
        }
        // Longer than the part before the padding, and longer than the whole text.
        for length in [25, 32, 33, 1_000] {
            let long = "w".repeat(length);
            assert_eq!(plaintext.is_for(long.as_bytes()).unwrap_u8(), 0, "{length}");
        }
        assert_eq!(Plaintext::of_receive_id(b"").is_for(b"").unwrap_u8(), 1);
    }

    #[test]
    fn the_tail_is_right_if_padding_and_length_both_are() {
        let right = |mutate: fn(&mut [u8])| {
            let mut buffer = Plaintext::of_receive_id(b"ww12").buffer.to_vec();
            mutate(&mut buffer);
            Plaintext::new(buffer).unwrap().tail().is_right.unwrap_u8()
        };
        assert_eq!(right(|_| {}), 1);
        // A byte of the padding is wrong; the length is too large; both.
        assert_eq!(right(|buffer| buffer[30] ^= 1), 0);
        assert_eq!(right(|buffer| buffer[PREFIX] = 1), 0);
        assert_eq!(
            right(|buffer| {
                buffer[30] ^= 1;
                buffer[PREFIX] = 1;
            }),
            0
        );
    }
}
