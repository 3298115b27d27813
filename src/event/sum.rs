use std::any::Any;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::app::AppEvent;
use super::approval::ApprovalEvent;
use super::batch_job::BatchJobResult;
use super::bot::BotEvent;
use super::calendar::CalendarEvent;
use super::chain::ChainEvent;
use super::chat_archive::ChatArchiveEvent;
use super::contact::ContactEvent;
use super::customer_acquisition::CustomerAcquisitionEvent;
use super::customer_service::CustomerServiceEvent;
use super::device::DeviceEvent;
use super::email::EmailEvent;
use super::external_chat::ExternalChatEvent;
use super::external_contact::ExternalContactEvent;
use super::external_tag::ExternalTagEvent;
use super::family::{Discriminator, EventType, Family, KnownKind, Scope, Sealed};
use super::hardware::HardwareEvent;
use super::kind::EventKind;
use super::license::LicenseEvent;
use super::living::LivingEvent;
use super::media::MediaEvent;
use super::meeting::MeetingEvent;
use super::meeting_room::MeetingRoomEvent;
use super::membership::MembershipEvent;
use super::menu::MenuEvent;
use super::message::Message;
use super::payment::PaymentEvent;
use super::school::SchoolEvent;
use super::security::SecurityEvent;
use super::share::ShareEvent;
use super::smartsheet::SmartSheetEvent;
use super::suite::SuiteEvent;
use super::template_card::TemplateCardEvent;
use super::unknown::UnknownEvent;
use super::vip_account::VipAccountEvent;
use super::wedoc::WeDocEvent;
use super::wedrive::WeDriveEvent;
use crate::payload::{Element, Misfits, Payload};

/// The sum: one line for each family, in the order in which the families are asked whether a callback is theirs.
macro_rules! families {
    ($( $(#[$meta:meta])* $Variant:ident($Family:ident), )+) => {
        /// Any callback: the sum of the families.
        ///
        /// Cheap to clone. New families are added in minor releases.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            $( $(#[$meta])* $Variant($Family), )+
            /// An asynchronous job has ended.
            #[doc(alias = "batch_job_result")]
            BatchJob(Arc<BatchJobResult>),
            /// There is no type for it.
            Unknown(UnknownEvent),
        }

        impl Event {
            /// What WeCom calls it.
            #[must_use]
            pub fn kind(&self) -> EventKind {
                match self {
                    $( Self::$Variant(event) => event.kind(), )+
                    Self::BatchJob(_) => EventKind::BATCH_JOB_RESULT,
                    Self::Unknown(event) => event.kind(),
                }
            }

            /// Whether there is a type for it; `false` for `Unknown`, the family's own included.
            #[must_use]
            pub fn is_known(&self) -> bool {
                match self {
                    $( Self::$Variant(event) => event.is_known(), )+
                    Self::BatchJob(_) => true,
                    Self::Unknown(_) => false,
                }
            }

            /// Shows the value that stands in the request's extensions: the family, or what takes its place.
            pub(crate) fn accept<V: FamilyVisitor>(&self, visitor: V) -> V::Output {
                match self {
                    $( Self::$Variant(event) => visitor.visit(event), )+
                    Self::BatchJob(event) => visitor.visit(event.as_ref()),
                    Self::Unknown(event) => visitor.visit(event),
                }
            }

            /// The name of its family.
            pub(crate) fn family(&self) -> &'static str {
                match self {
                    $( Self::$Variant(_) => stringify!($Family), )+
                    Self::BatchJob(_) => BATCH_JOB_RESULT,
                    Self::Unknown(_) => "UnknownEvent",
                }
            }

            pub(super) fn read<'a>(
                words: Discriminator<'_>,
                root: Element<'a>,
                misfits: &mut Misfits<'a>,
                unknown: impl FnOnce(Option<EventKind>) -> UnknownEvent,
            ) -> Self {
                $(
                    if $Family::owns(words.name) {
                        let event = $Family::read(words, root, misfits);
                        return Self::$Variant(
                            event.unwrap_or_else(|kind| $Family::unknown(unknown(kind))),
                        );
                    }
                )+
                if !words.is(&[BatchJobResult::PATH], &[]) {
                    return Self::Unknown(unknown(None));
                }
                match BatchJobResult::read(root, misfits) {
                    Some(job) => Self::BatchJob(Arc::new(job)),
                    None => Self::Unknown(unknown(Some(EventKind::BATCH_JOB_RESULT))),
                }
            }
        }

        impl Serialize for Event {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $( Self::$Variant(event) => event.serialize(serializer), )+
                    Self::BatchJob(event) => event.serialize(serializer),
                    Self::Unknown(event) => event.serialize(serializer),
                }
            }
        }

        /// The name of the family that callbacks of a kind belong to, whether the kind is known or not.
        pub(crate) fn family_of(kind: &str) -> &'static str {
            // The last word is the change type, unless the kind has but one.
            let name = kind.rsplit_once('/').map_or(kind, |(name, _)| name);
            $(
                if $Family::owns(name) || $Family::owns(kind) {
                    return stringify!($Family);
                }
            )+
            if kind == BatchJobResult::PATH { BATCH_JOB_RESULT } else { "UnknownEvent" }
        }

        const KINDS: &[&[KnownKind]] = &[$( $Family::KINDS, )+ BATCH_JOB];
    };
}

families! {
    /// The address book of a corp has changed: a member, a department or a tag.
    Contact(ContactEvent),
    /// A member and a customer have become contacts, or have ceased to be, or something else about the two has
    /// changed.
    ExternalContact(ExternalContactEvent),
    /// A member has sent a message to an app.
    Message(Message),
    /// A member has written to an AI bot, or has done something in its chat.
    Bot(BotEvent),
    /// A member has come to an app or left it, has opened it, or has let it know where they are.
    Membership(MembershipEvent),
    /// A member has used the menu of an app.
    Menu(MenuEvent),
    /// A member has tapped something on a card that the app had sent.
    TemplateCard(TemplateCardEvent),
    /// A notice to a provider, about one of its suites or about what it has bought and sold.
    Suite(SuiteEvent),
    /// Something about an app itself has changed: how much it is used, who administers it, how the workbench shows it.
    App(AppEvent),
    /// An approval has moved on.
    Approval(ApprovalEvent),
    /// A calendar or a schedule has changed.
    Calendar(CalendarEvent),
    /// A chain of upstream and downstream corps has changed: itself, its groups, or the corps in it.
    Chain(ChainEvent),
    /// There is something new in the archive of chats (会话内容存档), or in the zone where programs work on them (数据与智能专区).
    ChatArchive(ChatArchiveEvent),
    /// Something about the customer acquisition links (获客链接) of a corp: a customer came by one, one does not work any
    /// more, or there is another quota.
    CustomerAcquisition(CustomerAcquisitionEvent),
    /// Something about the customer service accounts (客服账号) that an app looks after: there are messages to fetch, or
    /// it looks after other accounts than before.
    CustomerService(CustomerServiceEvent),
    /// A device has reported data to an app that may have them, or its vendor is told of something about it.
    Device(DeviceEvent),
    /// Mail has come in.
    Email(EmailEvent),
    /// A group chat with customers was made, changed or dismissed.
    ExternalChat(ExternalChatEvent),
    /// The tags that a corp has for its customers have changed: a tag, a group of tags, or their order.
    ExternalTag(ExternalTagEvent),
    /// An event or a command for a device that its vendor connects through a cloud of its own.
    Hardware(HardwareEvent),
    /// Something about licences: bought, refunded, activated, or missing.
    License(LicenseEvent),
    /// A live stream has changed.
    Living(LivingEvent),
    /// Something about media that were uploaded.
    Media(MediaEvent),
    /// A meeting has changed, or somebody has done something in it.
    Meeting(MeetingEvent),
    /// A meeting room was booked, or a booking was cancelled.
    MeetingRoom(MeetingRoomEvent),
    /// A payment was made, or a refund has come to its end.
    Payment(PaymentEvent),
    /// The address book of a school has changed: a student, a parent or a department.
    School(SchoolEvent),
    /// The network that WeCom itself runs on has changed.
    Security(SecurityEvent),
    /// An app is shared with other corps than before: it was given to one, or taken from one.
    Share(ShareEvent),
    /// The fields or the records of a smart sheet have changed.
    SmartSheet(SmartSheetEvent),
    /// A member's request for an advanced-feature account, made or ended.
    VipAccount(VipAccountEvent),
    /// A document or a form has changed.
    WeDoc(WeDocEvent),
    /// A space or a file of WeDrive has changed, or there is little room left.
    WeDrive(WeDriveEvent),
}

/// A family of one kind, without an enum around it.
const BATCH_JOB_RESULT: &str = "BatchJobResult";

const BATCH_JOB: &[KnownKind] = &[KnownKind {
    kind: EventKind::BATCH_JOB_RESULT,
    type_name: BATCH_JOB_RESULT,
    family: BATCH_JOB_RESULT,
}];

/// Takes the value of any family.
pub(crate) trait FamilyVisitor {
    type Output;

    fn visit<T: Clone + Send + Sync + 'static>(self, family: &T) -> Self::Output;
}

impl Sealed for Event {}

impl EventType for Event {
    type Held = Self;
    const SCOPE: Scope = Scope::All;

    fn hold(event: &dyn Any, _: &dyn Any) -> Option<Self> {
        event.downcast_ref().cloned()
    }

    fn get(held: &Self) -> &Self {
        held
    }

    fn take(held: Self) -> Self {
        held
    }
}

/// All kinds of callback that have a type.
///
/// ```
/// use tower_wecom::event;
///
/// let mut known = event::known_kinds();
/// let row = known.find(|row| row.kind == "change_contact/create_user").expect("it has a type");
/// assert_eq!((row.type_name, row.family), ("CreateUser", "ContactEvent"));
/// ```
pub fn known_kinds() -> impl Iterator<Item = &'static KnownKind> {
    KINDS.iter().copied().flatten()
}
