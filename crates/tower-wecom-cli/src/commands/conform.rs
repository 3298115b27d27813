use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use serde::Deserialize;
use serde_json::json;
use tower_wecom::crypto::{Cipher, Signature};
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::{Callback, Config, EncodingAesKey, ReceiveId, Rejection, RejectionKind, Token};

use super::shared::read;
use crate::exit::{Error, ExitStatus};
use crate::language::text;
use crate::output::{Output, RED, excerpt, printable};

/// Run test vectors through tower-wecom
///
/// The file has one JSON object per line: id, kind (url_verify, decrypt_xml, decrypt_json,
/// encrypt_known_random, signature_only or negative), token, encoding_aes_key, receive_id, the
/// request and the expected result. The output has a line for each vector that fails, and the
/// counts of both in the last line. tower-wecom decrypts an echo that could be a captured message,
/// but does not echo it. Here such a text counts as decrypted. A file without vectors does not
/// pass.
#[derive(Args)]
#[command(after_help = "Example:\n  wecom conform tests/data/open.jsonl")]
pub(crate) struct ConformArgs {
    /// The vectors. `-` is stdin
    file: PathBuf,
}

pub(crate) fn run(args: &ConformArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let vectors = read(&args.file)?;
    let vectors = String::from_utf8_lossy(&vectors);
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for (index, line) in vectors.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let (id, result) = match serde_json::from_str::<Vector>(line) {
            Ok(vector) => (vector.id.clone(), vector.run()),
            Err(error) => (
                format!("line {}", index.saturating_add(1)),
                Err(format!("not a vector: {error}")),
            ),
        };
        let Err(reason) = result else {
            passed = passed.saturating_add(1);
            continue;
        };
        failed = failed.saturating_add(1);
        if output.is_json() {
            output.json(&json!({"id": id, "failed": reason}))?;
        } else {
            output.line(format!(
                "{RED}FAIL{RED:#}  {}: {}",
                printable(&id),
                printable(&reason)
            ))?;
        }
    }
    if output.is_json() {
        output.json(&json!({"passed": passed, "failed": failed}))?;
    } else {
        let message = text("conformed").with("passed", passed);
        output.text(&message.with("failed", failed))?;
    }
    if passed == 0 && failed == 0 {
        output.error(&text("no-vector").with("file", args.file.display()));
    }
    Ok(ExitStatus::of(failed == 0 && passed > 0))
}

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
}

/// The error is the reason in words.
type VectorResult = Result<(), String>;

impl Vector {
    fn run(&self) -> VectorResult {
        match self.kind.as_str() {
            "url_verify" => self.url_verify(),
            "decrypt_xml" | "decrypt_json" => self.decrypt(),
            "encrypt_known_random" => self.encrypt(),
            "signature_only" => self.signature_only(),
            "negative" => self.negative(),
            other => Err(format!("kind {other:?} is unknown")),
        }
    }

    fn url_verify(&self) -> VectorResult {
        let expected = part("expected_plaintext", self.expected_plaintext.as_ref())?;
        let echo = match self.verify_url()? {
            Ok(echo) => echo,
            Err(rejection) if rejection.kind() == RejectionKind::Echo => {
                let echostr = part("echostr", self.echostr.as_ref())?;
                let frame = Cipher::new(&self.key()?).open(echostr);
                frame.map_err(|error| error.to_string())?.message
            }
            Err(rejection) => return Err(format!("rejected: {}", stage(&rejection))),
        };
        same("plaintext", expected.as_bytes(), &echo)
    }

    fn decrypt(&self) -> VectorResult {
        let expected = part("expected_plaintext", self.expected_plaintext.as_ref())?;
        let callback = self.open(part("body", self.body.as_ref())?)?;
        let callback = callback.map_err(|rejection| format!("rejected: {}", stage(&rejection)))?;
        same("plaintext", expected.as_bytes(), callback.payload())?;
        match &self.receive_id {
            Some(id) => same(
                "receive id",
                id.as_bytes(),
                callback.receive_id().as_bytes(),
            ),
            None => Ok(()),
        }
    }

    fn encrypt(&self) -> VectorResult {
        let random = match (&self.random, &self.random_hex) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, hex) => unhex(part("random_hex", hex.as_ref())?)?,
        };
        let random = random
            .try_into()
            .map_err(|_| "the random part does not have 16 bytes")?;
        let message = part("expected_plaintext", self.expected_plaintext.as_ref())?;
        let id = part("receive_id", self.receive_id.as_ref())?;
        let cipher = Cipher::new(&self.key()?);
        let sealed = cipher.dangerous_seal(random, message.as_bytes(), id.as_bytes());
        let expected = part("body", self.body.as_ref())?;
        same("ciphertext", expected.as_bytes(), sealed.as_bytes())?;
        if self.msg_signature.is_some() {
            self.signed(&sealed)?;
        }
        let Some(envelope) = &self.expected_envelope else {
            return Ok(());
        };
        let callback = self.open(envelope)?;
        let callback =
            callback.map_err(|rejection| format!("envelope rejected: {}", stage(&rejection)))?;
        same(
            "plaintext of the envelope",
            message.as_bytes(),
            callback.payload(),
        )
    }

    fn signature_only(&self) -> VectorResult {
        self.signed(part("body", self.body.as_ref())?)
    }

    fn signed(&self, text: &str) -> VectorResult {
        let (timestamp, nonce) = self.moment()?;
        let signature = Signature::new(&self.token()?, timestamp, nonce, text).to_hex();
        let expected = part("msg_signature", self.msg_signature.as_ref())?;
        same("signature", expected.as_bytes(), signature.as_bytes())
    }

    fn negative(&self) -> VectorResult {
        let expected = part("expected_error", self.expected_error.as_ref())?;
        let stage = match (self.key(), &self.echostr, &self.body) {
            (Err(_), _, _) => "aes_key",
            (Ok(_), None, None) => {
                return Err(format!("the key is accepted, expected {expected}"));
            }
            (Ok(_), Some(_), _) => match self.verify_url()? {
                Err(rejection) => stage(&rejection),
                Ok(_) => return Err(format!("it is accepted, expected {expected}")),
            },
            (Ok(_), None, Some(body)) => match self.open(body)? {
                Err(rejection) => stage(&rejection),
                Ok(_) => return Err(format!("it is accepted, expected {expected}")),
            },
        };
        if expected.split('|').any(|name| name == stage) {
            return Ok(());
        }
        Err(format!("rejected with {stage}, expected {expected}"))
    }

    fn verify_url(&self) -> Result<Result<Bytes, Rejection>, String> {
        let (config, now) = self.config()?;
        Ok(match self.query()? {
            Ok(query) => protocol::verify_url(&config, &query, now),
            Err(rejection) => Err(rejection),
        })
    }

    fn open(&self, body: &str) -> Result<Result<Callback, Rejection>, String> {
        let (config, now) = self.config()?;
        let query = match self.query()? {
            Ok(query) => query,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let envelope = Envelope::parse(Bytes::copy_from_slice(body.as_bytes()));
        Ok(envelope.and_then(|envelope| protocol::open(&config, &query, &envelope, now)))
    }

    fn query(&self) -> Result<Result<Query<'_>, Rejection>, String> {
        let (timestamp, nonce) = self.moment()?;
        let signature = part("msg_signature", self.msg_signature.as_ref())?;
        let echostr = self.echostr.as_deref();
        let query =
            Query::from_decoded(signature, timestamp, nonce, echostr, DEFAULT_NONCE_MAX_LEN);
        Ok(query.map_err(Rejection::from))
    }

    /// The config, and the moment at which the vector was signed.
    fn config(&self) -> Result<(Config, u64), String> {
        let receive_id = match &self.receive_id {
            Some(id) => ReceiveId::exact(id),
            None => ReceiveId::dangerous_any(),
        };
        let timestamp = self.timestamp.as_deref().unwrap_or_default();
        let config = Config::new(self.token()?, self.key()?, receive_id).dangerous_any_age();
        Ok((config, timestamp.parse().unwrap_or_default()))
    }

    fn moment(&self) -> Result<(&str, &str), String> {
        let timestamp = part("timestamp", self.timestamp.as_ref())?;
        Ok((timestamp, part("nonce", self.nonce.as_ref())?))
    }

    fn token(&self) -> Result<Token, String> {
        self.token.parse().map_err(|error| format!("{error}"))
    }

    fn key(&self) -> Result<EncodingAesKey, String> {
        let text = part("encoding_aes_key", self.encoding_aes_key.as_ref())?;
        text.parse().map_err(|error| format!("{error}"))
    }
}

fn part<'a>(name: &str, value: Option<&'a String>) -> Result<&'a str, String> {
    value
        .map(String::as_str)
        .ok_or_else(|| format!("the vector has no {name}"))
}

/// The error shows both values. Vectors are public, and so are their secrets.
fn same(what: &str, expected: &[u8], found: &[u8]) -> VectorResult {
    if expected == found {
        return Ok(());
    }
    Err(format!(
        "{what}: expected {}, got {}",
        excerpt(expected),
        excerpt(found)
    ))
}

/// The stage at which the request was rejected, in the words of the vectors.
fn stage(rejection: &Rejection) -> &'static str {
    match rejection.kind() {
        // A text without 40 hexadecimal digits is rejected before anything is hashed.
        RejectionKind::Parameter if rejection.parameter() == Some("msg_signature") => "signature",
        other => other.as_str(),
    }
}

fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.ok_or("random_hex is not hexadecimal")?;
    let (pairs, []) = digits.as_chunks::<2>() else {
        return Err("random_hex has half a byte".to_owned());
    };
    Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}
