//! Sends callbacks at a steady pace. The latency counts from the time when a callback was due, not
//! when it was sent: if the server pauses, all callbacks in the pause are late, and all of them
//! count.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::client::Client;
use crate::genuine::{Genuine, wire};
use crate::server::Server;

const TURN: Duration = Duration::from_secs(10);

/// Latencies in microseconds.
pub(crate) struct Latencies {
    histogram: Histogram<u64>,
    pub(crate) failed: usize,
}

impl Default for Latencies {
    fn default() -> Self {
        Self::new()
    }
}

impl Latencies {
    pub(crate) fn new() -> Self {
        Self {
            histogram: Histogram::new(3).expect("three digits"),
            failed: 0,
        }
    }

    pub(crate) fn took(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.histogram.record(micros).expect("it grows");
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.histogram
            .add(&other.histogram)
            .expect("the same digits");
        self.failed += other.failed;
    }

    pub(crate) fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// The 99th percentile in milliseconds.
    pub(crate) fn p99(&self) -> f64 {
        self.at(0.99)
    }

    fn at(&self, quantile: f64) -> f64 {
        self.histogram.value_at_quantile(quantile) as f64 / 1_000.0
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} callbacks, p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, at most {:.1} ms, {} failed",
            self.count(),
            self.at(0.5),
            self.p99(),
            self.at(0.999),
            self.histogram.max() as f64 / 1_000.0,
            self.failed
        )
    }
}

/// Sends `rate` callbacks a second over `connections` connections, for ten seconds.
pub(crate) async fn run(server: &Server, rate: usize, connections: usize) -> Latencies {
    let genuine = Arc::new(Genuine::new());
    let start = Instant::now() + Duration::from_millis(200);
    let mut tasks = JoinSet::new();
    for connection in 0..connections {
        let (genuine, path) = (Arc::clone(&genuine), server.path);
        let mut client = Client::new(server.address);
        tasks.spawn(async move {
            let mut latencies = Latencies::new();
            for number in (connection..).step_by(connections) {
                let offset = Duration::from_secs_f64(number as f64 / rate as f64);
                if offset >= TURN {
                    break;
                }
                let request = wire(&genuine.request(number), path);
                sleep_until(start + offset).await;
                let answer = client.send(&request).await;
                latencies.took((start + offset).elapsed());
                latencies.failed += usize::from(!answer.is_ok_and(|answer| answer.status == 200));
            }
            latencies
        });
    }
    let mut whole = Latencies::new();
    for latencies in tasks.join_all().await {
        whole.add(latencies);
    }
    whole
}

/// Sends callbacks with short pauses over `connections` connections, until [`Good::stop`].
pub(crate) struct Good {
    goes_on: Arc<AtomicBool>,
    tasks: JoinSet<Latencies>,
}

impl Good {
    pub(crate) fn start(address: SocketAddr, connections: usize) -> Self {
        let (genuine, goes_on) = (Arc::new(Genuine::new()), Arc::new(AtomicBool::new(true)));
        let mut tasks = JoinSet::new();
        for connection in 0..connections {
            let (genuine, goes_on) = (Arc::clone(&genuine), Arc::clone(&goes_on));
            tasks.spawn(async move {
                let mut client = Client::new(address);
                let mut latencies = Latencies::new();
                for number in (connection..).step_by(connections) {
                    if !goes_on.load(Ordering::Relaxed) {
                        break;
                    }
                    let request = wire(&genuine.request(number), "/wecom");
                    let start = Instant::now();
                    let answer = client.send(&request).await;
                    latencies.took(start.elapsed());
                    latencies.failed +=
                        usize::from(!answer.is_ok_and(|answer| answer.status == 200));
                    sleep(Duration::from_millis(10)).await;
                }
                latencies
            });
        }
        Self { goes_on, tasks }
    }

    pub(crate) async fn stop(self) -> Latencies {
        self.goes_on.store(false, Ordering::Relaxed);
        let mut whole = Latencies::new();
        for latencies in self.tasks.join_all().await {
            whole.add(latencies);
        }
        whole
    }
}
