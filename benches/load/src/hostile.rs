//! Hostile requests: of attackers without credentials, and of one with Token and key.

use std::fmt;

use http::{Method, Request};
use tower_wecom::test_util::Platform;

use crate::genuine::{Genuine, config, wire};

const PATH: &str = "/wecom";
/// Longer than the limit of the layer.
const TOO_LONG: usize = 300 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    WrongSignature,
    ChangedCiphertext,
    ShiftedBoundary,
    WrongReceiveId,
    OldUrlCheck,
    DecryptionOracle,
    TooLong,
    TooLongInChunks,
    Garbage,
    NoHttp,
    DoctypeEnvelope,
    DeepEnvelope,
    WrongMethod,
    RepeatedParameter,
    MissingParameter,
    CutOff,
    Doctype,
    Deep,
    ManyElements,
}

pub(crate) const SORTS: [Sort; 19] = [
    Sort::WrongSignature,
    Sort::ChangedCiphertext,
    Sort::ShiftedBoundary,
    Sort::WrongReceiveId,
    Sort::OldUrlCheck,
    Sort::DecryptionOracle,
    Sort::TooLong,
    Sort::TooLongInChunks,
    Sort::Garbage,
    Sort::NoHttp,
    Sort::DoctypeEnvelope,
    Sort::DeepEnvelope,
    Sort::WrongMethod,
    Sort::RepeatedParameter,
    Sort::MissingParameter,
    Sort::CutOff,
    Sort::Doctype,
    Sort::Deep,
    Sort::ManyElements,
];

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = format!("{self:?}");
        let split = name.char_indices().map(|(at, c)| match c {
            c if c.is_uppercase() && at > 0 => format!(" {}", c.to_lowercase()),
            c => c.to_lowercase().to_string(),
        });
        f.write_str(&split.collect::<String>())
    }
}

impl Sort {
    /// Whether the request is incomplete or rejected early, so that the response may get lost.
    pub(crate) fn ends(self) -> bool {
        matches!(
            self,
            Self::CutOff | Self::NoHttp | Self::TooLong | Self::TooLongInChunks
        )
    }

    /// Whether it is a bomb with a valid signature. The layer delivers it as an unknown event.
    pub(crate) fn is_signed_bomb(self) -> bool {
        matches!(self, Self::Doctype | Self::Deep | Self::ManyElements)
    }

    /// Whether this status is the expected rejection.
    pub(crate) fn is_refused_by(self, status: u16) -> bool {
        match self {
            Self::WrongSignature
            | Self::ChangedCiphertext
            | Self::WrongReceiveId
            | Self::OldUrlCheck
            | Self::DecryptionOracle => status == 403,
            // Depends on whether the moved characters are valid in a nonce.
            Self::ShiftedBoundary => matches!(status, 400 | 403),
            Self::TooLong | Self::TooLongInChunks => status == 413,
            Self::WrongMethod => status == 405,
            Self::Doctype | Self::Deep | Self::ManyElements => false,
            _ => status == 400,
        }
    }
}

pub(crate) struct Hostile {
    platform: Platform,
    genuine: Genuine,
}

impl Hostile {
    pub(crate) fn new() -> Self {
        Self {
            platform: Platform::new(&config()),
            genuine: Genuine::new(),
        }
    }

    /// The request with this number. The sorts alternate.
    pub(crate) fn request(&self, number: usize) -> (Sort, Vec<u8>) {
        let sort = SORTS[number % SORTS.len()];
        (sort, self.of(sort, number))
    }

    fn of(&self, sort: Sort, number: usize) -> Vec<u8> {
        // The captured callback: one that is never sent by itself, because it would be counted.
        let captured = self.genuine.request(9_000_000 + number % 900_000);
        match sort {
            Sort::WrongSignature => with_query(&captured, |query| turn_digit(query, number)),
            Sort::ChangedCiphertext => with_body(&captured, |body| turn_ciphertext(body, number)),
            Sort::ShiftedBoundary => shifted(&captured, 1 + number % 64),
            Sort::WrongReceiveId => {
                let other = self.platform.clone().receive_id("ww0000000000000000");
                wire(&other.deliver_xml(EVENT).expect("random bytes"), PATH)
            }
            Sort::OldUrlCheck => {
                let old = self.platform.clone().timestamp(config().now() - 301);
                wire(&old.url_check("123").expect("random bytes"), PATH)
            }
            Sort::DecryptionOracle => oracle(&captured),
            Sort::TooLong => with_body(&captured, |_| "x".repeat(TOO_LONG)),
            Sort::TooLongInChunks => chunks(&captured),
            Sort::Garbage => with_body(&captured, |_| format!("<xml{number}")),
            Sort::NoHttp => b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n".to_vec(),
            Sort::DoctypeEnvelope => with_body(&captured, |body| format!("{DOCTYPE}{body}")),
            Sort::DeepEnvelope => with_body(&captured, |_| deep(10_000)),
            Sort::WrongMethod => {
                let method = [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS];
                let mut request = captured;
                *request.method_mut() = method[number / SORTS.len() % method.len()].clone();
                wire(&request, PATH)
            }
            Sort::RepeatedParameter => with_query(&captured, |query| format!("{query}&nonce=1")),
            Sort::MissingParameter => with_query(&captured, |query| query.replace("nonce=", "x=")),
            Sort::CutOff => {
                let mut bytes = wire(&captured, PATH);
                bytes.truncate(bytes.len() - 1 - number % captured.body().len());
                bytes
            }
            Sort::Doctype => self.signed(&format!("{DOCTYPE}<xml><Event>&c;</Event></xml>")),
            Sort::Deep => self.signed(&deep(10_000)),
            Sort::ManyElements => self.signed(&format!("<xml>{}</xml>", "<a/>".repeat(30_000))),
        }
    }

    fn signed(&self, payload: &str) -> Vec<u8> {
        wire(
            &self.platform.deliver_xml(payload).expect("random bytes"),
            PATH,
        )
    }
}

const EVENT: &str = "<xml><MsgType>event</MsgType><Event>subscribe</Event></xml>";
const DOCTYPE: &str = r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>"#;

fn deep(levels: usize) -> String {
    format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels))
}

fn with_query(request: &Request<String>, change: impl Fn(&str) -> String) -> Vec<u8> {
    let query = change(request.uri().query().unwrap_or_default());
    let mut request = request.clone();
    *request.uri_mut() = format!("{PATH}?{query}").parse().expect("a URI");
    wire(&request, PATH)
}

fn with_body(request: &Request<String>, change: impl Fn(&str) -> String) -> Vec<u8> {
    let body = change(request.body());
    wire(&request.clone().map(|_| body), PATH)
}

/// Changes one hexadecimal digit of the signature.
fn turn_digit(query: &str, number: usize) -> String {
    let at = "msg_signature=".len() + number % 40;
    let digit = u32::from_str_radix(&query[at..=at], 16).expect("a digit");
    let other = char::from_digit(digit ^ (1 + number as u32 % 15), 16).expect("a digit");
    format!("{}{other}{}", &query[..at], &query[at + 1..])
}

/// The ciphertext of an envelope, and its offset.
fn ciphertext(body: &str) -> (usize, &str) {
    let start = match body.find("<Encrypt><![CDATA[") {
        Some(at) => at + "<Encrypt><![CDATA[".len(),
        None => body.find("\"encrypt\":\"").expect("an envelope") + "\"encrypt\":\"".len(),
    };
    let length = body[start..].find([']', '"']).expect("an envelope");
    (start, &body[start..start + length])
}

fn turn_ciphertext(body: &str, number: usize) -> String {
    let (start, text) = ciphertext(body);
    let at = start + number % (text.len() - 4);
    let other = if &body[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &body[..at], &body[at + 1..])
}

/// Moves characters of the ciphertext to the end of the nonce. The signature stays valid for the
/// concatenation.
fn shifted(request: &Request<String>, count: usize) -> Vec<u8> {
    let (start, text) = ciphertext(request.body());
    let moved = text[..count].replace('+', "%2B").replace('/', "%2F");
    let body = format!(
        "{}{}",
        &request.body()[..start],
        &request.body()[start + count..]
    );
    let changed = request.clone().map(|_| body);
    with_query(&changed, |query| format!("{query}{moved}"))
}

/// Sends a captured delivery as a URL check.
fn oracle(request: &Request<String>) -> Vec<u8> {
    let (_, text) = ciphertext(request.body());
    let text = text
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let mut changed = request.clone().map(|_| String::new());
    *changed.method_mut() = Method::GET;
    with_query(&changed, |query| format!("{query}&echostr={text}"))
}

fn chunks(request: &Request<String>) -> Vec<u8> {
    let query = request.uri().query().unwrap_or_default();
    let head = format!(
        "POST {PATH}?{query} HTTP/1.1\r\nHost: callback.example\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    format!("{head}{}0\r\n\r\n", chunk.repeat(TOO_LONG / 0x1000)).into_bytes()
}
