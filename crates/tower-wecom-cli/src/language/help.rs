//! `--help` in Chinese. The English texts are the doc comments that clap reads.

use clap::{Arg, Command};

use super::bundle::help;
use super::choice::Language;

const USAGE: &str = "{before-help}{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";
/// The message of what several commands have.
pub(super) const SHARED: &str = "shared";

/// The command line with its help in this language.
pub(crate) fn in_language(mut command: Command, language: Language) -> Command {
    if language == Language::En {
        return command;
    }
    // Adds clap's own arguments, so that they are translated too.
    command.build();
    translated(command, "wecom")
}

fn translated(command: Command, key: &str) -> Command {
    let command = command
        .help_template(USAGE)
        .subcommand_help_heading("命令")
        .mut_args(|arg| argument(arg, key))
        .mut_subcommands(|inner| {
            let key = inner.get_name().to_owned();
            translated(inner, &key)
        });
    texts(command, key)
}

fn texts(mut command: Command, key: &str) -> Command {
    if let Some(about) = help(key, None) {
        command = match help(key, Some("long")) {
            Some(long) => command.long_about(format!("{about}\n\n{long}")),
            None => command.long_about(about.clone()),
        };
        command = command.about(about);
    }
    let examples = command.get_after_help().map(ToString::to_string);
    match (help(key, Some("after")), examples) {
        (Some(after), _) => command.after_help(after),
        (None, Some(examples)) => {
            let commands = examples.split_once('\n').map_or("", |(_, rest)| rest);
            command.after_help(format!("示例：\n{commands}"))
        }
        (None, None) => command,
    }
}

fn argument(arg: Arg, key: &str) -> Arg {
    let id = arg.get_id().as_str();
    let Some(text) = help(key, Some(id)).or_else(|| help(SHARED, Some(id))) else {
        return arg;
    };
    let heading = match arg.get_help_heading() {
        Some(_) => "凭证（命令行参数优先于环境变量，环境变量优先于配置文件）",
        None if arg.is_positional() => "参数",
        None => "选项",
    };
    let text = format!("{text}{}", values(&arg));
    arg.long_help(text.clone())
        .help(text)
        .help_heading(heading)
        .hide_default_value(true)
        .hide_env(true)
        .hide_possible_values(true)
}

/// What clap writes in English behind a help.
fn values(arg: &Arg) -> String {
    let mut shown = String::new();
    let defaults: Vec<_> = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy())
        .filter(|value| !value.is_empty() && value != "false")
        .collect();
    if !defaults.is_empty() && arg.get_action().takes_values() {
        shown.push_str(&format!(" [默认：{}]", defaults.join(" ")));
    }
    if let Some(variable) = arg.get_env() {
        shown.push_str(&format!(" [环境变量：{}]", variable.to_string_lossy()));
    }
    let possible = arg.get_possible_values();
    let names: Vec<_> = possible.iter().map(|value| value.get_name()).collect();
    if !names.is_empty() && arg.get_action().takes_values() {
        shown.push_str(&format!(" [可选：{}]", names.join("、")));
    }
    shown
}
