use std::fmt;
use std::{env, io};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use super::error::DialError;
use super::target::Target;

/// The longest head of a proxy's answer, in bytes.
const HEAD_MAX_BYTES: usize = 8 * 1024;

/// Which proxy to use.
#[derive(Clone, Debug, Default)]
pub(crate) enum ProxySetting {
    /// `HTTPS_PROXY` and `NO_PROXY`, in capitals or not. Only for connections with TLS.
    #[default]
    Environment,
    None,
    Url(Zeroizing<String>),
}

/// A proxy that makes tunnels (`CONNECT`).
pub(crate) struct Proxy {
    target: Target,
    /// The value of `Proxy-Authorization`.
    authorization: Option<Zeroizing<String>>,
}

impl ProxySetting {
    /// The proxy for a server, if there is one. The error does not contain the URL, which may have
    /// a password.
    pub(super) fn resolve(&self, target: &Target) -> Result<Option<Proxy>, String> {
        match self {
            Self::None => Ok(None),
            Self::Url(url) => Proxy::parse(url).map(Some),
            Self::Environment if !target.is_tls => Ok(None),
            Self::Environment => {
                let without = variable(["NO_PROXY", "no_proxy"]).unwrap_or_default();
                match variable(["HTTPS_PROXY", "https_proxy"]) {
                    Some(url) if !is_excluded(&target.host, &without) => {
                        Proxy::parse(&url).map(Some)
                    }
                    _ => Ok(None),
                }
            }
        }
    }

    /// Rejects a URL that is not a proxy's.
    pub(crate) fn check(&self, target: &Target) -> Result<(), String> {
        self.resolve(target).map(drop)
    }
}

impl Proxy {
    fn parse(url: &str) -> Result<Self, String> {
        const EXPECTED: &str = "the proxy's URL must be http://[user:password@]host[:port]";
        let url = match url.split_once("://") {
            None => format!("http://{url}"),
            Some(_) => url.to_owned(),
        };
        let uri: Uri = url.parse().map_err(|_| EXPECTED)?;
        let target = Target::of(&uri, "http", "\0").ok_or(EXPECTED)?;
        let authority = uri.authority().map(http::uri::Authority::as_str);
        let user = authority.and_then(|it| it.rsplit_once('@'));
        let authorization = user.map(|(user, _)| {
            let user = Zeroizing::new(percent_decoded(user));
            Zeroizing::new(format!("Basic {}", STANDARD.encode(&*user)))
        });
        Ok(Self {
            target,
            authorization,
        })
    }

    pub(super) const fn target(&self) -> &Target {
        &self.target
    }

    /// Asks for a tunnel to a server.
    pub(super) async fn tunnel(
        &self,
        stream: &mut TcpStream,
        server: &Target,
    ) -> Result<(), DialError> {
        let authority = server.authority();
        let mut head = Zeroizing::new(format!(
            "CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n"
        ));
        if let Some(authorization) = &self.authorization {
            head.push_str("Proxy-Authorization: ");
            head.push_str(authorization);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let written = stream.write_all(head.as_bytes()).await;
        written.map_err(DialError::ProxyIo)?;
        let status = read_status(stream).await.map_err(DialError::ProxyIo)?;
        match status {
            200..300 => Ok(()),
            status => Err(DialError::ProxyRefused(status)),
        }
    }
}

/// Reads the head of the proxy's answer byte by byte, because what follows is the server's.
async fn read_status(stream: &mut TcpStream) -> io::Result<u16> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= HEAD_MAX_BYTES {
            return Err(io::Error::other("its answer has no end"));
        }
        head.push(stream.read_u8().await?);
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split(' ');
    let is_http = words.next().is_some_and(|word| word.starts_with("HTTP/1."));
    let status = words.next().and_then(|word| word.parse().ok());
    let status = status.filter(|_| is_http);
    status.ok_or_else(|| io::Error::other("its answer is not HTTP/1.1"))
}

fn variable(names: [&str; 2]) -> Option<Zeroizing<String>> {
    let found = names.into_iter().find_map(|name| env::var(name).ok());
    found.filter(|text| !text.is_empty()).map(Zeroizing::new)
}

/// Whether `NO_PROXY` names the host: itself, a domain above it, or all.
fn is_excluded(host: &str, without: &str) -> bool {
    let names = without.split(',').map(str::trim);
    let mut names = names.filter(|name| !name.is_empty());
    names.any(|name| {
        let name = name.trim_start_matches("*.").trim_start_matches('.');
        let above = host.strip_suffix(name);
        name == "*" || above.is_some_and(|left| left.is_empty() || left.ends_with('.'))
    })
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.first_chunk::<2>().filter(|_| *first == b'%');
        let byte = hex.and_then(|hex| {
            let hex = std::str::from_utf8(hex).ok()?;
            u8::from_str_radix(hex, 16).ok()
        });
        decoded.push(byte.unwrap_or(*first));
        rest = match byte {
            Some(_) => tail.get(2..).unwrap_or_default(),
            None => tail,
        };
    }
    decoded
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_has_a_port_and_perhaps_a_user() {
        let proxy = Proxy::parse("http://li:p%40ss@proxy.corp:3128").unwrap();
        assert_eq!(proxy.target.authority(), "proxy.corp:3128");
        let expected = format!("Basic {}", STANDARD.encode("li:p@ss"));
        assert_eq!(proxy.authorization.as_deref(), Some(&expected));
        assert!(!format!("{proxy:?}").contains("Basic"));
        let plain = Proxy::parse("proxy.corp:3128").unwrap();
        assert!(plain.authorization.is_none());
        for url in [
            "https://proxy.corp",
            "socks5://proxy.corp",
            "http://",
            "a b",
        ] {
            assert!(Proxy::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn no_proxy_names_hosts_and_domains() {
        let rows = [
            ("a.corp", "a.corp", true),
            ("a.corp", ".corp", true),
            ("a.corp", "x, *.corp", true),
            ("acorp", "corp", false),
            ("a.corp", "b.corp,", false),
            ("a.corp", "*", true),
        ];
        for (host, without, expected) in rows {
            assert_eq!(is_excluded(host, without), expected, "{host} {without}");
        }
    }
}
