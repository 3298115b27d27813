use super::family::Discriminator;
use super::header::{Header, Origin, SuiteOrigin};
use super::kind::EventKind;
use crate::payload::{Element, Misfits, Slot, read_one};

/// The words around the event, as they stand on the wire.
#[derive(Debug, Default)]
pub(super) struct Words<'a> {
    info_type: Option<&'a str>,
    event: Option<&'a str>,
    change_type: Option<&'a str>,
    /// `MsgType`, of apps.
    message: Option<&'a str>,
    /// `msgtype`, of AI bots.
    bot: Option<&'a str>,
    /// `event_type`, of payments.
    payment: Option<&'a str>,
    /// `msg_type`, of devices.
    device: Option<&'a str>,
    to: Option<&'a str>,
    from: Option<&'a str>,
    create_time: Slot<u64>,
    time_stamp: Slot<u64>,
    agent_id: Slot<u64>,
    message_id: Option<&'a str>,
    suite_id: Option<&'a str>,
    auth_corp_id: Option<&'a str>,
    service_corp_id: Option<&'a str>,
    inner: Inner<'a>,
}

/// Elements that mean something to AI bots, payments or devices alone.
#[derive(Debug, Default)]
struct Inner<'a> {
    base_info: Option<Element<'a>>,
    command: Option<Element<'a>>,
    create_time: Option<Element<'a>>,
    event: Option<Element<'a>>,
    from: Option<Element<'a>>,
    id: Option<Element<'a>>,
    resource: Option<Element<'a>>,
}

/// First words of kinds that no `Event` or `InfoType` may pass for.
const OURS: [&str; 7] = [
    "bot",
    "event",
    "hardware",
    "message",
    "payment",
    "unknown",
    "unreadable",
];

impl<'a> Words<'a> {
    /// Looks at each child of the root once. Of two elements of one name the first counts.
    pub(super) fn read(root: Element<'a>, misfits: &mut Misfits<'a>) -> Self {
        let mut words = Self::default();
        for child in root.children() {
            let name = child.name();
            // By length first: most children are fields of the event, which no word here has to be compared with then.
            match (name.len(), name) {
                (8, "InfoType") => word(&mut words.info_type, child),
                (5, "Event") => word(&mut words.event, child),
                (10, "ChangeType") => word(&mut words.change_type, child),
                (7, "MsgType") => word(&mut words.message, child),
                (7, "msgtype") => word(&mut words.bot, child),
                (10, "event_type") => word(&mut words.payment, child),
                (8, "msg_type") => word(&mut words.device, child),
                (10, "ToUserName") => text(&mut words.to, child),
                (12, "FromUserName") => text(&mut words.from, child),
                (10, "CreateTime") => read_one(&mut words.create_time, child, misfits),
                (9, "TimeStamp") => read_one(&mut words.time_stamp, child, misfits),
                (7, "AgentID" | "AgentId") => read_one(&mut words.agent_id, child, misfits),
                (5, "MsgId" | "msgid") => text(&mut words.message_id, child),
                (7, "SuiteId") => text(&mut words.suite_id, child),
                (10, "AuthCorpId") => text(&mut words.auth_corp_id, child),
                (13, "ServiceCorpId") => text(&mut words.service_corp_id, child),
                (9, "base_info") => first(&mut words.inner.base_info, child),
                (7, "command") => first(&mut words.inner.command, child),
                (11, "create_time") => first(&mut words.inner.create_time, child),
                (5, "event") => first(&mut words.inner.event, child),
                (4, "from") => first(&mut words.inner.from, child),
                (8, "resource") => first(&mut words.inner.resource, child),
                (2, "id") => first(&mut words.inner.id, child),
                _ => {}
            }
        }
        words.read_inner(misfits);
        words
    }

    /// What stands elsewhere where it is not an app that the callback is for.
    fn read_inner(&mut self, misfits: &mut Misfits<'a>) {
        let inner = &self.inner;
        if self.name().is_some() || self.message.is_some() {
            return;
        }
        if self.bot.is_some() {
            if let Some(element) = inner.create_time {
                read_one(&mut self.create_time, element, misfits);
            }
            if let Some(user) = inner.from.and_then(|from| from.child("userid")) {
                text(&mut self.from, user);
            }
        } else if let (Some(_), Some(base)) = (self.device, inner.base_info) {
            if let Some(element) = base.child("createtime") {
                // What does not fit is named where the event is read.
                read_one(&mut self.create_time, element, &mut Misfits::default());
            }
            if let Some(id) = base.child("req_id") {
                text(&mut self.message_id, id);
            }
        } else if let (Some(_), Some(id)) = (self.payment, inner.id) {
            text(&mut self.message_id, id);
        }
    }

    /// What an app, an assistant or a suite calls the event.
    ///
    /// A message has a `MsgType` of its own, an event has `event`, a notice has none: so one can never pass for another,
    /// whatever else stands in it.
    fn name(&self) -> Option<&'a str> {
        match self.message {
            Some("event") => self.event,
            Some(_) => None,
            None => self.info_type.or(self.event),
        }
    }

    /// Where to look for the type. `None`: it can have none.
    pub(super) fn discriminator(&self) -> Option<Discriminator<'a>> {
        if let Some(name) = self.name() {
            let change_type = self.change_type;
            let is_theirs = !OURS.contains(&name) && !name.contains('/');
            return is_theirs.then_some(Discriminator { name, change_type });
        }
        let (name, change_type) = if let Some(word) = self.message {
            if word == "event" {
                return None;
            }
            ("message", Some(word))
        } else if let Some(word) = self.bot {
            match word {
                "event" => ("bot/event", self.inner.event_type("eventtype")),
                word => ("bot", Some(word)),
            }
        } else if let Some(word) = self.device {
            match word {
                "event" => ("hardware/event", self.inner.event_type("event_type")),
                "command" => ("hardware/command", self.inner.command_type()),
                word => ("hardware", Some(word)),
            }
        } else {
            let word = self.payment?;
            // Others have an `event_type`, too.
            let is_payment = ["TRANSACTION.", "REFUND."]
                .iter()
                .any(|it| word.starts_with(it));
            if !is_payment && self.inner.resource.is_none() {
                return None;
            }
            ("payment", Some(word))
        };
        Some(Discriminator { name, change_type })
    }

    /// The kind of a callback that has no type, in its own words.
    pub(super) fn kind(&self) -> EventKind {
        let mut words = Vec::new();
        if let Some(name) = self.name() {
            // So that no other kind of callback has the same path.
            words.extend(OURS.contains(&name).then_some("event"));
            words.push(name);
            words.extend(self.change_type);
        } else if let Some(Discriminator { name, change_type }) = self.discriminator() {
            // The name is ours, and its `/` is one.
            words.extend(name.split('/'));
            words.extend(change_type);
        } else {
            words.push(self.message.unwrap_or("unknown"));
        }
        EventKind::from_words(&words)
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
        if self.info_type.is_none() || self.message.is_some() {
            return Origin::App;
        }
        Origin::Suite(SuiteOrigin {
            suite_id: self.suite_id.map(str::to_owned),
            auth_corp_id: self.auth_corp_id.map(str::to_owned),
            service_corp_id: self.service_corp_id.map(str::to_owned),
        })
    }
}

impl<'a> Inner<'a> {
    fn event_type(&self, name: &str) -> Option<&'a str> {
        // The documents call the body of one event `command` in its table.
        let body = self.event.or(self.command)?;
        kind_word(body, name)
    }

    fn command_type(&self) -> Option<&'a str> {
        kind_word(self.command?, "command_type")
    }
}

fn kind_word<'a>(body: Element<'a>, name: &str) -> Option<&'a str> {
    let mut slot = None;
    word(&mut slot, body.child(name)?);
    slot
}

/// A word that says what kind of callback it is. An empty one says nothing.
fn word<'a>(slot: &mut Option<&'a str>, element: Element<'a>) {
    let word = element.text().trim_ascii();
    if !word.is_empty() {
        slot.get_or_insert(word);
    }
}

fn first<'a>(slot: &mut Option<Element<'a>>, element: Element<'a>) {
    slot.get_or_insert(element);
}

fn text<'a>(slot: &mut Option<&'a str>, element: Element<'a>) {
    slot.get_or_insert(element.text().trim_ascii());
}
