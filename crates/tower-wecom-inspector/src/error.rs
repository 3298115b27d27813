use std::fmt;
use std::net::SocketAddr;

/// Why an inspector did not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InspectorError {
    /// The server listens on a public address, and there is no password.
    NoPassword(SocketAddr),
    /// The password is too short. It has this number of characters.
    ShortPassword(usize),
    /// The operating system returned no random bytes.
    Random,
}

/// The minimum length of a password, because the inspector does not limit the rate of guesses.
pub(crate) const PASSWORD_MIN_LEN: usize = 12;

impl fmt::Display for InspectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPassword(address) => write!(
                f,
                "others can reach {address}, and the inspector shows decrypted callbacks: listen on \
                 127.0.0.1, or set a password"
            ),
            Self::ShortPassword(characters) => write!(
                f,
                "the inspector's password has {characters} characters, but needs {PASSWORD_MIN_LEN}"
            ),
            Self::Random => f.write_str("the operating system returned no random bytes"),
        }
    }
}

impl std::error::Error for InspectorError {}
