//! The command line: options and commands.

use clap::{Parser, Subcommand};

use crate::commands::aibot::AibotArgs;
use crate::commands::completions::CompletionsArgs;
use crate::commands::conform::ConformArgs;
use crate::commands::doctor::DoctorArgs;
use crate::commands::explain::ExplainArgs;
use crate::commands::keygen::KeygenArgs;
use crate::commands::open::OpenArgs;
use crate::commands::record::RecordArgs;
use crate::commands::replay::ReplayArgs;
use crate::commands::samples::SamplesArgs;
use crate::commands::seal::SealArgs;
use crate::commands::trigger::TriggerArgs;
use crate::commands::verify_url::VerifyUrlArgs;

const AFTER_HELP: &str = "\
Exit codes:
  0  success
  1  the check failed: a callback was rejected, a response is wrong, a vector does not pass, a file
     is no callback
  2  the command line or the configuration is invalid
  3  a server or a file cannot be reached

Example:
  cargo run --example axum &
  wecom trigger change_contact/create_user --to http://127.0.0.1:3000/wecom --set UserID=lin";

/// Play WeCom (企业微信) against a callback URL and find out why it fails
#[derive(Parser)]
#[command(name = "wecom", version, after_help = AFTER_HELP, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Write JSON: one value, or one value per line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Samples(SamplesArgs),
    Trigger(Box<TriggerArgs>),
    VerifyUrl(Box<VerifyUrlArgs>),
    Doctor(Box<DoctorArgs>),
    Open(Box<OpenArgs>),
    Explain(ExplainArgs),
    Seal(Box<SealArgs>),
    Conform(ConformArgs),
    Keygen(KeygenArgs),
    Record(Box<RecordArgs>),
    Replay(Box<ReplayArgs>),
    Aibot(AibotArgs),
    Completions(CompletionsArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string);
            let shown = help.unwrap_or_default();
            assert!(shown.contains("wecom "), "{}", command.get_name());
        }
    }
}
