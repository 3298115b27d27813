use clap::Args;
use serde_json::json;

use super::shared::{
    TargetArgs, exit_status_without_answer, platform_error, send_finding, show_finding, url_check,
};
use crate::config::ConfigArgs;
use crate::diagnosis::{is_fine, judge_url_check};
use crate::exit::{Error, ExitStatus};
use crate::output::Output;
use crate::time::millis;

/// Play the console's URL check, and judge the answer as WeCom does
///
/// Status 200, the bare text, within a second; no quotes, no BOM, no line break, no redirect. The ciphertext has a plus sign
/// in it, which is what goes wrong most often.
#[derive(Args)]
#[command(
    after_help = "Example:\n  wecom verify-url --to https://example.com/wecom --profile production"
)]
pub(crate) struct VerifyUrlArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(crate) async fn run(args: &VerifyUrlArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let credentials = args
        .config
        .settings()?
        .credentials_for(&args.target.to, output)?;
    let platform = credentials.platform(&args.target.to);
    let mut client = args.target.client()?;
    let check = url_check(&platform, |echostr| echostr.contains('+')).map_err(platform_error)?;
    let to = client.target().to_string();
    let answer = match client.deliver(check.request).await {
        Ok(answer) => answer,
        Err(error) => {
            let findings = [send_finding(&error)];
            if output.is_json() {
                output.json(&json!({"to": to, "fine": false, "status": null, "millis": null, "findings": findings}))?;
            } else {
                for finding in &findings {
                    show_finding(output, "", finding)?;
                }
            }
            return Ok(exit_status_without_answer(&error));
        }
    };
    let findings = judge_url_check(&platform, &answer, &check.echostr, &check.echo);
    let is_fine = is_fine(&findings);
    if output.is_json() {
        output.json(&json!({
            "to": to,
            "fine": is_fine,
            "status": answer.status.as_u16(),
            "millis": millis(answer.elapsed),
            "findings": findings,
        }))?;
    } else {
        for finding in &findings {
            show_finding(output, "", finding)?;
        }
    }
    Ok(ExitStatus::of(is_fine))
}
