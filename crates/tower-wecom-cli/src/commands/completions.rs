use std::io::{Write, stdout};

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use crate::exit::{Error, ExitStatus};

/// Print the completion script of a shell
#[derive(Args)]
#[command(
    after_help = "Example:\n  wecom completions bash > ~/.local/share/bash-completion/completions/wecom"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs, command: &mut Command) -> Result<ExitStatus, Error> {
    // `generate` panics if it cannot write, so it writes into memory.
    let mut script = Vec::new();
    generate(args.shell, command, "wecom", &mut script);
    let mut out = stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(ExitStatus::Success)
}
