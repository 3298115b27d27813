use std::fmt;

use http::Request;
use http_body::Body;
use tower::{BoxError, Service};

use super::editable_payload::EditablePayload;
use super::platform::{Platform, PlatformError};
use super::response::{SendError, TestResponse};
use super::sample::{Flavour, Sample};

/// The names of the moment of a callback, in XML and in JSON.
const MOMENTS: [&str; 3] = ["CreateTime", "TimeStamp", "create_time"];

/// So many kinds are named to somebody who has asked for one that is none.
const SUGGESTED: usize = 3;

/// A callback that is about to be sent. Made by [`Platform::deliver`].
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
    /// `None`: it is taken out.
    text: Option<String>,
}

impl Platform {
    /// A callback of this kind (`change_contact/create_user`) or of this sample (`info_change_contact_create_user`), with
    /// every documented field.
    ///
    /// It is for this platform's receiver and of this moment: `ToUserName`, or a notice's `SuiteId`, is the receive id, and
    /// `CreateTime` the time of the config's clock. Message ids stay what they are: a second one is a duplicate of the
    /// first in the same second.
    ///
    /// # Errors
    ///
    /// If there is no such kind; [`Sample::all`] has them.
    pub fn deliver(&self, kind: &str) -> Result<Delivery, DeliverError> {
        let sample = Sample::of(kind).ok_or_else(|| DeliverError::no_kind(kind))?;
        Ok(self.deliver_sample(sample))
    }

    /// A callback made of this sample; see [`deliver`](Self::deliver).
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
    /// The same kind in the form in which this sort of receiver gets it.
    ///
    /// # Errors
    ///
    /// If that sort of receiver never gets it.
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

    /// Puts this text into the element at a path such as `BatchJob/JobId`, or `ExtAttr/Item[1]/Name` for the second of a
    /// list. What is not there is made; in JSON a number stays a number if it can.
    pub fn set(self, path: &str, text: impl Into<String>) -> Self {
        self.change(path, Some(text.into()))
    }

    /// Takes the element at this path out, as WeCom does with fields that have not changed or may not be seen.
    pub fn unset(self, path: &str) -> Self {
        self.change(path, None)
    }

    fn change(mut self, path: &str, text: Option<String>) -> Self {
        let change = Change {
            path: path.to_owned(),
            text,
        };
        change.apply(&mut self.draft);
        self.changes.push(change);
        self
    }

    /// What it was made of.
    #[must_use]
    pub fn sample(&self) -> Sample {
        self.sample
    }

    /// The text that will be encrypted.
    #[must_use]
    pub fn payload(&self) -> String {
        self.draft.to_text()
    }

    /// The request, signed and encrypted anew each time.
    ///
    /// # Errors
    ///
    /// If the platform's path is none, or the operating system gives no random bytes.
    pub fn request(&self) -> Result<Request<String>, PlatformError> {
        if self.draft.is_json() {
            self.platform.deliver_json(self.payload())
        } else {
            self.platform.deliver_xml(self.payload())
        }
    }

    /// Sends it to a service, such as a whole axum `Router` or a clone of it, and reads the answer.
    ///
    /// # Errors
    ///
    /// If the request cannot be made, or the service or its body fails. An answer that is no success is none of these: look
    /// at [`TestResponse::status`].
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

/// The sample as it would come to this platform's receiver now.
fn fitted(platform: &Platform, sample: Sample) -> EditablePayload {
    let mut draft = EditablePayload::new(sample.payload());
    let now = platform.now();
    for name in MOMENTS {
        // Payments write theirs in another way.
        let is_seconds = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if draft.get(name).as_deref().is_some_and(is_seconds) {
            draft.set(name, now.to_string());
        }
    }
    let receiver = platform.delivery_receive_id();
    let names: &[&str] = match sample.flavour() {
        Flavour::SelfBuilt => &["ToUserName"],
        Flavour::ThirdParty => &["SuiteId", "ServiceCorpId"],
        Flavour::Bot => &[],
    };
    let named = names.iter().find(|name| draft.get(name).is_some());
    if let (Some(name), false) = (named, receiver.is_empty()) {
        draft.set(name, receiver.to_owned());
    }
    draft
}

/// There is no such sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliverError(String);

impl DeliverError {
    /// With those that may have been meant: `create_user` and `CreateUser` are `change_contact/create_user`.
    fn no_kind(asked: &str) -> Self {
        let bare = |text: &str| text.replace('_', "").to_ascii_lowercase();
        let word = bare(asked);
        let mut meant: Vec<_> = Sample::all()
            .map(Sample::kind)
            .filter(|kind| !word.is_empty() && bare(kind).ends_with(&word))
            .collect();
        // One kind comes in several forms.
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
