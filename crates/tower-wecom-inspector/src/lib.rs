#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod copy;
mod desk;
mod entry;
mod error;
mod events;
mod guard;
mod inspector;
mod layer;
mod page;
mod ring;
mod samples;
mod send;
mod service;
mod shared;
mod show;
mod watched;

pub use body::InspectorBody;
pub use error::InspectorError;
pub use inspector::Inspector;
pub use layer::InspectorLayer;
pub use service::InspectorService;
