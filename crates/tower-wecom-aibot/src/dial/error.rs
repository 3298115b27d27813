use std::error::Error;
use std::fmt;
use std::io;

/// Why there is no connection to a server.
#[derive(Debug)]
pub(crate) enum DialError {
    /// The name is not known, or nothing accepts connections there.
    Tcp(io::Error),
    /// The proxy does not answer like one.
    ProxyIo(io::Error),
    /// The proxy has refused the tunnel with this status.
    ProxyRefused(u16),
    /// The server's certificate is invalid, or it does not speak TLS.
    Tls(io::Error),
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(error) => write!(f, "no connection: {error}"),
            Self::ProxyIo(error) => write!(f, "the proxy: {error}"),
            Self::ProxyRefused(407) => f.write_str("the proxy wants a user name and a password"),
            Self::ProxyRefused(status) => write!(f, "the proxy answered {status}"),
            Self::Tls(error) => write!(f, "TLS: {error}"),
        }
    }
}

impl Error for DialError {}
