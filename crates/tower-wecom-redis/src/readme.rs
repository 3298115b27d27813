//! The code of the Chinese README, compiled as doctests. The English one is the crate's front page.

#[cfg(doctest)]
#[doc = include_str!("../README.zh-CN.md")]
struct Chinese;
