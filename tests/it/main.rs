//! Tests of the whole, through the public API only, as a user would write them.

#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]
#![allow(missing_docs, unreachable_pub)]

mod support;

mod attacks;
mod catalogue;
mod contract;
mod edge;
mod examples;
mod replies;
mod stacks;
mod vectors;
