//! The page: one document that contains its script and its style.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use sha2::{Digest, Sha256};

const HTML: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = concat!(include_str!("page/words.js"), include_str!("page/page.js"));

pub(crate) struct Page {
    pub(crate) html: Bytes,
    pub(crate) content_security_policy: HeaderValue,
}

impl Page {
    pub(crate) fn new() -> Self {
        let html = HTML
            .replace("{{style}}", STYLE)
            .replace("{{script}}", SCRIPT);
        let (script, style) = (hash(SCRIPT), hash(STYLE));
        let policy = format!(
            "default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; img-src data:; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
             trusted-types 'none'"
        );
        Self {
            html: html.into(),
            // Never the fallback, because the policy is ASCII.
            content_security_policy: HeaderValue::try_from(policy)
                .unwrap_or(HeaderValue::from_static("default-src 'none'")),
        }
    }
}

/// The hash that the browser compares with the text between the tags.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}
