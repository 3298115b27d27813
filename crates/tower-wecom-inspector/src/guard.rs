//! Decides which requests get the page.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::InspectorError;
use crate::key::{Key, has_key};

/// Checks requests to the page.
#[derive(Clone, Default)]
pub(crate) struct Guard {
    /// A digest, so that all comparisons have the same length.
    password: Option<[u8; 32]>,
    /// Takes the place of a password.
    key: Option<Key>,
    hosts: Vec<String>,
}

/// What a request gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Granted {
    /// What it asks for.
    Page,
    /// The cookie, and the address without the key.
    Cookie,
}

/// Why a request did not get the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// The host name does not belong to this machine. It may be the name of another site that
    /// points here (DNS rebinding).
    Host,
    /// The key is wrong or missing.
    Key,
    /// Another site sent the request.
    Site,
    /// The password is wrong or missing.
    Password,
}

impl Guard {
    pub(crate) fn set_password(&mut self, password: &str) {
        self.password = Some(digest(password.as_bytes()));
    }

    pub(crate) fn allow_host(&mut self, host: String) {
        self.hosts.push(host.to_ascii_lowercase());
    }

    pub(crate) fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// Without a password the page has a key, which is another one at each start.
    pub(crate) fn set_key(&mut self, port: u16) -> Result<(), InspectorError> {
        if !self.has_password() {
            self.key = Some(Key::random(port)?);
        }
        Ok(())
    }

    pub(crate) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    pub(crate) fn check(&self, parts: &Parts) -> Result<Granted, Denied> {
        let authority = authority(parts);
        if let Some(password) = &self.password {
            check_password(password, &parts.headers)?;
        } else {
            // A key that has become known, from a log for instance, is of no use to a site whose
            // name points to this machine (DNS rebinding).
            if !authority.as_ref().is_some_and(|it| self.knows(it.host())) {
                return Err(Denied::Host);
            }
            if self.check_key(parts)? == Granted::Cookie {
                return Ok(Granted::Cookie);
            }
        }
        check_site(parts, authority.as_ref())?;
        Ok(Granted::Page)
    }

    fn check_key(&self, parts: &Parts) -> Result<Granted, Denied> {
        let key = self.key.as_ref().ok_or(Denied::Key)?;
        let query = parts.uri.query().unwrap_or_default();
        if !key.is_in_query(query) && !key.is_in_cookie(&parts.headers) {
            return Err(Denied::Key);
        }
        let is_entry = has_key(query) && matches!(parts.method, Method::GET | Method::HEAD);
        Ok(if is_entry {
            Granted::Cookie
        } else {
            Granted::Page
        })
    }

    fn knows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        is_loopback(&host) || self.hosts.contains(&host)
    }
}

/// Whether the name always points to this machine.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(ip) => ip.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// The host that the browser wants to reach. In HTTP/2 it is in the URI.
fn authority(parts: &Parts) -> Option<Authority> {
    if let Some(authority) = parts.uri.authority() {
        return Some(authority.clone()).filter(is_well_formed);
    }
    let mut hosts = parts.headers.get_all(HOST).iter();
    let host = hosts.next()?;
    if hosts.next().is_some() {
        return None;
    }
    let authority = Authority::try_from(host.as_bytes());
    authority.ok().filter(is_well_formed)
}

/// Whether it is a host, with or without a port, as browsers send it. `Authority` is more generous:
/// for `user@localhost` and `localhost:x` its host is `localhost`.
fn is_well_formed(authority: &Authority) -> bool {
    let Some(port) = authority.as_str().strip_prefix(authority.host()) else {
        return false;
    };
    match port.strip_prefix(':') {
        Some(digits) => {
            digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        }
        None => port.is_empty() && !authority.host().is_empty(),
    }
}

/// Other sites may neither send requests nor hold connections open. They may link to the page.
fn check_site(parts: &Parts, authority: Option<&Authority>) -> Result<(), Denied> {
    let is_page = parts.method != Method::POST && parts.uri.query().is_none_or(str::is_empty);
    let site = parts.headers.get("sec-fetch-site");
    let is_own = site.is_none_or(|site| site == "same-origin" || site == "none");
    if !is_own && !is_page {
        return Err(Denied::Site);
    }
    let Some(origin) = parts.headers.get(ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let named = origin.split_once("://").map(|(_, named)| named);
    match (named, authority) {
        (Some(named), Some(authority)) if named.eq_ignore_ascii_case(authority.as_str()) => Ok(()),
        _ => Err(Denied::Site),
    }
}

fn check_password(expected: &[u8; 32], headers: &HeaderMap) -> Result<(), Denied> {
    let given = headers.get(AUTHORIZATION).and_then(|value| {
        let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
        let credentials = STANDARD.decode(credentials.trim()).ok()?;
        // Any user name is accepted.
        let colon = credentials.iter().position(|&byte| byte == b':')?;
        let password = credentials.get(colon.checked_add(1)?..)?;
        scheme
            .eq_ignore_ascii_case("basic")
            .then(|| digest(password))
    });
    match given {
        Some(given) if bool::from(given.ct_eq(expected)) => Ok(()),
        _ => Err(Denied::Password),
    }
}

fn digest(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
}
