use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;

/// A callback URL: absolute, `http` or `https`. It may have a query of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    text: String,
    host: String,
    port: u16,
    authority: String,
    path: String,
    query: Option<String>,
    is_tls: bool,
}

impl Target {
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) const fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// The value of the `Host` header.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn without_query(&self) -> &str {
        self.text.split('?').next().unwrap_or_default()
    }

    /// The path and the query of a request. The URL's own query comes before the request's.
    pub(crate) fn origin_form(&self, request_query: Option<&str>) -> String {
        let queries = [self.query.as_deref(), request_query];
        let query: Vec<_> = queries.into_iter().flatten().collect();
        match query.as_slice() {
            [] => self.path.clone(),
            query => format!("{}?{}", self.path, query.join("&")),
        }
    }

    /// The complete URL of a request.
    pub(crate) fn url(&self, request_query: Option<&str>) -> String {
        let scheme = if self.is_tls { "https" } else { "http" };
        format!(
            "{scheme}://{}{}",
            self.authority,
            self.origin_form(request_query)
        )
    }

    pub(crate) fn is_loopback(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "not a URL like http://127.0.0.1:3000/wecom".to_owned();
        if text.contains('#') {
            return Err("a callback URL has no #".to_owned());
        }
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let authority = uri.authority().ok_or_else(wrong)?;
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong()),
        };
        if authority.as_str().contains('@') {
            return Err("a callback URL has no user name in it".to_owned());
        }
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        if host.is_empty() {
            return Err(wrong());
        }
        let has_port = authority.as_str().len() > authority.host().len();
        if has_port && authority.port().is_none() {
            return Err("the port is not a number from 0 to 65535".to_owned());
        }
        Ok(Self {
            text: text.to_owned(),
            host: host.to_owned(),
            port: authority
                .port_u16()
                .unwrap_or(if is_tls { 443 } else { 80 }),
            authority: authority.to_string(),
            path: uri.path().to_owned(),
            query: uri.query().map(str::to_owned),
            is_tls,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        text.parse().unwrap()
    }

    #[test]
    fn the_targets_own_query_stays() {
        let own = target("https://example.com/cb?app=1");
        assert_eq!(own.origin_form(Some("nonce=2")), "/cb?app=1&nonce=2");
        assert_eq!(
            (own.without_query(), own.port()),
            ("https://example.com/cb", 443)
        );
        assert_eq!(
            target("http://example.com").origin_form(Some("a=b")),
            "/?a=b"
        );
        assert_eq!(own.url(None), "https://example.com/cb?app=1");
    }

    #[test]
    fn only_loopback_addresses_are_loopback() {
        for text in [
            "http://localhost/",
            "http://127.0.0.9:1",
            "http://[::1]:3000/a",
            "http://a.localhost",
        ] {
            assert!(target(text).is_loopback(), "{text}");
        }
        for text in [
            "http://localhost.example.com",
            "http://10.0.0.1",
            "http://0.0.0.0:3000",
        ] {
            assert!(!target(text).is_loopback(), "{text}");
        }
    }

    #[test]
    fn an_invalid_callback_url_is_rejected() {
        for text in [
            "",
            "/wecom",
            "127.0.0.1:3000",
            "ftp://a/b",
            "http://",
            "http://a/#b",
            "http://u:p@a/",
            "http://a:65536/",
            "http://a:/",
            "http://[::1]:65536/",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
