//! The receivers of the requests, and how long they take.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use aes::Aes256Dec;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Empty, Full};
use tower::Service;
use tower_wecom::crypto::Signature;
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::test_util::FixedClock;
use tower_wecom::{Config, ReceiveId, RequestBody, Token, WeCom, WeComLayer};

use crate::forge::{CORP, Forged, KEY, NOW, TOKEN, key_bytes};

/// The measured code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measured {
    /// `protocol::open`, from the envelope to the rejection.
    Open,
    /// `WeComLayer`, from the request to the response, without a subscriber for its trace.
    Layer,
    /// The obvious implementation: `==`, and an early return after each step.
    Naive,
}

pub(crate) struct Receiver {
    config: Config,
    service: WeCom<Inner>,
    token: Token,
    key: [u8; 32],
    /// The query, at the same place in memory for both classes.
    query: String,
}

impl Receiver {
    pub(crate) fn new() -> Self {
        let token: Token = TOKEN.parse().unwrap();
        let config = Config::new(token.clone(), KEY.parse().unwrap(), ReceiveId::exact(CORP))
            .clock(FixedClock::at(NOW));
        Self {
            service: WeComLayer::new(config.clone()).layer(Inner),
            config,
            token,
            key: key_bytes(),
            query: String::new(),
        }
    }

    /// Measures a request in nanoseconds. The request is first copied to the same memory for both
    /// classes.
    pub(crate) fn time(&mut self, measured: Measured, request: &Forged) -> u64 {
        self.query.clear();
        self.query.push_str(&request.query);
        let body = Bytes::copy_from_slice(&request.body);
        match measured {
            Measured::Layer => self.time_layer(body),
            Measured::Open | Measured::Naive => self.time_open(measured, body),
        }
    }

    fn time_layer(&mut self, body: Bytes) -> u64 {
        let request = Request::post(format!("/wecom?{}", self.query))
            .body(Full::new(body))
            .unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let start = Instant::now();
        let mut response = pin!(self.service.call(black_box(request)));
        let polled = black_box(response.as_mut().poll(&mut context));
        let time = start.elapsed();
        assert!(matches!(polled, Poll::Ready(Ok(response)) if response.status() == 403));
        time.as_nanos() as u64
    }

    fn time_open(&self, measured: Measured, body: Bytes) -> u64 {
        let query = Query::parse(&self.query, DEFAULT_NONCE_MAX_LEN).unwrap();
        let envelope = Envelope::parse(body).unwrap();
        let (query, envelope) = (black_box(&query), black_box(&envelope));
        if measured == Measured::Naive {
            let start = Instant::now();
            let opened = black_box(self.open_step_by_step(query, envelope));
            let time = start.elapsed();
            assert!(opened.is_err());
            return time.as_nanos() as u64;
        }
        let start = Instant::now();
        let opened = black_box(protocol::open(&self.config, query, envelope, NOW));
        let time = start.elapsed();
        assert!(opened.is_err());
        time.as_nanos() as u64
    }

    #[inline(never)]
    fn open_step_by_step(
        &self,
        query: &Query<'_>,
        envelope: &Envelope,
    ) -> Result<(), &'static str> {
        let encrypted = envelope.encrypt();
        let expected = Signature::new(&self.token, query.timestamp(), query.nonce(), encrypted);
        if expected.to_hex() != query.msg_signature() {
            return Err("signature");
        }
        let mut frame = STANDARD.decode(encrypted).map_err(|_| "base64")?;
        let (key, iv) = (&self.key.into(), self.key.first_chunk::<16>().unwrap());
        cbc::Decryptor::<Aes256Dec>::new(key, iv.into())
            .decrypt_padded::<NoPadding>(&mut frame)
            .map_err(|_| "length")?;
        let pad = *frame.last().unwrap();
        let end = frame.len() - usize::from(pad);
        if !(1..=32).contains(&pad) || frame[end..].iter().any(|byte| *byte != pad) {
            return Err("padding");
        }
        let message = u32::from_be_bytes(*frame[16..].first_chunk().unwrap()) as usize;
        let receive_id = frame[..end].get(20 + message..).ok_or("length")?;
        if receive_id != CORP.as_bytes() {
            return Err("receive id");
        }
        Ok(())
    }
}

/// The service behind the layer. No request reaches it.
#[derive(Clone)]
struct Inner;

impl Service<Request<RequestBody<Full<Bytes>>>> for Inner {
    type Response = Response<Empty<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<RequestBody<Full<Bytes>>>) -> Self::Future {
        ready(Ok(Response::default()))
    }
}
