use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tower_wecom::payload::Format;

use super::error::SendError;
use super::target::Target;
use super::tls::Tls;

/// How much of an answer is read, in bytes.
pub(crate) const MAX_RESPONSE_SIZE: usize = 8 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// One connection to a target, made anew when it is gone. Follows no redirect, like WeCom.
pub(crate) struct Client {
    target: Target,
    timeout: Duration,
    tls: Option<Tls>,
    connection: Option<SendRequest<Full<Bytes>>>,
}

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) struct HttpRequest {
    pub(crate) method: Method,
    pub(crate) origin_form: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// From before the connection was made, if it had to be, to the end of the body.
    pub(crate) elapsed: Duration,
}

impl HttpResponse {
    /// A header as text; what is no text is not there.
    pub(crate) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl HttpRequest {
    /// A request of the platform, aimed at the target with the target's own query.
    pub(crate) fn of(target: &Target, request: Request<String>) -> Self {
        let (parts, body) = request.into_parts();
        let mut headers = parts.headers;
        if parts.method == Method::POST {
            let is_json = Format::of(body.as_bytes()) == Some(Format::Json);
            let content_type = if is_json {
                "application/json"
            } else {
                "text/xml"
            };
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        Self {
            method: parts.method,
            origin_form: target.origin_form(parts.uri.query()),
            headers,
            body: body.into(),
        }
    }

    /// A GET with this query, as it stands.
    pub(crate) fn get(target: &Target, query: Option<&str>) -> Self {
        Self {
            method: Method::GET,
            origin_form: target.origin_form(query),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }
}

impl Client {
    /// # Errors
    ///
    /// If https is asked for and there are no root certificates.
    pub(crate) fn new(target: Target, timeout: Duration) -> Result<Self, SendError> {
        let tls = target.is_tls().then(Tls::new).transpose()?;
        Ok(Self {
            target,
            timeout,
            tls,
            connection: None,
        })
    }

    /// Another connection to the same target.
    pub(crate) fn another(&self) -> Self {
        Self {
            target: self.target.clone(),
            timeout: self.timeout,
            tls: self.tls.clone(),
            connection: None,
        }
    }

    pub(crate) const fn target(&self) -> &Target {
        &self.target
    }

    /// Sends a request of the platform.
    pub(crate) async fn deliver(
        &mut self,
        request: Request<String>,
    ) -> Result<HttpResponse, SendError> {
        let request = HttpRequest::of(&self.target, request);
        self.send(request).await
    }

    /// Sends, once; a second time if the server had closed a connection that was kept.
    pub(crate) async fn send(&mut self, request: HttpRequest) -> Result<HttpResponse, SendError> {
        let start = Instant::now();
        let kept = self.connection.take().filter(|kept| !kept.is_closed());
        if let Some(mut kept) = kept
            && kept.ready().await.is_ok()
        {
            match self.exchange(kept, request.clone(), start).await {
                Err(SendError::Broken { .. }) => {}
                answered => return answered,
            }
        }
        let start = Instant::now();
        let connection = self.connect().await?;
        self.exchange(connection, request, start).await
    }

    async fn exchange(
        &mut self,
        mut connection: SendRequest<Full<Bytes>>,
        request: HttpRequest,
        start: Instant,
    ) -> Result<HttpResponse, SendError> {
        let request = self.request(request)?;
        let silent = |_| SendError::Silent {
            after: self.timeout,
        };
        let answer = async {
            let response = connection.send_request(request).await;
            let response = response.map_err(|error| SendError::broken(&error))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, MAX_RESPONSE_SIZE).collect().await;
            Ok(HttpResponse {
                status: parts.status,
                headers: parts.headers,
                body: body.map_err(|error| body_error(&*error))?.to_bytes(),
                elapsed: start.elapsed(),
            })
        };
        let answer = timeout(self.timeout, answer).await.map_err(silent)??;
        self.connection = Some(connection);
        Ok(answer)
    }

    fn request(&self, parts: HttpRequest) -> Result<Request<Full<Bytes>>, SendError> {
        let no_request = |error: http::Error| SendError::Broken {
            cause: error.to_string(),
        };
        let mut request = Request::builder()
            .method(parts.method)
            .uri(parts.origin_form)
            .body(Full::new(parts.body))
            .map_err(no_request)?;
        let host = HeaderValue::from_str(self.target.authority());
        *request.headers_mut() = parts.headers;
        request.headers_mut().insert(
            header::HOST,
            host.map_err(|error| no_request(error.into()))?,
        );
        request
            .headers_mut()
            .entry(header::USER_AGENT)
            .or_insert(HeaderValue::from_static(USER_AGENT));
        Ok(request)
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, SendError> {
        let stream = self.tcp().await?;
        match &self.tls {
            None => handshake(stream).await,
            Some(tls) => {
                let secured = tls.connect(self.target.host(), stream);
                let silent = |_| SendError::Silent {
                    after: CONNECT_TIMEOUT,
                };
                handshake(timeout(CONNECT_TIMEOUT, secured).await.map_err(silent)??).await
            }
        }
    }

    /// The first address of the name that takes a connection.
    async fn tcp(&self) -> Result<TcpStream, SendError> {
        let (host, port) = (self.target.host(), self.target.port());
        let unknown = |cause: String| SendError::Dns {
            host: host.to_owned(),
            cause,
        };
        let addresses = lookup_host((host, port)).await;
        let addresses = addresses.map_err(|error| unknown(error.to_string()))?;
        let mut failed = unknown("it has no address".to_owned());
        for address in addresses {
            match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    drop(stream.set_nodelay(true));
                    return Ok(stream);
                }
                Ok(Err(error)) => failed = SendError::connect(address, &error),
                Err(_) => {
                    failed = SendError::Connect {
                        address: address.to_string(),
                        cause: format!("nothing came back within {} s", CONNECT_TIMEOUT.as_secs()),
                    };
                }
            }
        }
        Err(failed)
    }
}

async fn handshake<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, SendError>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| SendError::broken(&error))?;
    // Its errors reach whoever waits for the answer.
    tokio::spawn(connection);
    Ok(sender)
}

fn body_error(error: &(dyn std::error::Error + Send + Sync + 'static)) -> SendError {
    if error.is::<LengthLimitError>() {
        return SendError::TooLong {
            limit: MAX_RESPONSE_SIZE,
        };
    }
    SendError::Broken {
        cause: error.to_string(),
    }
}
