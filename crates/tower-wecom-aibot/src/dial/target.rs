use http::Uri;
use http::uri::Scheme;

/// The server that a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_tls: bool,
}

impl Target {
    /// The server of a URL with one of two schemes: without TLS, and with it. `None` for others.
    pub(crate) fn of(uri: &Uri, plain: &str, tls: &str) -> Option<Self> {
        let scheme = uri.scheme().map(Scheme::as_str)?;
        let is_tls = scheme == tls;
        if !is_tls && scheme != plain {
            return None;
        }
        let host = uri.host().filter(|host| !host.is_empty())?;
        // An IPv6 address has brackets in a URL only.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let standard = if is_tls { 443 } else { 80 };
        Some(Self {
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(standard),
            is_tls,
        })
    }

    /// As in a `Host` header and in `CONNECT`.
    pub(crate) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_host_port_and_tls() {
        let of = |url: &str| Target::of(&url.parse().unwrap(), "ws", "wss");
        let shown = |url| of(url).map(|target| (target.authority(), target.is_tls));
        let rows = [
            ("wss://a.example", Some(("a.example:443".to_owned(), true))),
            (
                "ws://127.0.0.1:9/x?y",
                Some(("127.0.0.1:9".to_owned(), false)),
            ),
            ("wss://[::1]:7", Some(("[::1]:7".to_owned(), true))),
            ("https://a.example", None),
            ("/path", None),
        ];
        for (url, expected) in rows {
            assert_eq!(shown(url), expected, "{url}");
        }
        assert_eq!(of("wss://[::1]:7").unwrap().host, "::1");
    }
}
