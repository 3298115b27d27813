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
mod output;
mod run;
mod samples;
mod signals;
mod time;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::output::Output;
use crate::run::run;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut output = Output::new(cli.json);
    match run(cli, &mut output) {
        Ok(status) => status.code(),
        Err(error) => error.report(&output),
    }
}
