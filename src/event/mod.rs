//! The events that WeCom sends, as types.
//!
//! [`Event`] is the sum of all families. A family is an enum of related kinds, such as
//! [`ContactEvent`]. [`BatchJobResult`] is a family of one kind.
//!
//! | family | about | kinds |
//! |---|---|---|
//! | [`AppEvent`] | The state of an app: activity, administrators, workbench | `inactive_alert`, `active_restored`, `close_inactive_agent`, `reopen_inactive_agent`, `low_active`, `low_active_alert`, `change_app_admin`, `switch_workbench_mode` |
//! | [`ApprovalEvent`] | Approvals | `sys_approval_change`, `open_approval_change` |
//! | [`BatchJobResult`] | The end of an asynchronous job | `batch_job_result` |
//! | [`BotEvent`] | AI bots | `bot/…` |
//! | [`CalendarEvent`] | Calendars and schedules | `add_schedule`, `modify_schedule`, `delete_schedule`, `respond_schedule`, `modify_calendar`, `delete_calendar` |
//! | [`ChainEvent`] | Chains of upstream and downstream corps | `change_chain/…` |
//! | [`ChatArchiveEvent`] | The chat archive, and the data zone for chats | `msgaudit_notify`, `conversation_new_message`, `hit_keyword`, `chat_archive_audit_approved_single`, `chat_archive_audit_approved_room`, `chat_archive_export_finished`, `program_notify` |
//! | [`ContactEvent`] | The address book: members, departments and tags | `change_contact/…` |
//! | [`CustomerAcquisitionEvent`] | Customer acquisition links | `customer_acquisition/…`, `customer_acquisition_permit_change` |
//! | [`CustomerServiceEvent`] | WeChat customer service | `kf_msg_or_event`, `kf_account_auth_change` |
//! | [`DeviceEvent`] | Devices: their data, and notices to their vendor | `device_checkin_data_report`, `device_accesscontrol_data_report`, `device_temperature_data_report`, `device_data_auth_change`, `add_device`, `del_device`, `connect_info`, `disconnect_info`, `device_feature_change`, `error_report`, `fetch_log_finish`, `remark_device_name` |
//! | [`EmailEvent`] | E-mail | `app_email_change/…`, `public_email_change/…` |
//! | [`ExternalChatEvent`] | Group chats with customers | `change_external_chat/…` |
//! | [`ExternalContactEvent`] | Customers: the external contacts of members | `change_external_contact/…` |
//! | [`ExternalTagEvent`] | The tags of customers | `change_external_tag/…` |
//! | [`GroupBotEvent`] | Robots of groups | `group_bot/…` |
//! | [`HardwareEvent`] | The hardware cloud: events and commands for devices | `hardware/…` |
//! | [`LicenseEvent`] | Interface licences | `unlicensed_notify`, `license_pay_success`, `license_refund`, `auto_activate` |
//! | [`LivingEvent`] | Live streams | `living_status_change` |
//! | [`MediaEvent`] | Uploads | `upload_media_job_finish` |
//! | [`MeetingEvent`] | Meetings | `meeting_change/…`, `meeting_statistics/…` |
//! | [`MeetingRoomEvent`] | Meeting rooms | `book_meeting_room`, `cancel_meeting_room` |
//! | [`MembershipEvent`] | Members and an app: access, opening, location | `subscribe`, `unsubscribe`, `enter_agent`, `LOCATION` |
//! | [`MenuEvent`] | The menu of an app | `click`, `view`, `view_miniprogram`, `scancode_push`, `scancode_waitmsg`, `pic_sysphoto`, `pic_photo_or_album`, `pic_weixin`, `location_select` |
//! | [`Message`] | Messages that members send to an app | `message/…` |
//! | [`PaymentEvent`] | Payments | `payment/…` |
//! | [`SchoolEvent`] | Schools: students, parents and departments | `change_school_contact/…`, `change_school_contact_batch` |
//! | [`SecurityEvent`] | Security | `security/…` |
//! | [`ShareEvent`] | Apps shared with other corps | `share_agent_change`, `share_chain_change` |
//! | [`SmartSheetEvent`] | Smart sheets | `smart_sheet_change/…` |
//! | [`SuiteEvent`] | Third-party apps: tickets, authorisations, orders, registrations | `suite_ticket`, `create_auth`, `change_auth`, `cancel_auth`, `reset_permanent_code`, `approve_special_auth`, `cancel_special_auth`, `corp_arch_auth`, `agree_external_userid_migration`, `open_order`, `change_order`, `pay_for_app_success`, `cancel_order`, `refund`, `change_editon`, `advanced_api_pay_success`, `advanced_api_cancel`, `advanced_api_refund`, `advanced_api_insufficient`, `advanced_api_expired`, `advanced_api_trial_expired`, `register_corp`, `enter_register_package` |
//! | [`TemplateCardEvent`] | Cards that an app has sent | `template_card_event`, `template_card_menu_event`, `taskcard_click` |
//! | [`VipAccountEvent`] | Requests for advanced-feature accounts | `submit_vip_account_approval`, `finish_vip_account_approval` |
//! | [`WeDocEvent`] | Documents and forms | `doc_change/…` |
//! | [`WeDriveEvent`] | WeDrive: spaces and files | `wedrive_file_change/…`, `wedrive_space_change/…`, `wedrive_insufficient_capacity` |
//! | [`UnknownEvent`] | Everything else | any |
//!
//! `…` is the second part of the kind. The constants of [`EventKind`] have all kinds with their
//! types. [`known_kinds`] lists them, and so does the page
//! [`docs/events.md`](https://github.com/tower-wecom/tower-wecom/blob/main/docs/events.md).
//!
//! One struct serves both flavours of an event: that of a self-built app (`Event=…`) and that of a
//! third-party suite (`InfoType=…`). The [`Header`] and the [`Origin`] contain the differences.
//!
//! Three rules apply to all events:
//!
//! - **Absent is not empty.** `None` means "not sent". In an update, it means "unchanged".
//!   `Some([])` and `Some("")` mean that the value was sent and is empty. Only ids that an event
//!   cannot do without are not an `Option`.
//! - **Unknown is not an error.** An event, change type, job type, code or element that this crate
//!   does not know arrives as `Unknown` or `Other`, or through
//!   [`Callback::get`](crate::Callback::get).
//! - **One invalid field does not affect the others.** If the text of a field does not fit its
//!   type, the field is `None` and [`Callback::misfits`](crate::Callback::misfits) names it. Only
//!   an unreadable id makes the event `Unknown`.

pub(crate) mod app;
pub(crate) mod approval;
mod batch_job;
pub(crate) mod bot;
pub(crate) mod calendar;
pub(crate) mod chain;
pub(crate) mod chat_archive;
pub(crate) mod contact;
pub(crate) mod customer_acquisition;
pub(crate) mod customer_service;
pub(crate) mod device;
pub(crate) mod email;
pub(crate) mod external_chat;
pub(crate) mod external_contact;
pub(crate) mod external_tag;
pub(crate) mod group_bot;
pub(crate) mod hardware;
pub(crate) mod license;
pub(crate) mod living;
pub(crate) mod media;
pub(crate) mod meeting;
pub(crate) mod meeting_room;
pub(crate) mod membership;
pub(crate) mod menu;
pub(crate) mod message;
pub(crate) mod payment;
pub(crate) mod school;
pub(crate) mod security;
pub(crate) mod share;
pub(crate) mod smartsheet;
pub(crate) mod suite;
pub(crate) mod template_card;
pub(crate) mod vip_account;
pub(crate) mod wedoc;
pub(crate) mod wedrive;

mod family;
mod header;
mod kind;
mod mention;
mod parse;
mod sum;
mod unknown;
mod wire_fields;

pub use app::*;
pub use approval::*;
pub use batch_job::*;
pub use bot::*;
pub use calendar::*;
pub use chain::*;
pub use chat_archive::*;
pub use contact::*;
pub use customer_acquisition::*;
pub use customer_service::*;
pub use device::*;
pub use email::*;
pub use external_chat::*;
pub use external_contact::*;
pub use external_tag::*;
pub use family::{EventType, KnownKind};
pub use group_bot::*;
pub use hardware::*;
pub use header::{Header, Origin, SuiteOrigin};
pub use kind::EventKind;
pub use license::*;
pub use living::*;
pub use media::*;
pub use meeting::*;
pub use meeting_room::*;
pub use membership::*;
pub use mention::without_mention;
pub use menu::*;
pub use message::*;
pub use parse::{Parsed, parse};
pub use payment::*;
pub use school::*;
pub use security::*;
pub use share::*;
pub use smartsheet::*;
pub use suite::*;
pub use sum::{Event, known_kinds};
pub use template_card::*;
pub use unknown::UnknownEvent;
pub use vip_account::*;
pub use wedoc::*;
pub use wedrive::*;

pub(crate) use family::{
    Discriminator, Family, Reader, Scope, Sealed, is_family, read_family, read_shared,
};
pub(crate) use sum::{FamilyVisitor, family_of};
