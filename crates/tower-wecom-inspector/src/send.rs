//! Plays WeCom: sends requests of the page through its app, in the same process.

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
use crate::recording::Recording;
use crate::samples;
use crate::shared::{Shared, Target};

/// How many bytes of an error response are shown.
const ERROR_BODY_SHOWN: usize = 2048;
/// The text that the URL check has to echo.
const ECHO: &str = "1616140317555161061";

/// The JSON that the page posts to send a request.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum SendRequest {
    /// An unchanged sample.
    Sample { target: usize, name: String },
    /// An edited payload.
    Payload {
        target: usize,
        text: String,
        json: bool,
    },
    /// The payload of an entry again, byte for byte, freshly signed.
    Again { id: u64 },
    /// The URL check, as if the URL were saved in WeCom's console.
    Check { target: usize },
}

/// Why nothing was sent.
#[derive(Debug)]
pub(crate) enum SendError {
    NoTarget,
    NoSample,
    NoEntry,
    Request(PlatformError),
}

impl SendError {
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

impl SendRequest {
    /// Builds the request that WeCom would send.
    pub(crate) fn into_request(self, shared: &Shared) -> Result<Request<String>, SendError> {
        let target = |index: usize| shared.targets.get(index).ok_or(SendError::NoTarget);
        let request = match self {
            Self::Sample { target: at, name } => {
                let platform = target(at)?.platform();
                samples::request(&platform, &name).ok_or(SendError::NoSample)?
            }
            Self::Payload {
                target: at,
                text,
                json,
            } => deliver(&target(at)?.platform(), text.as_bytes(), json),
            Self::Check { target: at } => target(at)?.platform().url_check(ECHO),
            Self::Again { id } => {
                let entry = shared.ring.get(id).ok_or(SendError::NoEntry)?;
                return again(shared, &entry);
            }
        };
        request.map_err(SendError::Request)
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

/// Sends to the target that the entry came from: the same path and tenant, or else the same tenant.
fn again(shared: &Shared, entry: &Entry) -> Result<Request<String>, SendError> {
    let callback = entry.callback.as_ref().ok_or(SendError::NoEntry)?;
    let has_its_path = |target: &&Target| target.path == entry.uri.path();
    let has_its_tenant = |target: &&Target| target.config.tenant() == callback.tenant();
    let targets = || shared.targets.iter();
    let target = targets()
        .find(|it| has_its_path(it) && has_its_tenant(it))
        .or_else(|| targets().find(has_its_tenant))
        .ok_or(SendError::NoTarget)?;
    let mut platform = Platform::new(&target.config)
        .path(entry.uri.path())
        .receive_id(callback.receive_id());
    if let Some(name) = &callback.header().to {
        platform = platform.to_user_name(name);
    }
    if let Some(agent) = callback.header().agent_id {
        platform = platform.agent_id(agent.to_string());
    }
    deliver(&platform, callback.payload(), entry.view.is_json).map_err(SendError::Request)
}

/// Sends the request through the app and returns the result.
pub(crate) async fn send<S, B, ResBody>(
    shared: Arc<Shared>,
    service: S,
    request: Request<String>,
) -> Value
where
    S: Service<Request<InspectorBody<B>>, Response = Response<ResBody>>,
    ResBody: Body,
{
    let mut request = request.map(InspectorBody::full);
    let recording = Recording::new(shared, &mut request, true);
    let answered = service.oneshot(request).await;
    let (status, error_body) = match answered {
        Ok(response) if response.status().is_success() => (Some(response.status()), None),
        Ok(response) => {
            let status = response.status();
            (Some(status), read_error_body(response.into_body()).await)
        }
        Err(_) => (None, None),
    };
    if recording.is_untouched() {
        // The path is wrong, or the inspector wraps a single route because of `Router::layer`.
        return json!({"error": "not_seen", "status": status.map(|it| it.as_u16())});
    }
    let outcome = recording.outcome();
    let id = recording.finish(status, error_body);
    json!({"id": id, "status": status.map(|it| it.as_u16()), "outcome": outcome})
}

/// The beginning of an error response.
async fn read_error_body<B: Body>(body: B) -> Option<String> {
    let (text, _) = read_up_to(body, ERROR_BODY_SHOWN).await;
    (!text.is_empty()).then(|| String::from_utf8_lossy(&text).into_owned())
}

/// Reads at most `limit` bytes of a body. Returns `true` if that was the whole body, without an
/// error.
pub(crate) async fn read_up_to<B: Body>(body: B, limit: usize) -> (Vec<u8>, bool) {
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
