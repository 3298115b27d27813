use std::fmt;

use bytes::Bytes;

use super::callback::{Callback, Source};
use super::render::{Rendered, raw_misfit, render};
use crate::crypto::{RandomError, Signature, random_bytes};
use crate::event::Origin;
use crate::payload::{Format, Tree};
use crate::reply::Reply;
use crate::trace::warning;

/// The answer to a callback: a body and its content type.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SealedReply {
    /// The body. Its status is 200.
    pub body: Bytes,
    /// The `Content-Type`. `None` if the body is empty.
    pub content_type: Option<&'static str>,
    /// The text that was sealed. `None` for the acknowledgement.
    pub(crate) plaintext: Option<String>,
}

impl SealedReply {
    /// The acknowledgement: `success` for third-party notices, an empty body for everything else.
    #[must_use]
    pub fn acknowledgement(callback: &Callback) -> Self {
        match callback.origin() {
            Origin::Suite(_) => Self {
                body: Bytes::from_static(b"success"),
                content_type: Some("text/plain; charset=utf-8"),
                plaintext: None,
            },
            Origin::App => Self {
                body: Bytes::new(),
                content_type: None,
                plaintext: None,
            },
        }
    }

    /// Whether it is an encrypted reply and not the acknowledgement.
    #[must_use]
    pub const fn is_sealed(&self) -> bool {
        self.plaintext.is_some()
    }
}

impl fmt::Debug for SealedReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A sealed body contains a signature.
        let length = self.body.len();
        f.debug_struct("SealedReply")
            .field("length", &length)
            .finish_non_exhaustive()
    }
}

/// Writes a reply and seals it with the credentials that opened the callback, for its receive id.
///
/// XML gets a fresh nonce. The JSON of an AI bot repeats the nonce of the request (document
/// 101033). A reply that the callback [does not take](Callback::accepted_replies) becomes the
/// acknowledgement, with a warning in the trace. `now` is in seconds since 1970.
///
/// # Errors
///
/// If the operating system has no random bytes.
pub fn seal(callback: &Callback, reply: &Reply, now: u64) -> Result<SealedReply, RandomError> {
    let parts = callback.parts();
    let text = match render(reply, callback, now) {
        Rendered::Text(text) => text,
        Rendered::Nothing => return Ok(SealedReply::acknowledgement(callback)),
        Rendered::Unfit(reason) => {
            warning!(
                kind = callback.kind().shown(),
                reason = &*reason,
                "the reply is dropped"
            );
            let _ = reason;
            return Ok(SealedReply::acknowledgement(callback));
        }
    };
    if reply.raw_text().is_some()
        && let Some(reason) = raw_misfit(&text, callback)
    {
        warning!(
            kind = callback.kind().shown(),
            reason = &*reason,
            "a raw reply is sent that WeCom may not take"
        );
        let _ = reason;
    }
    let Source::Opened { credentials, .. } = &parts.source else {
        warning!(
            kind = callback.kind().shown(),
            "the reply is dropped: a restored or live callback has no key to seal it with"
        );
        return Ok(SealedReply::acknowledgement(callback));
    };
    let nonce = match parts.format {
        // It was a part of the query, so it is UTF-8.
        Format::Json => String::from_utf8_lossy(&parts.nonce).into_owned(),
        Format::Xml => u64::from_be_bytes(random_bytes()?).to_string(),
    };
    let encrypted = credentials
        .cipher
        .seal_reply(text.as_bytes(), parts.receive_id.as_bytes())?;
    let signature =
        Signature::new(&credentials.token, &now.to_string(), &nonce, &encrypted).to_hex();
    let envelope = Tree::default()
        .with("Encrypt", "encrypt", &encrypted)
        .with("MsgSignature", "msgsignature", &signature)
        .with("TimeStamp", "timestamp", now)
        .with("Nonce", "nonce", &nonce);
    Ok(sealed(parts.format, &envelope, text))
}

fn sealed(format: Format, envelope: &Tree<'_>, plaintext: String) -> SealedReply {
    let (body, content_type) = match format {
        Format::Json => (envelope.to_json(), "application/json"),
        Format::Xml => (envelope.to_xml(), "application/xml; charset=utf-8"),
    };
    SealedReply {
        body: body.into(),
        content_type: Some(content_type),
        plaintext: Some(plaintext),
    }
}
