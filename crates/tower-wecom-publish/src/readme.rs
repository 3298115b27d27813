//! The code of the README in both languages, compiled as doctests.

#[cfg(all(doctest, feature = "rabbitmq"))]
#[doc = include_str!("../README.md")]
struct English;

#[cfg(all(doctest, feature = "rabbitmq"))]
#[doc = include_str!("../README.zh-CN.md")]
struct Chinese;
