//! The callbacks that the counts use.

#![allow(clippy::unwrap_used, reason = "the input is valid")]

use bytes::Bytes;
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Callback, Config, ReceiveId};

/// A new member: 1.4 KB, 35 elements, 22 texts.
pub const CREATE_USER: &str =
    include_str!("../../../tests/data/samples/self_built/change_contact_create_user.xml");

/// A message, which takes a reply.
pub const MESSAGE: &str = include_str!("../../../tests/data/samples/message/message_text.xml");

/// A callback as it is on the wire, and its receiver.
#[derive(Debug)]
pub struct Delivery {
    /// The receiver.
    pub config: Config,
    /// The query string.
    pub query: String,
    /// The envelope.
    pub body: Bytes,
}

impl Delivery {
    /// Seals a payload.
    ///
    /// # Panics
    ///
    /// If the operating system returns no random bytes.
    #[must_use]
    pub fn new(payload: &str) -> Self {
        let config = Config::new(
            "QDG6eK".parse().unwrap(),
            "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
                .parse()
                .unwrap(),
            ReceiveId::exact("ww1"),
        )
        .clock(FixedClock::at(1_767_225_605));
        let request = Platform::new(&config).deliver_xml(payload).unwrap();
        Self {
            config,
            query: request.uri().query().unwrap().to_owned(),
            body: request.body().clone().into(),
        }
    }

    /// Parses the query string.
    ///
    /// # Panics
    ///
    /// Never, because the input is valid.
    #[must_use]
    pub fn parse_query(&self) -> Query<'_> {
        Query::parse(&self.query, DEFAULT_NONCE_MAX_LEN).unwrap()
    }

    /// Parses the envelope.
    ///
    /// # Panics
    ///
    /// Never, because the input is valid.
    #[must_use]
    pub fn parse_envelope(&self) -> Envelope {
        Envelope::parse(self.body.clone()).unwrap()
    }

    /// Opens the callback, from the query to the typed event.
    ///
    /// # Panics
    ///
    /// Never, because the input is valid.
    #[must_use]
    pub fn open(&self) -> Callback {
        let (query, envelope) = (self.parse_query(), self.parse_envelope());
        protocol::open(&self.config, &query, &envelope, self.config.now()).unwrap()
    }
}

/// A message of about this many bytes, almost all of them in one text.
#[must_use]
pub fn text(size: usize) -> String {
    let content = "字 and words ".repeat(size / 14);
    format!(
        "<xml><ToUserName><![CDATA[ww1]]></ToUserName><FromUserName><![CDATA[lin]]></FromUserName>\
         <CreateTime>1767225605</CreateTime><MsgType><![CDATA[text]]></MsgType><MsgId>7</MsgId>\
         <Content><![CDATA[{content}]]></Content></xml>"
    )
}
