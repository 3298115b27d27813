//! The code of the guides, compiled as doctests in both languages. The tests run the programs.

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/directory.md")]
struct Directory;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/zh/guides/directory.md")]
struct DirectoryInChinese;
