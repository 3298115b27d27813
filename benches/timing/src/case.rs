//! The cases, and the expected result of each.

use std::fmt;

use crate::forge::Class;
use crate::receiver::Measured;

/// Two classes of requests, and their receiver.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) classes: [Class; 2],
    pub(crate) measured: Measured,
    pub(crate) expected: Expected,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// A claim: the classes cannot be distinguished.
    Alike,
    /// A control: the classes must be distinguishable.
    ToldApart,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alike => "< 4.5",
            Self::ToldApart => "control",
        })
    }
}

const FIRST_LAST: [Class; 2] = [Class::FirstDigit, Class::LastDigit];
const PADDING_LENGTH: [Class; 2] = [Class::Padding, Class::Length];
const PADDING_RECEIVE_ID: [Class; 2] = [Class::Padding, Class::ReceiveId];
const LENGTH_RECEIVE_ID: [Class; 2] = [Class::Length, Class::ReceiveId];

pub(crate) const CASES: &[Case] = &[
    claim(
        "nothing: one class against itself",
        [Class::Padding; 2],
        Measured::Open,
    ),
    claim(
        "open: signature, first against last digit",
        FIRST_LAST,
        Measured::Open,
    ),
    claim(
        "open: padding against length",
        PADDING_LENGTH,
        Measured::Open,
    ),
    claim(
        "open: padding against receive id",
        PADDING_RECEIVE_ID,
        Measured::Open,
    ),
    claim(
        "open: length against receive id",
        LENGTH_RECEIVE_ID,
        Measured::Open,
    ),
    claim(
        "layer: signature, first against last digit",
        FIRST_LAST,
        Measured::Layer,
    ),
    claim(
        "layer: padding against length",
        PADDING_LENGTH,
        Measured::Layer,
    ),
    claim(
        "layer: padding against receive id",
        PADDING_RECEIVE_ID,
        Measured::Layer,
    ),
    claim(
        "layer: length against receive id",
        LENGTH_RECEIVE_ID,
        Measured::Layer,
    ),
    control(
        "`==`: signature, first against last digit",
        FIRST_LAST,
        Measured::Naive,
    ),
    control(
        "step by step: padding against length",
        PADDING_LENGTH,
        Measured::Naive,
    ),
    control(
        "step by step: padding against receive id",
        PADDING_RECEIVE_ID,
        Measured::Naive,
    ),
    control(
        "step by step: length against receive id",
        LENGTH_RECEIVE_ID,
        Measured::Naive,
    ),
];

const fn claim(name: &'static str, classes: [Class; 2], measured: Measured) -> Case {
    Case {
        name,
        classes,
        measured,
        expected: Expected::Alike,
    }
}

const fn control(name: &'static str, classes: [Class; 2], measured: Measured) -> Case {
    Case {
        name,
        classes,
        measured,
        expected: Expected::ToldApart,
    }
}
