use std::io::{Write, stdout};

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use crate::cli::Cli;
use crate::failure::{Failure, Verdict};

/// Print the completions for a shell
#[derive(Args)]
#[command(
    after_help = "Example:\n  wecom completions bash > ~/.local/share/bash-completion/completions/wecom"
)]
pub(crate) struct CompletionsArgs {
    /// For which shell
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs) -> Result<Verdict, Failure> {
    // `generate` panics where it cannot write, so it writes into memory.
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "wecom", &mut script);
    let mut out = stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Verdict::Fine)
}
