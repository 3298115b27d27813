//! Prints the exchanges of `record` on a thread of its own. A reader that does not read, or a
//! terminal that is stopped, then never delays the traffic.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::json;

use super::recorder::Recorded;
use crate::language::{Language, text};
use crate::output::{DIM, Output, printable};

/// How many lines may wait for the reader. Further lines are counted and not printed.
const WAITING: usize = 1024;
/// How long the lines that are left may take at the end.
const LAST_LINES: Duration = Duration::from_secs(10);

/// Prints without ever waiting for the output.
pub(super) struct Printer {
    sender: SyncSender<Line>,
    thread: JoinHandle<()>,
    skipped: u64,
}

enum Line {
    Exchange(Box<Recorded>),
    /// This many exchanges were not printed.
    Skipped(u64),
}

impl Printer {
    pub(super) fn start(is_json: bool, language: Language) -> Self {
        let (sender, receiver) = sync_channel(WAITING);
        Self {
            sender,
            thread: thread::spawn(move || print_all(&receiver, is_json, language)),
            skipped: 0,
        }
    }

    pub(super) fn print(&mut self, recorded: Recorded) {
        self.send_skipped();
        let line = Line::Exchange(Box::new(recorded));
        if let Err(TrySendError::Full(_)) = self.sender.try_send(line) {
            self.skipped = self.skipped.saturating_add(1);
        }
    }

    fn send_skipped(&mut self) {
        if self.skipped > 0 && self.sender.try_send(Line::Skipped(self.skipped)).is_ok() {
            self.skipped = 0;
        }
    }

    /// Waits for the last lines, but not forever.
    pub(super) async fn finish(mut self) {
        let start = Instant::now();
        let pause = || tokio::time::sleep(Duration::from_millis(10));
        while self.skipped > 0 && start.elapsed() < LAST_LINES && !self.thread.is_finished() {
            self.send_skipped();
            pause().await;
        }
        drop(self.sender);
        while start.elapsed() < LAST_LINES && !self.thread.is_finished() {
            pause().await;
        }
    }
}

fn print_all(lines: &Receiver<Line>, is_json: bool, language: Language) {
    let mut output = Output::new(is_json, language);
    for line in lines {
        // If stdout is closed, the requests are still forwarded and written.
        drop(print(&line, &mut output));
    }
}

fn print(line: &Line, output: &mut Output) -> io::Result<()> {
    match line {
        Line::Exchange(recorded) => print_exchange(recorded, output),
        Line::Skipped(skipped) if output.is_json() => output.json(&json!({"skipped": skipped})),
        Line::Skipped(skipped) => output.text(&text("exchanges-not-shown").with("count", skipped)),
    }
}

fn print_exchange(recorded: &Recorded, output: &mut Output) -> io::Result<()> {
    let Recorded {
        name,
        exchange,
        write_error,
    } = recorded;
    if let Some(error) = write_error {
        output.error(&text("not-written").with("name", name).with("error", error));
    }
    if output.is_json() {
        return output.json(&json!({"name": name, "exchange": exchange}));
    }
    let what = match &exchange.kind {
        Some(kind) => kind.clone(),
        None if exchange.is_url_check => text("check-url-check").in_language(output.language()),
        None => text("not-opened").in_language(output.language()),
    };
    let why = [&exchange.not_opened, &exchange.error];
    let why: Vec<_> = why
        .into_iter()
        .flatten()
        .map(|why| printable(why))
        .collect();
    let why = match why.as_slice() {
        [] => String::new(),
        why => format!("  {DIM}{}{DIM:#}", why.join("; ")),
    };
    let (status, method, took) = (
        exchange.status,
        printable(&exchange.method),
        exchange.millis,
    );
    output.line(format!(
        "{name}  {status} {method}  {}  {took} ms{why}",
        printable(&what)
    ))
}
