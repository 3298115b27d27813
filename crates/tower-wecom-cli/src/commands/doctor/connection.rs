use http::header;

use super::session::{CLOCK_TOLERANCE, Session};
use crate::commands::shared::send_finding;
use crate::diagnosis::{Finding, Level, clock_off};
use crate::http::HttpRequest;
use crate::language::text;
use crate::time::{millis, parse_http_date, seconds_between, unix_seconds};

impl Session<'_> {
    /// Sends a request without parameters, to see whether the server answers and what its clock
    /// shows. Returns whether the server was reached.
    pub(super) async fn connection(&mut self) -> bool {
        let request = HttpRequest::get(self.client.target(), None);
        match self.client.send(request).await {
            Err(error) if error.was_reached() => {
                // An application may fail without parameters but work with them.
                let message = text("get-without-response").texts("error", [error.text()]);
                self.add(
                    text("check-connection"),
                    [Finding::note(error.code(), message)],
                );
                true
            }
            Err(error) => {
                self.add(text("check-connection"), [send_finding(&error)]);
                false
            }
            Ok(response) => {
                let message = text("reached")
                    .with("millis", millis(response.elapsed))
                    .with("status", response.status);
                self.add(text("check-connection"), [Finding::ok("reached", message)]);
                let date = response.header(header::DATE).and_then(parse_http_date);
                self.clock = date.map_or(0, |date| seconds_between(unix_seconds(), date));
                let clock = self.judge_clock();
                self.add(text("check-clock"), clock);
                true
            }
        }
    }

    fn judge_clock(&self) -> Option<Finding> {
        let off = self.clock.unsigned_abs();
        if off <= CLOCK_TOLERANCE {
            return None;
        }
        let mut finding = clock_off(self.clock, text("clock-of-date"));
        finding.message = if self.clock < 0 {
            text("date-behind").with("seconds", off)
        } else {
            text("date-ahead").with("seconds", off)
        };
        // A proxy or a cache may have written the date. The URL check shows whether it matters.
        finding.level = Level::Warning;
        Some(finding)
    }
}
