//! The 200 test vectors of other implementations in `tests/data/open.jsonl`, through the public
//! API.
//!
//! Some vectors needed a decision:
//!
//! - **Echo texts that could be a message.** `verify_url` and the layer do not echo a plaintext
//!   that begins with `<` or `{`, is longer than 256 bytes, or has control characters. Otherwise a
//!   captured delivery could be replayed as a URL check. Three synthetic `url_verify` vectors have
//!   such texts. They decrypt byte for byte, and are rejected as an echo.
//! - **A space in place of a plus** (`mut-wecom-doc-url-qdg6ek-space-for-plus`). The vector has
//!   decoded values. With these the signature is wrong, as the vector expects. In a query string
//!   the layer repairs the space, because proxies turn `+` into a space, and base64 has no spaces.
//! - **Signatures that are not 40 lower-case hexadecimal digits** are rejected before anything is
//!   hashed, as a malformed parameter. For the vectors this is the stage `signature`.
//! - **Disputed vectors** are all rejected: base64 with foreign letters or a wrong length,
//!   ciphertexts without whole blocks, a padding byte of 33, an empty id in the config and a corp's
//!   id in the payload, ids that are equal only in PHP.

use bytes::Bytes;
use http::{Request, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tower_wecom::crypto::{Cipher, Signature};
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::test_util::FixedClock;
use tower_wecom::{Callback, Config, EncodingAesKey, ReceiveId, Rejection, RejectionKind, Token};

use crate::support::Recorder;

const VECTORS: &str = include_str!("../data/open.jsonl");

/// Texts that decrypt, but are not echoed: see above.
const NOT_ECHOED: [&str; 3] = ["syn-064", "syn-065", "syn-070"];
/// The vector whose query string the layer repairs.
const SPACE_FOR_PLUS: &str = "mut-wecom-doc-url-qdg6ek-space-for-plus";

#[derive(Deserialize)]
struct Vector {
    id: String,
    kind: String,
    token: String,
    encoding_aes_key: Option<String>,
    receive_id: Option<String>,
    msg_signature: Option<String>,
    timestamp: Option<String>,
    nonce: Option<String>,
    echostr: Option<String>,
    body: Option<String>,
    random: Option<String>,
    random_hex: Option<String>,
    expected_plaintext: Option<String>,
    expected_envelope: Option<String>,
    expected_error: Option<String>,
    disputed: Option<bool>,
}

fn vectors(kind: &str) -> Vec<Vector> {
    let all = VECTORS
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    all.filter(|vector: &Vector| vector.kind == kind).collect()
}

impl Vector {
    fn token(&self) -> Token {
        self.token.parse().unwrap()
    }

    fn key(&self) -> EncodingAesKey {
        self.encoding_aes_key.as_deref().unwrap().parse().unwrap()
    }

    fn timestamp(&self) -> &str {
        self.timestamp.as_deref().unwrap()
    }

    fn nonce(&self) -> &str {
        self.nonce.as_deref().unwrap()
    }

    fn msg_signature(&self) -> &str {
        self.msg_signature.as_deref().unwrap()
    }

    /// A config whose clock has the time of the signature.
    fn config(&self) -> Config {
        let receive_id = match self.receive_id.as_deref() {
            Some(id) => ReceiveId::exact(id),
            None => ReceiveId::dangerous_any(),
        };
        let now = self
            .timestamp
            .as_deref()
            .map_or(0, |text| text.parse().unwrap());
        Config::new(self.token(), self.key(), receive_id).clock(FixedClock::at(now))
    }

    fn query(&self) -> Result<Query<'_>, Rejection> {
        let (signature, timestamp, nonce) = (self.msg_signature(), self.timestamp(), self.nonce());
        Ok(Query::from_decoded(
            signature,
            timestamp,
            nonce,
            self.echostr.as_deref(),
            DEFAULT_NONCE_MAX_LEN,
        )?)
    }

    fn open(&self, body: &str) -> Result<Callback, Rejection> {
        let config = self.config();
        let query = self.query()?;
        let envelope = Envelope::parse(Bytes::copy_from_slice(body.as_bytes()))?;
        protocol::open(&config, &query, &envelope, config.now())
    }

    fn verify_url(&self) -> Result<Bytes, Rejection> {
        let config = self.config();
        protocol::verify_url(&config, &self.query()?, config.now())
    }

    /// The vector as a request.
    fn request(&self) -> Request<String> {
        let mut uri = format!(
            "/?msg_signature={}&timestamp={}&nonce={}",
            self.msg_signature(),
            self.timestamp(),
            self.nonce()
        );
        if let Some(echostr) = &self.echostr {
            uri.push_str("&echostr=");
            uri.extend(utf8_percent_encode(echostr, NON_ALPHANUMERIC));
        }
        let method = if self.echostr.is_some() {
            "GET"
        } else {
            "POST"
        };
        let body = self.body.clone().unwrap_or_default();
        Request::builder()
            .method(method)
            .uri(uri)
            .body(body)
            .unwrap()
    }

    /// The answer of the layer, and the callbacks that reached the inner service.
    async fn through_the_layer(&self) -> (StatusCode, Vec<u8>, Vec<Callback>) {
        let recorder = Recorder::default();
        let answer = recorder.send(self.config(), self.request()).await;
        (answer.status, answer.body, recorder.callbacks())
    }
}

/// The stage of a failure, in the words of the vectors.
fn stage(rejection: &Rejection) -> &'static str {
    match rejection.kind() {
        RejectionKind::Base64 => "base64",
        RejectionKind::CiphertextLength => "ciphertext_length",
        RejectionKind::Envelope => "envelope",
        RejectionKind::Length => "length",
        RejectionKind::Padding => "padding",
        RejectionKind::Parameter if rejection.parameter() == Some("msg_signature") => "signature",
        RejectionKind::ReceiveId => "receive_id",
        RejectionKind::Signature => "signature",
        other => panic!("no stage for {other:?}"),
    }
}

#[test]
fn all_200_vectors_have_a_test_here() {
    let kinds = [
        "url_verify",
        "decrypt_xml",
        "decrypt_json",
        "encrypt_known_random",
        "signature_only",
        "negative",
    ];
    let counts = kinds.map(|kind| vectors(kind).len());
    assert_eq!(counts, [28, 51, 41, 23, 11, 46]);
    assert_eq!(counts.iter().sum::<usize>(), 200);
    assert_eq!(VECTORS.lines().count(), 200);
}

#[tokio::test]
async fn deliveries_open_byte_for_byte() {
    for vector in vectors("decrypt_xml")
        .into_iter()
        .chain(vectors("decrypt_json"))
    {
        let expected = vector.expected_plaintext.as_deref().unwrap();
        let callback = vector
            .open(vector.body.as_deref().unwrap())
            .expect(&vector.id);
        assert_eq!(callback.payload(), expected.as_bytes(), "{}", vector.id);
        if let Some(id) = &vector.receive_id {
            assert_eq!(callback.receive_id(), id, "{}", vector.id);
        }
        let (status, _, reached) = vector.through_the_layer().await;
        assert_eq!(status, StatusCode::OK, "{}", vector.id);
        assert_eq!(reached.len(), 1, "{}", vector.id);
        assert_eq!(reached[0].payload(), expected.as_bytes(), "{}", vector.id);
    }
}

#[tokio::test]
async fn echo_texts_are_answered_bare_unless_they_could_be_a_message() {
    for vector in vectors("url_verify") {
        let expected = vector.expected_plaintext.as_deref().unwrap();
        let (status, answer, reached) = vector.through_the_layer().await;
        assert!(reached.is_empty(), "{}", vector.id);
        if !NOT_ECHOED.contains(&vector.id.as_str()) {
            assert_eq!(
                vector.verify_url().expect(&vector.id),
                expected.as_bytes(),
                "{}",
                vector.id
            );
            assert_eq!(
                (status, &answer[..]),
                (StatusCode::OK, expected.as_bytes()),
                "{}",
                vector.id
            );
            continue;
        }
        assert_eq!(
            vector.verify_url().unwrap_err().kind(),
            RejectionKind::Echo,
            "{}",
            vector.id
        );
        assert_eq!(status, StatusCode::FORBIDDEN, "{}", vector.id);
        let frame = Cipher::new(&vector.key())
            .open(vector.echostr.as_deref().unwrap())
            .unwrap();
        assert_eq!(frame.message, expected.as_bytes(), "{}", vector.id);
    }
}

#[test]
fn ciphertexts_with_a_known_prefix_are_reproduced() {
    for vector in vectors("encrypt_known_random") {
        let random = match (&vector.random, &vector.random_hex) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, hex) => unhex(hex.as_deref().unwrap()),
        };
        let (message, id) = (
            vector.expected_plaintext.as_deref().unwrap(),
            vector.receive_id.as_deref().unwrap(),
        );
        let sealed = Cipher::new(&vector.key()).dangerous_seal(
            random.try_into().unwrap(),
            message.as_bytes(),
            id.as_bytes(),
        );
        assert_eq!(Some(&sealed), vector.body.as_ref(), "{}", vector.id);
        let Some(expected) = &vector.msg_signature else {
            continue;
        };
        let signature =
            Signature::new(&vector.token(), vector.timestamp(), vector.nonce(), &sealed);
        assert_eq!(&signature.to_hex(), expected, "{}", vector.id);
        if let Some(envelope) = &vector.expected_envelope {
            let callback = vector.open(envelope).expect(&vector.id);
            assert_eq!(callback.payload(), message.as_bytes(), "{}", vector.id);
        }
    }
}

#[test]
fn signatures_are_reproduced() {
    for vector in vectors("signature_only") {
        let body = vector.body.as_deref().unwrap();
        let signature = Signature::new(&vector.token(), vector.timestamp(), vector.nonce(), body);
        assert_eq!(signature.to_hex(), vector.msg_signature(), "{}", vector.id);
    }
}

#[tokio::test]
async fn negatives_are_rejected_at_their_stage_and_never_reach_the_inner_service() {
    let mut disputed = 0;
    for vector in vectors("negative") {
        let expected = vector.expected_error.as_deref().unwrap();
        if expected == "aes_key" {
            let key = vector.encoding_aes_key.as_deref().unwrap();
            assert!(key.parse::<EncodingAesKey>().is_err(), "{}", vector.id);
            continue;
        }
        disputed += usize::from(vector.disputed == Some(true));
        let rejection = match &vector.echostr {
            Some(_) => vector.verify_url().expect_err(&vector.id),
            None => vector
                .open(vector.body.as_deref().unwrap())
                .expect_err(&vector.id),
        };
        let stage = stage(&rejection);
        assert!(
            expected.split('|').any(|name| name == stage),
            "{}: {stage}",
            vector.id
        );
        if vector.id == SPACE_FOR_PLUS {
            continue;
        }
        let (status, _, reached) = vector.through_the_layer().await;
        assert_eq!(status, rejection.status(), "{}", vector.id);
        assert!(reached.is_empty(), "{}", vector.id);
    }
    assert_eq!(disputed, 9);
}

#[tokio::test]
async fn a_space_that_stands_for_a_plus_is_repaired_on_the_wire_alone() {
    let negatives = vectors("negative");
    let vector = negatives
        .iter()
        .find(|vector| vector.id == SPACE_FOR_PLUS)
        .unwrap();
    assert_eq!(
        vector.verify_url().unwrap_err().kind(),
        RejectionKind::Signature
    );
    let (status, answer, _) = vector.through_the_layer().await;
    assert_eq!(
        (status, &answer[..]),
        (StatusCode::OK, &b"1616140317555161061"[..])
    );
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}
