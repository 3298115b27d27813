use clap::Args;
use serde_json::json;
use tower_wecom::test_util::Sample;
use unicode_width::UnicodeWidthStr;

use crate::exit::{Error, ExitStatus};
use crate::language::text;
use crate::output::{DIM, Output, padded};
use crate::samples;

/// List the callbacks that `trigger` can send
///
/// Each line has the kind, the flavour, the name, WeCom's Chinese name and a title. Exit code 1 if
/// no sample matches.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  wecom samples\n  wecom samples change_contact\n  wecom samples 新增成员\n  wecom samples --json | jq -r .name"
)]
pub(crate) struct SamplesArgs {
    /// Only the samples with this text in their name, kind, title or Chinese name
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
                "chinese_names": sample.chinese_names().collect::<Vec<_>>(),
                "document": sample.document(),
            }))?;
        }
        return Ok(ExitStatus::of(!found.is_empty()));
    }
    let rows: Vec<_> = found.iter().copied().map(columns).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or_default()
    };
    for (row, sample) in rows.iter().zip(&found) {
        let cells = row.iter().enumerate();
        let cells: Vec<_> = cells
            .map(|(column, cell)| padded(cell, width(column)))
            .collect();
        output.line(format!(
            "{}  {DIM}{}{DIM:#}",
            cells.join("  "),
            sample.title()
        ))?;
    }
    if found.is_empty() {
        output.note(&samples::unknown(&args.pattern));
    }
    let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
    output.text(&text("samples").count("count", count))?;
    Ok(ExitStatus::of(!found.is_empty()))
}

/// The columns before the title. The most specific of WeCom's names is the last one.
fn columns(sample: Sample) -> [String; 4] {
    [
        sample.kind().to_owned(),
        sample.flavour().to_string(),
        sample.name().to_owned(),
        sample.chinese_names().last().unwrap_or_default().to_owned(),
    ]
}
