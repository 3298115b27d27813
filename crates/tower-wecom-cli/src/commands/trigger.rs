use clap::Args;
use serde_json::json;
use tower_wecom::EventKind;
use tower_wecom::reply::ReplyKind;
use tower_wecom::test_util::{Delivery, Flavour, Platform};

use super::load::{LoadPlan, LoadReport};
use super::paths::missing;
use super::shared::{
    TargetArgs, exit_status_without_response, platform_error, send_finding, show_finding,
};
use crate::config::ConfigArgs;
use crate::diagnosis::{DeliveryResponse, Finding, is_fine, judge_reply, read_delivery};
use crate::exit::{Error, ExitStatus};
use crate::http::HttpResponse;
use crate::language::{Text, text};
use crate::output::{GREEN, Output, RED, printable};
use crate::samples;
use crate::time::millis;

/// Send a sample callback, signed and encrypted, and show the reply
///
/// The sample has every documented field, your receive id and the current time. With --repeat each
/// delivery is signed and encrypted anew. Exit code 1 if WeCom would not accept one of the
/// responses.
#[derive(Args)]
#[command(after_help = "Examples:
  wecom trigger change_contact/create_user --to http://127.0.0.1:3000/wecom --set UserID=lin
  wecom trigger change_contact/create_user --flavour third-party --to http://127.0.0.1:3000/suite
  wecom trigger message/text --to http://127.0.0.1:3000/wecom --repeat 1000 --distinct MsgId")]
pub(crate) struct TriggerArgs {
    /// A kind (change_contact/create_user), the name of a sample or a Chinese name
    /// (新增成员事件): see `wecom samples`
    kind: String,
    #[command(flatten)]
    target: TargetArgs,
    /// Set the text of an element: `UserID=lin`, `ExtAttr/Item[1]/Name=Desk`. A note on stderr
    /// names an element that the sample does not have
    #[arg(long, value_name = "PATH=TEXT", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Remove an element
    #[arg(long, value_name = "PATH")]
    unset: Vec<String>,
    /// The type of the receiver: self-built, third-party, bot or group-bot
    #[arg(long)]
    flavour: Option<Flavour>,
    /// How many times to send it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    repeat: u64,
    /// How many to send at the same time, each on its own connection
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    concurrency: u16,
    /// Put a number into this element, so that no two payloads are the same
    #[arg(long, value_name = "PATH")]
    distinct: Option<String>,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(crate) async fn run(args: &TriggerArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let settings = args.config.settings(output)?.for_flavour(args.flavour);
    let credentials = settings.credentials_for(&args.target.to, output)?;
    let platform = credentials.platform(&args.target.to);
    let delivery = delivery(args, &platform, output)?;
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

fn delivery(args: &TriggerArgs, platform: &Platform, output: &Output) -> Result<Delivery, Error> {
    let mut delivery = samples::delivery(platform, &args.kind, args.flavour)?;
    for (path, value) in &args.set {
        if let Some(missing) = missing(&delivery, path) {
            output.note(&text("set-makes-element").texts("missing", [missing]));
        }
        delivery = delivery.set(path, value);
    }
    for path in &args.unset {
        if let Some(missing) = missing(&delivery, path) {
            return Err(wrong_path("--unset", missing));
        }
        delivery = delivery.unset(path);
    }
    let distinct = args.distinct.as_ref();
    if let Some(missing) = distinct.and_then(|path| missing(&delivery, path)) {
        return Err(wrong_path("--distinct", missing));
    }
    Ok(delivery)
}

fn wrong_path(option: &str, missing: Text) -> Error {
    Error::usage(
        text("wrong-path")
            .with("option", option)
            .texts("missing", [missing]),
    )
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
        Ok(response) => {
            let (content, mut findings) = read_delivery(platform, &response);
            if let DeliveryResponse::Reply { text: reply } = &content {
                findings.extend(unfit_reply(delivery.sample().kind(), reply));
                findings.extend(judge_reply(&delivery.payload(), reply));
            }
            show_one(delivery, &response, &content, &findings, output)?;
            Ok(ExitStatus::of(is_fine(&findings)))
        }
        Err(error) => {
            let finding = send_finding(&error);
            if output.is_json() {
                let sample = delivery.sample();
                output.json(&json!({"kind": sample.kind(), "sample": sample.name(), "status": null, "findings": [finding]}))?;
            } else {
                show_finding(output, None, &finding)?;
            }
            Ok(exit_status_without_response(&error))
        }
    }
}

/// A warning if WeCom does not take such a reply to a callback of this kind.
fn unfit_reply(kind: &str, reply: &str) -> Option<Finding> {
    let Ok(event) = kind.parse::<EventKind>();
    let accepted = ReplyKind::accepted_by(&event);
    let reply = ReplyKind::of_text(reply);
    let is_fit = match reply {
        Some(reply) => accepted.contains(&reply),
        // A reply that this version does not know, or the answer to a device.
        None => !accepted.is_empty() || kind == EventKind::VERIFY_DEVICE.as_str(),
    };
    if is_fit {
        return None;
    }
    let advice = match accepted {
        [] => text("no-reply-advice"),
        _ => {
            let names: Vec<_> = accepted.iter().map(|kind| kind.as_str()).collect();
            text("reply-kind-advice").with("kinds", names.join(", "))
        }
    };
    let message = match reply {
        Some(reply) => text("reply-kind").with("reply", reply.as_str()),
        None => text("reply-kind-unknown"),
    };
    Some(Finding::warning("reply_kind", message.with("kind", kind)).advice(advice))
}

fn show_one(
    delivery: &Delivery,
    response: &HttpResponse,
    content: &DeliveryResponse,
    findings: &[Finding],
    output: &mut Output,
) -> Result<(), Error> {
    let sample = delivery.sample();
    let took = millis(response.elapsed);
    if output.is_json() {
        output.json(&json!({
            "kind": sample.kind(),
            "sample": sample.name(),
            "flavour": sample.flavour().as_str(),
            "status": response.status.as_u16(),
            "millis": took,
            "response": content,
            "findings": findings,
        }))?;
        return Ok(());
    }
    let style = if response.status.is_success() {
        GREEN
    } else {
        RED
    };
    let (kind, status) = (sample.kind(), response.status);
    output.line(format!(
        "{style}{status}{style:#}  {kind} ({}), {took} ms",
        sample.flavour()
    ))?;
    match content {
        DeliveryResponse::Acknowledgement if response.status.is_success() => {
            output.text(&text("acknowledged-without-reply"))?
        }
        DeliveryResponse::Reply { text: reply } => {
            output.text(&text("the-reply"))?;
            output.line(printable(reply))?;
        }
        DeliveryResponse::Acknowledgement | DeliveryResponse::Other { .. } => {}
    }
    for finding in findings {
        show_finding(output, None, finding)?;
    }
    Ok(())
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.is_empty() => Ok((path.to_owned(), value.to_owned())),
        _ => Err("not PATH=TEXT".to_owned()),
    }
}
