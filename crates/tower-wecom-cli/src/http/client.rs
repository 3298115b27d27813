use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tower_wecom::payload::Format;

use super::error::SendError;
use super::request_body::RequestBody;
use super::target::Target;
use super::tls::Tls;
use crate::language::{Text, text};

/// The longest response that is read, in bytes.
const MAX_RESPONSE_SIZE: usize = 8 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// One connection to a target. A closed connection is opened again. Redirects are not followed,
/// because WeCom does not follow them.
pub(crate) struct Client {
    target: Target,
    timeout: Duration,
    tls: Option<Tls>,
    connection: Option<SendRequest<RequestBody>>,
}

/// A request without the parts that depend on the connection.
#[derive(Clone, Debug)]
pub(crate) struct HttpRequest {
    pub(crate) method: Method,
    pub(crate) origin_form: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Sends the body in chunks, without `Content-Length`.
    pub(crate) is_chunked: bool,
}

/// A complete response.
#[derive(Clone, Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The time until the end of the body. It includes the connect if there was no connection.
    pub(crate) elapsed: Duration,
}

impl HttpResponse {
    /// A header as text, or `None` if it is absent or not ASCII.
    pub(crate) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The headers that WeCom sends with each request. Firewalls reject requests without them.
fn wecoms_headers() -> HeaderMap {
    HeaderMap::from_iter([
        (header::USER_AGENT, HeaderValue::from_static("Mozilla/4.0")),
        (header::ACCEPT, HeaderValue::from_static("*/*")),
    ])
}

impl HttpRequest {
    /// A request that the platform made. Path and query become those of the target, with the
    /// request's own query behind.
    pub(crate) fn new(target: &Target, request: Request<String>) -> Self {
        let (parts, body) = request.into_parts();
        let mut headers = wecoms_headers();
        headers.extend(parts.headers);
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
            is_chunked: false,
        }
    }

    /// A GET with this query, which is sent unchanged.
    pub(crate) fn get(target: &Target, query: Option<&str>) -> Self {
        Self {
            method: Method::GET,
            origin_form: target.origin_form(query),
            headers: wecoms_headers(),
            body: Bytes::new(),
            is_chunked: false,
        }
    }
}

impl Client {
    /// # Errors
    ///
    /// If the target needs TLS and this machine has no root certificates.
    pub(crate) fn new(target: Target, timeout: Duration) -> Result<Self, SendError> {
        let tls = target.is_tls().then(Tls::new).transpose()?;
        Ok(Self {
            target,
            timeout,
            tls,
            connection: None,
        })
    }

    /// A client for the same target with a connection of its own.
    pub(crate) fn with_new_connection(&self) -> Self {
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

    /// Sends a request that the platform made.
    pub(crate) async fn deliver(
        &mut self,
        request: Request<String>,
    ) -> Result<HttpResponse, SendError> {
        let request = HttpRequest::new(&self.target, request);
        self.send(request).await
    }

    /// Sends the request. If the server has closed a kept connection, the request is sent once
    /// more on a new one.
    pub(crate) async fn send(&mut self, request: HttpRequest) -> Result<HttpResponse, SendError> {
        let start = Instant::now();
        let kept = self.connection.take().filter(|kept| !kept.is_closed());
        if let Some(mut kept) = kept
            && kept.ready().await.is_ok()
        {
            match self.exchange(kept, request.clone(), start).await {
                Err(SendError::Broken { .. }) => {}
                result => return result,
            }
        }
        let start = Instant::now();
        let connection = self.connect().await?;
        self.exchange(connection, request, start).await
    }

    async fn exchange(
        &mut self,
        mut connection: SendRequest<RequestBody>,
        request: HttpRequest,
        start: Instant,
    ) -> Result<HttpResponse, SendError> {
        let request = self.with_host(request)?;
        let silent = |_| SendError::Silent {
            after: self.timeout,
        };
        let response = async {
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
        let response = timeout(self.timeout, response).await.map_err(silent)??;
        self.connection = Some(connection);
        Ok(response)
    }

    fn with_host(&self, parts: HttpRequest) -> Result<Request<RequestBody>, SendError> {
        let invalid = |error: http::Error| SendError::Broken {
            cause: error.to_string(),
        };
        let mut request = Request::builder()
            .method(parts.method)
            .uri(parts.origin_form)
            .body(RequestBody::new(parts.body, parts.is_chunked))
            .map_err(invalid)?;
        let host = HeaderValue::from_str(self.target.authority());
        *request.headers_mut() = parts.headers;
        let host = host.map_err(|error| invalid(error.into()))?;
        request.headers_mut().insert(header::HOST, host);
        Ok(request)
    }

    async fn connect(&self) -> Result<SendRequest<RequestBody>, SendError> {
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

    /// Connects to the first address of the host that accepts a connection.
    async fn tcp(&self) -> Result<TcpStream, SendError> {
        let (host, port) = (self.target.host(), self.target.port());
        let unknown = |cause: Text| SendError::Dns {
            host: host.to_owned(),
            cause,
        };
        let addresses = lookup_host((host, port)).await;
        let addresses = addresses.map_err(|error| unknown(text("cause").with("cause", error)))?;
        let mut failed = unknown(text("no-address"));
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
                        cause: text("no-response").with("seconds", CONNECT_TIMEOUT.as_secs()),
                    };
                }
            }
        }
        Err(failed)
    }
}

async fn handshake<S>(stream: S) -> Result<SendRequest<RequestBody>, SendError>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| SendError::broken(&error))?;
    // `send_request` returns the errors of this task.
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
