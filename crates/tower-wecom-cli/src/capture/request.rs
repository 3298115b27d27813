use percent_encoding::percent_decode_str;

use super::unescape::Escape;

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
    /// The escapes that were undone to find the request.
    pub(crate) undone: Vec<Escape>,
    /// The text ends with the value of this parameter, so that it may be cut off.
    pub(crate) may_be_cut: Option<&'static str>,
    /// How many requests the text has.
    pub(crate) of_requests: usize,
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

    /// The percent-decoded value of a parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.query().split('&').map(|pair| pair.split_once('='));
        let (_, value) = pairs.find_map(|pair| pair.filter(|(found, _)| *found == name))?;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
    }

    /// Whether it is a URL check: it has an `echostr` and is not a POST.
    pub(crate) fn is_url_check(&self) -> bool {
        let is_post = self.method.as_deref() == Some("POST");
        let mut names = self.query().split('&').map(|pair| pair.split('=').next());
        !is_post && names.any(|name| name == Some("echostr"))
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
