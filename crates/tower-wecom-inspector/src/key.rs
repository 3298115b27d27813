//! The key of one start, in the address of the page.
//!
//! A layer cannot see which address a connection comes from, and a tunnel or a proxy leaves no
//! traces that are certain. The key is what a peer has only if it can read the terminal of the app.

use std::fmt::Write;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use subtle::ConstantTimeEq;

use crate::error::InspectorError;

/// What the query begins with when it contains the key.
const QUERY: &str = "key=";

#[derive(Clone)]
pub(crate) struct Key {
    text: String,
    /// Browsers do not separate the cookies of two ports, so the name contains the port.
    cookie: String,
}

impl Key {
    pub(crate) fn random(port: u16) -> Result<Self, InspectorError> {
        Ok(Self {
            text: random_hex::<16>()?,
            cookie: format!("wecom-inspector-{port}"),
        })
    }

    /// `key=…`, for the address.
    pub(crate) fn query(&self) -> String {
        format!("{QUERY}{}", self.text)
    }

    /// Makes the browser send the key with each later request to the page. No other site gets it,
    /// and no script can read it. Other paths of the app, and other servers of this machine, may
    /// log the cookies that they get. So they do not get this one either.
    pub(crate) fn set_cookie(&self, path: &str) -> Option<HeaderValue> {
        let Self { text, cookie } = self;
        let cookie = format!("{cookie}={text}; Path={path}; HttpOnly; SameSite=Lax");
        HeaderValue::try_from(cookie).ok()
    }

    pub(crate) fn is_in_query(&self, query: &str) -> bool {
        query.strip_prefix(QUERY).is_some_and(|key| self.is(key))
    }

    pub(crate) fn is_in_cookie(&self, headers: &HeaderMap) -> bool {
        let lines = headers.get_all(COOKIE).iter();
        let pairs = lines.filter_map(|line| line.to_str().ok());
        let mut pairs = pairs.flat_map(|line| line.split(';'));
        pairs.any(|pair| match pair.trim().split_once('=') {
            Some((name, value)) => name == self.cookie && self.is(value),
            None => false,
        })
    }

    fn is(&self, given: &str) -> bool {
        self.text.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// Whether this is the query of the address that the app prints, with whatever key.
pub(crate) fn has_key(query: &str) -> bool {
    query.starts_with(QUERY)
}

/// Random bytes of the operating system, as hexadecimal digits.
pub(crate) fn random_hex<const BYTES: usize>() -> Result<String, InspectorError> {
    let mut random = [0; BYTES];
    getrandom::fill(&mut random).map_err(|_| InspectorError::Random)?;
    Ok(random.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
