use serde::Serialize;

use crate::payload::{Element, Misfits, Slot, read_one};

/// What stands in every callback around the event itself.
///
/// Whatever was not sent is `None`: suite notices have neither sender nor receiver, most events no message id.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Header {
    /// The receiver: a corp id as a rule. Under shared apps it is the downstream corp's.
    #[doc(alias = "ToUserName")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The sender: a member's UserID, or `sys`.
    #[doc(alias = "FromUserName")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// When it happened, in seconds since 1970. `TimeStamp` in suite notices.
    #[doc(alias = "CreateTime")]
    #[doc(alias = "TimeStamp")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_time: Option<u64>,
    /// The app that it is meant for.
    #[doc(alias = "AgentID")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<u64>,
    /// The id of a message. A text, because not all of them are numbers.
    #[doc(alias = "MsgId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

/// Who the callback is from: an app of one's own, or a suite, which is a third party's app in other corps.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Origin {
    /// An app or assistant of one's own corp, or a bot; also a suite's data URL, which sends the same form.
    App,
    /// A notice to the provider of a suite (`InfoType`).
    Suite(SuiteOrigin),
}

/// Which suite and which corp a third-party notice is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SuiteOrigin {
    /// The suite.
    #[doc(alias = "SuiteId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite_id: Option<String>,
    /// The corp that has authorised the suite.
    #[doc(alias = "AuthCorpId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_corp_id: Option<String>,
    /// The provider's own corp, in notices that concern no suite.
    #[doc(alias = "ServiceCorpId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_corp_id: Option<String>,
}

/// The words around the event, as they stand on the wire.
#[derive(Debug, Default)]
pub(super) struct Words<'a> {
    pub(super) info_type: Option<&'a str>,
    pub(super) event: Option<&'a str>,
    pub(super) change_type: Option<&'a str>,
    pub(super) msg_type: Option<&'a str>,
    to: Option<&'a str>,
    from: Option<&'a str>,
    create_time: Slot<u64>,
    time_stamp: Slot<u64>,
    agent_id: Slot<u64>,
    message_id: Option<&'a str>,
    suite_id: Option<&'a str>,
    auth_corp_id: Option<&'a str>,
    service_corp_id: Option<&'a str>,
}

impl<'a> Words<'a> {
    /// Looks at each child of the root once. Of two elements of one name the first counts.
    pub(super) fn read(root: Element<'a>, misfits: &mut Misfits<'a>) -> Self {
        let mut words = Self::default();
        for child in root.children() {
            match child.name() {
                "InfoType" => word(&mut words.info_type, child),
                "Event" => word(&mut words.event, child),
                "ChangeType" => word(&mut words.change_type, child),
                "MsgType" | "msgtype" => word(&mut words.msg_type, child),
                "ToUserName" => text(&mut words.to, child),
                "FromUserName" => text(&mut words.from, child),
                "CreateTime" => read_one(&mut words.create_time, child, misfits),
                "TimeStamp" => read_one(&mut words.time_stamp, child, misfits),
                "AgentID" | "AgentId" => read_one(&mut words.agent_id, child, misfits),
                "MsgId" | "msgid" => text(&mut words.message_id, child),
                "SuiteId" => text(&mut words.suite_id, child),
                "AuthCorpId" => text(&mut words.auth_corp_id, child),
                "ServiceCorpId" => text(&mut words.service_corp_id, child),
                _ => {}
            }
        }
        words
    }

    pub(super) fn header(&self) -> Header {
        Header {
            to: self.to.map(str::to_owned),
            from: self.from.map(str::to_owned),
            create_time: self.create_time.value.or(self.time_stamp.value),
            agent_id: self.agent_id.value,
            message_id: self.message_id.map(str::to_owned),
        }
    }

    pub(super) fn origin(&self) -> Origin {
        if self.info_type.is_none() {
            return Origin::App;
        }
        Origin::Suite(SuiteOrigin {
            suite_id: self.suite_id.map(str::to_owned),
            auth_corp_id: self.auth_corp_id.map(str::to_owned),
            service_corp_id: self.service_corp_id.map(str::to_owned),
        })
    }
}

/// A word that says what kind of callback it is. An empty one says nothing.
fn word<'a>(slot: &mut Option<&'a str>, element: Element<'a>) {
    let word = element.text().trim_ascii();
    if !word.is_empty() {
        slot.get_or_insert(word);
    }
}

fn text<'a>(slot: &mut Option<&'a str>, element: Element<'a>) {
    slot.get_or_insert(element.text().trim_ascii());
}
