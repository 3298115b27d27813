//! The code of `docs/frameworks.md`. The page contains each file as it is, and a test compares
//! both. `UPDATE=1` writes the page.

pub mod actix;
pub mod handle;
pub mod lambda;
pub mod plain;
pub mod poem;
pub mod salvo;
pub mod warp;
