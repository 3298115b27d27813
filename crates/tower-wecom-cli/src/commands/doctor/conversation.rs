//! A conversation with an AI bot: a stream is refreshed until it ends (document 101031).

use std::time::Duration;

use serde_json::{Value, json};

use super::payloads::{MEMBER, random_id};
use super::session::Session;
use crate::commands::shared::send_finding;
use crate::diagnosis::{DeliveryResponse, Finding, read_delivery};
use crate::exit::Error;
use crate::language::{Text, text};
use crate::output::excerpt;

/// How often a stream is refreshed. WeCom does so for 6 minutes.
const REFRESHES: usize = 24;
const PAUSE: Duration = Duration::from_millis(250);

/// The part of a reply that a stream needs.
struct Stream {
    id: String,
    is_finished: bool,
}

impl Session<'_> {
    /// Refreshes the stream of this reply until it ends.
    pub(super) async fn conversation(&mut self, reply: &str) -> Result<(), Error> {
        let stream = match stream_of(reply) {
            Ok(stream) => stream,
            Err(finding) => {
                self.add(text("check-conversation"), finding);
                return Ok(());
            }
        };
        let finding = self.refreshed(stream).await?;
        self.add(text("check-conversation"), [finding]);
        Ok(())
    }

    async fn refreshed(&mut self, mut stream: Stream) -> Result<Finding, Error> {
        for refreshes in 0..REFRESHES {
            if stream.is_finished {
                let message = text("stream-ends").with("refreshes", refreshes);
                return Ok(Finding::ok("conversation", message));
            }
            tokio::time::sleep(PAUSE).await;
            match self.refresh(&stream.id).await? {
                Ok(next) if next.id == stream.id => stream = next,
                Ok(next) => {
                    let message = text("stream-other-id")
                        .with("asked", excerpt(stream.id.as_bytes()))
                        .with("given", excerpt(next.id.as_bytes()));
                    return Ok(Finding::failure("stream_id", message)
                        .advice(text("stream-other-id-advice")));
                }
                Err(finding) => return Ok(finding),
            }
        }
        let seconds = PAUSE.as_secs_f32() * 24.0;
        let message = text("stream-unfinished").with("seconds", seconds);
        Ok(Finding::warning("stream_unfinished", message).advice(text("stream-unfinished-advice")))
    }

    async fn refresh(&mut self, id: &str) -> Result<Result<Stream, Finding>, Error> {
        let payload = json!({
            "msgid": random_id(), "aibotid": "doctor", "chattype": "single",
            "from": {"userid": MEMBER}, "msgtype": "stream", "stream": {"id": id},
        });
        let request = self.seal_easily(&payload.to_string())?;
        let response = match self.client.deliver(request).await {
            Ok(response) => response,
            Err(error) => return Ok(Err(send_finding(&error))),
        };
        let (content, findings) = read_delivery(&self.platform, &response);
        let DeliveryResponse::Reply { text: reply } = content else {
            let why = match findings.into_iter().next() {
                Some(finding) => finding.message,
                None => text("stream-without-reply"),
            };
            return Ok(Err(stopped(why)));
        };
        let other = || text("stream-other-reply").with("reply", excerpt(reply.as_bytes()));
        Ok(stream_of(&reply).map_err(|_| stopped(other())))
    }
}

fn stopped(why: Text) -> Finding {
    let message = text("stream-stopped").texts("why", [why]);
    Finding::failure("stream_stopped", message).advice(text("stream-stopped-advice"))
}

/// The stream of a reply. The error has a finding if there is something wrong, and not if the reply
/// is of another kind.
fn stream_of(reply: &str) -> Result<Stream, Option<Finding>> {
    let value: Value = serde_json::from_str(reply).map_err(|_| None)?;
    let stream = value.get("stream").ok_or(None)?;
    let id = stream.get("id").and_then(Value::as_str).unwrap_or_default();
    if id.is_empty() {
        let finding = Finding::failure("stream_id", text("stream-without-id"));
        return Err(Some(finding.advice(text("stream-without-id-advice"))));
    }
    Ok(Stream {
        id: id.to_owned(),
        is_finished: stream.get("finish").and_then(Value::as_bool) == Some(true),
    })
}
