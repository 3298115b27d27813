//! A minimal HTTP/1.1 client that can send invalid requests.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than any request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A keep-alive connection, which reconnects after the server has closed it.
pub(crate) struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    is_last: bool,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            buffer: Vec::with_capacity(4_096),
        }
    }

    /// Sends a request and reads the response.
    ///
    /// The server may have closed an idle connection in the meantime. Then it retries, like every
    /// client, but only on an old connection and if not a single byte of a response came.
    pub(crate) async fn send(&mut self, request: &[u8]) -> io::Result<Answer> {
        let is_old = self.stream.is_some();
        match self.send_once(request, false).await {
            Err(_) if is_old && self.buffer.is_empty() => self.send_once(request, false).await,
            answer => answer,
        }
    }

    /// Sends an incomplete request and closes the connection. It does not require a response.
    pub(crate) async fn send_and_end(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream = None;
        let answer = self.send_once(request, true).await;
        self.stream = None;
        answer
    }

    async fn send_once(&mut self, request: &[u8], ends: bool) -> io::Result<Answer> {
        self.buffer.clear();
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect().await?,
        };
        let answer = timeout(PATIENCE, async {
            // A server that rejects early may close the connection during the write. Its response
            // counts.
            let written = stream.write_all(request).await;
            if ends {
                stream.shutdown().await?;
            }
            match self.read(&mut stream).await {
                Err(error) => Err(written.err().unwrap_or(error)),
                answer => answer,
            }
        });
        let answer = answer.await.map_err(|_| io::ErrorKind::TimedOut)??;
        if !answer.is_last {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn read(&mut self, stream: &mut TcpStream) -> io::Result<Answer> {
        loop {
            if let Some(answer) = parse(&self.buffer) {
                return Ok(answer);
            }
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// The response, once it is complete.
pub(crate) fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let (mut length, mut is_last) = (0, false);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "connection" => is_last = value.trim().eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let body = bytes.get(end + 4..end + 4 + length)?.to_vec();
    Some(Answer {
        status,
        body,
        is_last,
    })
}
