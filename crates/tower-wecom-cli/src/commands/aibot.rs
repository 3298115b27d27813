use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};
use tower_wecom_aibot::test_util::{StandIn, StandInEvent, StandInOptions};

use super::aibot_order::Order;
use super::shared::{cannot_listen, no_signals, read};
use crate::exit::{Error, ExitStatus};
use crate::language::text;
use crate::output::{DIM, GREEN, Output, RED, printable};
use crate::signals;

/// Play WeCom's server for the long connection of an AI bot
#[derive(Args)]
#[command(after_help = "Example:\n  wecom aibot serve --listen 127.0.0.1:3500 --trigger bot/text")]
pub(crate) struct AibotArgs {
    #[command(subcommand)]
    command: AibotCommand,
}

#[derive(Subcommand)]
enum AibotCommand {
    Serve(ServeArgs),
}

/// Accept a bot, send it samples, and print what comes back
///
/// It reads a command from each line of its input:
///
///   trigger KIND [PATH=TEXT ...]  send a sample: see `wecom samples bot`
///   raw TEXT                      send the text as a frame, to be a server with faults
///   ping                          send a ping of the WebSocket protocol
///   late MILLISECONDS             send each ack so late
///   mute, unmute                  answer nothing, answer again
///   refuse CODE ...               refuse the next subscriptions with these codes
///   error CMD CODE ...            answer the next frames of a command with these codes
///   displace                      displace the bot as another process of it would
///   close CODE                    close the connection cleanly, without CODE as 1000
///   cut                           cut it
///   quit
#[derive(Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  wecom aibot serve --listen 127.0.0.1:3500 --trigger bot/text
  echo 'trigger bot/text text/content=hello' | wecom aibot serve"
)]
pub(crate) struct ServeArgs {
    /// Address and port. Port 0 chooses a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3500")]
    listen: SocketAddr,
    /// Accept this Secret only. The default accepts each
    #[arg(long, env = "WECOM_AIBOT_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// Speak TLS (wss), with this chain of certificates in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Send this sample as soon as a bot is subscribed. Can be repeated
    #[arg(long, value_name = "KIND")]
    trigger: Vec<String>,
}

pub(crate) async fn run(args: &AibotArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let AibotCommand::Serve(args) = &args.command;
    let mut orders = Vec::new();
    for kind in &args.trigger {
        orders.push(Order::parse(&format!("trigger {kind}"))?);
    }
    let stop = signals::stop().map_err(|error| no_signals(&error))?;
    let server = StandIn::start_with(options(args)?).await;
    let mut server = server.map_err(|error| cannot_listen(args.listen, error))?;
    report_listening(&server, output)?;
    let mut lines = Input(Some(BufReader::new(tokio::io::stdin()).lines()));
    let serve = async {
        loop {
            tokio::select! {
                event = server.next_event() => {
                    let is_subscribed = matches!(event, StandInEvent::Subscribed { errcode: 0, .. });
                    report(event, output)?;
                    if is_subscribed {
                        for order in std::mem::take(&mut orders) {
                            obey(order, &server, output).await?;
                        }
                    }
                }
                line = lines.next() => match Order::parse(&line) {
                    Ok(Order::Quit) => return Ok(ExitStatus::Success),
                    Ok(order) => obey(order, &server, output).await?,
                    Err(error) => report_invalid(&error, output),
                },
            }
        }
    };
    // Around everything: a sample waits for its bot.
    tokio::select! {
        () = stop => Ok(ExitStatus::Success),
        done = serve => done,
    }
}

fn options(args: &ServeArgs) -> Result<StandInOptions, Error> {
    let mut options = StandInOptions::new().listen(args.listen);
    if let Some(secret) = &args.secret {
        options = options.secret(secret);
    }
    if let (Some(cert), Some(key)) = (&args.cert, &args.key) {
        options = options
            .tls(read(cert)?, read(key)?)
            .map_err(|error| Error::usage(text("certificate-invalid").with("error", error)))?;
    }
    Ok(options)
}

/// The lines of the input. Without input there are none, and the server goes on.
struct Input(Option<Lines<BufReader<Stdin>>>);

impl Input {
    async fn next(&mut self) -> String {
        if let Some(lines) = &mut self.0 {
            if let Ok(Some(line)) = lines.next_line().await {
                return line;
            }
            self.0 = None;
        }
        std::future::pending().await
    }
}

async fn obey(order: Order, server: &StandIn, output: &mut Output) -> Result<(), Error> {
    match order {
        Order::Trigger { kind, payload } => {
            let req_id = server.send(&payload).await;
            if output.is_json() {
                output.json(&json!({ "sent": kind, "req_id": req_id }))?;
            } else {
                let sent = text("sent").in_language(output.language());
                output.line(format!("{DIM}{sent}{DIM:#}  {req_id}  {kind}"))?;
            }
        }
        Order::Raw(text) => server.send_text(text).await,
        Order::Ping => server.ping(),
        Order::Late(millis) => server.delay_acks(Duration::from_millis(millis)),
        Order::Mute(is_mute) => server.mute(is_mute),
        Order::Refuse(codes) => server.refuse_subscriptions(codes),
        Order::Error { cmd, codes } => server.refuse(cmd, codes),
        Order::Displace => server.displace(),
        Order::Close(code) => server.close(code),
        Order::Cut => server.cut(),
        Order::Nothing | Order::Quit => {}
    }
    Ok(())
}

fn report_listening(server: &StandIn, output: &mut Output) -> Result<(), Error> {
    let url = server.url();
    if output.is_json() {
        output.json(&json!({ "listening": url }))?;
    } else {
        output.text(&text("listening").with("url", url))?;
    }
    Ok(())
}

fn report(event: StandInEvent, output: &mut Output) -> Result<(), Error> {
    if output.is_json() {
        let value = match &event {
            StandInEvent::Subscribed { bot_id, errcode } => {
                json!({ "subscribed": bot_id, "errcode": errcode })
            }
            StandInEvent::Frame(frame) => json!({
                "cmd": frame.cmd, "req_id": frame.req_id, "body": frame.body,
                "errcode": frame.errcode,
            }),
            StandInEvent::Ping => json!({ "ping": true }),
            StandInEvent::Unreadable(text) => json!({ "unreadable": text }),
            _ => json!({ "closed": true }),
        };
        output.json(&value)?;
        return Ok(());
    }
    let language = output.language();
    let style = |code| if code == 0 { GREEN } else { RED };
    let line = match &event {
        StandInEvent::Subscribed { bot_id, errcode } => {
            let (style, bot_id) = (style(*errcode), printable(bot_id));
            let subscribed = text("subscribed").with("bot", bot_id).in_language(language);
            format!("{style}{errcode}{style:#}  {subscribed}")
        }
        StandInEvent::Frame(frame) => {
            let (style, code) = (style(frame.errcode), frame.errcode);
            let parts = [&frame.req_id, &frame.cmd, &frame.body.to_string()];
            let parts = parts.map(|part| printable(part));
            format!("{style}{code}{style:#}  {}", parts.join("  "))
        }
        StandInEvent::Ping => return Ok(()),
        StandInEvent::Unreadable(frame) => {
            let word = text("unreadable").in_language(language);
            format!("{RED}{word}{RED:#}  {}", printable(frame))
        }
        _ => text("connection-ended").in_language(language),
    };
    Ok(output.line(line)?)
}

/// A typing mistake must not end the connection.
fn report_invalid(error: &Error, output: &Output) {
    if let Error::Usage(text) | Error::Unreachable(text) = error {
        output.error(text);
    }
}
