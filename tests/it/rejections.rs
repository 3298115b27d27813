//! Every kind of rejection can occur, contains its details, and reveals no secret.

use std::collections::BTreeSet;
use std::error::Error;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body::{Body, Frame};
use tower::service_fn;
use tower_wecom::crypto::{Cipher, OpenError, Signature};
use tower_wecom::extensions::Outside;
use tower_wecom::test_util::FixedClock;
use tower_wecom::{Config, Detail, Lookup, ReceiveId, Rejection, RejectionKind, Reply, WeComLayer};

use crate::support::{
    Answer, CORP, KEY, NOW, Recorder, TOKEN, Trace, answer, config, frame_with_length, message,
    platform, sent_back,
};

const OTHER_TOKEN: &str = "0therT0ken";
const OTHER_KEY: &str = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt";
/// Every payload contains this text, and nothing else does.
const SAID: &str = "lin.mei-13900001234";
const PAYLOAD: &str = "<xml><Event>change_contact</Event><ChangeType>create_user</ChangeType>\
    <UserID>lin.mei-13900001234</UserID></xml>";

/// A request, signed over this ciphertext.
fn sealed(encrypted: &str) -> Request<String> {
    let signature = Signature::new(&TOKEN.parse().unwrap(), &NOW.to_string(), "n", encrypted);
    let uri = format!(
        "/wecom?msg_signature={}&timestamp={NOW}&nonce=n",
        signature.to_hex()
    );
    let body = format!("<xml><Encrypt>{encrypted}</Encrypt></xml>");
    Request::post(uri).body(body).unwrap()
}

/// A body that yields a few bytes and then fails, or never ends.
struct Broken {
    piece: Option<Bytes>,
    fails: bool,
}

impl Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.piece.take() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None if self.fails => Poll::Ready(Some(Err(std::io::Error::other("reset")))),
            None => Poll::Pending,
        }
    }
}

fn broken(fails: bool) -> Request<Broken> {
    let piece = Some(Bytes::from_static(b"<xml><Encrypt>"));
    sealed("x").map(|_| Broken { piece, fails })
}

fn with(token: &str, key: &str, receive_id: &str) -> Config {
    let receive_id = ReceiveId::exact(receive_id);
    Config::new(token.parse().unwrap(), key.parse().unwrap(), receive_id)
        .clock(FixedClock::at(NOW))
        .name("head office")
}

/// Everything that one rejected request has left behind.
struct Seen {
    rejection: Rejection,
    outputs: String,
}

/// Sends a request that must be rejected, and collects all output: response, errors, trace,
/// counters.
async fn rejected<B>(layer: WeComLayer, request: Request<B>) -> Seen
where
    B: Body<Data = Bytes, Error: std::fmt::Debug> + Send + 'static,
{
    let trace = Trace::start();
    let counted = Arc::new(Mutex::new(Vec::new()));
    let counter = Arc::clone(&counted);
    let layer = layer.on_reject(move |rejection| {
        let labels = format!(
            "{} {:?} {}",
            rejection.kind(),
            rejection.details(),
            rejection.status()
        );
        counter.lock().unwrap().push(labels);
    });
    let recorder = Recorder::default();
    let inner = recorder.clone();
    let serve = move |request| inner.clone().serve::<B>(request);
    let answer: Answer = answer(layer.layer(service_fn(serve)), request).await;
    assert_eq!(recorder.count(), 0, "nobody is called");

    let rejection = answer.rejection.clone().unwrap();
    assert_eq!(answer.status, rejection.status());
    let counted = counted.lock().unwrap().join("\n");
    assert!(counted.starts_with(rejection.kind().as_str()), "{counted}");
    let mut outputs = format!(
        "{:?} {:?} {rejection} {rejection:?}",
        answer.headers, answer.body
    );
    outputs += &String::from_utf8_lossy(&answer.body);
    let mut cause = rejection.source();
    while let Some(error) = cause {
        outputs += &format!(" {error} {error:?}");
        cause = error.source();
    }
    for detail in rejection.details() {
        outputs += &format!(" {detail} {detail:?}");
    }
    let traced = trace.text();
    assert!(traced.contains("a request was rejected"), "{traced}");
    assert!(traced.contains(rejection.kind().as_str()), "{traced}");
    outputs += &traced;
    outputs += &counted;
    Seen { rejection, outputs }
}

type Row = (RejectionKind, WeComLayer, Request<String>, Vec<Detail>);

/// Each kind that a complete body can cause, with details that it must have.
fn rows() -> Vec<Row> {
    use RejectionKind as K;
    let layer = || WeComLayer::new(config().name("head office"));
    let wecom = platform();
    let delivery = || wecom.deliver_xml(PAYLOAD).unwrap();
    // Once in 256 times a padding is valid by chance.
    let of_another_key = || {
        let cipher = Cipher::new(&OTHER_KEY.parse().unwrap());
        let unpadded = |request: &Request<String>| {
            let encrypted = request.body().split("<Encrypt><![CDATA[").nth(1).unwrap();
            let opened = cipher.open(encrypted.split("]]>").next().unwrap());
            opened.err() == Some(OpenError::Padding)
        };
        std::iter::repeat_with(delivery).find(unpadded).unwrap()
    };
    let office = || Detail::Tenant("head office".to_owned());
    let rotated = with(OTHER_TOKEN, OTHER_KEY, CORP)
        .previous(TOKEN.parse().unwrap(), OTHER_KEY.parse().unwrap());
    // A proxy has replaced a plus sign by a space, and has lost another character.
    let spaced = {
        let uri = wecom.url_check("1").unwrap().uri().to_string();
        let uri = uri.replace("&echostr=", "&echostr=%20");
        Request::get(uri).body(String::new()).unwrap()
    };
    let twice = {
        let uri = wecom.url_check("1").unwrap().uri().to_string();
        let (head, echostr) = uri.split_once("&echostr=").unwrap();
        let uri = format!("{head}&echostr={}%2525", echostr.replace('%', "%25"));
        Request::get(uri).body(String::new()).unwrap()
    };
    let formed = delivery().map(|body| body.replacen("CDATA[", "CDATA[A A", 2));
    let age = |timestamp: u64| {
        let layer = WeComLayer::new(
            config()
                .max_age(Duration::from_secs(600))
                .name("head office"),
        );
        (
            layer,
            platform()
                .timestamp(timestamp)
                .deliver_xml(PAYLOAD)
                .unwrap(),
        )
    };
    let (late, early) = (age(NOW - 601), age(NOW + 601));
    let base64 = {
        let good = frame_with_length(12);
        sealed(&good.replacen(good.get(..1).unwrap(), "-", 1))
    };
    let without_store = {
        let mut request = delivery();
        Outside::reject(request.extensions_mut(), "StoreLayer");
        request
    };
    vec![
        (K::Age, late.0, late.1, vec![Detail::Age(601), office()]),
        (K::Age, early.0, early.1, vec![Detail::Age(-601), office()]),
        (
            K::Age,
            layer(),
            wecom.clone().timestamp(NOW - 301).url_check("1").unwrap(),
            vec![Detail::Age(301)],
        ),
        (
            K::Base64,
            layer(),
            base64,
            vec![Detail::FitsPair(0), office()],
        ),
        (
            K::CiphertextLength,
            layer(),
            sealed("AAAA"),
            vec![Detail::CiphertextLength(4), Detail::FitsPair(0)],
        ),
        (
            K::Echo,
            layer(),
            wecom.url_check(PAYLOAD).unwrap(),
            vec![office()],
        ),
        (
            K::Envelope,
            layer(),
            delivery().map(|_| format!("<xml>{SAID}</xml>")),
            vec![Detail::BodySize(30)],
        ),
        (K::LayerOrder, layer(), without_store, vec![]),
        (
            K::Length,
            layer(),
            sealed(&frame_with_length(u32::MAX)),
            vec![Detail::FitsPair(0), office()],
        ),
        (
            K::Method,
            layer(),
            Request::put(delivery().uri())
                .body(SAID.to_owned())
                .unwrap(),
            vec![],
        ),
        (
            K::OwnReply,
            layer(),
            sent_back(
                &with(TOKEN, KEY, CORP),
                message(),
                &Reply::text("hi").unwrap(),
            ),
            vec![Detail::FitsPair(0), office()],
        ),
        (
            K::Padding,
            WeComLayer::new(with(TOKEN, OTHER_KEY, CORP)),
            of_another_key(),
            vec![Detail::FitsPair(0), office()],
        ),
        (
            K::Padding,
            WeComLayer::new(rotated),
            of_another_key(),
            vec![Detail::FitsPair(1), office()],
        ),
        (
            K::Parameter,
            layer(),
            Request::post("/?nonce=1").body(SAID.to_owned()).unwrap(),
            vec![],
        ),
        (
            K::ReceiveId,
            WeComLayer::new(with(TOKEN, KEY, "ww9")),
            delivery(),
            vec![
                Detail::ReceiveId(CORP.into()),
                Detail::FitsPair(0),
                office(),
            ],
        ),
        (
            K::Signature,
            WeComLayer::new(with(OTHER_TOKEN, KEY, CORP)),
            delivery(),
            vec![Detail::PairsTried(1)],
        ),
        (
            K::Base64,
            layer(),
            spaced,
            vec![Detail::SpaceForPlus("echostr")],
        ),
        (
            K::Base64,
            layer(),
            twice,
            vec![Detail::EncodedTwice("echostr")],
        ),
        (
            K::Signature,
            layer(),
            formed,
            vec![Detail::SpaceForPlus("Encrypt")],
        ),
        (
            K::Signature,
            WeComLayer::new(with(OTHER_TOKEN, KEY, CORP)),
            wecom
                .clone()
                .timestamp(NOW - 400)
                .deliver_xml(PAYLOAD)
                .unwrap(),
            vec![Detail::Age(400), Detail::PairsTried(1)],
        ),
        (
            K::TooLarge,
            layer().max_body_size(9),
            delivery(),
            vec![Detail::Limit(9)],
        ),
    ]
}

/// The output must not contain the secrets of this tenant and of others, the expected signature,
/// the ciphertext and the payload.
fn assert_clean(outputs: &str, request: &str) {
    for secret in [TOKEN, OTHER_TOKEN, KEY, OTHER_KEY, SAID, "UserID"] {
        assert!(!outputs.contains(secret), "{secret} stands in {outputs}");
    }
    // Each run of 20 characters of the ciphertext or of the received signature.
    for part in request.split(|c: char| !(c.is_ascii_alphanumeric() || "+/".contains(c))) {
        if let Some(start) = part.get(..20) {
            assert!(!outputs.contains(start), "{start} stands in {outputs}");
        }
    }
    let is_hash = |word: &str| word.len() == 40 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let hash = outputs
        .split(|c: char| !c.is_ascii_alphanumeric())
        .find(|word| is_hash(word));
    assert_eq!(hash, None, "a signature stands in {outputs}");
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_rejection_is_reached_and_none_betrays_anything() {
    let mut reached = BTreeSet::new();
    for (kind, layer, request, details) in rows() {
        let sent = format!("{} {}", request.uri(), request.body());
        let Seen { rejection, outputs } = rejected(layer, request).await;
        assert_eq!(rejection.kind(), kind, "{rejection}");
        for detail in details {
            assert!(
                rejection.details().contains(&detail),
                "{kind}: {detail:?} is not in {:?}",
                rejection.details()
            );
            assert!(
                outputs.contains(&detail.to_string()),
                "{detail} is not in {outputs}"
            );
        }
        // With a wrong padding or length, the receive id is unknown.
        let is_receive_id = |detail: &Detail| matches!(detail, Detail::ReceiveId(_));
        let is_told = rejection.details().iter().any(is_receive_id);
        assert_eq!(is_told, kind == RejectionKind::ReceiveId, "{rejection:?}");
        assert_eq!(outputs.contains("the receive id is"), is_told, "{outputs}");
        let names_its_cause = matches!(
            kind,
            RejectionKind::Base64 | RejectionKind::CiphertextLength
        );
        assert!(rejection.source().is_some() || !names_its_cause, "{kind}");
        // The names in the envelope are told only if no configuration fits.
        let is_nobodys = matches!(kind, RejectionKind::Signature | RejectionKind::Unresolved);
        let are_names = |detail: &Detail| matches!(detail, Detail::EnvelopeNames { .. });
        let is_told = rejection.details().iter().any(are_names);
        assert!(is_nobodys || !is_told, "{rejection:?}");
        let shown = format!(
            "Rejection {{ kind: {kind:?}, details: {:?}, .. }}",
            rejection.details()
        );
        assert_eq!(format!("{rejection:?}"), shown);
        assert_clean(&outputs, &sent);
        reached.insert(kind.as_str());
    }

    for (kind, fails) in [(RejectionKind::Body, true), (RejectionKind::TooSlow, false)] {
        let layer = WeComLayer::new(config()).read_timeout(Duration::from_secs(4));
        let Seen { rejection, outputs } = rejected(layer, broken(fails)).await;
        assert_eq!(rejection.kind(), kind);
        assert_eq!(rejection.details(), [Detail::BodySize(14)]);
        assert_clean(&outputs, "");
        reached.insert(kind.as_str());
    }

    for (kind, found) in [
        (RejectionKind::Unresolved, Ok(None)),
        (RejectionKind::Resolver, Err("the pool is closed")),
    ] {
        let trace = Trace::start();
        let layer = WeComLayer::new(move |_: Lookup| std::future::ready(found.clone()));
        let serve = |request| Recorder::default().serve::<String>(request);
        let answer = answer(
            layer.layer(service_fn(serve)),
            platform().deliver_xml(PAYLOAD).unwrap(),
        )
        .await;
        let rejection = answer.rejection.unwrap();
        assert_eq!(rejection.kind(), kind);
        assert_clean(&format!("{rejection} {rejection:?} {}", trace.text()), "");
        reached.insert(kind.as_str());
    }

    let all = [
        "age",
        "base64",
        "body",
        "ciphertext_length",
        "echo",
        "envelope",
        "layer_order",
        "length",
        "method",
        "own_reply",
        "padding",
        "parameter",
        "receive_id",
        "resolver",
        "signature",
        "too_large",
        "too_slow",
        "unresolved",
    ];
    assert_eq!(reached, BTreeSet::from(all));
}

/// A ciphertext of `OTHER_KEY`. With another key its padding is valid, but its length is not. With
/// a third key its padding is invalid.
fn opened_by_two(third: &Cipher) -> String {
    let [ours, other] = [KEY, OTHER_KEY].map(|key| Cipher::new(&key.parse().unwrap()));
    (0_u128..)
        .map(|number| other.dangerous_seal(number.to_be_bytes(), b"x", CORP.as_bytes()))
        .find(|sealed| {
            ours.open(sealed)
                .is_err_and(|error| error == OpenError::Length)
                && third
                    .open(sealed)
                    .is_err_and(|error| error == OpenError::Padding)
        })
        .unwrap()
}

#[tokio::test]
async fn of_several_candidates_the_one_that_came_furthest_is_told_and_of_equals_the_first() {
    const THIRD_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    let third = Cipher::new(&THIRD_KEY.parse().unwrap());
    let encrypted = opened_by_two(&third);
    let late = with(TOKEN, OTHER_KEY, CORP)
        .max_age(Duration::from_secs(60))
        .clock(FixedClock::at(NOW + 61));
    // In the order of the checks.
    let candidates = [
        (with(OTHER_TOKEN, KEY, CORP), RejectionKind::Signature),
        (with(TOKEN, THIRD_KEY, CORP), RejectionKind::Padding),
        (with(TOKEN, KEY, CORP), RejectionKind::Length),
        (with(TOKEN, OTHER_KEY, "ww9"), RejectionKind::ReceiveId),
        (late, RejectionKind::Age),
    ];
    for one in 0..candidates.len() {
        for other in 0..candidates.len() {
            let found = vec![
                candidates[one].0.clone().name("one"),
                candidates[other].0.clone().name("other"),
            ];
            let layer = WeComLayer::new(move |_: Lookup| std::future::ready(found.clone()));
            let serve = |request| Recorder::default().serve::<String>(request);
            let answer = answer(layer.layer(service_fn(serve)), sealed(&encrypted)).await;
            let rejection = answer.rejection.unwrap();
            let furthest = one.max(other);
            assert_eq!(rejection.kind(), candidates[furthest].1, "{one} {other}");
            // A tenant is named only if its Token fits the signature.
            let name = if one >= other { "one" } else { "other" };
            let name = (furthest > 0).then(|| Detail::Tenant(name.to_owned()));
            let told = rejection
                .details()
                .iter()
                .find(|detail| matches!(detail, Detail::Tenant(_)));
            assert_eq!(told, name.as_ref(), "{one} {other}");
        }
    }
}

#[tokio::test]
async fn a_wrong_signature_is_told_with_an_age_of_more_than_five_minutes() {
    for (timestamp, age) in [
        (NOW - 301, Some(301)),
        (NOW - 300, None),
        (NOW, None),
        (NOW + 300, None),
        (NOW + 301, Some(-301)),
    ] {
        let layer = WeComLayer::new(with(OTHER_TOKEN, KEY, CORP));
        let request = platform().timestamp(timestamp).deliver_xml(PAYLOAD);
        let rejection = rejected(layer, request.unwrap()).await.rejection;
        let told = rejection.details().iter().find_map(|detail| match detail {
            Detail::Age(age) => Some(*age),
            _ => None,
        });
        assert_eq!((rejection.kind(), told), (RejectionKind::Signature, age));
    }
}

#[tokio::test]
async fn a_rejection_says_nothing_of_other_tenants() {
    let found = vec![
        with(OTHER_TOKEN, KEY, "wwother").name("other tenant"),
        with(TOKEN, KEY, "ww9"),
    ];
    let trace = Trace::start();
    let layer = WeComLayer::new(move |_: Lookup| std::future::ready(found.clone()));
    let serve = |request| Recorder::default().serve::<String>(request);
    let answer = answer(
        layer.layer(service_fn(serve)),
        platform().deliver_xml(PAYLOAD).unwrap(),
    )
    .await;
    let rejection = answer.rejection.unwrap();
    assert_eq!(rejection.kind(), RejectionKind::ReceiveId);
    let outputs = format!("{rejection} {rejection:?} {}", trace.text());
    assert!(
        outputs.contains("head office") && outputs.contains(CORP),
        "{outputs}"
    );
    for secret in ["wwother", "other tenant", OTHER_TOKEN] {
        assert!(!outputs.contains(secret), "{secret} stands in {outputs}");
    }
}

#[tokio::test]
async fn a_receive_id_that_could_be_a_part_of_a_message_is_not_shown() {
    for id in ["<UserID>lin.mei-13900001234", "a b", "ww1\nww2"] {
        let request = platform().receive_id(id).deliver_xml("<xml/>").unwrap();
        let Seen { rejection, outputs } = rejected(WeComLayer::new(config()), request).await;
        assert_eq!(rejection.kind(), RejectionKind::ReceiveId);
        assert!(!outputs.contains(id), "{outputs}");
        assert!(outputs.contains("bytes that are not an id"), "{outputs}");
    }
}
