use super::key::message_id;
use crate::protocol::Callback;

/// What an equal copy of a callback means.
///
/// WeCom gives events a time in whole seconds, and most of them no id. So two genuine events can be
/// equal byte for byte, and a copy is either WeCom's next attempt or another event.
///
/// [`recurrence`] decides by the kind. [`DedupLayer::recurrence`](super::DedupLayer::recurrence)
/// sets another rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recurrence {
    /// A copy is WeCom's next attempt. The callback is processed once for the time that answers are
    /// [kept](super::DedupLayer::keep).
    Once,
    /// A copy that comes after a success is another event, because WeCom does not repeat what was
    /// answered with 200 in time. A copy that comes while the first one runs, or after a failure or
    /// a late answer, is WeCom's next attempt.
    AfterSuccess,
    /// Each copy is processed, also while another one runs.
    Always,
}

/// What an equal copy of this callback means, by its kind.
///
/// | result | kinds | reason |
/// |---|---|---|
/// | `Always` | a bot's request for the next part of a streamed answer, `kf_msg_or_event`, `msgaudit_notify` | each is a request to look, and a handler that is running may have looked too early |
/// | `AfterSuccess` | other notices that there is something to fetch, such as `conversation_new_message` | the next one is about something new |
/// | `AfterSuccess` | what names a thing that has changed, such as `update_user` and `edit_external_contact` | the thing can change twice in a second |
/// | `AfterSuccess` | what a person does and has no id, such as `click`, `view` and `enter_agent` | people can do it twice in a second |
/// | `AfterSuccess` | states of meetings and devices, such as `open_screen_share` and `connect_info` | the state can change, and change back, within a second |
/// | `Once` | everything else, also kinds that this crate does not know | it happens once to the thing that it names, or its text differs each time |
///
/// A callback with a [message id](crate::Header::message_id) is `Once` or `Always`, because no
/// other event has its id. [The page of all kinds][page] has the result for each.
///
/// [page]: https://github.com/tower-wecom/tower-wecom/blob/main/docs/events.md
#[must_use]
pub fn recurrence(callback: &Callback) -> Recurrence {
    let kind = callback.kind();
    let kind = kind.as_str();
    if repeats_on_purpose(kind) {
        return Recurrence::Always;
    }
    let can_equal_another = reports_something_to_fetch(kind)
        || names_a_change(kind)
        || is_an_act(kind)
        || is_a_state(kind);
    if can_equal_another && message_id(callback).is_none() {
        return Recurrence::AfterSuccess;
    }
    Recurrence::Once
}

/// A handler that fetches may have fetched too early for the copy that comes while it runs. All
/// requests for the parts of one stream are equal.
fn repeats_on_purpose(kind: &str) -> bool {
    matches!(kind, "bot/stream" | "kf_msg_or_event" | "msgaudit_notify")
}

/// The notice has no content, so the next one can be equal to it.
fn reports_something_to_fetch(kind: &str) -> bool {
    matches!(
        kind,
        "app_email_change/receive_email"
            | "conversation_new_message"
            | "hit_keyword"
            | "public_email_change/receive_email"
    )
}

/// The event names what has changed. If it has the new values too, they can be the values of an
/// earlier event again. Programs change things several times in a second.
fn names_a_change(kind: &str) -> bool {
    matches!(
        kind,
        "change_app_admin"
            | "change_auth"
            | "change_chain/update_chain"
            | "change_chain/update_corp"
            | "change_chain/update_group"
            | "change_contact/update_party"
            | "change_contact/update_tag"
            | "change_contact/update_user"
            | "change_editon"
            | "change_external_chat/update"
            | "change_external_contact/edit_external_contact"
            | "change_external_tag/shuffle"
            | "change_external_tag/update"
            | "change_school_contact/update_department"
            | "change_school_contact/update_parent"
            | "change_school_contact/update_student"
            | "change_school_contact_batch"
            | "customer_acquisition_permit_change"
            | "device_data_auth_change"
            | "device_feature_change"
            | "doc_change/doc_member_change"
            | "doc_change/form_settings_change"
            | "kf_account_auth_change"
            | "meeting_change/modify_meeting"
            | "modify_calendar"
            | "modify_schedule"
            | "remark_device_name"
            | "respond_schedule"
            | "security/change_domain_ip"
            | "share_agent_change"
            | "share_chain_change"
            | "smart_sheet_change/update_filed"
            | "smart_sheet_change/update_record"
            | "switch_workbench_mode"
            | "wedrive_file_change/move_file"
            | "wedrive_file_change/rename_file"
            | "wedrive_file_change/update_file"
            | "wedrive_space_change/space_member_change"
            | "wedrive_space_change/space_security_settings_change"
    )
}

/// A person can do it twice in a second. The forms and the links of `customer_acquisition` do not
/// name the person, so two persons can do it in one second.
fn is_an_act(kind: &str) -> bool {
    matches!(
        kind,
        "LOCATION"
            | "click"
            | "customer_acquisition/friend_request"
            | "customer_acquisition/open_profile"
            | "doc_change/form_complete"
            | "enter_agent"
            | "location_select"
            | "pic_photo_or_album"
            | "pic_sysphoto"
            | "pic_weixin"
            | "scancode_push"
            | "scancode_waitmsg"
            | "unlicensed_notify"
            | "view"
            | "view_miniprogram"
    )
}

/// A button or a bad connection changes it and changes it back within a second. The last event
/// counts, and it can equal the first.
fn is_a_state(kind: &str) -> bool {
    matches!(
        kind,
        "connect_info"
            | "disconnect_info"
            | "error_report"
            | "meeting_change/close_screen_share"
            | "meeting_change/join_from_meeting_room"
            | "meeting_change/join_meeting"
            | "meeting_change/join_meeting_before_host"
            | "meeting_change/join_waiting_room"
            | "meeting_change/meeting_mute_all"
            | "meeting_change/meeting_room_response"
            | "meeting_change/meeting_unmute_all"
            | "meeting_change/move_to_waiting_room"
            | "meeting_change/open_screen_share"
            | "meeting_change/pause_recording"
            | "meeting_change/pstn_status_update"
            | "meeting_change/quit_meeting"
            | "meeting_change/quit_waiting_room"
            | "meeting_change/resume_recording"
            | "meeting_change/role_change"
            | "meeting_change/start_recording"
            | "meeting_change/stop_recording"
            | "meeting_change/webinar_role_change"
    )
}
