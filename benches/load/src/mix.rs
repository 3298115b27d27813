//! Mixes genuine callbacks and hostile requests evenly.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::client::{Answer, Client};
use crate::genuine::{Genuine, wire};
use crate::hostile::{Hostile, Sort};
use crate::pace::Latencies;

pub(crate) struct Mix {
    address: SocketAddr,
    next: AtomicUsize,
    callbacks: usize,
    hostile: usize,
    genuine: Genuine,
    strangers: Hostile,
}

/// The result of a run.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) acknowledged: usize,
    pub(crate) refused: usize,
    /// Acknowledged bombs with a valid signature.
    pub(crate) bombs: usize,
    pub(crate) failures: Vec<String>,
    latencies: Latencies,
    by_sort: BTreeMap<Sort, BTreeMap<String, usize>>,
    took: Duration,
}

impl Mix {
    pub(crate) fn new(address: SocketAddr, callbacks: usize, hostile: usize) -> Self {
        Self {
            address,
            next: AtomicUsize::new(0),
            callbacks,
            hostile,
            genuine: Genuine::new(),
            strangers: Hostile::new(),
        }
    }

    pub(crate) async fn run(self, connections: usize) -> Outcome {
        let (mix, start) = (Arc::new(self), Instant::now());
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            let mix = Arc::clone(&mix);
            tasks.spawn(async move { mix.one_connection().await });
        }
        let mut whole = Outcome::default();
        for outcome in tasks.join_all().await {
            whole.add(outcome);
        }
        whole.took = start.elapsed();
        whole
    }

    async fn one_connection(&self) -> Outcome {
        let mut client = Client::new(self.address);
        let mut outcome = Outcome::default();
        let all = self.callbacks + self.hostile;
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= all {
                return outcome;
            }
            // How many hostile requests come before this one, and before the next one.
            let (before, after) = (index * self.hostile / all, (index + 1) * self.hostile / all);
            if after > before {
                let (sort, request) = self.strangers.request(before);
                let answer = if sort.ends() {
                    client.send_and_end(&request).await
                } else {
                    client.send(&request).await
                };
                outcome.hostile_answer(sort, answer);
            } else {
                let number = index - before;
                let request = wire(&self.genuine.request(number), "/wecom");
                let start = Instant::now();
                let answer = client.send(&request).await;
                outcome.latencies.took(start.elapsed());
                outcome.answer(number, self.genuine.acknowledgement(number), answer);
            }
        }
    }
}

impl Outcome {
    fn answer(&mut self, number: usize, expected: &[u8], answer: io::Result<Answer>) {
        match answer {
            Ok(answer) if answer.status == 200 && answer.body == expected => self.acknowledged += 1,
            Ok(answer) => self.failures.push(format!(
                "callback {number} was answered {} {:?}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            )),
            Err(error) => self.failures.push(format!("callback {number}: {error}")),
        }
    }

    fn hostile_answer(&mut self, sort: Sort, answer: io::Result<Answer>) {
        let status = answer.as_ref().map(|answer| answer.status);
        let said = status
            .as_ref()
            .map_or_else(|_| "cut".to_owned(), u16::to_string);
        *self
            .by_sort
            .entry(sort)
            .or_default()
            .entry(said.clone())
            .or_default() += 1;
        match status {
            Ok(200) if sort.is_signed_bomb() => self.bombs += 1,
            Ok(status) if sort.is_refused_by(status) => self.refused += 1,
            // The response to an incomplete request may get lost.
            Err(_) if sort.ends() => self.refused += 1,
            _ => self.failures.push(format!("{sort} was answered {said}")),
        }
    }

    fn add(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.bombs += other.bombs;
        self.failures.extend(other.failures);
        self.latencies.add(other.latencies);
        for (sort, answers) in other.by_sort {
            for (said, times) in answers {
                *self
                    .by_sort
                    .entry(sort)
                    .or_default()
                    .entry(said)
                    .or_default() += times;
            }
        }
    }

    /// The answers to each sort, and how often each occurred.
    pub(crate) fn hostile(&self) -> String {
        let mut text = String::new();
        for (sort, answers) in &self.by_sort {
            let separator = if text.is_empty() { "" } else { "; " };
            let _ = write!(text, "{separator}{sort}");
            for (said, times) in answers {
                let _ = write!(text, " {said} × {times}");
            }
        }
        text
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs_f64();
        let requests = self.acknowledged + self.refused + self.bombs + self.failures.len();
        write!(
            f,
            "{seconds:.0} s, {:.0} requests a second; genuine ones: {}",
            requests as f64 / seconds,
            self.latencies
        )
    }
}
