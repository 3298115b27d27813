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
use super::group_bot::GroupBotEvent;
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

/// Makes [`Event`], with one line for each family. The families are tried in this order.
macro_rules! families {
    ($( $(#[$meta:meta])* $Variant:ident($Family:ident), )+) => {
        /// Any callback: the sum of all families.
        ///
        /// An event is cheap to clone. New families are added in minor releases.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            $( $(#[$meta])* $Variant($Family), )+
            /// An asynchronous job ended.
            #[doc(alias = "batch_job_result")]
            BatchJob(Arc<BatchJobResult>),
            /// A callback without a type.
            Unknown(UnknownEvent),
        }

        impl Event {
            /// The kind, as WeCom names it.
            #[must_use]
            pub fn kind(&self) -> EventKind {
                match self {
                    $( Self::$Variant(event) => event.kind(), )+
                    Self::BatchJob(_) => EventKind::BATCH_JOB_RESULT,
                    Self::Unknown(event) => event.kind(),
                }
            }

            /// Whether the callback has a type. `false` for `Unknown`, also for that of a family.
            #[must_use]
            pub fn is_known(&self) -> bool {
                match self {
                    $( Self::$Variant(event) => event.is_known(), )+
                    Self::BatchJob(_) => true,
                    Self::Unknown(_) => false,
                }
            }

            /// Passes the value that is in the request's extensions to the visitor: the family, or
            /// the struct or [`UnknownEvent`] that takes its place.
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
                discriminator: Discriminator<'_>,
                root: Element<'a>,
                misfits: &mut Misfits<'a>,
                unknown: impl FnOnce(Option<EventKind>) -> UnknownEvent,
            ) -> Self {
                $(
                    if $Family::owns(discriminator.name) {
                        let event = $Family::read(discriminator, root, misfits);
                        return Self::$Variant(
                            event.unwrap_or_else(|kind| $Family::unknown(unknown(kind))),
                        );
                    }
                )+
                if !discriminator.is(&[BatchJobResult::PATH], &[]) {
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

        /// The name of the family of a kind. The kind can be unknown.
        pub(crate) fn family_of(kind: &str) -> &'static str {
            // The last segment is the change type, unless the kind has only one segment.
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
    /// The address book of a corp changed: a member, a department or a tag.
    Contact(ContactEvent),
    /// The relation between a member and a customer changed: for example, the two became contacts,
    /// or one of them deleted the other.
    ExternalContact(ExternalContactEvent),
    /// A member sent a message to an app.
    Message(Message),
    /// A member wrote to an AI bot, or did something in its chat.
    Bot(BotEvent),
    /// A member got or lost access to an app, opened it, or sent it their location.
    Membership(MembershipEvent),
    /// A member used the menu of an app.
    Menu(MenuEvent),
    /// A member tapped something on a card that the app had sent.
    TemplateCard(TemplateCardEvent),
    /// A notice to a provider about one of its suites, or about its purchases and sales.
    Suite(SuiteEvent),
    /// An app itself changed: its activity, its administrators, or its display in the workbench.
    App(AppEvent),
    /// The state of an approval changed.
    Approval(ApprovalEvent),
    /// A calendar or a schedule changed.
    Calendar(CalendarEvent),
    /// A chain of upstream and downstream corps changed: the chain itself, its groups, or its
    /// corps.
    Chain(ChainEvent),
    /// The chat archive (会话内容存档) has something new, or so does the data zone (数据与智能专区)
    /// where programs analyse chats.
    ChatArchive(ChatArchiveEvent),
    /// The customer acquisition links (获客链接) of a corp: a customer came through one, one no
    /// longer works, or the quota changed.
    CustomerAcquisition(CustomerAcquisitionEvent),
    /// The customer service accounts (客服账号) of an app: there are messages to fetch, or the app
    /// manages other accounts than before.
    CustomerService(CustomerServiceEvent),
    /// A device reported data to an app that is allowed to have them, or its vendor gets a notice
    /// about it.
    Device(DeviceEvent),
    /// New e-mail arrived.
    Email(EmailEvent),
    /// A group chat with customers was created, changed or dismissed.
    ExternalChat(ExternalChatEvent),
    /// The tags that a corp has for its customers changed: a tag, a group of tags, or their order.
    ExternalTag(ExternalTagEvent),
    /// A member wrote to a robot of a group, tapped one of its buttons, or added or removed it.
    GroupBot(GroupBotEvent),
    /// An event or a command for a device that its vendor connects through its own cloud.
    Hardware(HardwareEvent),
    /// Licences were bought, refunded, activated, or are missing.
    License(LicenseEvent),
    /// A live stream changed.
    Living(LivingEvent),
    /// Uploaded media.
    Media(MediaEvent),
    /// A meeting changed, or a participant did something in it.
    Meeting(MeetingEvent),
    /// A meeting room was booked, or a booking was cancelled.
    MeetingRoom(MeetingRoomEvent),
    /// A payment was made, or a refund ended.
    Payment(PaymentEvent),
    /// The address book of a school changed: a student, a parent or a department.
    School(SchoolEvent),
    /// The network of WeCom's servers changed.
    Security(SecurityEvent),
    /// An app was shared with another corp, or is no longer shared with it.
    Share(ShareEvent),
    /// The fields or the records of a smart sheet changed.
    SmartSheet(SmartSheetEvent),
    /// A member's request for an advanced-feature account was made or ended.
    VipAccount(VipAccountEvent),
    /// A document or a form changed.
    WeDoc(WeDocEvent),
    /// A space or a file of WeDrive changed, or little capacity is left.
    WeDrive(WeDriveEvent),
}

/// A family of one kind. It has no enum around it.
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
