//! Helpers that several tests need.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Debug;
use std::io::Write;
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use tower::{Service, ServiceExt};
use tower_wecom::payload::Document;
use tower_wecom::protocol::{self, Received};
use tower_wecom::reply::ReplyKind;
use tower_wecom::test_util::{FixedClock, Flavour, Platform, Sample};
use tower_wecom::{
    Callback, Config, ReceiveId, Rejection, RejectionKind, Reply, RequestBody, ResponseBody,
    WeComLayer,
};

pub const TOKEN: &str = "QDG6eK";
pub const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
pub const CORP: &str = "wx5823bf96d3bd56c7";
/// The time of the clock of [`config`].
pub const NOW: u64 = 1_767_225_605;

/// The credentials of the official sample, with a clock that stands still.
pub fn config() -> Config {
    let (token, key) = (TOKEN.parse().unwrap(), KEY.parse().unwrap());
    Config::new(token, key, ReceiveId::exact(CORP)).clock(FixedClock::at(NOW))
}

pub fn platform() -> Platform {
    Platform::new(&config())
}

/// A callback of a common event.
pub const CREATE_USER: &str = "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\
    <FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1767225605</CreateTime>\
    <MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_contact]]></Event>\
    <ChangeType>create_user</ChangeType><UserID><![CDATA[lin.mei]]></UserID></xml>";

/// A genuine delivery of it.
pub fn delivery() -> Request<String> {
    platform().deliver_xml(CREATE_USER).unwrap()
}

/// A message from a member, which takes a reply.
pub const MESSAGE: &str = "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\
    <FromUserName><![CDATA[lin.mei]]></FromUserName><CreateTime>1767225605</CreateTime>\
    <MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hi]]></Content><MsgId>1</MsgId>\
    <AgentID>1000002</AgentID></xml>";

/// A genuine delivery of it.
pub fn message() -> Request<String> {
    platform().deliver_xml(MESSAGE).unwrap()
}

/// The sealed reply to a delivery, sent back as a delivery.
pub fn sent_back(config: &Config, delivery: Request<String>, reply: &Reply) -> Request<String> {
    let (parts, body) = delivery.into_parts();
    let query = parts.uri.query().unwrap();
    let received = protocol::receive(config, parts.method.as_str(), query, body);
    let Received::Callback(callback) = received else {
        panic!("it is no callback");
    };
    let body = protocol::respond(&callback, reply).into_body();
    let document = Document::parse(&body).unwrap();
    let text = |xml, json| {
        let root = document.root();
        root.child(xml).or(root.child(json)).unwrap().text()
    };
    let (signature, nonce) = (text("MsgSignature", "msgsignature"), text("Nonce", "nonce"));
    let timestamp = text("TimeStamp", "timestamp");
    let query = format!("msg_signature={signature}&timestamp={timestamp}&nonce={nonce}");
    let body = str::from_utf8(&body).unwrap().to_owned();
    Request::post(format!("/wecom?{query}")).body(body).unwrap()
}

/// A sample whose callback takes this reply.
pub fn sample_for(is_bot: bool, reply: &Reply) -> Sample {
    let kind = reply.kind().unwrap();
    let takes_it = |sample: &Sample| {
        let accepted = ReplyKind::accepted_by(&sample.kind().parse().unwrap());
        accepted.contains(&kind) && is_bot == (sample.flavour() == Flavour::Bot)
    };
    Sample::all().find(takes_it).unwrap()
}

/// A service that records its callbacks, and answers with or without a reply.
#[derive(Clone, Default)]
pub struct Recorder {
    seen: Arc<Mutex<Vec<Callback>>>,
    reply: Option<Reply>,
}

impl Recorder {
    pub fn replying(reply: Reply) -> Self {
        Self {
            seen: Arc::default(),
            reply: Some(reply),
        }
    }

    pub fn callbacks(&self) -> Vec<Callback> {
        self.seen.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// The service. A test clones it into the layer.
    pub async fn serve<B>(
        self,
        request: Request<RequestBody<B>>,
    ) -> Result<Response<String>, Infallible> {
        let callback = request
            .extensions()
            .get::<Callback>()
            .expect("nothing else gets through");
        self.seen.lock().unwrap().push(callback.clone());
        let mut response = Response::new(String::new());
        response.extensions_mut().extend_with(self.reply);
        Ok(response)
    }

    /// Sends a request through a layer of this config around this service.
    pub async fn send(&self, config: Config, request: Request<String>) -> Answer {
        self.send_through(&WeComLayer::new(config), request).await
    }

    pub async fn send_through(&self, layer: &WeComLayer, request: Request<String>) -> Answer {
        let inner = self.clone();
        let serve = move |request| inner.clone().serve::<String>(request);
        answer(layer.layer(tower::service_fn(serve)), request).await
    }
}

trait ExtendWith {
    fn extend_with(&mut self, reply: Option<Reply>);
}

impl ExtendWith for http::Extensions {
    fn extend_with(&mut self, reply: Option<Reply>) {
        if let Some(reply) = reply {
            self.insert(reply);
        }
    }
}

/// A response with its whole body.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub rejection: Option<Rejection>,
}

impl Answer {
    pub fn kind(&self) -> Option<RejectionKind> {
        self.rejection.as_ref().map(Rejection::kind)
    }

    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status, headers and body: everything that a peer receives.
    pub fn seen_by_the_peer(&self) -> (StatusCode, HeaderMap, Vec<u8>) {
        (self.status, self.headers.clone(), self.body.clone())
    }
}

/// The response of a service to a request.
pub async fn answer<S, B, ResBody>(service: S, request: Request<B>) -> Answer
where
    S: Service<Request<B>, Response = Response<ResponseBody<ResBody>>, Error: Debug>,
    ResBody: Body<Error: Debug>,
{
    let (parts, body) = service.oneshot(request).await.unwrap().into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes().to_vec(),
        rejection: parts.extensions.get().cloned(),
    }
}

/// A service that accepts every request.
pub async fn ok<B>(_: Request<RequestBody<B>>) -> Result<Response<String>, Infallible> {
    Ok(Response::new(String::new()))
}

thread_local! {
    static WRITTEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The lines that this thread writes into the trace. All threads share one subscriber, because
/// tracing remembers for all of them whether a subscriber listens.
pub struct Trace;

impl Trace {
    pub fn start() -> Self {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_ansi(false)
                // Writes a line for each span at its end, with all of its fields.
                .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
                .with_writer(|| Self)
                .init();
        });
        WRITTEN.with_borrow_mut(Vec::clear);
        Self
    }

    pub fn text(&self) -> String {
        WRITTEN.with_borrow(|written| String::from_utf8(written.clone()).unwrap())
    }
}

impl Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        WRITTEN.with_borrow_mut(|written| written.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A frame of two blocks with a wrong length, encrypted with a message of 12 zero bytes.
pub fn frame_with_length(length: u32) -> String {
    use aes::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::NoPadding};
    use base64::Engine;

    let key = base64::engine::general_purpose::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::general_purpose::GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true),
    )
    .decode(format!("{KEY}="))
    .unwrap();
    let mut frame = [0; 64];
    frame[16..20].copy_from_slice(&length.to_be_bytes());
    frame[32..].fill(32);
    let sealed = cbc::Encryptor::<aes::Aes256>::new_from_slices(&key, &key[..16])
        .unwrap()
        .encrypt_padded::<NoPadding>(&mut frame, 64)
        .unwrap();
    base64::engine::general_purpose::STANDARD.encode(sealed)
}

/// The clock of the runtime is paused, but the time since the arrival of a request is real: on a
/// busy machine the answer comes earlier by that clock, and never later.
pub fn about(took: Duration, limit: Duration) -> bool {
    let early = Duration::from_millis(500).min(limit / 2);
    took < limit + Duration::from_millis(20) && limit < took + early
}
