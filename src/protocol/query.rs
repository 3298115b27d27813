//! The four parameters that WeCom puts into the URL.
//!
//! The signature joins its parts without separators, so it does not bind a text to its parameter.
//! An attacker could move characters from one parameter to the next without changing the signature.
//! The *form* of each parameter prevents that, and it is checked here: each parameter occurs
//! exactly once and has its own narrow alphabet. Everything else in the query string is ignored and
//! never hashed.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use memchr::memchr;
use percent_encoding::percent_decode_str;

/// The default of the longest nonce, in characters.
///
/// An attacker who moves whole blocks of a ciphertext into another parameter moves at least 128
/// characters: into the nonce, and as far as they are digits into the timestamp. A nonce of 64
/// characters has no room for them.
pub const DEFAULT_NONCE_MAX_LEN: usize = 64;

const MSG_SIGNATURE: &str = "msg_signature";
const TIMESTAMP: &str = "timestamp";
const NONCE: &str = "nonce";
const ECHOSTR: &str = "echostr";

/// `msg_signature`, `timestamp`, `nonce` and, in a URL check, `echostr`. They are decoded and have
/// their form, but nothing is verified yet.
#[derive(Clone)]
pub struct Query<'a> {
    msg_signature: Cow<'a, str>,
    timestamp: Cow<'a, str>,
    nonce: Cow<'a, str>,
    echostr: Option<Cow<'a, str>>,
    has_space_for_plus: bool,
}

impl<'a> Query<'a> {
    /// Reads a query string as it is in the URL: percent-encoded and without the `?`.
    ///
    /// The values are percent-decoded and never form-decoded: a `+` stays a `+`. A space inside
    /// `echostr` becomes a `+` again, because a proxy may have decoded it.
    ///
    /// # Errors
    ///
    /// If `msg_signature`, `timestamp` or `nonce` is missing, if one of them or `echostr` occurs
    /// twice, or if a value does not have this form:
    ///
    /// - `msg_signature`: 40 lower-case hexadecimal digits
    /// - `timestamp`: 1 to 20 decimal digits
    /// - `nonce`: 1 to `nonce_max_len` characters of `A-Za-z0-9-._~`
    /// - `echostr`: printable ASCII
    pub fn parse(query: &'a str, nonce_max_len: usize) -> Result<Self, QueryError> {
        let mut values = [const { None }; 4];
        // There is nearly always nothing to decode. One search of the whole text is cheaper than
        // one for each part.
        let is_encoded = memchr(b'%', query.as_bytes()).is_some();
        let mut rest = Some(query);
        while let Some(pairs) = rest {
            let (pair, more) = cut(pairs, b'&');
            rest = more;
            let (name, value) = cut(pair, b'=');
            let value = value.unwrap_or_default();
            // Names are decoded too: an encoded second `timestamp` must be counted.
            let slot = decode(name, is_encoded).and_then(|name| slot_of(&name));
            let Some((slot, name)) = slot else {
                continue;
            };
            let value = decode(value, is_encoded).ok_or(QueryError::malformed(name))?;
            if let Some(slot) = values.get_mut(slot)
                && slot.replace(value).is_some()
            {
                return Err(QueryError {
                    parameter: name,
                    problem: Problem::Repeated,
                });
            }
        }
        let [msg_signature, timestamp, nonce, echostr] = values;
        if let (None, None, None, None) = (&msg_signature, &timestamp, &nonce, &echostr) {
            return Err(QueryError {
                parameter: MSG_SIGNATURE,
                problem: Problem::AllMissing,
            });
        }
        let has_space_for_plus = echostr.as_deref().is_some_and(|text| text.contains(' '));
        Self {
            has_space_for_plus,
            msg_signature: msg_signature.ok_or(QueryError::missing(MSG_SIGNATURE))?,
            timestamp: timestamp.ok_or(QueryError::missing(TIMESTAMP))?,
            nonce: nonce.ok_or(QueryError::missing(NONCE))?,
            echostr: echostr.map(plus_for_space),
        }
        .checked(nonce_max_len)
    }

    /// Takes values that are decoded already. Nothing is decoded or repaired.
    ///
    /// # Errors
    ///
    /// As for [`parse`](Self::parse).
    pub fn from_decoded(
        msg_signature: &'a str,
        timestamp: &'a str,
        nonce: &'a str,
        echostr: Option<&'a str>,
        nonce_max_len: usize,
    ) -> Result<Self, QueryError> {
        Self {
            msg_signature: msg_signature.into(),
            timestamp: timestamp.into(),
            nonce: nonce.into(),
            echostr: echostr.map(Cow::from),
            has_space_for_plus: echostr.is_some_and(|text| text.contains(' ')),
        }
        .checked(nonce_max_len)
    }

    fn checked(self, nonce_max_len: usize) -> Result<Self, QueryError> {
        if !is_signature(&self.msg_signature) {
            return Err(QueryError::malformed(MSG_SIGNATURE));
        }
        if !is_timestamp(&self.timestamp) {
            return Err(QueryError::malformed(TIMESTAMP));
        }
        if !is_nonce(&self.nonce, nonce_max_len) {
            return Err(QueryError::malformed(NONCE));
        }
        if !self.echostr.as_deref().is_none_or(is_echostr) {
            return Err(QueryError::malformed(ECHOSTR));
        }
        Ok(self)
    }

    /// The signature that the request claims to have: 40 lower-case hexadecimal digits.
    #[must_use]
    pub fn msg_signature(&self) -> &str {
        &self.msg_signature
    }

    /// When WeCom signed the request: decimal digits, seconds since 1970.
    #[must_use]
    pub fn timestamp(&self) -> &str {
        &self.timestamp
    }

    /// [`timestamp`](Self::timestamp) as a number. `u64::MAX` if it is larger.
    #[must_use]
    pub fn unix_seconds(&self) -> u64 {
        self.timestamp.parse().unwrap_or(u64::MAX)
    }

    /// A number that WeCom uses once.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The ciphertext of the text to be echoed in a URL check. `None` in a delivery.
    #[must_use]
    pub fn echostr(&self) -> Option<&str> {
        self.echostr.as_deref()
    }

    /// Whether `echostr` contained a space. Base64 has none, so a proxy has decoded the URL as a
    /// form.
    pub(crate) fn has_space_for_plus(&self) -> bool {
        self.has_space_for_plus
    }
}

/// A query that borrows nothing, so that it can travel with the request that it was read from.
///
/// Most query strings contain nothing to decode. Their values are remembered as positions, which
/// costs no allocation.
#[derive(Clone)]
pub(crate) enum DetachedQuery {
    Positions {
        msg_signature: Range<u16>,
        timestamp: Range<u16>,
        nonce: Range<u16>,
        echostr: Option<Range<u16>>,
    },
    Decoded(Box<Query<'static>>),
}

impl Query<'_> {
    /// Lets go of the query string that this was parsed from.
    pub(crate) fn detach(self, raw: &str) -> DetachedQuery {
        self.positions(raw)
            .unwrap_or_else(|| DetachedQuery::Decoded(Box::new(self.into_owned())))
    }

    fn positions(&self, raw: &str) -> Option<DetachedQuery> {
        let echostr = match &self.echostr {
            Some(echostr) => Some(position(echostr, raw)?),
            None => None,
        };
        Some(DetachedQuery::Positions {
            msg_signature: position(&self.msg_signature, raw)?,
            timestamp: position(&self.timestamp, raw)?,
            nonce: position(&self.nonce, raw)?,
            echostr,
        })
    }

    fn into_owned(self) -> Query<'static> {
        Query {
            msg_signature: self.msg_signature.into_owned().into(),
            timestamp: self.timestamp.into_owned().into(),
            nonce: self.nonce.into_owned().into(),
            echostr: self.echostr.map(|echostr| echostr.into_owned().into()),
            has_space_for_plus: self.has_space_for_plus,
        }
    }
}

impl DetachedQuery {
    /// The query again. `raw` is the query string that it was parsed from; with another one the
    /// values are wrong, and the signature does not fit them.
    pub(crate) fn attach<'a>(&'a self, raw: &'a str) -> Query<'a> {
        let at = |range: &Range<u16>| {
            let range = usize::from(range.start)..usize::from(range.end);
            Cow::Borrowed(raw.get(range).unwrap_or_default())
        };
        match self {
            Self::Positions {
                msg_signature,
                timestamp,
                nonce,
                echostr,
            } => Query {
                msg_signature: at(msg_signature),
                timestamp: at(timestamp),
                nonce: at(nonce),
                echostr: echostr.as_ref().map(at),
                has_space_for_plus: false,
            },
            Self::Decoded(query) => Query::clone(query),
        }
    }
}

/// Where a value is in the query string. `None` if it was decoded, because then it is a copy, or if it
/// is beyond the length of any `Uri`.
fn position(value: &str, raw: &str) -> Option<Range<u16>> {
    let start = value.as_ptr().addr().checked_sub(raw.as_ptr().addr())?;
    let end = start.checked_add(value.len())?;
    raw.get(start..end)?;
    Some(start.try_into().ok()?..end.try_into().ok()?)
}

impl fmt::Debug for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the signature nor the ciphertext belongs in a log.
        f.debug_struct("Query")
            .field("timestamp", &self.timestamp)
            .field("nonce", &self.nonce)
            .field("echostr", &self.echostr.is_some())
            .finish_non_exhaustive()
    }
}

/// A query string that does not belong to a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryError {
    parameter: &'static str,
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    AllMissing,
    Malformed,
    Missing,
    Repeated,
}

impl QueryError {
    const fn missing(parameter: &'static str) -> Self {
        Self {
            parameter,
            problem: Problem::Missing,
        }
    }

    const fn malformed(parameter: &'static str) -> Self {
        Self {
            parameter,
            problem: Problem::Malformed,
        }
    }

    /// The name of the parameter that is wrong.
    #[must_use]
    pub fn parameter(&self) -> &'static str {
        self.parameter
    }

    /// Whether all four parameters are missing. The peer is then a person or a load balancer, not
    /// WeCom.
    #[must_use]
    pub fn is_not_a_callback(&self) -> bool {
        self.problem == Problem::AllMissing
    }

    /// The error of a URL check without `echostr`.
    pub(crate) const fn missing_echostr() -> Self {
        Self::missing(ECHOSTR)
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parameter, problem } = self;
        match problem {
            Problem::AllMissing => f.write_str("no parameter of a callback is there"),
            Problem::Malformed => write!(f, "parameter {parameter} is malformed"),
            Problem::Missing => write!(f, "parameter {parameter} is missing"),
            Problem::Repeated => write!(f, "parameter {parameter} occurs more than once"),
        }
    }
}

impl std::error::Error for QueryError {}

fn slot_of(name: &str) -> Option<(usize, &'static str)> {
    match name {
        MSG_SIGNATURE => Some((0, MSG_SIGNATURE)),
        TIMESTAMP => Some((1, TIMESTAMP)),
        NONCE => Some((2, NONCE)),
        ECHOSTR => Some((3, ECHOSTR)),
        _ => None,
    }
}

/// The text before an ASCII byte, and the text after it. `split_once` is slower for short texts.
fn cut(text: &str, byte: u8) -> (&str, Option<&str>) {
    let at = memchr(byte, text.as_bytes());
    let halves = at.and_then(|at| text.split_at_checked(at));
    halves.map_or((text, None), |(before, rest)| (before, rest.get(1..)))
}

/// `None` if the decoded bytes are not UTF-8.
fn decode(text: &str, is_encoded: bool) -> Option<Cow<'_, str>> {
    if !is_encoded {
        return Some(Cow::Borrowed(text));
    }
    percent_decode_str(text).decode_utf8().ok()
}

fn plus_for_space(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains(' ') {
        text.replace(' ', "+").into()
    } else {
        text
    }
}

fn is_signature(text: &str) -> bool {
    text.len() == 40 && all(text, |b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_timestamp(text: &str) -> bool {
    (1..=20).contains(&text.len()) && all(text, |b| b.is_ascii_digit())
}

fn is_nonce(text: &str, max_len: usize) -> bool {
    (1..=max_len).contains(&text.len())
        && all(text, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~')
        })
}

fn is_echostr(text: &str) -> bool {
    !text.is_empty() && all(text, |b| matches!(b, b' '..=b'~'))
}

/// Looks at all bytes in any case: without an early exit the compiler checks many of them at once.
fn all(text: &str, is_right: impl Fn(u8) -> bool) -> bool {
    text.bytes()
        .fold(true, |so_far, byte| so_far & is_right(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_decoded<'a>(
        signature: &'a str,
        timestamp: &'a str,
        nonce: &'a str,
        echostr: Option<&'a str>,
    ) -> Result<Query<'a>, QueryError> {
        Query::from_decoded(signature, timestamp, nonce, echostr, DEFAULT_NONCE_MAX_LEN)
    }

    const SIGNATURE: &str = "0123456789abcdef0123456789abcdef01234567";

    fn parse(query: &str) -> Result<Query<'_>, QueryError> {
        Query::parse(query, DEFAULT_NONCE_MAX_LEN)
    }

    #[test]
    fn a_plus_stays_a_plus_however_it_arrives() {
        for sent in ["a+b/c==", "a%2Bb%2Fc%3D%3D", "a%20b/c=="] {
            let raw = format!("msg_signature={SIGNATURE}&timestamp=1&nonce=n&echostr={sent}");
            assert_eq!(parse(&raw).unwrap().echostr(), Some("a+b/c=="), "{sent}");
        }
    }

    #[test]
    fn decoded_values_are_taken_literally() {
        let query = from_decoded(SIGNATURE, "1", "n", Some("a b")).unwrap();
        assert_eq!(query.echostr(), Some("a b"));
    }

    #[test]
    fn foreign_parameters_are_ignored() {
        let raw = format!("x=1&msg_signature={SIGNATURE}&&timestamp=1&y&nonce=n&=&");
        assert_eq!(parse(&raw).unwrap().nonce(), "n");
    }

    #[test]
    fn each_parameter_stands_exactly_once() {
        let good = format!("msg_signature={SIGNATURE}&timestamp=1&nonce=n&echostr=e");
        for name in [
            "msg_signature",
            "timestamp",
            "nonce",
            "echostr",
            "%74imestamp",
            "non%63e",
        ] {
            let raw = format!("{good}&{name}=1");
            let error = parse(&raw).unwrap_err();
            assert_eq!(error.problem, Problem::Repeated, "{name}");
        }
        for name in ["msg_signature", "timestamp", "nonce"] {
            let raw = good.replace(&format!("{name}="), "x=");
            assert_eq!(parse(&raw).unwrap_err(), QueryError::missing(name));
        }
    }

    #[test]
    fn what_decodes_to_no_text_is_malformed_as_a_value_and_foreign_as_a_name() {
        let good = format!("msg_signature={SIGNATURE}&timestamp=1&nonce=n");
        assert!(parse(&format!("{good}&nonce%ff=2&%ff=%ff")).is_ok());
        let error = parse(&format!("{good}&echostr=%ff")).unwrap_err();
        assert_eq!(error, QueryError::malformed(ECHOSTR));
    }

    #[test]
    fn a_request_without_any_of_them_is_not_a_callback() {
        for raw in ["", "a=b", "Timestamp=1&msgsignature=2"] {
            assert!(parse(raw).unwrap_err().is_not_a_callback(), "{raw}");
        }
        assert!(!parse("echostr=1").unwrap_err().is_not_a_callback());
    }

    #[test]
    fn forms_are_narrow() {
        let long_nonce = "n".repeat(65);
        let upper = SIGNATURE.to_uppercase();
        let rows = [
            (&upper[..], "1", "n", "upper-case signature"),
            (&SIGNATURE[1..], "1", "n", "39 digits"),
            (SIGNATURE, "", "n", "empty timestamp"),
            (SIGNATURE, "123456789012345678901", "n", "21 digits"),
            (SIGNATURE, "-1", "n", "sign"),
            (SIGNATURE, "１", "n", "full-width digit"),
            (SIGNATURE, "1", "", "empty nonce"),
            (SIGNATURE, "1", &long_nonce, "nonce of 65"),
            (SIGNATURE, "1", "a+b", "plus in the nonce"),
            (SIGNATURE, "1", "a/b=", "base64 in the nonce"),
        ];
        for (signature, timestamp, nonce, why) in rows {
            assert!(
                from_decoded(signature, timestamp, nonce, None).is_err(),
                "{why}"
            );
        }
        let nonce = "n".repeat(64);
        assert!(from_decoded(SIGNATURE, "12345678901234567890", &nonce, None).is_ok());
    }

    #[test]
    fn a_query_is_the_same_after_it_was_detached_and_attached() {
        for echostr in ["", "&echostr=abc", "&echostr=a%2Bb", "&echostr=a%20b"] {
            for nonce in ["n-1", "%6e"] {
                let raw =
                    format!("x=1&msg_signature={SIGNATURE}&timestamp=7&nonce={nonce}{echostr}");
                let query = parse(&raw).unwrap();
                let detached = query.clone().detach(&raw);
                // The request moves, and its text may move with it.
                let raw = raw.clone();
                let attached = detached.attach(&raw);
                assert_eq!(attached.msg_signature(), query.msg_signature());
                assert_eq!(attached.timestamp(), query.timestamp());
                assert_eq!(attached.nonce(), query.nonce());
                assert_eq!(attached.echostr(), query.echostr());
                assert_eq!(attached.has_space_for_plus(), query.has_space_for_plus());
                let is_decoded = matches!(detached, DetachedQuery::Decoded(_));
                assert_eq!(is_decoded, raw.contains('%'), "{raw}");
            }
        }
    }

    #[test]
    fn the_length_of_the_nonce_can_be_chosen() {
        let raw = format!("msg_signature={SIGNATURE}&timestamp=1&nonce=abc");
        assert!(Query::parse(&raw, 3).is_ok());
        assert_eq!(Query::parse(&raw, 2).unwrap_err().parameter(), "nonce");
    }

    #[test]
    fn a_timestamp_past_the_end_of_time_stands_at_its_end() {
        let query = from_decoded(SIGNATURE, "99999999999999999999", "n", None).unwrap();
        assert_eq!(query.unix_seconds(), u64::MAX);
    }

    #[test]
    fn what_was_sent_is_what_is_read() {
        let raw = format!("msg_signature={SIGNATURE}&timestamp=1409659813&nonce=n-1&echostr=e");
        let query = parse(&raw).unwrap();
        assert_eq!(
            (query.msg_signature(), query.timestamp(), query.nonce()),
            (SIGNATURE, "1409659813", "n-1")
        );
        assert_eq!(query.unix_seconds(), 1_409_659_813);
    }

    #[test]
    fn a_space_in_echostr_is_remembered_and_a_plus_is_not_one() {
        for (sent, expected) in [("a%20b", true), ("a+b", false), ("a%2Bb", false)] {
            let raw = format!("msg_signature={SIGNATURE}&timestamp=1&nonce=n&echostr={sent}");
            assert_eq!(
                parse(&raw).unwrap().has_space_for_plus(),
                expected,
                "{sent}"
            );
            let decoded = sent.replace("%20", " ");
            let query = from_decoded(SIGNATURE, "1", "n", Some(&decoded)).unwrap();
            assert_eq!(query.has_space_for_plus(), expected, "{decoded}");
        }
    }

    #[test]
    fn echostr_is_visible_ascii_and_not_empty() {
        for echostr in ["", "a\nb", "a\x7f", "é"] {
            let error = from_decoded(SIGNATURE, "1", "n", Some(echostr)).unwrap_err();
            assert_eq!(error, QueryError::malformed(ECHOSTR), "{echostr:?}");
        }
    }

    #[test]
    fn errors_name_the_parameter_and_what_is_wrong() {
        let good = format!("msg_signature={SIGNATURE}&timestamp=1&nonce=n");
        let rows = [
            (String::new(), "no parameter of a callback is there"),
            (good.replace("=1", "=x"), "parameter timestamp is malformed"),
            (good.replace("&nonce=n", ""), "parameter nonce is missing"),
            (
                format!("{good}&nonce=n"),
                "parameter nonce occurs more than once",
            ),
        ];
        for (raw, expected) in rows {
            assert_eq!(parse(&raw).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn debug_shows_neither_signature_nor_ciphertext() {
        let query = from_decoded(SIGNATURE, "1", "n", Some("cipher")).unwrap();
        assert_eq!(
            format!("{query:?}"),
            r#"Query { timestamp: "1", nonce: "n", echostr: true, .. }"#
        );
    }
}
