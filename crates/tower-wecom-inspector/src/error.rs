use std::fmt;
use std::net::SocketAddr;

/// Why an inspector does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InspectorError {
    /// The server listens on an address that others can reach, and there is no password.
    NoPassword(SocketAddr),
    /// The password has so few characters.
    ShortPassword(usize),
    /// The operating system gives no random bytes.
    Random,
}

/// The fewest characters of a password. Nothing slows down who guesses.
pub(crate) const PASSWORD_MIN_LEN: usize = 12;

impl fmt::Display for InspectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPassword(address) => write!(
                f,
                "{address} can be reached by others, and the inspector shows what was decrypted: listen on 127.0.0.1, or \
                 set a password"
            ),
            Self::ShortPassword(characters) => write!(
                f,
                "the inspector's password has {characters} characters; it needs {PASSWORD_MIN_LEN}"
            ),
            Self::Random => f.write_str("the operating system gives no random bytes"),
        }
    }
}

impl std::error::Error for InspectorError {}
