//! What is wrong, in plain words, and what to do about it. Nothing here sends or reads a file.

mod delivery;
mod disguise;
mod examine;
mod finding;
mod firewall;
mod oddity;
mod opening;
mod reply;
mod response;
mod url_check;
mod wire_request;

pub(crate) use delivery::{DeliveryResponse, read_delivery};
pub(crate) use examine::{Context, choose, clock_off, credentials, examine};
pub(crate) use finding::{Checked, Finding, Level, is_fine};
pub(crate) use firewall::{firewall_advice, firewall_of, name_of};
pub(crate) use opening::{Opened, open};
pub(crate) use reply::judge_reply;
pub(crate) use response::{body_advice, may_come_from_application, rejected_without_cause};
pub(crate) use url_check::judge_url_check;
