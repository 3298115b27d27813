//! A genuine request that is changed on its way. It is rejected, or it has the same meaning.
//!
//! The attacker has neither the Token nor the key. Only unsigned parts can change unnoticed: the
//! two ids of the envelope, white space, the spelling of a percent-encoded character, and other
//! parameters.

use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::Full;
use proptest::prelude::*;
use proptest::sample::Index;
use tower_wecom::test_util::{Flavour, Platform, Sample};
use tower_wecom::{Callback, Config, WeComLayer};

use super::{holds, runtime};
use crate::support::{Answer, Recorder, answer, config};

const ECHO: &str = "1616140317555161061";
const SUBSCRIBE: &str = "<xml><Event>subscribe</Event><AgentID>1</AgentID></xml>";
const BOT: &str = r#"{"msgid":"1","aibotid":"2","chattype":"single","from":{"userid":"lin"},"msgtype":"text","text":{"content":"hi"}}"#;
const NOTICE: &str = "<xml><SuiteId>tj1</SuiteId><InfoType>suite_ticket</InfoType><TimeStamp>1</TimeStamp>\
    <SuiteTicket>asdfasfdasdfasdf</SuiteTicket></xml>";

/// A request in bytes.
#[derive(Clone)]
struct Raw {
    method: Method,
    query: Vec<u8>,
    body: Vec<u8>,
}

impl Raw {
    fn of(request: Request<String>) -> Self {
        Self {
            method: request.method().clone(),
            query: request.uri().query().unwrap().into(),
            body: request.into_body().into_bytes(),
        }
    }

    /// `None` if it is not valid HTTP.
    fn request(&self) -> Option<Request<Full<Bytes>>> {
        let uri = [b"/wecom?", &self.query[..]].concat();
        let uri = Uri::from_maybe_shared(Bytes::from(uri)).ok()?;
        let body = Full::new(Bytes::from(self.body.clone()));
        let request = Request::builder().method(self.method.clone()).uri(uri);
        Some(request.body(body).unwrap())
    }
}

/// A change of some bytes.
#[derive(Clone, Copy, Debug)]
enum Change {
    Set(u8),
    Insert(u8),
    Delete,
    Duplicate,
    /// With the next byte.
    Swap,
    /// With a byte further behind.
    SwapFar(usize),
    /// From here to the end.
    Cut,
}

impl Change {
    fn apply(self, bytes: &mut Vec<u8>, at: usize) {
        let length = bytes.len();
        if at >= length {
            return;
        }
        match self {
            Self::Set(byte) => bytes[at] = byte,
            Self::Insert(byte) => bytes.insert(at, byte),
            Self::Delete => drop(bytes.remove(at)),
            Self::Duplicate => bytes.insert(at, bytes[at]),
            Self::Swap => bytes.swap(at, (at + 1) % length),
            Self::SwapFar(by) => bytes.swap(at, (at + by) % length),
            Self::Cut => bytes.truncate(at),
        }
    }
}

/// A genuine request and its meaning.
struct Genuine {
    config: Config,
    raw: Raw,
    /// `None` for a URL check.
    callback: Option<Callback>,
    runtime: tokio::runtime::Runtime,
}

impl Genuine {
    fn new(config: Config, request: Request<String>) -> Self {
        let mut genuine = Self {
            config,
            raw: Raw::of(request),
            callback: None,
            runtime: runtime(),
        };
        let (answer, mut callbacks) = genuine.send(&genuine.raw).unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        genuine.callback = callbacks.pop();
        if genuine.callback.is_none() {
            assert_eq!(answer.text(), ECHO);
        }
        genuine
    }

    fn delivery(flavour: Flavour, payload: &str) -> Self {
        let config = config().name("head office");
        let platform = Platform::new(&config)
            .nonce("1372623149")
            .agent_id("1000002");
        let request = match flavour {
            Flavour::Bot => platform.deliver_json(payload),
            _ => platform.deliver_xml(payload),
        };
        Self::new(config, request.unwrap())
    }

    fn send(&self, raw: &Raw) -> Option<(Answer, Vec<Callback>)> {
        let recorder = Recorder::default();
        let inner = recorder.clone();
        let serve = move |request| inner.clone().serve::<Full<Bytes>>(request);
        let service = WeComLayer::new(self.config.clone()).layer(tower::service_fn(serve));
        let answer = self.runtime.block_on(answer(service, raw.request()?));
        Some((answer, recorder.callbacks()))
    }

    /// Whether a request has the signature of this one.
    fn has_signed(&self, raw: &Raw) -> bool {
        let signature = self.raw.query.split(|byte| *byte == b'&').next().unwrap();
        raw.query.windows(signature.len()).any(|it| it == signature)
    }

    /// Whether the request is accepted. Panics if it is accepted with another meaning.
    fn gets_in(&self, changed: &Raw) -> bool {
        let Some((answer, callbacks)) = self.send(changed) else {
            return false;
        };
        match (&self.callback, &callbacks[..]) {
            (Some(genuine), [callback]) => {
                assert_same(genuine, callback);
                assert_eq!(answer.status, StatusCode::OK);
                true
            }
            (_, []) if answer.rejection.is_some() => {
                assert!(answer.status.is_client_error());
                assert!(!answer.text().contains(ECHO));
                false
            }
            (callback, []) => {
                assert_eq!(answer.status, StatusCode::OK);
                let is_echoed = answer.text() == ECHO;
                assert!(!is_echoed || callback.is_none());
                let is_seen = changed.method != Method::HEAD;
                assert_eq!(is_seen, !answer.body.is_empty());
                // Without any of the four parameters, the response is the text for people.
                assert!(is_echoed || !is_seen || !has_parameters(changed));
                is_echoed
            }
            _ => panic!("a URL check, or one delivery, has become {callbacks:?}"),
        }
    }
}

/// HTTP does not send the part behind a `#`.
fn has_parameters(raw: &Raw) -> bool {
    let request = raw.request().unwrap();
    let query = request.uri().query().unwrap_or_default();
    let names = ["msg_signature=", "timestamp=", "nonce=", "echostr="];
    query
        .split('&')
        .any(|pair| names.iter().any(|name| pair.starts_with(name)))
}

fn assert_same(one: &Callback, other: &Callback) {
    assert_eq!(one.payload(), other.payload());
    assert_eq!(one.event(), other.event());
    assert_eq!(one.header(), other.header());
    assert_eq!(one.origin(), other.origin());
    assert_eq!(one.receive_id(), other.receive_id());
    assert_eq!(one.tenant(), other.tenant());
    assert_eq!(one.key_index(), other.key_index());
    assert_eq!(one.misfits(), other.misfits());
}

fn samples() -> [Genuine; 4] {
    let platform = Platform::new(&config()).nonce("1372623149");
    [
        Genuine::new(config(), platform.url_check(ECHO).unwrap()),
        Genuine::delivery(Flavour::SelfBuilt, SUBSCRIBE),
        Genuine::delivery(Flavour::ThirdParty, NOTICE),
        Genuine::delivery(Flavour::Bot, BOT),
    ]
}

/// Changes each byte in several ways.
#[test]
fn no_change_of_one_byte_makes_another_callback_of_a_genuine_one() {
    for (index, genuine) in samples().iter().enumerate() {
        let (mut sent, mut got_in) = (0, 0);
        let mut send = |raw: &Raw| {
            sent += 1;
            got_in += usize::from(genuine.gets_in(raw));
        };
        for is_query in [true, false] {
            let bytes = if is_query {
                &genuine.raw.query
            } else {
                &genuine.raw.body
            };
            for (at, byte) in bytes.iter().copied().enumerate() {
                for change in [
                    Change::Set(byte ^ 1),
                    Change::Set(byte ^ 0x20),
                    Change::Set(byte ^ 0x80),
                    Change::Set(b'&'),
                    Change::Insert(b'%'),
                    Change::Insert(b' '),
                    Change::Insert(b'='),
                    Change::Delete,
                    Change::Duplicate,
                    Change::Swap,
                    Change::Cut,
                ] {
                    let mut raw = genuine.raw.clone();
                    let changed = if is_query {
                        &mut raw.query
                    } else {
                        &mut raw.body
                    };
                    change.apply(changed, at);
                    send(&raw);
                }
            }
        }
        println!("request {index}: {sent} changes, {got_in} without a meaning");
        // The unsigned parts can change unnoticed.
        assert!(got_in > 0 && got_in < sent / 2, "{got_in} of {sent}");
    }
}

/// Each of the 255 other bytes in each place. No part of a delivery's query has another spelling.
#[test]
fn no_other_byte_in_the_query_of_a_delivery_gets_in() {
    let genuine = Genuine::delivery(Flavour::SelfBuilt, "<xml/>");
    for at in 0..genuine.raw.query.len() {
        let was = genuine.raw.query[at];
        for byte in (0..=255).filter(|byte| *byte != was) {
            let mut raw = genuine.raw.clone();
            raw.query[at] = byte;
            assert!(!genuine.gets_in(&raw), "{byte:#x} at {at}");
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let byte = prop_oneof![
        prop::sample::select(b"&=%+ <>/!?[]\"'{}:,;#\\-0aA\0\r\n".to_vec()),
        any::<u8>(),
    ];
    (byte, 0..7_u8, any::<Index>()).prop_map(|(byte, which, far)| match which {
        0 => Change::Set(byte),
        1 => Change::Insert(byte),
        2 => Change::Delete,
        3 => Change::Duplicate,
        4 => Change::Swap,
        5 => Change::SwapFar(far.index(400)),
        _ => Change::Cut,
    })
}

/// Up to five changes of any sample, with its envelope in XML or JSON, and of the method.
#[test]
fn no_changes_of_several_bytes_make_another_callback_of_a_genuine_one() {
    let all: Vec<Sample> = Sample::all().collect();
    let changes = prop::collection::vec((any::<bool>(), change(), any::<Index>()), 1..=5);
    let method = prop_oneof![
        9 => Just(None),
        1 => prop::sample::select(vec![Method::GET, Method::HEAD, Method::POST, Method::PUT]).prop_map(Some),
    ];
    let inputs = (prop::sample::select(all), any::<bool>(), changes, method);
    holds(400, &inputs, |(sample, is_json, changes, method)| {
        let flavour = if is_json {
            Flavour::Bot
        } else {
            Flavour::SelfBuilt
        };
        let genuine = Genuine::delivery(flavour, sample.payload());
        let mut raw = genuine.raw.clone();
        for (is_query, change, at) in changes {
            let bytes = if is_query {
                &mut raw.query
            } else {
                &mut raw.body
            };
            change.apply(bytes, at.index(bytes.len().max(1)));
        }
        raw.method = method.unwrap_or(raw.method);
        genuine.gets_in(&raw);
        Ok(())
    });
}

/// The parameters in any order, some of them missing or repeated, with others between them. Each
/// one must occur exactly once.
#[test]
fn a_request_gets_in_if_each_parameter_is_there_exactly_once() {
    let all = samples();
    let extra = (0..EXTRA.len(), any::<Index>());
    let extras = prop::collection::vec(extra, 0..=2);
    let missing = prop::option::weighted(0.2, any::<Index>());
    let inputs = (0..4_usize, any::<Index>(), any::<bool>(), missing, extras);
    holds(
        400,
        &inputs,
        |(which, turned, is_reversed, missing, extras)| {
            let genuine = &all[which];
            let query = String::from_utf8(genuine.raw.query.clone()).unwrap();
            let mut pairs: Vec<(&str, Option<usize>)> =
                query.split('&').zip((0..).map(Some)).collect();
            let asked = pairs.len();
            pairs.rotate_left(turned.index(asked));
            if is_reversed {
                pairs.reverse();
            }
            if let Some(missing) = missing {
                pairs.remove(missing.index(asked));
            }
            for (extra, at) in extras {
                pairs.insert(at.index(pairs.len() + 1), EXTRA[extra]);
            }
            let count = |slot| pairs.iter().filter(|pair| pair.1 == Some(slot)).count();
            // A parameter that a delivery does not need may occur once.
            let is_right =
                (0..asked).all(|slot| count(slot) == 1) && (asked..4).all(|slot| count(slot) <= 1);
            let texts: Vec<_> = pairs.iter().map(|(text, _)| *text).collect();
            let raw = Raw {
                query: texts.join("&").into_bytes(),
                ..genuine.raw.clone()
            };
            prop_assert_eq!(
                genuine.gets_in(&raw),
                is_right && texts_are_ours(&texts, &query)
            );
            Ok(())
        },
    );
}

/// Additional parameters. The number is that of the parameter which they repeat.
const EXTRA: &[(&str, Option<usize>)] = &[
    ("", None),
    ("x=1", None),
    ("Nonce=1", None),
    ("msg_signature=0", Some(0)),
    ("timestamp=1767225605", Some(1)),
    ("%74imestamp=1767225605", Some(1)),
    ("nonce", Some(2)),
    ("non%63e=1372623149", Some(2)),
    ("echostr=e", Some(3)),
];

/// Whether each parameter has its genuine value. Another parameter with the right value may replace
/// a missing one.
fn texts_are_ours(texts: &[&str], query: &str) -> bool {
    let is_right = |pair: &str| texts.contains(&pair);
    let is_equal = |pair: &str| match pair.split_once('=') {
        Some(("timestamp", _)) => is_right(pair) || is_right("%74imestamp=1767225605"),
        Some(("nonce", _)) => is_right(pair) || is_right("non%63e=1372623149"),
        _ => is_right(pair),
    };
    query.split('&').all(is_equal)
}

/// Two genuine requests. A piece of one, or all of it, replaces a piece of the other. A request
/// that is accepted has the meaning of the one whose signature it has.
#[test]
fn no_mixture_of_two_genuine_requests_makes_a_third() {
    let all = samples();
    let piece = || prop_oneof![2 => any::<[Index; 2]>().prop_map(Some), 1 => Just(None)];
    let inputs = (0..4_usize, 0..4_usize, piece(), piece(), any::<bool>());
    holds(600, &inputs, |(into, from, place, piece, is_query)| {
        let (genuine, other) = (&all[into], &all[from]);
        let mut raw = genuine.raw.clone();
        let (bytes, others) = if is_query {
            (&mut raw.query, &other.raw.query)
        } else {
            (&mut raw.body, &other.raw.body)
        };
        let place = range(place, bytes.len());
        bytes.splice(place, others[range(piece, others.len())].to_vec());
        let Some((answer, callbacks)) = genuine.send(&raw) else {
            return Ok(());
        };
        let is_message = answer.text().contains(['<', '{']);
        prop_assert!(!is_message);
        for callback in callbacks {
            let signed = [genuine, other].into_iter().find(|it| it.has_signed(&raw));
            let signed = signed.expect("one of the two").callback.as_ref();
            assert_same(signed.expect("a delivery"), &callback);
        }
        Ok(())
    });
}

/// The whole range if there are no cuts.
fn range(cuts: Option<[Index; 2]>, length: usize) -> std::ops::Range<usize> {
    let Some(cuts) = cuts else { return 0..length };
    let [one, other] = cuts.map(|cut| cut.index(length + 1));
    one.min(other)..one.max(other)
}
