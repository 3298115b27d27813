//! One file for each command.

mod completions;
mod conform;
mod doctor;
mod explain;
mod keygen;
mod load;
mod open;
mod probes;
mod record;
mod recorder;
mod replay;
mod run;
mod samples;
mod seal;
mod shared;
mod suspects;
mod trigger;
mod verify_url;

pub(crate) use completions::CompletionsArgs;
pub(crate) use conform::ConformArgs;
pub(crate) use doctor::DoctorArgs;
pub(crate) use explain::ExplainArgs;
pub(crate) use keygen::KeygenArgs;
pub(crate) use open::OpenArgs;
pub(crate) use record::RecordArgs;
pub(crate) use replay::ReplayArgs;
pub(crate) use run::run;
pub(crate) use samples::SamplesArgs;
pub(crate) use seal::SealArgs;
pub(crate) use trigger::TriggerArgs;
pub(crate) use verify_url::VerifyUrlArgs;
