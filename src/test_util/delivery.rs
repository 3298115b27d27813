use std::fmt;

use http::Request;
use http_body::Body;
use tower::{BoxError, Service};

use super::editable_payload::EditablePayload;
use super::platform::{Platform, PlatformError};
use super::response::{SendError, TestResponse};
use super::sample::{Flavour, Sample};
use crate::trace::warning;

/// The names of the time of a callback, in XML and in JSON.
const MOMENTS: [&str; 3] = ["CreateTime", "TimeStamp", "create_time"];

/// How many kinds an error suggests for an unknown kind.
const SUGGESTED: usize = 3;

/// A callback that is ready to be sent. Made by [`Platform::deliver`].
///
/// ```
/// # use tower_wecom::{Config, ReceiveId, test_util::Platform};
/// # let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
/// # let config = Config::new("QDG6eK".parse()?, key, ReceiveId::exact("ww1a2b3c"));
/// let wecom = Platform::new(&config);
/// let renamed = wecom
///     .deliver("change_contact/update_user")?
///     .set("UserID", "lin")
///     .set("ExtAttr/Item[1]/Name", "Desk")
///     .unset("Department");
/// assert!(renamed.payload().contains("<UserID><![CDATA[lin]]></UserID>"));
/// let request = renamed.request()?;
/// # assert_eq!(request.method(), "POST");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `send`, or before you send the `request`"]
pub struct Delivery {
    platform: Platform,
    sample: Sample,
    draft: EditablePayload,
    changes: Vec<Change>,
}

#[derive(Clone, Debug)]
struct Change {
    path: String,
    /// `None` removes the element.
    text: Option<String>,
}

impl Platform {
    /// A callback with every documented field. `kind` is a kind such as
    /// `change_contact/create_user`, or the name of a sample such as
    /// `info_change_contact_create_user`.
    ///
    /// The callback is addressed to this platform's receiver: `ToUserName`, or a notice's
    /// `SuiteId`, is the receive id. `CreateTime` is the time of the config's clock. Message ids
    /// are not changed. A second callback in the same second is therefore a duplicate of the first.
    ///
    /// # Errors
    ///
    /// If there is no such kind. [`Sample::all`] has all kinds.
    pub fn deliver(&self, kind: &str) -> Result<Delivery, DeliverError> {
        let sample = Sample::of(kind).ok_or_else(|| DeliverError::no_kind(kind))?;
        Ok(self.deliver_sample(sample))
    }

    /// A callback made from this sample. See [`deliver`](Self::deliver).
    pub fn deliver_sample(&self, sample: Sample) -> Delivery {
        Delivery {
            platform: self.clone(),
            sample,
            draft: fitted(self, sample),
            changes: Vec::new(),
        }
    }
}

impl Delivery {
    /// The same kind in the form for this flavour of receiver.
    ///
    /// # Errors
    ///
    /// If this flavour of receiver never gets the kind.
    pub fn flavour(mut self, flavour: Flavour) -> Result<Self, DeliverError> {
        let kind = self.sample.kind();
        self.sample = Sample::all()
            .find(|sample| sample.kind() == kind && sample.flavour() == flavour)
            .ok_or_else(|| DeliverError(format!("no sample of `{kind}` is {flavour}")))?;
        self.draft = fitted(&self.platform, self.sample);
        for change in &self.changes {
            change.apply(&mut self.draft);
        }
        Ok(self)
    }

    /// Sets the text of the element at a path such as `BatchJob/JobId`, or `ExtAttr/Item[1]/Name`
    /// for the second item of a list. Missing elements are created, with a WARN in the trace,
    /// because the path may be misspelt: see [`has`](Self::has). In JSON, a number stays a number
    /// if the text is one.
    pub fn set(self, path: &str, text: impl Into<String>) -> Self {
        self.change(path, Some(text.into()))
    }

    /// Removes the element at this path. WeCom leaves out fields that are unchanged or hidden from
    /// the app. If there is no such element, the trace has a WARN.
    pub fn unset(self, path: &str) -> Self {
        self.change(path, None)
    }

    /// Whether the payload has an element at this path.
    ///
    /// ```
    /// # use tower_wecom::{Config, ReceiveId, test_util::Platform};
    /// # let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
    /// # let config = Config::new("QDG6eK".parse()?, key, ReceiveId::exact("ww1a2b3c"));
    /// let message = Platform::new(&config).deliver("message/text")?;
    /// assert!(message.has("MsgId") && !message.has("Msgid"));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.draft.has(path)
    }

    fn change(mut self, path: &str, text: Option<String>) -> Self {
        if !self.has(path) {
            warning!(
                path,
                kind = self.sample.kind(),
                "the sample has no element at this path"
            );
        }
        let change = Change {
            path: path.to_owned(),
            text,
        };
        change.apply(&mut self.draft);
        self.changes.push(change);
        self
    }

    /// The sample that the callback was made from.
    #[must_use]
    pub fn sample(&self) -> Sample {
        self.sample
    }

    /// The text before encryption.
    #[must_use]
    pub fn payload(&self) -> String {
        self.draft.to_text()
    }

    /// The request. Each call signs and encrypts it again.
    ///
    /// # Errors
    ///
    /// If the platform's path is invalid, or the operating system returns no random bytes.
    pub fn request(&self) -> Result<Request<String>, PlatformError> {
        let payload = self.payload();
        match self.sample.flavour() {
            _ if self.draft.is_json() => self.platform.deliver_json(payload),
            Flavour::GroupBot => self.platform.deliver_bare_xml(payload),
            _ => self.platform.deliver_xml(payload),
        }
    }

    /// Sends the callback to a service and reads the response. The service can be a whole axum
    /// `Router` or a clone of it.
    ///
    /// # Errors
    ///
    /// If the request cannot be made, or the service or its body fails. A response with an error
    /// status is not an error: check [`TestResponse::status`].
    pub async fn send<S, B>(&self, service: S) -> Result<TestResponse, SendError>
    where
        S: Service<Request<String>, Response = http::Response<B>, Error: Into<BoxError>>,
        B: Body<Error: Into<BoxError>>,
    {
        let request = self.request().map_err(SendError::Request)?;
        self.platform.send(request, service).await
    }
}

impl Change {
    fn apply(&self, draft: &mut EditablePayload) {
        match &self.text {
            Some(text) => draft.set(&self.path, text.clone()),
            None => draft.unset(&self.path),
        }
    }
}

/// The sample with the receiver and the time of this platform.
fn fitted(platform: &Platform, sample: Sample) -> EditablePayload {
    let mut draft = EditablePayload::new(sample.payload());
    let now = platform.now();
    for name in MOMENTS {
        // Payments have a `create_time` in another format.
        let is_seconds = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if draft.get(name).as_deref().is_some_and(is_seconds) {
            draft.set(name, now.to_string());
        }
    }
    let receiver = platform.delivery_receive_id();
    let names: &[&str] = match sample.flavour() {
        Flavour::SelfBuilt => &["ToUserName"],
        Flavour::ThirdParty => &["SuiteId", "ServiceCorpId"],
        Flavour::Bot | Flavour::GroupBot => &[],
    };
    let named = names.iter().find(|name| draft.get(name).is_some());
    if let (Some(name), false) = (named, receiver.is_empty()) {
        draft.set(name, receiver.to_owned());
    }
    draft
}

/// There is no sample of this kind or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliverError(String);

impl DeliverError {
    /// Suggests similar kinds: `change_contact/create_user` for `create_user` and `CreateUser`.
    fn no_kind(asked: &str) -> Self {
        let bare = |text: &str| text.replace('_', "").to_ascii_lowercase();
        let word = bare(asked);
        let mut meant: Vec<_> = Sample::all()
            .map(Sample::kind)
            .filter(|kind| !word.is_empty() && bare(kind).ends_with(&word))
            .collect();
        // One kind has several samples.
        meant.sort_unstable();
        meant.dedup();
        meant.truncate(SUGGESTED);
        let mut text = format!("no sample is of the kind `{asked}`");
        for (index, kind) in meant.iter().enumerate() {
            let before = if index == 0 { ", but of" } else { " and" };
            text.extend([before, " `", kind, "`"]);
        }
        Self(text)
    }
}

impl fmt::Display for DeliverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; `Sample::all()` has all of them", self.0)
    }
}

impl std::error::Error for DeliverError {}
