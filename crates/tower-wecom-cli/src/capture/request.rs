use std::fmt;

/// The methods that a captured request may have.
pub(super) const METHODS: [&str; 4] = ["GET", "POST", "HEAD", "PUT"];

/// A captured request. Nothing is decoded.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Capture {
    /// `None` if the captured form has no method.
    pub(crate) method: Option<String>,
    /// A URL, a path with its query, or only a query.
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
    /// The `Date` of the response in seconds since 1970, if the response was captured too.
    pub(crate) response_date: Option<u64>,
}

impl Capture {
    /// The query string without the `?` and without the fragment.
    pub(crate) fn query(&self) -> &str {
        let target = self.target.split('#').next().unwrap_or_default();
        match target.split_once('?') {
            Some((_, query)) => query,
            None if target.contains('=') => target,
            None => "",
        }
    }

    /// Whether it is a URL check: it has an `echostr` and is not a POST.
    pub(crate) fn is_url_check(&self) -> bool {
        let is_post = self.method.as_deref() == Some("POST");
        let mut names = self.query().split('&').map(|pair| pair.split('=').next());
        !is_post && names.any(|name| matches!(name, Some("echostr" | "amp;echostr")))
    }

    /// The body without line breaks that an editor or a shell added around it.
    pub(crate) fn trimmed_body(&self) -> &[u8] {
        self.body.trim_ascii()
    }
}

/// The method and the target of a request line.
pub(super) fn request_line(line: &str) -> Option<(String, String)> {
    let (method, rest) = line.split_once(' ')?;
    let target = rest.rsplit_once(" HTTP/").map(|(target, _)| target)?;
    let is_method = METHODS.contains(&method);
    is_method.then(|| (method.to_owned(), target.to_owned()))
}

/// The text contains no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CaptureError;

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no request found. Accepted are a raw HTTP request, the output of `curl -v`, a curl \
             command, a line of an access log, or a URL with msg_signature, timestamp and nonce \
             and the body below it",
        )
    }
}
