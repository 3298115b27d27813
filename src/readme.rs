//! The code of both READMEs, compiled and run as doctests.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct English;

#[cfg(doctest)]
#[doc = include_str!("../README.zh-CN.md")]
struct Chinese;
