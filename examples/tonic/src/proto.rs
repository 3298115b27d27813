//! The code that `build.rs` generates from `proto/contacts.proto`.

#![allow(
    missing_docs,
    unused_qualifications,
    clippy::as_conversions,
    clippy::exhaustive_enums,
    clippy::missing_errors_doc,
    reason = "generated"
)]

tonic::include_proto!("contacts.v1");
