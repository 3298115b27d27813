use clap::Args;
use serde_json::json;
use tower_wecom::test_util::{Delivery, Flavour, Platform};

use super::load::{LoadPlan, LoadReport};
use super::shared::{
    TargetArgs, exit_status_without_answer, platform_error, send_finding, show_finding,
};
use crate::config::ConfigArgs;
use crate::diagnosis::{DeliveryResponse, Finding, is_fine, read_delivery};
use crate::exit::{Error, ExitStatus};
use crate::http::HttpResponse;
use crate::output::{GREEN, Output, RED, printable};
use crate::samples;
use crate::time::millis;

/// Send a sample callback: signed, encrypted, answered, and the reply opened
///
/// The sample has every documented field, for your receive id and of this moment. Each of several is signed and encrypted
/// anew. Exit code 1 if an answer is no 2xx, or its reply cannot be opened.
#[derive(Args)]
#[command(after_help = "Examples:
  wecom trigger change_contact/create_user --to http://127.0.0.1:3000/wecom --set UserID=lin
  wecom trigger change_contact/create_user --flavour third-party --to http://127.0.0.1:3000/suite
  wecom trigger message/text --to http://127.0.0.1:3000/wecom --repeat 1000 --distinct MsgId")]
pub(crate) struct TriggerArgs {
    /// A kind (change_contact/create_user) or a sample's name (info_change_contact_create_user): see `wecom samples`
    kind: String,
    #[command(flatten)]
    target: TargetArgs,
    /// Put a text into an element: `UserID=lin`, `ExtAttr/Item[1]/Name=Desk`
    #[arg(long, value_name = "PATH=TEXT", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Take an element out
    #[arg(long, value_name = "PATH")]
    unset: Vec<String>,
    /// As this sort of receiver gets it: self-built, third-party or bot
    #[arg(long)]
    flavour: Option<Flavour>,
    /// Send it so often
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    repeat: u64,
    /// So many at a time, each on a connection of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    concurrency: u16,
    /// Number this element, so that no two are duplicates; without it all have one payload
    #[arg(long, value_name = "PATH")]
    distinct: Option<String>,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(crate) async fn run(args: &TriggerArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let credentials = args
        .config
        .settings()?
        .credentials_for(&args.target.to, output)?;
    let platform = credentials.platform(&args.target.to);
    let delivery = delivery(args, &platform)?;
    if args.repeat == 1 {
        return one(args, &platform, &delivery, output).await;
    }
    let plan = LoadPlan {
        delivery,
        platform,
        repeat: args.repeat,
        concurrency: args.concurrency,
        distinct: args.distinct.clone(),
    };
    let report = LoadReport::run(&plan, &args.target.client()?).await?;
    report.show(output)?;
    report.exit_status()
}

fn delivery(args: &TriggerArgs, platform: &Platform) -> Result<Delivery, Error> {
    let mut delivery = samples::delivery(platform, &args.kind, args.flavour)?;
    for (path, text) in &args.set {
        delivery = delivery.set(path, text);
    }
    for path in &args.unset {
        delivery = delivery.unset(path);
    }
    Ok(delivery)
}

async fn one(
    args: &TriggerArgs,
    platform: &Platform,
    delivery: &Delivery,
    output: &mut Output,
) -> Result<ExitStatus, Error> {
    let mut client = args.target.client()?;
    let request = delivery.request().map_err(platform_error)?;
    match client.deliver(request).await {
        Ok(answer) => {
            let (said, findings) = read_delivery(platform, &answer);
            show_one(delivery, &answer, &said, &findings, output)?;
            Ok(ExitStatus::of(is_fine(&findings)))
        }
        Err(error) => {
            let finding = send_finding(&error);
            if output.is_json() {
                let sample = delivery.sample();
                output.json(&json!({"kind": sample.kind(), "sample": sample.name(), "status": null, "findings": [finding]}))?;
            } else {
                show_finding(output, "", &finding)?;
            }
            Ok(exit_status_without_answer(&error))
        }
    }
}

fn show_one(
    delivery: &Delivery,
    answer: &HttpResponse,
    said: &DeliveryResponse,
    findings: &[Finding],
    output: &mut Output,
) -> Result<(), Error> {
    let sample = delivery.sample();
    let took = millis(answer.elapsed);
    if output.is_json() {
        output.json(&json!({
            "kind": sample.kind(),
            "sample": sample.name(),
            "flavour": sample.flavour().as_str(),
            "status": answer.status.as_u16(),
            "millis": took,
            "answer": said,
            "findings": findings,
        }))?;
        return Ok(());
    }
    let style = if answer.status.is_success() {
        GREEN
    } else {
        RED
    };
    let (kind, status) = (sample.kind(), answer.status);
    output.line(format!(
        "{style}{status}{style:#}  {kind} ({}), {took} ms",
        sample.flavour()
    ))?;
    match said {
        DeliveryResponse::Acknowledgement if answer.status.is_success() => {
            output.line("acknowledged, without a reply")?
        }
        DeliveryResponse::Reply { text } => {
            output.line(format!("the reply:\n{}", printable(text)))?
        }
        DeliveryResponse::Acknowledgement | DeliveryResponse::Other { .. } => {}
    }
    for finding in findings {
        show_finding(output, "", finding)?;
    }
    Ok(())
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.is_empty() => Ok((path.to_owned(), value.to_owned())),
        _ => Err("not PATH=TEXT".to_owned()),
    }
}
