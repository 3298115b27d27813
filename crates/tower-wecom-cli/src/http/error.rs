use std::fmt::Display;
use std::io;
use std::time::Duration;

use crate::language::{Text, text};
use crate::output::printable;

/// Why there is no response.
#[derive(Clone, Debug)]
pub(crate) enum SendError {
    Dns {
        host: String,
        cause: Text,
    },
    Refused {
        address: String,
    },
    Connect {
        address: String,
        cause: Text,
    },
    Tls {
        host: String,
        error: TlsError,
    },
    NoRoots,
    /// Connected, but no complete response within this time.
    Silent {
        after: Duration,
    },
    /// The connection ended before the response, or the peer does not speak HTTP.
    Broken {
        cause: String,
    },
    TooLong {
        limit: usize,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum TlsError {
    NotTls,
    Untrusted(String),
    Other(String),
}

impl SendError {
    /// The finding's code, for scripts.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Dns { .. } => "dns",
            Self::Refused { .. } => "connection_refused",
            Self::Connect { .. } => "no_connection",
            Self::Tls { .. } => "tls",
            Self::NoRoots => "no_root_certificates",
            Self::Silent { .. } => "too_slow",
            Self::Broken { .. } => "no_http",
            Self::TooLong { .. } => "answer_too_long",
        }
    }

    /// Whether the receiver was reached. Then its response is what is wrong.
    pub(crate) const fn was_reached(&self) -> bool {
        matches!(
            self,
            Self::Silent { .. } | Self::Broken { .. } | Self::TooLong { .. }
        )
    }

    /// What to do about it.
    pub(crate) const fn advice(&self) -> Text {
        match self {
            Self::Dns { .. } => text("dns-advice"),
            Self::Refused { .. } => text("connection-refused-advice"),
            Self::Connect { .. } => text("no-connection-advice"),
            Self::Tls { error, .. } => match error {
                TlsError::NotTls => text("tls-not-spoken-advice"),
                TlsError::Untrusted(_) => text("tls-untrusted-advice"),
                TlsError::Other(_) => text("tls-advice"),
            },
            Self::NoRoots => text("no-roots-advice"),
            Self::Silent { .. } => text("silent-advice"),
            Self::Broken { .. } => text("broken-advice"),
            Self::TooLong { .. } => text("answer-too-long-advice"),
        }
    }

    /// What happened.
    pub(crate) fn text(&self) -> Text {
        match self {
            Self::Dns { host, cause } => text("dns")
                .with("host", host)
                .texts("cause", [cause.clone()]),
            Self::Refused { address } => text("connection-refused").with("address", address),
            Self::Connect { address, cause } => text("no-connection")
                .with("address", address)
                .texts("cause", [cause.clone()]),
            Self::Tls { host, error } => match error {
                TlsError::NotTls => text("tls-not-spoken").with("host", host),
                TlsError::Untrusted(why) => text("tls-untrusted")
                    .with("host", host)
                    .with("why", printable(why)),
                TlsError::Other(why) => text("tls").with("host", host).with("why", printable(why)),
            },
            Self::NoRoots => text("no-roots"),
            Self::Silent { after } => text("silent").with("seconds", after.as_secs_f32()),
            Self::Broken { cause } => text("broken").with("cause", printable(cause)),
            Self::TooLong { limit } => text("answer-too-long").with("limit", limit),
        }
    }

    pub(super) fn tls(host: &str, error: &io::Error) -> Self {
        use tokio_rustls::rustls::Error as Rustls;

        let cause = error
            .get_ref()
            .and_then(|cause| cause.downcast_ref::<Rustls>());
        let error = match cause {
            Some(Rustls::InvalidMessage(_)) => TlsError::NotTls,
            Some(Rustls::InvalidCertificate(why)) => TlsError::Untrusted(why.to_string()),
            Some(other) => TlsError::Other(other.to_string()),
            None => TlsError::Other(error.to_string()),
        };
        Self::Tls {
            host: host.to_owned(),
            error,
        }
    }

    pub(super) fn connect(address: impl Display, error: &io::Error) -> Self {
        let address = address.to_string();
        if error.kind() == io::ErrorKind::ConnectionRefused {
            return Self::Refused { address };
        }
        Self::Connect {
            address,
            cause: text("cause").with("cause", error),
        }
    }

    pub(super) fn broken(error: &hyper::Error) -> Self {
        use std::error::Error;

        let mut cause = error.to_string();
        if let Some(source) = error.source() {
            cause = format!("{cause}: {source}");
        }
        Self::Broken { cause }
    }
}
