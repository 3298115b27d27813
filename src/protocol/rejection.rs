//! Why a request was rejected.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

use super::detail::{Detail, SeenId};
use super::query::QueryError;
use crate::crypto::{Fault, OpenError, Plaintext};
use crate::payload::PayloadError;
use crate::trace::{debug, warning};

/// Why a request did not reach the inner service.
///
/// [`WeComLayer`](crate::WeComLayer) puts it into the response's extensions and into the trace, for
/// the operator. The peer gets a status and one fixed text. A rejection contains no secret: no
/// Token, no key, no signature, no payload.
///
/// [`kind`](Self::kind) is the check that failed, for counters. [`details`](Self::details) are what
/// was seen on the way, for an operator who looks for the cause. [`Display`](fmt::Display)
/// describes the check, and [`source`](Error::source) the error behind it.
#[derive(Clone)]
pub struct Rejection {
    reason: Reason,
    details: Vec<Detail>,
}

#[derive(Clone)]
pub(crate) enum Reason {
    Age {
        seconds: i64,
    },
    Body,
    /// The text to be echoed looks like a message: a captured message was sent as a URL check. 403.
    Echo,
    Envelope(Option<PayloadError>),
    /// This layer is outside of `WeComLayer`, and no callback may pass without it. 503.
    LayerOrder {
        layer: &'static str,
    },
    /// The method is not GET, HEAD or POST. 405.
    Method,
    /// `echostr` cannot be a ciphertext. Its signature was not looked at.
    NotCiphertext(OpenError),
    Open(OpenError),
    /// It is a reply of ours.
    OwnReply,
    Parameter(QueryError),
    /// The first of the details is the receive id, even if something else was wrong: see
    /// [`Rejection::details`].
    Plaintext(Fault),
    Resolver(Arc<dyn Error + Send + Sync>),
    /// The signature is wrong, usually because of another Token. 403.
    /// Only a number for each candidate: a peer without a secret can have very many of them tried.
    Signature {
        pairs_tried: usize,
    },
    TooLarge,
    /// The body did not arrive in time. 408.
    TooSlow,
    /// The resolver has no configuration for the request. 404.
    Unresolved,
}

/// The check that a request did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectionKind {
    /// The timestamp is older, or further in the future, than the [`Config`](crate::Config) allows.
    /// 403.
    Age,
    /// The ciphertext is not canonical base64. 403.
    Base64,
    /// The body could not be read to its end. 400.
    Body,
    /// The ciphertext is empty, or its length is not a multiple of 32 bytes. 403.
    CiphertextLength,
    /// The text to be echoed looks like a message: somebody tries to have one decrypted. 403.
    Echo,
    /// The body is not an envelope with exactly one `Encrypt`. 400.
    Envelope,
    /// A layer that has to see each callback, such as the inbox, is outside of `WeComLayer` and did
    /// not see this genuine callback. 503. See [`Outside`](crate::extensions::Outside).
    LayerOrder,
    /// The length in the decrypted message is wrong. 403.
    Length,
    /// The method is none of GET, HEAD and POST. 405.
    Method,
    /// The ciphertext is that of a reply of this crate: an attacker sends a captured reply back as a
    /// request. 403.
    OwnReply,
    /// The padding is wrong, usually because of another EncodingAESKey. 403.
    Padding,
    /// A parameter is missing, repeated or malformed. 400.
    Parameter,
    /// The callback is for another id. 403.
    ReceiveId,
    /// The resolver failed. 503.
    Resolver,
    /// The signature is wrong: another Token, as a rule. 403.
    Signature,
    /// The body is longer than the layer's limit. 413.
    TooLarge,
    /// The body was not there in time. 408.
    TooSlow,
    /// The resolver knows no configuration for the request. 404.
    Unresolved,
}

impl RejectionKind {
    /// The name of the kind in the trace (`error.type`) and for counters, such as `receive_id` or
    /// `signature`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Base64 => "base64",
            Self::Body => "body",
            Self::CiphertextLength => "ciphertext_length",
            Self::Echo => "echo",
            Self::Envelope => "envelope",
            Self::LayerOrder => "layer_order",
            Self::Length => "length",
            Self::Method => "method",
            Self::OwnReply => "own_reply",
            Self::Padding => "padding",
            Self::Parameter => "parameter",
            Self::ReceiveId => "receive_id",
            Self::Resolver => "resolver",
            Self::Signature => "signature",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::Unresolved => "unresolved",
        }
    }
}

impl fmt::Display for RejectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Rejection {
    pub(crate) const fn new(reason: Reason) -> Self {
        Self {
            reason,
            details: Vec::new(),
        }
    }

    /// Does the same in the same time, whatever the fault is.
    pub(crate) fn of_plaintext(fault: Fault, plaintext: &Plaintext) -> Self {
        Self::new(Reason::Plaintext(fault)).with(Detail::ReceiveId(SeenId::of(plaintext)))
    }

    pub(crate) fn with(mut self, detail: Detail) -> Self {
        self.details.push(detail);
        self
    }

    pub(crate) fn with_all(mut self, details: impl IntoIterator<Item = Detail>) -> Self {
        self.details.extend(details);
        self
    }

    /// The rejection of the next candidate, after this one, whose Token did not fit.
    pub(crate) fn then(self, mut next: Self) -> Self {
        if let (
            Reason::Signature {
                pairs_tried: before,
            },
            Reason::Signature { pairs_tried },
        ) = (self.reason, &mut next.reason)
        {
            *pairs_tried = pairs_tried.saturating_add(before);
        }
        next
    }

    /// The number of pairs that were tried, if the signature fits none of them.
    pub(crate) fn pairs_tried(&self) -> Option<usize> {
        match self.reason {
            Reason::Signature { pairs_tried } => Some(pairs_tried),
            _ => None,
        }
    }

    /// What was seen while the request was rejected.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        match (&self.reason, &*self.details) {
            // If the padding is wrong, the receive id behind it means nothing.
            (Reason::Plaintext(fault), [_, others @ ..]) if fault.pick(true, true, false) => others,
            (_, details) => details,
        }
    }

    // This branches on the fault of a plaintext, so its time depends on it. On the way to the response,
    // only a trace, a hook, and the comparison of several candidates call it.
    /// The check that failed.
    #[must_use]
    pub fn kind(&self) -> RejectionKind {
        match &self.reason {
            Reason::Age { .. } => RejectionKind::Age,
            Reason::Body => RejectionKind::Body,
            Reason::Echo => RejectionKind::Echo,
            Reason::Envelope(_) => RejectionKind::Envelope,
            Reason::LayerOrder { .. } => RejectionKind::LayerOrder,
            Reason::Method => RejectionKind::Method,
            Reason::NotCiphertext(error) | Reason::Open(error) => match error {
                OpenError::Base64 => RejectionKind::Base64,
                OpenError::CiphertextLength { .. } => RejectionKind::CiphertextLength,
                OpenError::Length => RejectionKind::Length,
                OpenError::Padding => RejectionKind::Padding,
            },
            Reason::OwnReply => RejectionKind::OwnReply,
            Reason::Parameter(_) => RejectionKind::Parameter,
            Reason::Plaintext(fault) => fault.pick(
                RejectionKind::Padding,
                RejectionKind::Length,
                RejectionKind::ReceiveId,
            ),
            Reason::Resolver(_) => RejectionKind::Resolver,
            Reason::Signature { .. } => RejectionKind::Signature,
            Reason::TooLarge => RejectionKind::TooLarge,
            Reason::TooSlow => RejectionKind::TooSlow,
            Reason::Unresolved => RejectionKind::Unresolved,
        }
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match &self.reason {
            Reason::Age { .. }
            | Reason::Echo
            | Reason::NotCiphertext(_)
            | Reason::Open(_)
            | Reason::OwnReply
            | Reason::Plaintext(_)
            | Reason::Signature { .. } => StatusCode::FORBIDDEN,
            Reason::Body | Reason::Envelope(_) | Reason::Parameter(_) => StatusCode::BAD_REQUEST,
            Reason::Method => StatusCode::METHOD_NOT_ALLOWED,
            Reason::LayerOrder { .. } | Reason::Resolver(_) => StatusCode::SERVICE_UNAVAILABLE,
            Reason::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Reason::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Reason::Unresolved => StatusCode::NOT_FOUND,
        }
    }

    /// Whether the set-up may be wrong: something failed on our side, or after the signature was
    /// right.
    ///
    /// A malformed ciphertext and an echo that is a message are not included, although the
    /// signature was right. The signature covers the text, so an attacker has altered a captured
    /// request.
    pub(crate) fn is_for_the_operator(&self) -> bool {
        matches!(
            self.reason,
            Reason::Age { .. }
                | Reason::LayerOrder { .. }
                | Reason::OwnReply
                | Reason::Plaintext(_)
                | Reason::Resolver(_)
        )
    }

    /// Reports it to the operator.
    pub(crate) fn trace(&self) {
        if self.is_for_the_operator() {
            warning!(
                reason = %self.chain(),
                details = self.details_in_words().map(tracing::field::display),
                "error.type" = self.kind().as_str(),
                "a request was rejected"
            );
        } else {
            debug!(
                reason = %self.chain(),
                details = self.details_in_words().map(tracing::field::display),
                "error.type" = self.kind().as_str(),
                "a request was rejected"
            );
        }
    }

    /// How far the request got: 0 if the signature was wrong. It does not branch on the fault of a
    /// plaintext.
    pub(crate) fn checks_passed(&self) -> u8 {
        match &self.reason {
            Reason::Signature { .. } => 0,
            Reason::Open(_) => 1,
            Reason::Plaintext(fault) => fault.checks_passed(),
            _ => 5,
        }
    }

    /// Whether no configuration fits the request.
    pub(crate) fn is_nobodys(&self) -> bool {
        matches!(self.reason, Reason::Signature { .. } | Reason::Unresolved)
    }

    /// The details in plain words for the trace. `None` if there are no details.
    #[cfg_attr(not(feature = "tracing"), expect(dead_code))]
    pub(crate) fn details_in_words(&self) -> Option<String> {
        let details: Vec<_> = self.details().iter().map(Detail::to_string).collect();
        (!details.is_empty()).then(|| details.join("; "))
    }

    /// The rejection with all its causes, for the trace.
    #[cfg_attr(not(feature = "tracing"), expect(dead_code))]
    pub(crate) fn chain(&self) -> impl fmt::Display {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        one_line(&text)
    }

    /// The name of the parameter that is missing, repeated or malformed.
    #[must_use]
    pub fn parameter(&self) -> Option<&'static str> {
        match &self.reason {
            Reason::Parameter(error) => Some(error.parameter()),
            _ => None,
        }
    }
}

const CANNOT_BE_OPENED: &str = "the signature is right, but the ciphertext cannot be opened";

/// Escapes control characters. A resolver's error may quote what a peer sent, and that must not
/// start a line of its own in a log.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Age { seconds } if *seconds < 0 => {
                let ahead = seconds.unsigned_abs();
                write!(
                    f,
                    "the timestamp is {ahead} seconds ahead: a clock that is off"
                )
            }
            Reason::Age { seconds } => write!(
                f,
                "the timestamp is {seconds} seconds old: a replay, or a clock that is off"
            ),
            Reason::Body => f.write_str("the body could not be read to its end"),
            Reason::Echo => f.write_str("the text to be echoed looks like a message"),
            Reason::Envelope(_) => f.write_str("the body is not an envelope with one `Encrypt`"),
            Reason::LayerOrder { layer } => write!(
                f,
                "`{layer}` is outside of `WeComLayer`, and no callback may be handled without it"
            ),
            Reason::Method => f.write_str("the method is not GET, HEAD or POST"),
            Reason::NotCiphertext(_) => f.write_str("`echostr` cannot be a ciphertext"),
            Reason::Open(_) => f.write_str(CANNOT_BE_OPENED),
            Reason::OwnReply => {
                f.write_str("the request is a reply of this receiver that was sent back to it")
            }
            Reason::Parameter(_) => f.write_str("the query string is not that of a callback"),
            Reason::Plaintext(fault) => f.write_str(fault.pick(
                CANNOT_BE_OPENED,
                CANNOT_BE_OPENED,
                "signature and key are right, but the receive id does not match",
            )),
            Reason::Resolver(_) => f.write_str("the resolver failed"),
            Reason::Signature { .. } => {
                f.write_str("the signature is wrong: perhaps another Token")
            }
            Reason::TooLarge => f.write_str("the body is longer than the limit"),
            Reason::TooSlow => f.write_str("the body did not arrive in time"),
            Reason::Unresolved => f.write_str("the resolver has no configuration for the request"),
        }
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A resolver's error may contain a secret of its own, so it is not shown.
        f.debug_struct("Rejection")
            .field("kind", &self.kind())
            .field("details", &self.details())
            .finish_non_exhaustive()
    }
}

impl Error for Rejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.reason {
            Reason::Envelope(Some(error)) => Some(error),
            Reason::NotCiphertext(error) | Reason::Open(error) => Some(error),
            Reason::Parameter(error) => Some(error),
            Reason::Plaintext(fault) => {
                let error = fault.pick(Some(&OpenError::Padding), Some(&OpenError::Length), None);
                Some(error?)
            }
            Reason::Resolver(error) => Some(&**error),
            _ => None,
        }
    }
}

impl From<QueryError> for Rejection {
    fn from(error: QueryError) -> Self {
        Self::new(Reason::Parameter(error))
    }
}

impl From<OpenError> for Rejection {
    fn from(error: OpenError) -> Self {
        Self::new(Reason::Open(error))
    }
}
