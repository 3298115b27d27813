use clap::CommandFactory;
use tokio::runtime::Builder;

use crate::cli::{Cli, Command};
use crate::commands::{
    aibot, completions, conform, doctor, explain, keygen, open, record, replay, samples, seal,
    trigger, verify_url,
};
use crate::exit::{Error, ExitStatus};
use crate::language::text;
use crate::output::Output;

/// Runs the command.
pub(crate) fn run(cli: Cli, output: &mut Output) -> Result<ExitStatus, Error> {
    match cli.command {
        Command::Samples(args) => samples::run(&args, output),
        Command::Open(args) => open::run(&args, output),
        Command::Explain(args) => explain::run(&args, output),
        Command::Seal(args) => seal::run(&args, output),
        Command::Conform(args) => conform::run(&args, output),
        Command::Keygen(args) => keygen::run(&args, output),
        Command::Completions(args) => completions::run(&args, &mut Cli::command()),
        Command::Trigger(args) => wait(trigger::run(&args, output)),
        Command::VerifyUrl(args) => wait(verify_url::run(&args, output)),
        Command::Doctor(args) => wait(doctor::run(&args, output)),
        Command::Record(args) => wait(record::run(&args, output)),
        Command::Aibot(args) => wait(aibot::run(&args, output)),
        Command::Replay(args) => wait(replay::run(&args, output)),
    }
}

fn wait(command: impl Future<Output = Result<ExitStatus, Error>>) -> Result<ExitStatus, Error> {
    let runtime = Builder::new_multi_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Error::unreachable(text("no-threads").with("error", error)))?;
    let ended = runtime.block_on(command);
    // A DNS lookup that is still running must not delay the exit.
    runtime.shutdown_background();
    ended
}
