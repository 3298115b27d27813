//! Attacks by a peer that has captured requests, without the Token and without the key.
//!
//! The signature is SHA-1 over the sorted parts, without separators. It does not protect where one
//! part ends and the next begins, which part is which, or where the whole text ends. The crate
//! checks the form of each parameter instead.
//!
//! One forgery remains: digits can move between timestamp and nonce, and the two can change places.
//! The message stays the same, so this is a replay. `max_age` rejects it if the new timestamp is
//! too old, and deduplication by the message rejects it always. The last test shows both.

mod extension;
mod reflection;

use std::time::Duration;

use http::{Request, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tower_wecom::crypto::{Cipher, Signature};
use tower_wecom::{RejectionKind, Token};

use crate::support::{
    CORP, CREATE_USER, KEY, NOW, Recorder, TOKEN, config, frame_with_length, platform,
};

/// A request as captured on the wire.
#[derive(Clone)]
struct Captured {
    signature: String,
    timestamp: String,
    nonce: String,
    encrypt: String,
}

impl Captured {
    fn of(payload: &str, nonce: String) -> Self {
        let request = platform().nonce(nonce).deliver_xml(payload).unwrap();
        let parameter = |name: &str| {
            let query = request.uri().query().unwrap();
            let value = query.split('&').find_map(|pair| pair.strip_prefix(name));
            value.unwrap().trim_start_matches('=').to_owned()
        };
        let encrypt = request.body().split("<Encrypt><![CDATA[").nth(1).unwrap();
        Self {
            signature: parameter("msg_signature"),
            timestamp: parameter("timestamp"),
            nonce: parameter("nonce"),
            encrypt: encrypt.split("]]>").next().unwrap().to_owned(),
        }
    }

    /// Whether the signature is right. Without a right signature, an attempt is only noise.
    fn is_signed(&self) -> bool {
        let token: Token = TOKEN.parse().unwrap();
        Signature::new(&token, &self.timestamp, &self.nonce, &self.encrypt).to_hex()
            == self.signature
    }

    fn query(&self) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (timestamp, nonce) = (encode(&self.timestamp), encode(&self.nonce));
        format!(
            "msg_signature={}&timestamp={timestamp}&nonce={nonce}",
            self.signature
        )
    }

    fn post(&self) -> Request<String> {
        let body = format!("<xml><Encrypt><![CDATA[{}]]></Encrypt></xml>", self.encrypt);
        Request::post(format!("/wecom?{}", self.query()))
            .body(body)
            .unwrap()
    }

    fn get(&self) -> Request<String> {
        let echostr = utf8_percent_encode(&self.encrypt, NON_ALPHANUMERIC);
        let uri = format!("/wecom?{}&echostr={echostr}", self.query());
        Request::get(uri).body(String::new()).unwrap()
    }
}

/// Genuine requests of many lengths. Some nonces look like WeCom's, others do not.
fn captures(count: usize) -> Vec<Captured> {
    let capture = |index: usize| {
        let name = "林".repeat(index % 97) + &"x".repeat(index % 31);
        let payload =
            CREATE_USER.replace("</xml>", &format!("<Name><![CDATA[{name}]]></Name></xml>"));
        let nonce = match index % 4 {
            0 => format!("{}", 1_300_000_000 + index * 7_919),
            1 => format!("{index}"),
            2 => format!("zz{index}"),
            _ => "a".repeat(1 + index % 64),
        };
        Captured::of(&payload, nonce)
    };
    (0..count).map(capture).collect()
}

/// Sends the forgery as a delivery and as a URL check. Both must be rejected.
async fn assert_powerless(recorder: &Recorder, forged: &Captured) {
    for request in [forged.post(), forged.get()] {
        let uri = request.uri().clone();
        let answer = recorder.send(config(), request).await;
        let is_rejected = matches!(
            answer.status,
            StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST
        );
        assert!(is_rejected, "{} {uri}", answer.status);
    }
    assert_eq!(recorder.count(), 0);
}

#[tokio::test]
async fn four_thousand_shifted_boundaries_get_nobody_in() {
    let recorder = Recorder::default();
    let (mut attempts, mut signed) = (0, 0);
    for captured in captures(200) {
        let lengths = (1..=8).chain([16, 32, 44, 64, 65, 88, 96, 128, 129, 192, 256, 384]);
        for length in lengths.filter(|length| *length < captured.encrypt.len()) {
            let (head, tail) = captured.encrypt.split_at(length);
            let mut behind_nonce = captured.clone();
            behind_nonce.nonce.push_str(head);
            behind_nonce.encrypt = tail.to_owned();
            let mut behind_timestamp = captured.clone();
            behind_timestamp.timestamp.push_str(head);
            behind_timestamp.encrypt = tail.to_owned();
            let before_nonce = Captured {
                nonce: format!(
                    "{}{}",
                    &captured.encrypt[captured.encrypt.len() - length..],
                    captured.nonce
                ),
                encrypt: captured.encrypt[..captured.encrypt.len() - length].to_owned(),
                ..captured.clone()
            };
            for forged in [behind_nonce, behind_timestamp, before_nonce] {
                signed += usize::from(forged.is_signed());
                attempts += 1;
                assert_powerless(&recorder, &forged).await;
            }
        }
        for length in 1..captured.nonce.len() {
            let (head, tail) = captured.nonce.split_at(length);
            let forged = Captured {
                nonce: head.to_owned(),
                encrypt: format!("{tail}{}", captured.encrypt),
                ..captured.clone()
            };
            signed += usize::from(forged.is_signed());
            attempts += 1;
            assert_powerless(&recorder, &forged).await;
        }
    }
    assert!(
        attempts >= 4_000 && signed >= 1_000,
        "{attempts} attempts, {signed} under a right signature"
    );
}

/// Timestamp and nonce, ten digits each, make a timestamp of twenty digits. The nonce can then hold
/// the beginning of the ciphertext. A limit of the nonce's length does not prevent this. The check
/// that ciphertext has whole blocks does.
#[tokio::test]
async fn ciphertext_in_place_of_a_nonce_that_went_into_the_timestamp_gets_nobody_in() {
    let recorder = Recorder::default();
    let mut signed = 0;
    for index in 0..60 {
        let captured = Captured::of(CREATE_USER, format!("{}", 1_300_000_000 + index * 7_919));
        for length in 1..=64 {
            let (head, tail) = captured.encrypt.split_at(length);
            for timestamp in [
                format!("{}{}", captured.timestamp, captured.nonce),
                format!("{}{}", captured.nonce, captured.timestamp),
            ] {
                let forged = Captured {
                    timestamp,
                    nonce: head.to_owned(),
                    encrypt: tail.to_owned(),
                    ..captured.clone()
                };
                // Only these pass the signature check. The others are noise.
                if forged.is_signed() {
                    signed += 1;
                    assert_powerless(&recorder, &forged).await;
                }
            }
        }
    }
    assert!(signed >= 100, "{signed} under a right signature");
}

#[tokio::test]
async fn three_thousand_shuffled_parameters_get_nobody_in() {
    let recorder = Recorder::default();
    let (mut attempts, mut signed) = (0, 0);
    for captured in captures(300) {
        let Captured {
            signature,
            timestamp,
            nonce,
            encrypt,
        } = captured.clone();
        let orders = [
            (&timestamp, &encrypt, &nonce),
            (&encrypt, &nonce, &timestamp),
            (&encrypt, &timestamp, &nonce),
            (&nonce, &encrypt, &timestamp),
        ];
        for (timestamp, nonce, encrypt) in orders {
            let (timestamp, nonce, encrypt) = (timestamp.clone(), nonce.clone(), encrypt.clone());
            let forged = Captured {
                signature: signature.clone(),
                timestamp,
                nonce,
                encrypt,
            };
            signed += usize::from(forged.is_signed());
            attempts += 1;
            assert_powerless(&recorder, &forged).await;
        }
        let query = captured.query();
        let doubled = [
            format!("{query}&nonce={nonce}"),
            format!("{query}&timestamp={timestamp}"),
            format!("{query}&msg_signature={signature}"),
            format!("{query}&%6eonce=1"),
            format!("{query}&%74imestamp=%31"),
            format!("nonce=&{query}"),
            query.replace("timestamp=", "nonce="),
            query.replace("nonce=", "timestamp="),
            query.replace("msg_signature=", "signature="),
        ];
        for query in doubled {
            let post = captured.post();
            let request = Request::post(format!("/wecom?{query}"))
                .body(post.into_body())
                .unwrap();
            attempts += 1;
            let answer = recorder.send(config(), request).await;
            assert_eq!(answer.kind(), Some(RejectionKind::Parameter), "{query}");
        }
    }
    assert!(
        attempts >= 3_000 && signed >= 1_000,
        "{attempts} attempts, {signed} under a right signature"
    );
    assert_eq!(recorder.count(), 0);
}

#[tokio::test]
async fn a_thousand_captured_deliveries_replayed_as_url_checks_print_nothing() {
    let recorder = Recorder::default();
    let payloads = [
        "<xml></xml>",
        "{\"msgtype\":\"text\"}",
        " <xml/>",
        "\u{feff}<xml/>",
        "\n{}",
    ];
    let odd = payloads.map(|payload| Captured::of(payload, "1".to_owned()));
    for captured in captures(1_000).into_iter().chain(odd) {
        assert!(captured.is_signed());
        let answer = recorder.send(config(), captured.get()).await;
        assert_eq!(answer.kind(), Some(RejectionKind::Echo));
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::FORBIDDEN, "Forbidden")
        );
    }
    assert_eq!(recorder.count(), 0);
}

#[tokio::test]
async fn an_envelope_that_would_unfold_to_gigabytes_is_small_and_rejected() {
    let name = "a".repeat(100_000);
    let values = vec!["1"; 70_000].join(",");
    let envelope = format!("{{\"{name}\":[{values}],\"encrypt\":\"AAAA\"}}");
    let request = Captured::of("<xml/>", "1".to_owned())
        .post()
        .map(|_| envelope);
    let recorder = Recorder::default();
    let answer = recorder.send(config(), request).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert_eq!(recorder.count(), 0);
}

/// A request with a right signature, for any ciphertext.
fn signed(encrypt: &str, timestamp: u64) -> Captured {
    let (timestamp, nonce) = (timestamp.to_string(), "1".to_owned());
    let signature = Signature::new(&TOKEN.parse().unwrap(), &timestamp, &nonce, encrypt).to_hex();
    Captured {
        signature,
        timestamp,
        nonce,
        encrypt: encrypt.to_owned(),
    }
}

#[tokio::test]
async fn every_rejection_behind_the_envelope_looks_the_same() {
    let cipher = Cipher::new(&KEY.parse().unwrap());
    let other = Cipher::new(
        &"6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"
            .parse()
            .unwrap(),
    );
    let good = cipher
        .seal(CREATE_USER.as_bytes(), CORP.as_bytes())
        .unwrap();
    let mut wrong_signature = signed(&good, NOW);
    wrong_signature.signature = "0".repeat(40);
    let rows = [
        (RejectionKind::Signature, wrong_signature),
        (
            RejectionKind::Base64,
            signed(
                &good.replacen('A', "!", 1).replacen(|_: char| true, "*", 1),
                NOW,
            ),
        ),
        (RejectionKind::CiphertextLength, signed(&good[..64], NOW)),
        (
            RejectionKind::Padding,
            signed(
                &other.dangerous_seal([7; 16], b"<xml/>", CORP.as_bytes()),
                NOW,
            ),
        ),
        (
            RejectionKind::Length,
            signed(&frame_with_length(u32::MAX), NOW),
        ),
        (RejectionKind::Length, signed(&frame_with_length(13), NOW)),
        (
            RejectionKind::ReceiveId,
            signed(&cipher.seal(b"<xml/>", b"ww1").unwrap(), NOW),
        ),
        (RejectionKind::Age, signed(&good, NOW - 1_000)),
        (RejectionKind::Echo, signed(&good, NOW)),
    ];
    let recorder = Recorder::default();
    let config = config().max_age(Duration::from_secs(300));
    let mut seen = Vec::new();
    for (kind, captured) in rows {
        let answer = recorder.send(config.clone(), captured.get()).await;
        assert_eq!(answer.kind(), Some(kind));
        seen.push(answer.seen_by_the_peer());
        if kind != RejectionKind::Echo {
            let answer = recorder.send(config.clone(), captured.post()).await;
            assert_eq!(answer.kind(), Some(kind));
            seen.push(answer.seen_by_the_peer());
        }
    }
    assert_eq!(seen.len(), 17);
    assert!(seen.iter().all(|peer| *peer == seen[0]), "{seen:?}");
    assert_eq!(recorder.count(), 0);
}

#[tokio::test]
async fn digits_moved_between_timestamp_and_nonce_are_a_replay_and_nothing_more() {
    // The parts are sorted before they are signed. The ciphertext, which begins with random bytes,
    // has to come after both numbers.
    let captured = std::iter::repeat_with(|| Captured::of(CREATE_USER, "1372623149".to_owned()))
        .find(|captured| captured.encrypt.as_str() > "8")
        .unwrap();
    // 1372623149 sorts before 1767225605, so the first digits of the timestamp can move behind the
    // nonce.
    let moved = Captured {
        timestamp: "767225605".to_owned(),
        nonce: "13726231491".to_owned(),
        ..captured.clone()
    };
    let swapped = Captured {
        timestamp: captured.nonce.clone(),
        nonce: captured.timestamp.clone(),
        ..captured.clone()
    };
    for forged in [moved, swapped] {
        assert!(forged.is_signed());
        let recorder = Recorder::default();
        assert_eq!(
            recorder.send(config(), forged.post()).await.status,
            StatusCode::OK
        );
        assert_eq!(recorder.callbacks()[0].payload(), CREATE_USER.as_bytes());
        let strict = config().max_age(Duration::from_secs(3_600));
        let answer = recorder.send(strict, forged.post()).await;
        assert_eq!(answer.kind(), Some(RejectionKind::Age));
    }
}
