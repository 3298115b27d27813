use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::printer::Printer;
use super::recorder::{Recorded, Recorder};
use super::shared::{cannot_listen, client, no_signals};
use crate::config::ConfigArgs;
use crate::exchange::Folder;
use crate::exit::{Error, ExitStatus};
use crate::http::Target;
use crate::language::text;
use crate::output::Output;
use crate::signals;

/// Record what passes between WeCom and an application
///
/// Forwards each request and returns the response, both unchanged. Writes the request, the
/// decrypted payload and the response into files that only their owner can read. If the application
/// cannot be reached, WeCom gets 502 and tries again, and the request is recorded too. The files
/// contain personal data: delete them. If the output is not read, the requests are still forwarded
/// and recorded, and a line counts those that are not shown.
///
/// If --forward has a path, all requests go to that path. Otherwise they keep their own.
#[derive(Args)]
#[command(
    after_help = "Example:\n  wecom record --listen 127.0.0.1:8080 --forward http://127.0.0.1:3000 --out recorded"
)]
pub(crate) struct RecordArgs {
    /// Address and port. Port 0 chooses a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The application's URL
    #[arg(long, value_name = "URL")]
    forward: Target,
    /// The folder for the files. It is created if it does not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The longest body that is accepted, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20)]
    max_body: usize,
    /// How long to wait for the application, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// Stop after this number of requests
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// How long a request's headers may take. A peer that never finishes them must not keep the
/// connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

pub(crate) async fn run(args: &RecordArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let settings = args.config.settings(output)?;
    let credentials = settings.credentials(output)?;
    let folder = Folder::create(&args.out).map_err(|error| {
        let message = text("cannot-create").with("file", args.out.display());
        Error::unreachable(message.with("error", error))
    })?;
    let stop = signals::stop().map_err(|error| no_signals(&error))?;
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| cannot_listen(args.listen, error))?;
    let address = listener.local_addr()?;
    if is_itself(address, &args.forward) {
        return Err(Error::usage(text("forward-to-itself")));
    }
    let (sender, receiver) = mpsc::channel(64);
    let recorder = Arc::new(Recorder::new(
        client(&args.forward, args.timeout)?,
        credentials.config(),
        folder,
        args.max_body,
        sender,
    ));
    if !address.ip().is_loopback() {
        output.note(&text("reached-by-others"));
    }
    report_listening(address, args, output)?;
    let mut recorded = RecordedExchanges { receiver, count: 0 };
    let mut printer = Printer::start(output.is_json(), output.language());
    tokio::pin!(stop);
    while args.count.is_none_or(|limit| recorded.count < limit) {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => {
                match accepted {
                    Ok((stream, _)) => drop(tokio::spawn(serve(stream, Arc::clone(&recorder)))),
                    // The peer's fault, or temporary, like too many open files.
                    Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
                }
            }
            Some(recorded) = recorded.next() => printer.print(recorded),
        }
    }
    drop(listener);
    finish(&recorder, &mut recorded, &mut printer, output).await?;
    printer.finish().await;
    // Gives the last response time to be sent.
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(ExitStatus::Success)
}

/// Whether forwarded requests would come back. Host names are not resolved.
fn is_itself(listening: SocketAddr, forward: &Target) -> bool {
    let Ok(ip) = forward.host().parse::<IpAddr>() else {
        return false;
    };
    let is_ours = ip == listening.ip() || (listening.ip().is_unspecified() && ip.is_loopback());
    is_ours && forward.port() == listening.port() && !forward.is_tls()
}

/// Receives the finished exchanges and counts them.
struct RecordedExchanges {
    receiver: mpsc::Receiver<Recorded>,
    count: u64,
}

impl RecordedExchanges {
    async fn next(&mut self) -> Option<Recorded> {
        let recorded = self.receiver.recv().await?;
        self.count = self.count.saturating_add(1);
        Some(recorded)
    }
}

/// Waits for the exchanges that have started. A second signal ends the wait.
async fn finish(
    recorder: &Recorder,
    recorded: &mut RecordedExchanges,
    printer: &mut Printer,
    output: &Output,
) -> Result<(), Error> {
    let left = recorder.started().saturating_sub(recorded.count);
    if left == 0 {
        return Ok(());
    }
    output.note(&text("waiting-for-responses").with("count", left));
    let stop = signals::stop().map_err(|error| no_signals(&error))?;
    tokio::pin!(stop);
    while recorded.count < recorder.started() {
        tokio::select! {
            () = &mut stop => break,
            Some(recorded) = recorded.next() => printer.print(recorded),
        }
    }
    Ok(())
}

async fn serve(stream: TcpStream, recorder: Arc<Recorder>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let recorder = Arc::clone(&recorder);
        // In a task of its own, because the exchange must go on if the peer closes the connection.
        // WeCom does so after 5 s, and these exchanges are the interesting ones.
        tokio::spawn(async move { recorder.forward(request).await })
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        // The peer may close its sending side after the request. It still waits for the response.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    // An error here means that the peer closed the connection.
    drop(connection.await);
}

fn report_listening(
    address: SocketAddr,
    args: &RecordArgs,
    output: &mut Output,
) -> Result<(), Error> {
    let url = format!("http://{address}");
    if output.is_json() {
        output.json(
            &json!({"listening": url, "forward": args.forward.to_string(), "out": args.out}),
        )?;
    } else {
        output.text(
            &text("forwarding")
                .with("url", url)
                .with("forward", &args.forward),
        )?;
    }
    Ok(())
}
