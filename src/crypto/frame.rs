//! What stands in a decrypted text, found without a branch on it.
//!
//! Whoever knows the Token and not the key may have any ciphertext opened. If he learned whether padding or frame was
//! wrong, be it by the time that it takes, he could read what he has captured and write what he likes (Vaudenay 2002,
//! Rizzo and Duong 2010). So everything is looked at, whatever was wrong before, and what was wrong stays a number until
//! somebody asks. `.ci/timing` measures it.

use std::fmt;

use bytes::Bytes;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};

use super::error::OpenError;

/// WeCom pads to this many bytes, twice the block of AES.
pub(super) const BLOCK: usize = 32;
pub(super) const PREFIX: usize = 16;
const LENGTH: usize = 4;
/// Where the message begins in the frame.
pub(super) const HEAD: usize = PREFIX + LENGTH;
/// A receive id of 64 bytes and its padding stand in so many.
pub(crate) const TAIL: usize = 64 + BLOCK;

/// What was inside a ciphertext. Both parts share the buffer that was decrypted.
#[derive(Clone)]
#[non_exhaustive]
pub struct Frame {
    /// The message, byte for byte.
    pub message: Bytes,
    /// The receive id, byte for byte: a corp's, a suite's, or nothing.
    pub receive_id: Bytes,
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("message", &self.message.len())
            .finish_non_exhaustive()
    }
}

/// A decrypted text and where its parts are, if it is right.
pub(crate) struct Plaintext {
    buffer: Bytes,
    is_padded: Choice,
    adds_up: Choice,
    /// Where the receive id begins, and where it ends. Somewhere inside the buffer if something is wrong.
    start: usize,
    end: usize,
}

/// What is wrong with a plaintext.
#[derive(Clone, Copy)]
pub(crate) struct Fault(u8);

const NONE: u8 = 0;
const PADDING: u8 = 1;
const FRAME: u8 = 2;
const RECEIVE_ID: u8 = 3;

impl Fault {
    pub(crate) const RECEIVE_ID: Self = Self(RECEIVE_ID);

    /// 2, 3 or 4: signature and ciphertext were right in any case.
    pub(crate) const fn checks_passed(self) -> u8 {
        self.0.wrapping_add(1)
    }

    /// The one of three that belongs to it.
    pub(crate) fn pick<T>(self, padding: T, length: T, receive_id: T) -> T {
        match self.0 {
            PADDING => padding,
            FRAME => length,
            _ => receive_id,
        }
    }
}

impl Plaintext {
    /// Nothing, if the text is not a positive multiple of 32 bytes.
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

    /// Whether the receive id is this one. The time depends on the lengths of this one and of the buffer, which are no secrets.
    pub(crate) fn is_for(&self, id: &[u8]) -> Choice {
        // A text of one block may end before the id would begin: then the first bytes are compared, and for nothing.
        let start = self.end.saturating_sub(id.len());
        let end = start.wrapping_add(id.len());
        match self.buffer.get(start..end) {
            Some(place) => place.ct_eq(id) & start.ct_eq(&self.start) & end.ct_eq(&self.end),
            // It is longer than all of the buffer.
            None => Choice::from(0),
        }
    }

    pub(crate) fn has_receive_id(&self) -> Choice {
        !self.start.ct_eq(&self.end)
    }

    /// The frame, if the receive id is one that is allowed.
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

    /// The last bytes, and where the receive id stands in them.
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
    /// Where the receive id begins. Beyond its end, if it begins before these bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether padding and length are right. If not, any bytes of the message may stand here.
    pub(crate) is_right: Choice,
}

#[cfg(test)]
impl Plaintext {
    /// One that is right, for this receive id.
    pub(crate) fn of_receive_id(id: &[u8]) -> Self {
        let mut buffer = vec![0; HEAD];
        buffer.extend_from_slice(id);
        let pad = BLOCK - buffer.len() % BLOCK;
        buffer.resize(buffer.len() + pad, u8::try_from(pad).unwrap());
        Self::new(buffer).unwrap()
    }
}

/// Whether the last block ends in a padding, and in how many bytes of it: some number from 1 to 32 if it does not. Looks at
/// all bytes, whatever the last of them says.
pub(super) fn padding(block: &[u8; BLOCK]) -> (Choice, u8) {
    let [.., last] = *block;
    let pad = usize::from(last);
    // 0 wraps beyond every block.
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
        // Longer than what stands before the padding, and longer than all of it.
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
        // One byte of the padding is another; the length is that of more than there is; both.
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
