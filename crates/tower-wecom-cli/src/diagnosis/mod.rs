//! What is wrong, in plain words, and what to do about it. Pure: nothing here sends or reads a file.

mod delivery;
mod examine;
mod finding;
mod opening;
mod refused;
mod url_check;
mod wire;

pub(crate) use delivery::{Said, read_delivery};
pub(crate) use examine::{Known, credentials, examine, off_by};
pub(crate) use finding::{Checked, Finding, Level, is_fine};
pub(crate) use opening::{Opened, open};
pub(crate) use refused::{BODY_ADVICE, may_be_of_application, refused_without_cause};
pub(crate) use url_check::judge_url_check;
