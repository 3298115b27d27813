use std::fmt;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::error::DialError;
use super::proxy::ProxySetting;
use super::target::Target;
use super::tls::Tls;

/// A connection with or without TLS.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

pub(crate) type AnyStream = Box<dyn Duplex>;

/// Connects to servers, with the same proxy and the same root certificates.
#[derive(Clone)]
pub(crate) struct Dialer {
    pub(crate) proxy: ProxySetting,
    pub(crate) tls: Tls,
}

impl Dialer {
    pub(crate) async fn connect(&self, target: &Target) -> Result<AnyStream, DialError> {
        let stream = self.tunnel(target).await?;
        // Frames are small, and each is an answer that the peer waits for.
        stream.set_nodelay(true).map_err(DialError::Tcp)?;
        if !target.is_tls {
            return Ok(Box::new(stream));
        }
        Ok(Box::new(self.tls.connect(&target.host, stream).await?))
    }

    async fn tunnel(&self, target: &Target) -> Result<TcpStream, DialError> {
        let proxy = self.proxy.resolve(target);
        let proxy = proxy.map_err(|error| DialError::ProxyIo(std::io::Error::other(error)))?;
        let Some(proxy) = proxy else {
            return tcp(target).await;
        };
        let mut stream = tcp(proxy.target()).await?;
        proxy.tunnel(&mut stream, target).await?;
        Ok(stream)
    }
}

async fn tcp(target: &Target) -> Result<TcpStream, DialError> {
    let address = (target.host.as_str(), target.port);
    let connected = TcpStream::connect(address).await;
    connected.map_err(DialError::Tcp)
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer").finish_non_exhaustive()
    }
}
