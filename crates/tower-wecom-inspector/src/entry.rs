//! An entry of the list: a callback or a rejected request.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use serde::Serialize;
use tower_wecom::dedup::DedupKey;
use tower_wecom::middleware::Probe;
use tower_wecom::payload::Format;
use tower_wecom::{Callback, Origin, Rejection};

use crate::show::{self, Policy};

/// A kept request, for the page and to send it again.
pub(crate) struct Entry {
    pub(crate) id: u64,
    /// The part that the page shows.
    pub(crate) view: View,
    pub(crate) uri: Uri,
    pub(crate) method: Method,
    pub(crate) body: Bytes,
    /// `None` if the request was rejected, or was a URL check.
    pub(crate) callback: Option<Callback>,
    pub(crate) dedup_key: Option<DedupKey>,
}

/// A request that has been answered, or aborted by a panic or a disconnect.
pub(crate) struct Finished {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) probe: Probe,
    pub(crate) outcome: &'static str,
    pub(crate) status: Option<StatusCode>,
    pub(crate) took: Duration,
    /// Whether the page sent the request.
    pub(crate) is_from_page: bool,
    /// The body of an error response, if the page sent the request.
    pub(crate) error_body: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct View {
    /// Milliseconds since 1970.
    time: u64,
    from: &'static str,
    method: String,
    path: String,
    kind: String,
    known: bool,
    receive_id: Option<String>,
    corp: Option<String>,
    tenant: Option<String>,
    agent_id: Option<u64>,
    user: Option<String>,
    key_index: Option<usize>,
    age: Option<i64>,
    misfits: Vec<String>,
    /// The length of the encrypted body; `size` is the length of the decrypted payload.
    wire_size: usize,
    size: Option<usize>,
    pub(crate) outcome: &'static str,
    pub(crate) status: Option<u16>,
    microseconds: u64,
    /// The id of an earlier entry with the same callback.
    pub(crate) copy_of: Option<u64>,
    pub(crate) payload: Option<String>,
    pub(crate) is_json: bool,
    event: Option<String>,
    reply: Option<String>,
    rejection: Option<RejectionView>,
    error_body: Option<String>,
}

#[derive(Serialize)]
struct RejectionView {
    kind: &'static str,
    reason: String,
    details: Vec<String>,
}

impl Entry {
    pub(crate) fn new(finished: Finished, policy: Policy) -> Self {
        let callback = finished.probe.callback();
        Self {
            id: 0,
            body: finished.probe.body(),
            dedup_key: callback.as_ref().map(DedupKey::of),
            view: View::new(&finished, callback.as_ref(), policy),
            uri: finished.uri,
            method: finished.method,
            callback,
        }
    }

    /// Roughly how many bytes of memory the entry takes.
    pub(crate) fn weight(&self) -> usize {
        let view = &self.view;
        let texts = [&view.payload, &view.event, &view.reply, &view.error_body];
        let shown = texts.into_iter().flatten().map(String::len);
        // The parsed tree of a callback takes about as much as its payload.
        let kept = self.callback.as_ref().map_or(0, |it| it.payload().len());
        let uri = self.uri.query().map_or(0, str::len);
        let parts = [self.body.len(), kept, kept, view.path.len(), uri, 1024];
        shown.chain(parts).fold(0, usize::saturating_add)
    }
}

impl View {
    fn new(finished: &Finished, callback: Option<&Callback>, policy: Policy) -> Self {
        let kind = match callback {
            Some(callback) => callback.kind().to_string(),
            None if finished.method != Method::POST => "url_check".to_owned(),
            None => String::new(),
        };
        let event = callback.and_then(|it| serde_json::to_string(it.event()).ok());
        let reply = finished.probe.reply();
        Self {
            time: milliseconds(SystemTime::now()),
            from: if finished.is_from_page {
                "page"
            } else {
                "peer"
            },
            method: finished.method.to_string(),
            path: finished.uri.path().to_owned(),
            kind,
            known: callback.is_some_and(|it| it.event().is_known()),
            receive_id: callback.map(|it| it.receive_id().to_owned()),
            corp: callback.and_then(corp_of),
            tenant: callback.and_then(|it| it.tenant().map(str::to_owned)),
            agent_id: callback.and_then(|it| it.header().agent_id),
            user: callback.and_then(|it| it.header().from.clone()),
            key_index: callback.map(Callback::key_index),
            age: callback.map(Callback::age),
            misfits: callback.map_or_else(Vec::new, |it| it.misfits().to_vec()),
            wire_size: finished.probe.body().len(),
            size: callback.map(|it| it.payload().len()),
            outcome: finished.outcome,
            status: finished.status.map(|status| status.as_u16()),
            microseconds: u64::try_from(finished.took.as_micros()).unwrap_or(u64::MAX),
            copy_of: None,
            payload: callback.map(|it| show::text(it.payload(), policy)),
            is_json: callback.is_some_and(|it| Format::of(it.payload()) == Some(Format::Json)),
            event: event.and_then(|event| show::json(&event, policy)),
            reply: reply.map(|reply| show::text(reply.as_bytes(), policy)),
            rejection: finished
                .probe
                .rejection()
                .map(|rejection| RejectionView::new(&rejection)),
            error_body: finished
                .error_body
                .clone()
                .filter(|_| policy == Policy::Open),
        }
    }
}

impl RejectionView {
    fn new(rejection: &Rejection) -> Self {
        use std::error::Error;

        // The source may be an error of the user's resolver. The errors of tower-wecom contain no
        // secret.
        let source = rejection.source().map(|error| format!(": {error}"));
        Self {
            kind: rejection.kind().as_str(),
            reason: format!("{rejection}{}", source.unwrap_or_default()),
            details: rejection
                .details()
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }
}

/// The corp in a notice to a suite.
fn corp_of(callback: &Callback) -> Option<String> {
    match callback.origin() {
        Origin::Suite(suite) => suite.auth_corp_id.clone(),
        _ => None,
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
