use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tower_wecom::crypto::{MediaError, open_media_with};

use super::dial::{Dialer, Target};

/// Downloads and decrypts the files in messages. Feature `media`.
///
/// [`Bot::media`](crate::Bot::media) makes it, with the bot's proxy and root certificates. Cheap to
/// clone.
///
/// ```no_run
/// # async fn f(bot: &tower_wecom_aibot::Bot) -> Result<(), Box<dyn std::error::Error>> {
/// use tower_wecom::event::BotImage;
/// use tower_wecom::{EventRouter, On};
///
/// let media = bot.media()?;
/// let events: EventRouter = EventRouter::new().on(move |image: On<BotImage>| {
///     let media = media.clone();
///     async move {
///         let callback = image.callback();
///         let url = callback.get("image/url").unwrap_or_default();
///         let key = callback.get("image/aeskey").unwrap_or_default();
///         match media.download(url, key).await {
///             Ok(picture) => println!("{} bytes", picture.len()),
///             Err(error) => println!("no picture: {error}"),
///         }
///     }
/// });
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Media {
    dialer: Dialer,
    max_size: usize,
    time: Duration,
    allows_http: bool,
}

impl Media {
    pub(crate) fn new(dialer: Dialer) -> Self {
        Self {
            dialer,
            // Documents 100719: at most 100 MB.
            max_size: 100 << 20,
            time: Duration::from_secs(60),
            allows_http: false,
        }
    }

    /// Sets the largest file, in bytes. The default is 100 MiB.
    #[must_use]
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// Sets the time for a download. The default is a minute.
    #[must_use]
    pub fn timeout(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Downloads without TLS too, for tests.
    #[must_use]
    pub fn dangerous_http(mut self) -> Self {
        self.allows_http = true;
        self
    }

    /// Downloads a file and decrypts it with the `aeskey` beside its URL. The URL is valid for five
    /// minutes. The whole file is in memory.
    ///
    /// # Errors
    ///
    /// If the URL has another scheme than https, the server does not answer 200 with a file within
    /// the limits, or the key does not open it. Redirects are not followed: a message could lead to
    /// any server.
    pub async fn download(&self, url: &str, aes_key: &str) -> Result<Vec<u8>, DownloadError> {
        let encrypted = timeout(self.time, self.get(url)).await;
        let encrypted = encrypted.map_err(|_| DownloadError::TimedOut)??;
        Ok(open_media_with(aes_key, encrypted)?)
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, DownloadError> {
        let uri: Uri = url.parse().map_err(|_| DownloadError::Url)?;
        let target = Target::of(&uri, "http", "https").ok_or(DownloadError::Url)?;
        if !target.is_tls && !self.allows_http {
            return Err(DownloadError::Url);
        }
        let stream = self.dialer.connect(&target).await;
        let stream = stream.map_err(|error| DownloadError::Failed(error.to_string()))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::get(path).header(HOST, target.authority());
        let request = request.body(Empty::<Bytes>::new());
        let request = request.map_err(|_| DownloadError::Url)?;
        let read = async {
            let response = sender.send_request(request).await?;
            if response.status() != StatusCode::OK {
                return Err(DownloadError::Status(response.status()));
            }
            // The padding takes up to 32 bytes.
            let limit = self.max_size.saturating_add(32);
            let body = Limited::new(response.into_body(), limit).collect().await;
            let body = body.map_err(|error| DownloadError::of_body(&*error))?;
            Ok(Vec::from(body.to_bytes()))
        };
        tokio::pin!(read, connection);
        tokio::select! {
            // Usually the file is there before the connection ends.
            biased;
            read = &mut read => read,
            ended = &mut connection => {
                ended?;
                read.await
            }
        }
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media")
            .field("max_size", &self.max_size)
            .field("timeout", &self.time)
            .finish_non_exhaustive()
    }
}

/// Why a file was not downloaded. The text has neither the URL nor the key.
#[derive(Debug)]
#[non_exhaustive]
pub enum DownloadError {
    /// The URL is not one of https.
    Url,
    /// The server answered with this status. 403 or 404 after five minutes.
    Status(StatusCode),
    /// The file is larger than [`Media::max_size`].
    TooLarge,
    /// The download took longer than [`Media::timeout`].
    TimedOut,
    /// There is no connection, or it has ended too early. The text is the cause.
    Failed(String),
    /// The file cannot be decrypted.
    Decrypt(MediaError),
}

impl DownloadError {
    fn of_body(error: &(dyn Error + Send + Sync + 'static)) -> Self {
        if error.is::<http_body_util::LengthLimitError>() {
            return Self::TooLarge;
        }
        Self::Failed(error.to_string())
    }
}

impl fmt::Display for DownloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => f.write_str("the URL is not one of https"),
            Self::Status(status) => write!(f, "the server answered {status}"),
            Self::TooLarge => f.write_str("the file is too large"),
            Self::TimedOut => f.write_str("the download took too long"),
            Self::Failed(cause) => f.write_str(cause),
            Self::Decrypt(error) => error.fmt(f),
        }
    }
}

impl Error for DownloadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Decrypt(error) => Some(error),
            _ => None,
        }
    }
}

impl From<MediaError> for DownloadError {
    fn from(error: MediaError) -> Self {
        Self::Decrypt(error)
    }
}

impl From<hyper::Error> for DownloadError {
    fn from(error: hyper::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
