//! The page plays WeCom: it sends to the app that it belongs to, in the same process.

use std::sync::Arc;

use bytes::Buf;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::{Value, json};
use tower::{Service, ServiceExt};
use tower_wecom::test_util::{Platform, PlatformError};

use crate::body::InspectorBody;
use crate::entry::Entry;
use crate::samples;
use crate::shared::{Shared, Target};
use crate::watched::Watched;

/// So much is shown of what a failed handler said, in bytes.
const SAID_SHOWN: usize = 2048;
/// What the console echoes when a URL is saved.
const ECHO: &str = "1616140317555161061";

/// What the page asks for.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Order {
    /// A sample as it is.
    Sample { target: usize, name: String },
    /// A payload that somebody has written.
    Payload {
        target: usize,
        text: String,
        json: bool,
    },
    /// One of the entries once more, byte for byte, freshly signed.
    Again { id: u64 },
    /// What the console does when the URL is saved.
    Check { target: usize },
}

/// Why nothing was sent.
#[derive(Debug)]
pub(crate) enum NotSent {
    NoTarget,
    NoSample,
    NoEntry,
    Request(PlatformError),
}

impl NotSent {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Request(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::NOT_FOUND,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::NoTarget => json!({"error": "no_target"}),
            Self::NoSample => json!({"error": "no_sample"}),
            Self::NoEntry => json!({"error": "no_entry"}),
            Self::Request(error) => json!({"error": "no_request", "why": error.to_string()}),
        }
    }
}

impl Order {
    /// The request that WeCom would send.
    pub(crate) fn request(self, shared: &Shared) -> Result<Request<String>, NotSent> {
        let target = |index: usize| shared.targets.get(index).ok_or(NotSent::NoTarget);
        let request = match self {
            Self::Sample { target: at, name } => {
                let platform = target(at)?.platform();
                samples::request(&platform, &name).ok_or(NotSent::NoSample)?
            }
            Self::Payload {
                target: at,
                text,
                json,
            } => deliver(&target(at)?.platform(), text.as_bytes(), json),
            Self::Check { target: at } => target(at)?.platform().url_check(ECHO),
            Self::Again { id } => {
                let entry = shared.ring.get(id).ok_or(NotSent::NoEntry)?;
                return again(shared, &entry);
            }
        };
        request.map_err(NotSent::Request)
    }
}

fn deliver(
    platform: &Platform,
    payload: &[u8],
    is_json: bool,
) -> Result<Request<String>, PlatformError> {
    if is_json {
        platform.deliver_json(payload)
    } else {
        platform.deliver_xml(payload)
    }
}

/// By the target that it came to, as far as that can be told.
fn again(shared: &Shared, entry: &Entry) -> Result<Request<String>, NotSent> {
    let callback = entry.callback.as_ref().ok_or(NotSent::NoEntry)?;
    let is_there = |target: &&Target| target.path == entry.uri.path();
    let is_its = |target: &&Target| target.config.tenant() == callback.tenant();
    let targets = || shared.targets.iter();
    let target = targets()
        .find(|it| is_there(it) && is_its(it))
        .or_else(|| targets().find(is_its))
        .ok_or(NotSent::NoTarget)?;
    let mut platform = Platform::new(&target.config)
        .path(entry.uri.path())
        .receive_id(callback.receive_id());
    if let Some(name) = &callback.header().to {
        platform = platform.to_user_name(name);
    }
    if let Some(agent) = callback.header().agent_id {
        platform = platform.agent_id(agent.to_string());
    }
    deliver(&platform, callback.payload(), entry.view.is_json).map_err(NotSent::Request)
}

/// Sends it through the app, and tells what came of it.
pub(crate) async fn send<S, B, ResBody>(
    shared: Arc<Shared>,
    service: S,
    request: Request<String>,
) -> Value
where
    S: Service<Request<InspectorBody<B>>, Response = Response<ResBody>>,
    ResBody: Body,
{
    let mut request = request.map(InspectorBody::ours);
    let watched = Watched::new(shared, &mut request, true);
    let answered = service.oneshot(request).await;
    let (status, said) = match answered {
        Ok(response) if response.status().is_success() => (Some(response.status()), None),
        Ok(response) => {
            let status = response.status();
            (Some(status), said(response.into_body()).await)
        }
        Err(_) => (None, None),
    };
    if watched.is_untouched() {
        // Another path, or another service than that in which the layer is: `Router::layer` does that.
        return json!({"error": "not_seen", "status": status.map(|it| it.as_u16())});
    }
    let outcome = watched.outcome();
    let id = watched.end(status, said);
    json!({"id": id, "status": status.map(|it| it.as_u16()), "outcome": outcome})
}

/// The beginning of what a failed handler said.
async fn said<B: Body>(body: B) -> Option<String> {
    let (said, _) = read(body, SAID_SHOWN).await;
    (!said.is_empty()).then(|| String::from_utf8_lossy(&said).into_owned())
}

/// Reads so many bytes of a body, and tells whether that was all and none was broken.
pub(crate) async fn read<B: Body>(body: B, limit: usize) -> (Vec<u8>, bool) {
    let mut body = std::pin::pin!(body);
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return (all, false);
        };
        let Ok(mut data) = frame.into_data() else {
            continue;
        };
        let room = limit.saturating_sub(all.len());
        let is_whole = data.remaining() <= room;
        all.extend_from_slice(&data.copy_to_bytes(data.remaining().min(room)));
        if !is_whole {
            return (all, false);
        }
    }
    (all, true)
}
