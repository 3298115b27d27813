//! The body of a delivery before it is opened.

use std::fmt;

use bytes::Bytes;

use super::detail::Detail;
use super::rejection::{Reason, Rejection};
use crate::payload::{Document, Element, Format};

/// The body of a delivery before it is opened: the ciphertext, and two ids that **are not signed**.
#[derive(Clone)]
pub struct Envelope {
    pub(crate) body: Bytes,
    document: Document,
    /// Which child of the root has the ciphertext.
    encrypt: usize,
    pub(crate) format: Format,
}

impl Envelope {
    /// Reads the body of a POST, XML or JSON.
    ///
    /// # Errors
    ///
    /// If it is neither of them, or does not have exactly one `Encrypt` (`encrypt` in JSON) with a
    /// text.
    pub fn parse(body: Bytes) -> Result<Self, Rejection> {
        let size = body.len();
        let reject = |error| Rejection::new(Reason::Envelope(error)).with(Detail::BodySize(size));
        let format = Format::of(&body).ok_or_else(|| reject(None))?;
        let document = Document::parse_shared(body.clone()).map_err(|error| reject(Some(error)))?;
        let children = document.root().children().enumerate();
        let mut found = children.filter(|(_, child)| is_encrypt(*child));
        let encrypt = match (found.next(), found.next()) {
            (Some((index, only)), None) if is_ciphertext(only) => index,
            _ => return Err(reject(None)),
        };
        Ok(Self {
            body,
            document,
            encrypt,
            format,
        })
    }

    /// The ciphertext in base64.
    #[must_use]
    pub fn encrypt(&self) -> &str {
        let found = self.document.root().children().nth(self.encrypt);
        found.map_or("", |element| element.text().trim_ascii())
    }

    /// `ToUserName`: the corp or the suite. **Not signed**: use it to choose candidates, never
    /// trust it.
    #[must_use]
    pub fn to_user_name(&self) -> Option<&str> {
        self.hint("ToUserName").or_else(|| self.hint("tousername"))
    }

    /// `AgentID`: the app. **Not signed**: use it to choose candidates, never trust it.
    #[must_use]
    pub fn agent_id(&self) -> Option<&str> {
        self.hint("AgentID").or_else(|| self.hint("agentid"))
    }

    fn hint(&self, name: &str) -> Option<&str> {
        let text = self.document.root().child(name)?.text().trim_ascii();
        (!text.is_empty()).then_some(text)
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("to_user_name", &self.to_user_name())
            .field("agent_id", &self.agent_id())
            .finish_non_exhaustive()
    }
}

fn is_encrypt(element: Element<'_>) -> bool {
    matches!(element.name(), "Encrypt" | "encrypt")
}

/// Whether it is a text that is not empty and not an item of a list.
fn is_ciphertext(element: Element<'_>) -> bool {
    !element.has_children() && !element.is_item() && !element.text().trim_ascii().is_empty()
}
