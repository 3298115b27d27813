//! Sends one sample many times.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tokio::task::JoinSet;
use tower_wecom::payload::Document;
use tower_wecom::test_util::{Delivery, Platform};

use super::shared::platform_error;
use crate::diagnosis::{is_fine, read_delivery};
use crate::exit::{Error, ExitStatus};
use crate::http::Client;
use crate::language::{Text, text};
use crate::output::Output;

/// What to send, and how often.
pub(super) struct LoadPlan {
    pub(super) delivery: Delivery,
    pub(super) platform: Platform,
    pub(super) repeat: u64,
    pub(super) concurrency: u16,
    /// The path of the element that gets a number.
    pub(super) distinct: Option<String>,
}

/// The results.
#[derive(Default)]
pub(super) struct LoadReport {
    duration: Duration,
    /// The response times, of successes and failures.
    elapsed: Vec<Duration>,
    succeeded: u64,
    /// The number of failures by the code of the finding.
    failed: BTreeMap<&'static str, u64>,
    /// The first error of a request without a response.
    first_error: Option<Text>,
    was_reached: bool,
}

impl LoadReport {
    /// Sends everything that the plan asks for.
    pub(super) async fn run(plan: &LoadPlan, client: &Client) -> Result<Self, Error> {
        let bar = progress_bar(plan.repeat);
        let next = Arc::new(AtomicU64::new(0));
        let start = Instant::now();
        let mut workers = JoinSet::new();
        for _ in 0..u64::from(plan.concurrency).min(plan.repeat) {
            let worker = Worker {
                next: Arc::clone(&next),
                bar: bar.clone(),
                client: client.with_new_connection(),
                platform: plan.platform.clone(),
                delivery: plan.delivery.clone(),
                repeat: plan.repeat,
                distinct: plan
                    .distinct
                    .clone()
                    .map(|path| Numbering::new(path, &plan.delivery)),
            };
            workers.spawn(worker.run());
        }
        let mut report = Self::default();
        while let Some(done) = workers.join_next().await {
            let done = done
                .map_err(|error| Error::unreachable(text("worker-failed").with("error", error)))?;
            report.add(done?);
        }
        bar.finish_and_clear();
        report.duration = start.elapsed();
        report.elapsed.sort_unstable();
        Ok(report)
    }

    fn add(&mut self, other: Self) {
        self.elapsed.extend(other.elapsed);
        self.succeeded = self.succeeded.saturating_add(other.succeeded);
        for (code, count) in other.failed {
            let sum = self.failed.entry(code).or_default();
            *sum = sum.saturating_add(count);
        }
        self.first_error = self.first_error.take().or(other.first_error);
        self.was_reached |= other.was_reached;
    }

    pub(super) fn show(&self, output: &mut Output) -> Result<(), Error> {
        let failed = self.failed();
        let seconds = self.duration.as_secs_f64();
        let count = u32::try_from(self.succeeded.saturating_add(failed)).unwrap_or(u32::MAX);
        let per_second = if seconds > 0.0 {
            f64::from(count) / seconds
        } else {
            0.0
        };
        let [p50, p99, max] =
            [50, 99, 100].map(|percent| self.percentile(percent).as_secs_f64() * 1000.0);
        if output.is_json() {
            output.json(&json!({
                "sent": count, "ok": self.succeeded, "failed": failed, "failures": self.failed,
                "seconds": round(seconds), "per_second": round(per_second),
                "millis": {"p50": round(p50), "p99": round(p99), "max": round(max)},
            }))?;
            return Ok(());
        }
        output.text(
            &text("load-sent")
                .with("sent", count)
                .with("seconds", format!("{seconds:.1}"))
                .with("ok", self.succeeded)
                .with("failed", failed),
        )?;
        output.text(
            &text("load-times")
                .with("p50", format!("{p50:.1}"))
                .with("p99", format!("{p99:.1}"))
                .with("max", format!("{max:.1}"))
                .with("rate", format!("{per_second:.0}")),
        )?;
        for (code, count) in &self.failed {
            output.line(format!("{count} × {code}"))?;
        }
        Ok(())
    }

    pub(super) fn exit_status(&self) -> Result<ExitStatus, Error> {
        match &self.first_error {
            Some(error) if !self.was_reached => Err(Error::unreachable(error.clone())),
            _ => Ok(ExitStatus::of(self.failed.is_empty())),
        }
    }

    fn failed(&self) -> u64 {
        self.failed
            .values()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The time within which this percentage of the responses arrived.
    fn percentile(&self, percent: usize) -> Duration {
        let rank = self.elapsed.len().saturating_mul(percent).div_ceil(100);
        let found = self.elapsed.get(rank.saturating_sub(1));
        found.copied().unwrap_or_default()
    }
}

struct Worker {
    next: Arc<AtomicU64>,
    bar: ProgressBar,
    client: Client,
    platform: Platform,
    delivery: Delivery,
    repeat: u64,
    distinct: Option<Numbering>,
}

impl Worker {
    async fn run(mut self) -> Result<LoadReport, Error> {
        let mut report = LoadReport::default();
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.repeat {
                return Ok(report);
            }
            let numbered = self
                .distinct
                .as_ref()
                .map(|counter| counter.apply(&self.delivery, number));
            let request = numbered
                .as_ref()
                .unwrap_or(&self.delivery)
                .request()
                .map_err(platform_error)?;
            match self.client.deliver(request).await {
                Ok(response) => {
                    report.was_reached = true;
                    report.elapsed.push(response.elapsed);
                    let (_, findings) = read_delivery(&self.platform, &response);
                    if is_fine(&findings) {
                        report.succeeded = report.succeeded.saturating_add(1);
                    } else if let Some(finding) = findings.first() {
                        count(&mut report.failed, finding.code);
                    }
                }
                Err(error) => {
                    report.was_reached |= error.was_reached();
                    count(&mut report.failed, error.code());
                    report.first_error.get_or_insert(error.text());
                }
            }
            self.bar.inc(1);
        }
    }
}

fn count(failed: &mut BTreeMap<&'static str, u64>, code: &'static str) {
    let sum = failed.entry(code).or_default();
    *sum = sum.saturating_add(1);
}

/// Puts a different number into one element of each delivery.
struct Numbering {
    path: String,
    /// The text of the element in the sample.
    base: String,
}

impl Numbering {
    fn new(path: String, delivery: &Delivery) -> Self {
        let document = Document::parse(delivery.payload().as_bytes()).ok();
        let found = document
            .as_ref()
            .and_then(|document| document.root().find(&path));
        Self {
            base: found
                .map(|element| element.text().to_owned())
                .unwrap_or_default(),
            path,
        }
    }

    /// A numeric text is counted up. Any other text gets the number at its end.
    fn apply(&self, delivery: &Delivery, number: u64) -> Delivery {
        let text = match self.base.parse::<u64>() {
            Ok(base) => base.wrapping_add(number).to_string(),
            Err(_) => format!("{}-{number}", self.base),
        };
        delivery.clone().set(&self.path, text)
    }
}

/// A progress bar on stderr, if that is a terminal.
fn progress_bar(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    match ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn round(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_responses() {
        let report = LoadReport {
            elapsed: (1..=200).map(Duration::from_millis).collect(),
            ..LoadReport::default()
        };
        let millis = [50, 99, 100].map(|percent| report.percentile(percent).as_millis());
        assert_eq!(millis, [100, 198, 200]);
        assert_eq!(LoadReport::default().percentile(99), Duration::ZERO);
    }
}
