use std::path::PathBuf;

use clap::{Args, ValueEnum};
use http::Request;
use serde_json::json;
use tower_wecom::payload::Format;

use super::shared::{platform_error, read};
use crate::config::ConfigArgs;
use crate::exit::{Error, ExitStatus};
use crate::http::{HttpRequest, Target};
use crate::output::Output;

/// Encrypt and sign a payload: make the request that WeCom would send
///
/// Writes a curl command, a raw HTTP request or JSON. Sends nothing. The timestamp is the current
/// time.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  wecom seal payload.xml | sh\n  wecom seal --echo 42 --to http://127.0.0.1:3000/wecom | sh\n  wecom seal payload.xml --as http | wecom open -"
)]
pub(crate) struct SealArgs {
    /// The decrypted payload, XML or JSON. `-` is stdin
    #[arg(required_unless_present = "echo")]
    file: Option<PathBuf>,
    /// Make a URL check that asks for this text
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    echo: Option<String>,
    /// The callback URL
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:3000/wecom"
    )]
    to: Target,
    /// The output format
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = Form::Curl)]
    form: Form,
    /// The format of the envelope [default: that of the payload]
    #[arg(long, value_enum)]
    envelope: Option<Envelope>,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A shell command
    Curl,
    /// A raw HTTP request
    Http,
    /// An object with method, url, headers and body, as with --json
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Envelope {
    Xml,
    Json,
}

pub(crate) fn run(args: &SealArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let settings = args.config.settings(output)?;
    let credentials = settings.credentials_for(&args.to, output)?;
    let platform = credentials.platform(&args.to);
    let request = match (&args.echo, &args.file) {
        (Some(echo), _) => platform.url_check(echo),
        (None, file) => {
            let payload = read(file.as_deref().unwrap_or("-".as_ref()))?;
            let is_json = match args.envelope {
                Some(envelope) => envelope == Envelope::Json,
                None => Format::of(&payload) == Some(Format::Json),
            };
            if is_json {
                platform.deliver_json(payload)
            } else {
                platform.deliver_xml(payload)
            }
        }
    };
    let request = request.map_err(platform_error)?;
    write(args, &request, output)?;
    Ok(ExitStatus::Success)
}

fn write(args: &SealArgs, request: &Request<String>, output: &mut Output) -> Result<(), Error> {
    let url = args.to.url(request.uri().query());
    let http_request = HttpRequest::new(&args.to, request.clone());
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (
            name.to_string(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    };
    let headers: Vec<_> = http_request.headers.iter().map(header).collect();
    let (method, body) = (request.method(), request.body());
    if output.is_json() || args.form == Form::Json {
        let headers: serde_json::Map<_, _> = headers
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        let value =
            json!({"method": method.as_str(), "url": url, "headers": headers, "body": body});
        output.json(&value)?;
    } else if args.form == Form::Http {
        let mut text = format!(
            "{method} {} HTTP/1.1\r\nhost: {}\r\n",
            http_request.origin_form,
            args.to.authority()
        );
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!(
            "content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ));
        output.bytes(text.as_bytes())?;
    } else {
        let mut command = format!("curl -sS -X {method} {}", quoted(&url));
        for (name, value) in headers {
            command.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
        }
        if !body.is_empty() {
            command.push_str(&format!(" --data-binary {}", quoted(body)));
        }
        output.line(command)?;
    }
    Ok(())
}

/// The text as one word of a shell command.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
