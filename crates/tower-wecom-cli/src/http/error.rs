use std::fmt;
use std::io;
use std::time::Duration;

use crate::output::printable;

/// Why there is no response.
#[derive(Clone, Debug)]
pub(crate) enum SendError {
    Dns {
        host: String,
        cause: String,
    },
    Refused {
        address: String,
    },
    Connect {
        address: String,
        cause: String,
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
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::Dns { .. } => {
                "check the spelling. WeCom uses the public DNS, so the name must resolve outside \
                 of your network too"
            }
            Self::Refused { .. } => {
                "start the application, or correct the port. In a container it must listen on \
                 0.0.0.0"
            }
            Self::Connect { .. } => {
                "a firewall or a security group may drop the packets: open the port for WeCom"
            }
            Self::Tls {
                error: TlsError::NotTls,
                ..
            } => "the port speaks plain HTTP: use http:// here, or put TLS in front of it",
            Self::Tls {
                error: TlsError::Untrusted(_),
                ..
            } => {
                "WeCom accepts only certificates of public authorities, with the whole chain. To \
                 test with a certificate of your own, set SSL_CERT_FILE here"
            }
            Self::Tls { .. } => "use TLS 1.2 or 1.3 with a certificate for this host",
            Self::NoRoots => "install the package ca-certificates, or set SSL_CERT_FILE",
            Self::Silent { .. } => {
                "WeCom waits 1 s for a URL check and 5 s for a delivery: answer first, work \
                 afterwards"
            }
            Self::Broken { .. } => {
                "if the application failed, its log shows the cause. On an https port, use https://"
            }
            Self::TooLong { .. } => "answer a callback with nothing or with a few KiB",
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

    pub(super) fn connect(address: impl fmt::Display, error: &io::Error) -> Self {
        let address = address.to_string();
        if error.kind() == io::ErrorKind::ConnectionRefused {
            return Self::Refused { address };
        }
        Self::Connect {
            address,
            cause: error.to_string(),
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

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns { host, cause } => write!(f, "cannot resolve {host}: {cause}"),
            Self::Refused { address } => {
                write!(f, "connection refused: nothing listens on {address}")
            }
            Self::Connect { address, cause } => write!(f, "cannot connect to {address}: {cause}"),
            Self::Tls { host, error } => match error {
                TlsError::NotTls => write!(f, "TLS with {host} failed: it does not speak TLS"),
                TlsError::Untrusted(why) => {
                    write!(
                        f,
                        "TLS with {host} failed: its certificate is not trusted: {}",
                        printable(why)
                    )
                }
                TlsError::Other(why) => write!(f, "TLS with {host} failed: {}", printable(why)),
            },
            Self::NoRoots => {
                f.write_str("this machine has no root certificates, which https needs")
            }
            Self::Silent { after } => {
                write!(f, "no complete response within {} s", after.as_secs_f32())
            }
            Self::Broken { cause } => write!(f, "the connection broke: {}", printable(cause)),
            Self::TooLong { limit } => write!(f, "the response is longer than {limit} bytes"),
        }
    }
}
