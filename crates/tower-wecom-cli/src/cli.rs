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
use crate::language::Language;

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
    /// The language of messages and help. The default is that of LC_ALL, LC_MESSAGES or LANG. JSON
    /// is in English
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub(crate) lang: Option<Language>,
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

    use std::collections::BTreeSet;

    use clap::Command;

    use super::Cli;
    use crate::language::{CHINESE_HELP, Language, in_language};

    /// The command and those below it.
    fn all(command: &Command) -> Vec<&Command> {
        let inner = command.get_subcommands().flat_map(all);
        std::iter::once(command).chain(inner).collect()
    }

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

    #[test]
    fn every_help_is_in_chinese_and_every_chinese_help_is_used() {
        let is_chinese = |text: &str| text.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        let mut english = Cli::command();
        english.build();
        let chinese = in_language(Cli::command(), Language::Zh);
        let mut names = BTreeSet::from(["shared", "long", "after"]);
        for (english, chinese) in all(&english).into_iter().zip(all(&chinese)) {
            // clap's `help` has a copy of each command.
            if english
                .get_bin_name()
                .is_some_and(|name| name.contains(" help "))
            {
                continue;
            }
            let name = english.get_name();
            names.insert(name);
            let texts = [chinese.get_about(), chinese.get_long_about()];
            for text in texts.into_iter().flatten() {
                assert!(is_chinese(&text.to_string()), "{name}: {text}");
            }
            let is_longer = |command: &Command| {
                let [short, long] = [command.get_about(), command.get_long_about()]
                    .map(|text| text.map_or(0, |text| text.to_string().len()));
                long > short
            };
            assert_eq!(is_longer(english), is_longer(chinese), "{name}");
            for arg in chinese.get_arguments() {
                names.insert(arg.get_id().as_str());
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(is_chinese(&help), "{name} {}: {help}", arg.get_id());
            }
        }
        for line in CHINESE_HELP.lines() {
            let name = line.split_once(" =").map(|(name, _)| name.trim_start());
            let is_name = |name: &&str| !name.contains([' ', '`', '-']) || *name == "verify-url";
            let Some(name) = name.filter(is_name) else {
                continue;
            };
            let name = name.trim_start_matches('.');
            assert!(names.contains(name), "{name} is no command and no argument");
        }
    }
}
