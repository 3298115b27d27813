//! The code of the README, compiled as a doctest.

#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
struct English;
