//! Forwards one request and writes the exchange into files.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tower_wecom::Config;
use tower_wecom::payload::Format;

use crate::diagnosis::{Opened, open};
use crate::exchange::{Exchange, Folder};
use crate::http::{Client, HttpRequest, HttpResponse};
use crate::time::{millis, unix_millis};

/// Headers that belong to a connection. They are not forwarded.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// How long a body may take. A peer that never finishes it must not keep the connection.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Forwards requests and records them.
pub(super) struct Recorder {
    client: Client,
    config: Config,
    folder: Folder,
    max_body: usize,
    count: AtomicU64,
    sender: mpsc::Sender<Recorded>,
}

/// A finished exchange.
pub(super) struct Recorded {
    pub(super) name: String,
    pub(super) exchange: Exchange,
    /// Why the files could not be written.
    pub(super) write_error: Option<String>,
}

impl Recorder {
    pub(super) fn new(
        client: Client,
        config: Config,
        folder: Folder,
        max_body: usize,
        sender: mpsc::Sender<Recorded>,
    ) -> Self {
        Self {
            client,
            config,
            folder,
            max_body,
            count: AtomicU64::new(0),
            sender,
        }
    }

    /// The number of requests so far. Each is sent to the channel once it is finished.
    pub(super) fn started(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Forwards a request, writes the exchange, and returns the application's response.
    pub(super) async fn forward(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let time = unix_millis();
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let name = format!("{time:013}-{number:06}");
        let (parts, body) = request.into_parts();
        let mut exchange = Exchange {
            time: u64::try_from(time).unwrap_or(u64::MAX),
            method: parts.method.to_string(),
            url: parts.uri.to_string(),
            ..Exchange::default()
        };
        let body = Limited::new(body, self.max_body).collect();
        let body = timeout(BODY_TIMEOUT, body).await;
        let (body, response) = match body.unwrap_or_else(|late| Err(late.into())) {
            Ok(body) => {
                let body = body.to_bytes();
                let response = self.send(&parts, &body, &mut exchange).await;
                (body, response)
            }
            Err(error) => (Bytes::new(), unreadable_body(&*error, &mut exchange)),
        };
        exchange.status = response.status().as_u16();
        let written = self.store(&name, &parts, &body, &response, &mut exchange);
        let recorded = Recorded {
            name,
            exchange,
            write_error: written.err().map(|error| error.to_string()),
        };
        // Fails only if the process is about to exit.
        drop(self.sender.send(recorded).await);
        response.map(Full::new)
    }

    async fn send(&self, parts: &Parts, body: &Bytes, exchange: &mut Exchange) -> Response<Bytes> {
        let target = self.client.target();
        let path = if target.path() == "/" {
            parts.uri.path()
        } else {
            target.path()
        };
        let origin_form = match parts.uri.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        let request = HttpRequest {
            method: parts.method.clone(),
            origin_form,
            headers: end_to_end(&parts.headers),
            body: body.clone(),
            is_chunked: false,
        };
        match self.client.with_new_connection().send(request).await {
            Ok(response) => {
                exchange.millis = millis(response.elapsed);
                forwarded_response(response)
            }
            Err(error) => {
                exchange.error = Some(error.text().into());
                // WeCom tries again after this status.
                text_response(StatusCode::BAD_GATEWAY, "the application did not respond\n")
            }
        }
    }

    fn store(
        &self,
        name: &str,
        parts: &Parts,
        body: &Bytes,
        response: &Response<Bytes>,
        exchange: &mut Exchange,
    ) -> io::Result<()> {
        let payload = self.decrypt(parts, body, exchange);
        let line = format!("{} {} HTTP/1.1\r\n", parts.method, parts.uri);
        self.folder.write(
            &format!("{name}.request.http"),
            &raw(&line, &parts.headers, body),
        )?;
        let line = format!("HTTP/1.1 {}\r\n", response.status());
        let raw = raw(&line, response.headers(), response.body());
        self.folder.write(&format!("{name}.response.http"), &raw)?;
        if let Some(payload) = payload {
            let ending = match Format::of(&payload) {
                Some(Format::Xml) => "xml",
                Some(Format::Json) => "json",
                _ => "txt",
            };
            let file = format!("{name}.payload.{ending}");
            self.folder.write(&file, &payload)?;
            exchange.payload = Some(file);
        }
        let text = serde_json::to_vec_pretty(exchange)?;
        self.folder.write(&format!("{name}.json"), &text)
    }

    /// The decrypted payload, or `None` if the request cannot be opened.
    fn decrypt(&self, parts: &Parts, body: &Bytes, exchange: &mut Exchange) -> Option<Bytes> {
        let query = parts.uri.query().unwrap_or_default();
        let is_post = parts.method == http::Method::POST;
        exchange.is_url_check = !is_post && query.contains("echostr=");
        if is_post {
            let is_json = Format::of(body) == Some(Format::Json);
            exchange.envelope = Some(if is_json { "json" } else { "xml" }.to_owned());
        }
        match open(&self.config, exchange.is_url_check, query, body) {
            Ok(Opened::Echo(echo)) => Some(echo),
            Ok(Opened::Delivery(callback)) => {
                exchange.kind = Some(callback.kind().to_string());
                exchange.receive_id = Some(callback.receive_id().to_owned());
                Some(callback.payload().clone())
            }
            Err(rejection) => {
                exchange.not_opened = Some(rejection.to_string());
                None
            }
        }
    }
}

fn unreadable_body(
    error: &(dyn std::error::Error + Send + Sync + 'static),
    exchange: &mut Exchange,
) -> Response<Bytes> {
    if error.is::<LengthLimitError>() {
        exchange.error = Some("the body is longer than --max-body".to_owned());
        return text_response(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long\n");
    }
    exchange.error = Some(format!("the body did not arrive: {error}"));
    text_response(StatusCode::BAD_REQUEST, "the body did not arrive\n")
}

fn text_response(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    response
}

fn forwarded_response(received: HttpResponse) -> Response<Bytes> {
    let mut response = Response::new(received.body);
    *response.status_mut() = received.status;
    *response.headers_mut() = end_to_end(&received.headers);
    response
}

/// The headers without those of the connection. hyper adds the length of the body again.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        kept.remove(name);
    }
    kept.remove(header::CONTENT_LENGTH);
    kept
}

fn raw(line: &str, headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    let mut raw = line.as_bytes().to_vec();
    for (name, value) in headers {
        raw.extend_from_slice(name.as_str().as_bytes());
        raw.extend_from_slice(b": ");
        raw.extend_from_slice(value.as_bytes());
        raw.extend_from_slice(b"\r\n");
    }
    raw.extend_from_slice(b"\r\n");
    raw.extend_from_slice(body);
    raw
}
