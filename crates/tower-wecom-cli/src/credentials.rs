//! Token, EncodingAESKey and receive id, given and parsed.

use tower_wecom::test_util::Platform;
use tower_wecom::{Config, EncodingAesKey, KeyError, ReceiveId, Token, TokenError};

use crate::http::Target;
use crate::language::{Text, text};

/// Credentials as the user gave them. Without `Debug`, because two of them are secrets.
#[derive(Clone, Default)]
pub(crate) struct RawCredentials {
    pub(crate) token: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) receive_id: Option<String>,
    pub(crate) url_check_receive_id: Option<String>,
}

/// Why credentials are invalid. Shows lengths and positions, never the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialError {
    NoToken,
    NoKey,
    Token(TokenError),
    Key(KeyError),
}

/// Valid credentials.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) token: Token,
    pub(crate) key: EncodingAesKey,
    pub(crate) receive_id: ExpectedReceiveId,
    pub(crate) url_check_receive_id: ExpectedReceiveId,
}

/// The receive id that callbacks must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExpectedReceiveId {
    Exact(String),
    Any,
    /// Not configured. Any id is accepted, but requests cannot be made.
    NotGiven,
}

impl RawCredentials {
    /// The credentials of WeCom's documentation. tower-wecom's examples use them too.
    pub(crate) fn demo() -> Self {
        Self {
            token: Some("QDG6eK".to_owned()),
            key: Some("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".to_owned()),
            receive_id: Some("wx5823bf96d3bd56c7".to_owned()),
            url_check_receive_id: None,
        }
    }

    /// These credentials, with each missing value taken from `other`.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            token: self.token.or(other.token),
            key: self.key.or(other.key),
            receive_id: self.receive_id.or(other.receive_id),
            url_check_receive_id: self.url_check_receive_id.or(other.url_check_receive_id),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.token.is_none() && self.key.is_none() && self.receive_id.is_none()
    }

    pub(crate) fn parse(&self) -> Result<Credentials, CredentialError> {
        let expected = |id: Option<&String>| match id.map(String::as_str) {
            None => ExpectedReceiveId::NotGiven,
            Some("*") => ExpectedReceiveId::Any,
            Some(id) => ExpectedReceiveId::Exact(id.to_owned()),
        };
        let checks = self.url_check_receive_id.as_ref();
        Ok(Credentials {
            token: self.parse_token()?,
            key: self.parse_key()?,
            receive_id: expected(self.receive_id.as_ref()),
            url_check_receive_id: expected(checks.or(self.receive_id.as_ref())),
        })
    }

    pub(crate) fn parse_token(&self) -> Result<Token, CredentialError> {
        let text = self.token.as_deref().ok_or(CredentialError::NoToken)?;
        text.parse().map_err(CredentialError::Token)
    }

    pub(crate) fn parse_key(&self) -> Result<EncodingAesKey, CredentialError> {
        let text = self.key.as_deref().ok_or(CredentialError::NoKey)?;
        text.parse().map_err(CredentialError::Key)
    }
}

impl ExpectedReceiveId {
    fn policy(&self) -> ReceiveId {
        match self {
            Self::Exact(id) => ReceiveId::exact(id),
            Self::Any | Self::NotGiven => ReceiveId::dangerous_any(),
        }
    }

    pub(crate) fn text(&self) -> Text {
        match self {
            Self::Exact(id) if id.is_empty() => text("empty-id"),
            Self::Exact(id) => text("this-id").with("id", id),
            Self::Any | Self::NotGiven => text("any-id"),
        }
    }
}

impl Credentials {
    pub(crate) fn config(&self) -> Config {
        Config::new(
            self.token.clone(),
            self.key.clone(),
            self.receive_id.policy(),
        )
        .url_check_receive_id(self.url_check_receive_id.policy())
    }

    /// A platform that sends to this target.
    pub(crate) fn platform(&self, target: &Target) -> Platform {
        Platform::new(&self.config()).path(target.without_query())
    }

    pub(crate) fn has_receive_id(&self) -> bool {
        self.receive_id != ExpectedReceiveId::NotGiven
    }
}

impl CredentialError {
    pub(crate) fn text(self) -> Text {
        match self {
            Self::NoToken => text("no-token"),
            Self::NoKey => text("no-key"),
            Self::Token(error) => token_error(error),
            Self::Key(error) => key_error(error),
        }
    }
}

fn token_error(error: TokenError) -> Text {
    match error {
        TokenError::Empty => text("token-empty"),
        TokenError::Blank { position } => text("token-blank").with("position", position),
        TokenError::Quote { position } => text("token-quote").with("position", position),
        TokenError::TooLong { length: 43 } => text("token-is-key"),
        TokenError::TooLong { length } => text("token-too-long").with("length", length),
        other => text("token-wrong").with("error", other),
    }
}

fn key_error(error: KeyError) -> Text {
    match error {
        KeyError::Blank { position } => text("key-blank").with("position", position),
        KeyError::Quote { position } => text("key-quote").with("position", position),
        KeyError::Character { position } => text("key-character").with("position", position),
        KeyError::Length { length: 0 } => text("key-empty"),
        KeyError::Length { length: 44 } => text("key-with-equals"),
        KeyError::Length { length } if length <= 32 => text("key-is-token").with("length", length),
        KeyError::Length { length } => text("key-length").with("length", length),
        other => text("key-wrong").with("error", other),
    }
}
