use std::fmt;

use http::{Method, Request, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::received::ReceivedReply;
use crate::crypto::{RandomError, Signature, random_bytes};
use crate::payload::{Document, Format, Tree};
use crate::protocol::{Config, Credentials, Purpose};

/// Acts as WeCom: signs and encrypts requests as the platform does, and opens the replies.
///
/// The requests are `http::Request<String>`. Any tower service that is generic over the body
/// accepts them. The platform uses the current credentials, the receive ids and the clock of a
/// [`Config`].
///
/// ```
/// use tower_wecom::{Config, ReceiveId, test_util::Platform};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
/// let config = Config::new("QDG6eK".parse()?, key, ReceiveId::exact("ww1a2b3c"));
/// let platform = Platform::new(&config).path("/wecom");
///
/// let check = platform.url_check("1616140317555161061")?;
/// assert_eq!(check.method(), "GET");
/// let delivery = platform.deliver_xml("<xml><Event>change_contact</Event></xml>")?;
/// assert_eq!(delivery.method(), "POST");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct Platform {
    config: Config,
    path: String,
    receive_id: Option<String>,
    to_user_name: Option<String>,
    agent_id: String,
    timestamp: Option<u64>,
    nonce: Option<String>,
}

impl Platform {
    /// A platform that sends to `/wecom`.
    pub fn new(config: &Config) -> Self {
        Self {
            config: config.clone(),
            path: "/wecom".to_owned(),
            receive_id: None,
            to_user_name: None,
            agent_id: String::new(),
            timestamp: None,
            nonce: None,
        }
    }

    /// The path that the requests are sent to, or the whole URI without its query. It must be that
    /// of the route.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Encrypts for this receive id instead of one that the config allows.
    pub fn receive_id(mut self, id: impl Into<String>) -> Self {
        self.receive_id = Some(id.into());
        self
    }

    /// Sets the unsigned `ToUserName` of the envelope. The default is the receive id.
    pub fn to_user_name(mut self, name: impl Into<String>) -> Self {
        self.to_user_name = Some(name.into());
        self
    }

    /// Sets the unsigned `AgentID` of the envelope. The default is empty.
    pub fn agent_id(mut self, id: impl Into<String>) -> Self {
        self.agent_id = id.into();
        self
    }

    /// Signs with this Unix time in seconds. The default is the time of the config's clock.
    pub fn timestamp(mut self, unix_seconds: u64) -> Self {
        self.timestamp = Some(unix_seconds);
        self
    }

    /// Signs with this nonce. The default is a random one.
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// A URL check. The console sends it when the URL is saved.
    ///
    /// # Errors
    ///
    /// If the path is invalid, or the operating system returns no random bytes.
    pub fn url_check(&self, echo: &str) -> Result<Request<String>, PlatformError> {
        let encrypted = self.encrypt(echo.as_bytes(), Purpose::UrlCheck)?;
        let echostr = utf8_percent_encode(&encrypted, NON_ALPHANUMERIC);
        let uri = format!("{}&echostr={echostr}", self.signed_uri(&encrypted)?);
        request(Method::GET, &uri, String::new())
    }

    /// A delivery in an XML envelope, for apps and suites. The payload can be any bytes.
    ///
    /// # Errors
    ///
    /// If the path is invalid, or the operating system returns no random bytes.
    pub fn deliver_xml(&self, payload: impl AsRef<[u8]>) -> Result<Request<String>, PlatformError> {
        let receiver = self.to_user_name.as_deref();
        let receiver = receiver.unwrap_or_else(|| self.receive_id_for(Purpose::Delivery));
        let before = Tree::default().xml("ToUserName", receiver);
        let after = Tree::default().xml("AgentID", self.agent_id.as_str());
        self.envelope(payload.as_ref(), Format::Xml, before, after)
    }

    /// A delivery in an XML envelope that names neither a receiver nor an app, for robots of groups.
    /// The payload can be any bytes.
    ///
    /// # Errors
    ///
    /// If the path is invalid, or the operating system returns no random bytes.
    pub fn deliver_bare_xml(
        &self,
        payload: impl AsRef<[u8]>,
    ) -> Result<Request<String>, PlatformError> {
        let (before, after) = (Tree::default(), Tree::default());
        self.envelope(payload.as_ref(), Format::Xml, before, after)
    }

    /// A delivery in a JSON envelope, for bots. The payload can be any bytes.
    ///
    /// # Errors
    ///
    /// If the path is invalid, or the operating system returns no random bytes.
    pub fn deliver_json(
        &self,
        payload: impl AsRef<[u8]>,
    ) -> Result<Request<String>, PlatformError> {
        let (before, after) = (Tree::default(), Tree::default());
        self.envelope(payload.as_ref(), Format::Json, before, after)
    }

    /// Opens a sealed reply: reads the envelope, verifies its signature and decrypts it.
    ///
    /// # Errors
    ///
    /// If the body is not an envelope, is not signed with this platform's Token, or cannot be
    /// decrypted with its key.
    pub fn open_reply(&self, body: &[u8]) -> Result<OpenedReply, OpenReplyError> {
        let document = Document::parse(body).map_err(|_| OpenReplyError::Envelope)?;
        let text = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| document.root().child(name));
            found
                .map(|element| element.text())
                .ok_or(OpenReplyError::Envelope)
        };
        let encrypted = text(["Encrypt", "encrypt"])?;
        let timestamp = text(["TimeStamp", "timestamp"])?;
        let nonce = text(["Nonce", "nonce"])?;
        let expected = Signature::new(&self.credentials().token, timestamp, nonce, encrypted);
        if text(["MsgSignature", "msgsignature"])? != expected.to_hex() {
            return Err(OpenReplyError::Signature);
        }
        let frame = self
            .credentials()
            .cipher
            .open(encrypted)
            .map_err(|_| OpenReplyError::Cipher)?;
        Ok(OpenedReply {
            text: String::from_utf8_lossy(&frame.message).into_owned(),
            receive_id: String::from_utf8_lossy(&frame.receive_id).into_owned(),
            timestamp: timestamp.to_owned(),
            nonce: nonce.to_owned(),
        })
    }

    fn envelope(
        &self,
        payload: &[u8],
        format: Format,
        before: Tree<'_>,
        after: Tree<'_>,
    ) -> Result<Request<String>, PlatformError> {
        let encrypted = self.encrypt(payload, Purpose::Delivery)?;
        let uri = self.signed_uri(&encrypted)?;
        let envelope = before.with("Encrypt", "encrypt", &encrypted).and(after);
        let body = match format {
            Format::Json => envelope.to_json(),
            Format::Xml => envelope.to_xml(),
        };
        request(Method::POST, &uri, body)
    }

    pub(super) fn now(&self) -> u64 {
        self.timestamp.unwrap_or_else(|| self.config.now())
    }

    pub(super) fn delivery_receive_id(&self) -> &str {
        self.receive_id_for(Purpose::Delivery)
    }

    fn encrypt(&self, message: &[u8], purpose: Purpose) -> Result<String, RandomError> {
        self.credentials()
            .cipher
            .seal(message, self.receive_id_for(purpose).as_bytes())
    }

    fn receive_id_for(&self, purpose: Purpose) -> &str {
        let allowed = || self.config.receive_id_of(purpose).example();
        self.receive_id.as_deref().unwrap_or_else(allowed)
    }

    fn credentials(&self) -> &Credentials {
        self.config.current_credentials()
    }

    fn signed_uri(&self, encrypted: &str) -> Result<String, PlatformError> {
        let timestamp = self.now().to_string();
        let nonce = match &self.nonce {
            Some(nonce) => nonce.clone(),
            None => u32::from_be_bytes(random_bytes()?).to_string(),
        };
        let signature = Signature::new(&self.credentials().token, &timestamp, &nonce, encrypted);
        let (path, signature) = (&self.path, signature.to_hex());
        if path.contains(['?', '#']) || !(path.starts_with('/') || path.contains("://")) {
            return Err(PlatformError::Path);
        }
        Ok(format!(
            "{path}?msg_signature={signature}&timestamp={timestamp}&nonce={nonce}"
        ))
    }
}

fn request(method: Method, uri: &str, body: String) -> Result<Request<String>, PlatformError> {
    Request::builder()
        .method(method)
        .uri(uri)
        .body(body)
        .map_err(|_| PlatformError::Path)
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform")
            .field("config", &self.config)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The reason why a request could not be made.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum PlatformError {
    /// The argument of [`Platform::path`] is not a valid path, or has a query.
    Path,
    /// The operating system returns no random bytes.
    Random(RandomError),
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path => f.write_str("the path is no path such as `/wecom`, without a query"),
            Self::Random(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PlatformError {}

impl From<RandomError> for PlatformError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

/// A reply as WeCom reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenedReply {
    /// The decrypted text.
    pub text: String,
    /// The receive id inside the encryption.
    pub receive_id: String,
    /// The timestamp of the envelope.
    pub timestamp: String,
    /// The nonce of the envelope.
    pub nonce: String,
}

impl OpenedReply {
    /// The kind and the content of the reply.
    #[must_use]
    pub fn reply(&self) -> ReceivedReply {
        ReceivedReply::read(&self.text)
    }

    /// The text of the element at a path, such as `TemplateCard/MainTitle/Title` or
    /// `template_card/button_list[1]/key`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<String> {
        let document = Document::parse(self.text.as_bytes()).ok()?;
        let found = document.root().find(path)?;
        Some(found.text().to_owned())
    }
}

/// The reason why WeCom would not accept a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenReplyError {
    /// The reply cannot be decrypted.
    Cipher,
    /// The body is not a sealed envelope.
    Envelope,
    /// The signature is wrong.
    Signature,
    /// The status is 404, and it is not the layer that sent it: no route has the path of the
    /// request, which [`Platform::path`] sets.
    NotFound {
        /// The path of the request.
        path: String,
    },
    /// The status is not 200, so WeCom ignores the body.
    Status(StatusCode),
}

impl fmt::Display for OpenReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cipher => f.write_str("the reply cannot be decrypted"),
            Self::Envelope => f.write_str("the body is no sealed reply"),
            Self::Signature => f.write_str("the reply's signature is wrong"),
            Self::NotFound { path } => write!(
                f,
                "the answer is 404 Not Found: the request went to `{path}`, and no route has that \
                 path. Set the path of the route with `Platform::path`"
            ),
            Self::Status(status) => write!(f, "the answer is {status}, not 200"),
        }
    }
}

impl std::error::Error for OpenReplyError {}
