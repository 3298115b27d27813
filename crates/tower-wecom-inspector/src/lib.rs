#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
mod body;
mod copy;
mod entry;
mod error;
mod events;
mod guard;
mod inspector;
mod key;
mod layer;
mod page;
mod readme;
mod recording;
mod ring;
mod samples;
mod send;
mod service;
mod shared;
mod show;

pub use body::InspectorBody;
pub use error::InspectorError;
pub use inspector::Inspector;
pub use layer::InspectorLayer;
pub use service::InspectorService;
