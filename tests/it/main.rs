//! Tests of the whole crate through its public API, as a user would write them.

// clippy.toml allows these in `#[test]` functions only, not in the helpers beside them.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    unreachable_pub
)]

mod support;

mod answers;
mod attacks;
mod bodies;
mod catalogue;
mod chinese_names;
mod contract;
mod deadline;
mod dedup;
mod edge;
mod events_page;
mod examples;
mod families;
mod globs;
mod group_bots;
mod kept_connections;
mod live;
mod operations_page;
mod order;
mod paths;
mod payloads;
mod probe;
mod properties;
mod receive;
mod receive_ids;
mod rejections;
mod replies;
mod replies_catalogue;
mod replies_fitted;
mod replies_limits;
mod replies_table;
mod replies_unfit;
mod restored;
mod router;
mod samples;
mod sealed_parts;
mod settings;
mod shown;
mod spans;
mod stacks;
mod tenants;
mod tenants_of_bots;
mod tickets;
mod trace;
mod unescaped;
mod vectors;
