use clap::Args;
use serde_json::json;

use crate::exit::{Error, ExitStatus};
use crate::output::{DIM, Output};
use crate::samples;

/// List the callbacks that `trigger` can send
///
/// Each line has the kind, the flavour, the name and a title. Exit code 1 if no sample matches.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  wecom samples\n  wecom samples change_contact\n  wecom samples --json | jq -r .name"
)]
pub(crate) struct SamplesArgs {
    /// Only the samples with this text in their name, kind or title
    #[arg(default_value = "", hide_default_value = true)]
    pattern: String,
}

pub(crate) fn run(args: &SamplesArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let found: Vec<_> = samples::matching(&args.pattern).collect();
    if output.is_json() {
        for sample in &found {
            output.json(&json!({
                "name": sample.name(),
                "kind": sample.kind(),
                "flavour": sample.flavour().as_str(),
                "title": sample.title(),
                "document": sample.document(),
            }))?;
        }
        return Ok(ExitStatus::of(!found.is_empty()));
    }
    let width = |text: fn(&tower_wecom::test_util::Sample) -> &'static str| {
        found
            .iter()
            .map(|sample| text(sample).len())
            .max()
            .unwrap_or_default()
    };
    let (kinds, names) = (width(|sample| sample.kind()), width(|sample| sample.name()));
    for sample in &found {
        output.line(format!(
            "{:kinds$}  {:11}  {:names$}  {DIM}{}{DIM:#}",
            sample.kind(),
            sample.flavour(),
            sample.name(),
            sample.title(),
        ))?;
    }
    let plural = if found.len() == 1 { "" } else { "s" };
    output.line(format!("{} sample{plural}", found.len()))?;
    Ok(ExitStatus::of(!found.is_empty()))
}
