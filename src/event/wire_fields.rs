use super::family::Discriminator;
use super::header::{Header, Origin, SuiteOrigin};
use super::kind::EventKind;
use crate::payload::{Element, Misfits, Value};

/// The wire fields from which the kind, the [`Header`] and the [`Origin`] of a callback are read.
#[derive(Default)]
pub(super) struct WireFields<'a> {
    info_type: Option<&'a str>,
    event: Option<&'a str>,
    change_type: Option<&'a str>,
    /// `MsgType`, sent to apps.
    app_msg_type: Option<&'a str>,
    /// `msgtype`, sent by AI bots.
    bot_msg_type: Option<&'a str>,
    /// `event_type`, sent for payments.
    payment_event_type: Option<&'a str>,
    /// `msg_type`, sent by devices.
    device_msg_type: Option<&'a str>,
    /// The URLs that only robots of groups send.
    has_webhook: bool,
    /// `aibotid`, which only AI bots send.
    has_aibot_id: bool,
    /// `Event`, which is not a text for robots of groups.
    event_body: Option<Element<'a>>,
    /// `From`, sent by robots of groups.
    group_from: Option<Element<'a>>,
    to_user_name: Sole<'a>,
    from_user_name: Sole<'a>,
    create_time: Number,
    time_stamp: Number,
    agent_id: Number,
    msg_id: Sole<'a>,
    suite_id: Sole<'a>,
    auth_corp_id: Sole<'a>,
    service_corp_id: Sole<'a>,
    lower_case: LowerCaseFields<'a>,
}

/// Wire fields that only AI bots, payments and devices use.
#[derive(Debug, Default)]
struct LowerCaseFields<'a> {
    base_info: Option<Element<'a>>,
    command: Option<Element<'a>>,
    create_time: Once<'a>,
    event: Option<Element<'a>>,
    from: Option<Element<'a>>,
    id: Once<'a>,
    resource: Option<Element<'a>>,
}

/// A text of the header, trimmed. If it is there twice, it has no value.
#[derive(Debug, Default)]
struct Sole<'a> {
    first: Option<&'a str>,
    is_repeated: bool,
}

/// A number of the header. If it is there twice, in any spelling, it has no value.
#[derive(Debug, Default)]
struct Number {
    is_seen: bool,
    value: Option<u64>,
}

/// An element that may be part of the header. It is only known later whether it is.
#[derive(Debug, Default)]
struct Once<'a> {
    first: Option<Element<'a>>,
    is_repeated: bool,
}

/// The first segments of kinds that this crate has named itself. An `Event` or `InfoType` with such
/// a value must not get the kind of another callback.
const RESERVED_NAMES: [&str; 8] = [
    "bot",
    "event",
    "group_bot",
    "hardware",
    "message",
    "payment",
    "unknown",
    "unreadable",
];

impl<'a> WireFields<'a> {
    /// Reads the children of the root in one pass. An element that repeats is reported. It has no
    /// value then: a text that was not escaped could contain the other one. For a name, the first
    /// one counts, so that the kind does not change.
    pub(super) fn read(root: Element<'a>, misfits: &mut Misfits<'a>) -> Self {
        let mut fields = Self::default();
        let lower_case = &mut fields.lower_case;
        for child in root.children() {
            let name = child.name();
            // The length comes first. Most children are fields of the event: their length alone
            // rules out most of the names below.
            match (name.len(), name) {
                (8, "InfoType") => read_name(&mut fields.info_type, child, misfits),
                (5, "Event") => {
                    read_name(&mut fields.event, child, misfits);
                    keep_first(&mut fields.event_body, child);
                }
                (10, "WebhookUrl") | (11, "webhook_url") => fields.has_webhook = true,
                (14, "GetChatInfoUrl") | (17, "get_chat_info_url") => fields.has_webhook = true,
                (7, "aibotid") => fields.has_aibot_id = true,
                (4, "From") => keep_first(&mut fields.group_from, child),
                (10, "ChangeType") => read_name(&mut fields.change_type, child, misfits),
                (7, "MsgType") => read_name(&mut fields.app_msg_type, child, misfits),
                (7, "msgtype") => read_name(&mut fields.bot_msg_type, child, misfits),
                (10, "event_type") => read_name(&mut fields.payment_event_type, child, misfits),
                (8, "msg_type") => read_name(&mut fields.device_msg_type, child, misfits),
                (10, "ToUserName") => fields.to_user_name.read(child, misfits),
                (12, "FromUserName") => fields.from_user_name.read(child, misfits),
                (10, "CreateTime") => fields.create_time.read(child, misfits),
                (9, "TimeStamp") => fields.time_stamp.read(child, misfits),
                (7, "AgentID" | "AgentId") => fields.agent_id.read(child, misfits),
                (5, "MsgId" | "msgid") => fields.msg_id.read(child, misfits),
                (7, "SuiteId") => fields.suite_id.read(child, misfits),
                (10, "AuthCorpId") => fields.auth_corp_id.read(child, misfits),
                (13, "ServiceCorpId") => fields.service_corp_id.read(child, misfits),
                (9, "base_info") => keep_first(&mut lower_case.base_info, child),
                (7, "command") => keep_first(&mut lower_case.command, child),
                (11, "create_time") => lower_case.create_time.add(child),
                (5, "event") => keep_first(&mut lower_case.event, child),
                (4, "from") => keep_first(&mut lower_case.from, child),
                (8, "resource") => keep_first(&mut lower_case.resource, child),
                (2, "id") => lower_case.id.add(child),
                _ => {}
            }
        }
        fields.read_lower_case_header(misfits);
        fields
    }

    /// Reads the parts of the header that AI bots, payments and devices send under other names.
    fn read_lower_case_header(&mut self, misfits: &mut Misfits<'a>) {
        let lower_case = &self.lower_case;
        if self.is_group_bot() {
            let in_xml = self.group_from.and_then(|from| from.child("UserId"));
            let in_json = || lower_case.from.and_then(|from| from.child("userid"));
            if let Some(user) = in_xml.or_else(in_json) {
                self.from_user_name.read(user, misfits);
            }
            return;
        }
        if self.name().is_some() || self.app_msg_type.is_some() {
            return;
        }
        if self.bot_msg_type.is_some() {
            if let Some(element) = lower_case.create_time.only(misfits) {
                self.create_time.read(element, misfits);
            }
            if let Some(user) = lower_case.from.and_then(|from| from.child("userid")) {
                self.from_user_name.read(user, misfits);
            }
        } else if let (Some(_), Some(base)) = (self.device_msg_type, lower_case.base_info) {
            if let Some(element) = base.child("createtime") {
                // The event has this field as well, and reports it there if it does not fit.
                self.create_time.read(element, &mut Misfits::default());
            }
            if let Some(id) = base.child("req_id") {
                self.msg_id.read(id, misfits);
            }
        } else if self.payment_event_type.is_some()
            && let Some(id) = lower_case.id.only(misfits)
        {
            self.msg_id.read(id, misfits);
        }
    }

    /// Whether it is for the robot of a group. Its JSON has the `msgtype` of an AI bot's, but an AI
    /// bot has an id. Its XML has the `MsgType` of an app's, but an app has a receiver. Both always
    /// have the URL of the robot.
    fn is_group_bot(&self) -> bool {
        let is_app = self.to_user_name.first.is_some() || self.event.is_some();
        self.has_webhook && !self.has_aibot_id && !is_app && self.info_type.is_none()
    }

    /// The event's name, as an app, an assistant or a suite gets it.
    ///
    /// A message has its own `MsgType`, an event has the `MsgType` `event`, a notice has no
    /// `MsgType`. One can therefore never pass for another, whatever other fields it has.
    fn name(&self) -> Option<&'a str> {
        match self.app_msg_type {
            Some("event") => self.event,
            Some(_) => None,
            None => self.info_type.or(self.event),
        }
    }

    /// The key to look up the callback's type. `None` if the callback cannot have a type.
    pub(super) fn discriminator(&self) -> Option<Discriminator<'a>> {
        if let Some(name) = self.name() {
            let change_type = self.change_type;
            let is_allowed = !RESERVED_NAMES.contains(&name) && !name.contains('/');
            return is_allowed.then_some(Discriminator { name, change_type });
        }
        let (name, change_type) = if self.is_group_bot() {
            match self.app_msg_type.or(self.bot_msg_type)? {
                "event" => ("group_bot/event", self.group_bot_event()),
                msg_type => ("group_bot", Some(msg_type)),
            }
        } else if let Some(msg_type) = self.app_msg_type {
            if msg_type == "event" {
                return None;
            }
            ("message", Some(msg_type))
        } else if let Some(msg_type) = self.bot_msg_type {
            match msg_type {
                "event" => ("bot/event", self.lower_case.event_type("eventtype")),
                msg_type => ("bot", Some(msg_type)),
            }
        } else if let Some(msg_type) = self.device_msg_type {
            match msg_type {
                "event" => ("hardware/event", self.lower_case.event_type("event_type")),
                "command" => ("hardware/command", self.lower_case.command_type()),
                msg_type => ("hardware", Some(msg_type)),
            }
        } else {
            let event_type = self.payment_event_type?;
            // Callbacks that are not about payments can have an `event_type` too.
            let is_payment = ["TRANSACTION.", "REFUND."]
                .iter()
                .any(|prefix| event_type.starts_with(prefix));
            if !is_payment && self.lower_case.resource.is_none() {
                return None;
            }
            ("payment", Some(event_type))
        };
        Some(Discriminator { name, change_type })
    }

    fn group_bot_event(&self) -> Option<&'a str> {
        let in_xml = self.event_body.and_then(|body| name_in(body, "EventType"));
        in_xml.or_else(|| self.lower_case.event_type("event_type"))
    }

    /// The kind of a callback without a type, made of its own wire values.
    pub(super) fn kind(&self) -> EventKind {
        let mut segments = Vec::new();
        if let Some(name) = self.name() {
            // A reserved name gets a prefix, so that the path is not that of another kind.
            segments.extend(RESERVED_NAMES.contains(&name).then_some("event"));
            segments.push(name);
            segments.extend(self.change_type);
        } else if let Some(Discriminator { name, change_type }) = self.discriminator() {
            // This crate chose the name, so its `/` separates two segments.
            segments.extend(name.split('/'));
            segments.extend(change_type);
        } else {
            segments.push(self.app_msg_type.unwrap_or("unknown"));
        }
        EventKind::from_segments(&segments)
    }

    pub(super) fn header(&self) -> Header {
        Header {
            to: self.to_user_name.text().map(str::to_owned),
            from: self.from_user_name.text().map(str::to_owned),
            create_time: self.create_time.value.or(self.time_stamp.value),
            agent_id: self.agent_id.value,
            // An empty id identifies nothing: all messages with one would count as copies.
            message_id: self
                .msg_id
                .text()
                .filter(|id| !id.is_empty())
                .map(str::to_owned),
        }
    }

    pub(super) fn origin(&self) -> Origin {
        if self.info_type.is_none() || self.app_msg_type.is_some() {
            return Origin::App;
        }
        Origin::Suite(SuiteOrigin {
            suite_id: self.suite_id.text().map(str::to_owned),
            auth_corp_id: self.auth_corp_id.text().map(str::to_owned),
            service_corp_id: self.service_corp_id.text().map(str::to_owned),
        })
    }
}

impl<'a> LowerCaseFields<'a> {
    fn event_type(&self, name: &str) -> Option<&'a str> {
        // For one event, the table in the document calls its body `command`.
        let body = self.event.or(self.command)?;
        name_in(body, name)
    }

    fn command_type(&self) -> Option<&'a str> {
        name_in(self.command?, "command_type")
    }
}

impl<'a> Sole<'a> {
    #[inline]
    fn read(&mut self, element: Element<'a>, misfits: &mut Misfits<'a>) {
        match self.first {
            None => self.first = Some(element.text().trim_ascii()),
            Some(_) => self.repeat(element, misfits),
        }
    }

    #[cold]
    fn repeat(&mut self, element: Element<'a>, misfits: &mut Misfits<'a>) {
        self.is_repeated = true;
        misfits.note(element.name());
    }

    fn text(&self) -> Option<&'a str> {
        self.first.filter(|_| !self.is_repeated)
    }
}

impl Number {
    fn read<'a>(&mut self, element: Element<'a>, misfits: &mut Misfits<'a>) {
        let is_repeated = std::mem::replace(&mut self.is_seen, true);
        self.value = match u64::read(element, misfits) {
            Ok(value) if !is_repeated => value,
            _ => {
                misfits.note(element.name());
                None
            }
        };
    }
}

impl<'a> Once<'a> {
    fn add(&mut self, element: Element<'a>) {
        self.is_repeated = self.first.is_some();
        self.first.get_or_insert(element);
    }

    /// The element, if there is only one. Others are reported.
    fn only(&self, misfits: &mut Misfits<'a>) -> Option<Element<'a>> {
        let element = self.first?;
        if self.is_repeated {
            misfits.note(element.name());
        }
        (!self.is_repeated).then_some(element)
    }
}

fn name_in<'a>(body: Element<'a>, name: &str) -> Option<&'a str> {
    let name = body.child(name)?.text().trim_ascii();
    (!name.is_empty()).then_some(name)
}

/// A value that names the kind of the callback. An empty one is ignored. The first one counts, and
/// others are reported.
fn read_name<'a>(slot: &mut Option<&'a str>, element: Element<'a>, misfits: &mut Misfits<'a>) {
    let name = element.text().trim_ascii();
    if name.is_empty() {
        return;
    }
    match slot {
        None => *slot = Some(name),
        Some(_) => misfits.note(element.name()),
    }
}

fn keep_first<'a>(slot: &mut Option<Element<'a>>, element: Element<'a>) {
    slot.get_or_insert(element);
}
