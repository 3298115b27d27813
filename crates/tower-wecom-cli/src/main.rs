//! `wecom` plays WeCom (企业微信) against a callback URL and finds out why it fails.

mod capture;
mod cli;
mod commands;
mod config;
mod credentials;
mod diagnosis;
mod exchange;
mod exit;
mod http;
mod language;
mod output;
mod run;
mod samples;
mod signals;
mod time;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::cli::Cli;
use crate::language::Language;
use crate::output::Output;
use crate::run::run;

fn main() -> ExitCode {
    let language = Language::of_process();
    let matches = language::in_language(Cli::command(), language).get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let mut output = Output::new(cli.json, cli.lang.unwrap_or(language));
    match run(cli, &mut output) {
        Ok(status) => status.code(),
        Err(error) => error.report(&output),
    }
}
