use clap::Args;
use serde_json::json;

use super::shared::{
    TargetArgs, exit_status_without_response, platform_error, send_finding, show_finding, url_check,
};
use crate::config::ConfigArgs;
use crate::diagnosis::{is_fine, judge_url_check};
use crate::exit::{Error, ExitStatus};
use crate::output::Output;
use crate::time::millis;

/// Send the console's URL check and judge the response like WeCom does
///
/// The response must have status 200 and be the decrypted text, without quotes, a byte order mark
/// or a line break, within a second. Redirects are not followed. The ciphertext contains a plus
/// sign, because that is the most frequent cause of a failure.
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
        .settings(output)?
        .credentials_for(&args.target.to, output)?;
    let platform = credentials.platform(&args.target.to);
    let mut client = args.target.client()?;
    let check = url_check(&platform, |echostr| echostr.contains('+')).map_err(platform_error)?;
    let to = client.target().to_string();
    let response = match client.deliver(check.request).await {
        Ok(response) => response,
        Err(error) => {
            let findings = [send_finding(&error)];
            if output.is_json() {
                output.json(&json!({"to": to, "fine": false, "status": null, "millis": null, "findings": findings}))?;
            } else {
                for finding in &findings {
                    show_finding(output, None, finding)?;
                }
            }
            return Ok(exit_status_without_response(&error));
        }
    };
    let findings = judge_url_check(&platform, &response, &check.echostr, &check.echo);
    let is_fine = is_fine(&findings);
    if output.is_json() {
        output.json(&json!({
            "to": to,
            "fine": is_fine,
            "status": response.status.as_u16(),
            "millis": millis(response.elapsed),
            "findings": findings,
        }))?;
    } else {
        for finding in &findings {
            show_finding(output, None, finding)?;
        }
    }
    Ok(ExitStatus::of(is_fine))
}
