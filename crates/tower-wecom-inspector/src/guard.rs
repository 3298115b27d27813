//! Decides which requests get the page.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, Method, Version};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The first letters of headers that proxies add, and that browsers do not send.
const PROXIED: [&str; 12] = [
    "cdn-loop",
    "cf-",
    "fastly-",
    "forwarded",
    "true-client-ip",
    "via",
    "x-amzn-trace-id",
    "x-client-ip",
    "x-envoy-",
    "x-forwarded",
    "x-original-",
    "x-real-ip",
];

/// Checks requests to the page.
#[derive(Clone, Default)]
pub(crate) struct Guard {
    /// A digest, so that all comparisons have the same length.
    password: Option<[u8; 32]>,
    hosts: Vec<String>,
}

/// Why a request did not get the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// The host name does not belong to this machine. It may be the name of another site that
    /// points here (DNS rebinding).
    Host,
    /// The request came through a proxy, so anyone with access to the proxy could see the page.
    Proxied,
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

    pub(crate) fn check(&self, parts: &Parts) -> Result<(), Denied> {
        let authority = authority(parts);
        match &self.password {
            Some(password) => check_password(password, &parts.headers)?,
            None if is_proxied(parts) => return Err(Denied::Proxied),
            None if !authority.as_ref().is_some_and(|it| self.knows(it.host())) => {
                return Err(Denied::Host);
            }
            None => {}
        }
        check_site(parts, authority.as_ref())
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
        return Some(authority.clone());
    }
    let mut hosts = parts.headers.get_all(HOST).iter();
    let host = hosts.next()?;
    if hosts.next().is_some() {
        return None;
    }
    Authority::try_from(host.as_bytes()).ok()
}

/// By default nginx adds no header. Before 1.29.7 its default was HTTP/1.0, which no browser uses.
/// Later versions look like a browser.
fn is_proxied(parts: &Parts) -> bool {
    let is_trace = |name: &HeaderName| {
        let mut traces = PROXIED.iter();
        traces.any(|trace| name.as_str().starts_with(trace))
    };
    parts.version < Version::HTTP_11 || parts.headers.keys().any(is_trace)
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
