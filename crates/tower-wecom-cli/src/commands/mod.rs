//! One file or folder for each command, and what they share.

pub(crate) mod aibot;
pub(crate) mod completions;
pub(crate) mod conform;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod keygen;
pub(crate) mod open;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod samples;
pub(crate) mod seal;
pub(crate) mod trigger;
pub(crate) mod verify_url;

mod aibot_order;
mod load;
mod paths;
mod printer;
mod recorder;
mod shared;
