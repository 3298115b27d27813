//! Meetings. See [`MeetingEvent`].

use super::family::family;
use crate::payload::{fields, number_codes, text_codes};

family! {
    /// A meeting has changed, or somebody has done something in it.
    ///
    /// Of `meeting_change`, only meetings that the app itself has made through the API are reported. Apps of one's own
    /// get all kinds if the corp has bought the advanced features of meetings (会议高级功能); apps developed for a corp (代开发) and third-party apps get [`ModifyMeeting`] and
    /// [`CancelMeeting`] alone.
    ///
    /// Who did it stands in `from_user_name`, which is `sys` if WeCom did and has no value if the person is not a
    /// member of the corp, and in `from_user_tmp_open_id`, the temporary id that each person has in a meeting, which
    /// has no value if WeCom did.
    #[doc(alias = "会议回调通知")]
    pub enum MeetingEvent {
        /// Somebody has withdrawn an enrolment.
        CANCEL_ENROLL = "meeting_change" / "cancel_enroll" => CancelEnroll,
        /// A meeting was cancelled.
        CANCEL_MEETING = "meeting_change" / "cancel_meeting" => CancelMeeting,
        /// A participant has stopped sharing the screen.
        CLOSE_SCREEN_SHARE = "meeting_change" / "close_screen_share" => CloseScreenShare,
        /// A cloud recording was deleted.
        DELETE_RECORDING = "meeting_change" / "delete_recording" => DeleteRecording,
        /// Somebody has enrolled.
        ENROLL = "meeting_change" / "enroll" => Enroll,
        /// A participant was let in from the waiting room.
        JOIN_FROM_MEETING_ROOM = "meeting_change" / "join_from_meeting_room" => JoinFromMeetingRoom,
        /// A participant has come in.
        JOIN_MEETING = "meeting_change" / "join_meeting" => JoinMeeting,
        /// A participant has come in before the host.
        JOIN_MEETING_BEFORE_HOST = "meeting_change" / "join_meeting_before_host" => JoinMeetingBeforeHost,
        /// Somebody has come into the waiting room.
        JOIN_WAITING_ROOM = "meeting_change" / "join_waiting_room" => JoinWaitingRoom,
        /// Uploaded materials have arrived, or have failed to.
        MEDIUM_UPLOAD = "meeting_change" / "medium_upload" => MediumUpload,
        /// A meeting has ended.
        MEETING_END = "meeting_change" / "meeting_end" => MeetingEnd,
        /// All participants were muted.
        MEETING_MUTE_ALL = "meeting_change" / "meeting_mute_all" => MeetingMuteAll,
        /// A meeting room has answered a call, or has not.
        MEETING_ROOM_RESPONSE = "meeting_change" / "meeting_room_response" => MeetingRoomResponse,
        /// A meeting has begun.
        MEETING_START = "meeting_change" / "meeting_start" => MeetingStart,
        /// The muting of all participants was lifted.
        MEETING_UNMUTE_ALL = "meeting_change" / "meeting_unmute_all" => MeetingUnmuteAll,
        /// A meeting was changed.
        MODIFY_MEETING = "meeting_change" / "modify_meeting" => ModifyMeeting,
        /// A participant was moved from the meeting to the waiting room.
        MOVE_TO_WAITING_ROOM = "meeting_change" / "move_to_waiting_room" => MoveToWaitingRoom,
        /// A participant has begun to share the screen.
        OPEN_SCREEN_SHARE = "meeting_change" / "open_screen_share" => OpenScreenShare,
        /// A cloud recording was paused.
        PAUSE_RECORDING = "meeting_change" / "pause_recording" => PauseRecording,
        /// A call to a telephone has got further.
        PSTN_STATUS_UPDATE = "meeting_change" / "pstn_status_update" => PstnStatusUpdate,
        /// A participant has left.
        QUIT_MEETING = "meeting_change" / "quit_meeting" => QuitMeeting,
        /// Somebody has left the waiting room, or was removed from it.
        QUIT_WAITING_ROOM = "meeting_change" / "quit_waiting_room" => QuitWaitingRoom,
        /// A cloud recording is ready.
        RECORDING_COMPLETE = "meeting_change" / "recording_complete" => RecordingComplete,
        /// A paused cloud recording goes on.
        RESUME_RECORDING = "meeting_change" / "resume_recording" => ResumeRecording,
        /// A participant of a meeting has got another role.
        ROLE_CHANGE = "meeting_change" / "role_change" => RoleChange,
        /// A cloud recording has begun.
        START_RECORDING = "meeting_change" / "start_recording" => StartRecording,
        /// A cloud recording was stopped, or has stopped with the meeting.
        STOP_RECORDING = "meeting_change" / "stop_recording" => StopRecording,
        /// Somebody in a webinar has got another role.
        WEBINAR_ROLE_CHANGE = "meeting_change" / "webinar_role_change" => WebinarRoleChange,
        /// What a webinar shows before it begins has been uploaded, or has failed to.
        WEBINAR_WARM_UP_UPLOAD = "meeting_change" / "webinar_warm_up_upload" => WebinarWarmUpUpload,
        /// A member has begun a meeting, or has tried to.
        STATISTICS_START_MEETING = "meeting_statistics" / "start_meeting" => StatisticsStartMeeting,
    }
}

fields! {
    /// Somebody has withdrawn an enrolment for a meeting or a webinar.
    ///
    /// For own apps: document 98782.
    #[doc(alias = "cancel_enroll")]
    #[doc(alias = "用户取消报名事件")]
    #[event]
    pub struct CancelEnroll {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
        /// The enrolment's id.
        may enroll_id: String = "EnrollId",
    }

    /// A meeting was cancelled.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 97451, 97459, 99082.
    #[doc(alias = "cancel_meeting")]
    #[doc(alias = "取消会议事件")]
    #[event]
    pub struct CancelMeeting {
        /// The UserID of the member who did it.
        may from_user_name: String = "FromUserName",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A participant has stopped sharing the screen.
    ///
    /// For own apps: document 98396.
    #[doc(alias = "close_screen_share")]
    #[doc(alias = "共享屏幕结束事件")]
    #[event]
    pub struct CloseScreenShare {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A cloud recording was deleted, by hand or through the API.
    ///
    /// For own apps: document 98404.
    #[doc(alias = "delete_recording")]
    #[doc(alias = "删除云录制事件")]
    #[event]
    pub struct DeleteRecording {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// Somebody has enrolled for a meeting or a webinar.
    ///
    /// For own apps: document 98781.
    #[doc(alias = "enroll")]
    #[doc(alias = "用户报名事件")]
    #[event]
    pub struct Enroll {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
        /// The enrolment's id.
        may enroll_id: String = "EnrollId",
    }

    /// A participant was let in from the waiting room.
    ///
    /// For own apps: document 98393. The word on the wire says "meeting room", but it is the waiting room that is
    /// meant.
    #[doc(alias = "join_from_meeting_room")]
    #[doc(alias = "成员从等候室进入会议事件")]
    #[event]
    pub struct JoinFromMeetingRoom {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The person to whom it was done.
        one operated_user: OperatedUser = "OperatedUser",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A participant has come in.
    ///
    /// For own apps: document 98348. Sent for each participant, the host too.
    #[doc(alias = "join_meeting")]
    #[doc(alias = "成员入会事件")]
    #[event]
    pub struct JoinMeeting {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A participant has come in before the host and waits for them.
    ///
    /// For own apps: document 98353. Only meetings that let participants in before the host have it.
    #[doc(alias = "join_meeting_before_host")]
    #[doc(alias = "成员等待主持人入会事件")]
    #[event]
    pub struct JoinMeetingBeforeHost {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// Somebody has come into the waiting room.
    ///
    /// For own apps: document 98354.
    #[doc(alias = "join_waiting_room")]
    #[doc(alias = "成员进入等候室事件")]
    #[event]
    pub struct JoinWaitingRoom {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// Materials that were uploaded through the API have arrived, or have failed to.
    ///
    /// For own apps: document 98775.
    #[doc(alias = "medium_upload")]
    #[doc(alias = "素材上传结果")]
    #[event]
    pub struct MediumUpload {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
        /// Whether all of them have arrived. If not, all have to be uploaded again.
        one all_upload_status: bool = "AllUploadStatus",
        /// The materials.
        many upload_info: UploadInfo = "UploadInfo",
    }

    /// A meeting has ended.
    ///
    /// For own apps: document 98337.
    #[doc(alias = "meeting_end")]
    #[doc(alias = "会议结束事件")]
    #[event]
    pub struct MeetingEnd {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// All participants were muted.
    ///
    /// For own apps: document 98341.
    #[doc(alias = "meeting_mute_all")]
    #[doc(alias = "会议全体静音事件")]
    #[event]
    pub struct MeetingMuteAll {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A meeting room has answered the call to a meeting, or has not.
    ///
    /// For own apps: document 98783.
    #[doc(alias = "meeting_room_response")]
    #[doc(alias = "会议室应答事件")]
    #[event]
    pub struct MeetingRoomResponse {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
        /// The meeting room's id, or nothing if `mra_address` says which room it is.
        may meeting_room_id: String = "MeetingRoomId",
        /// The address that was called, if it was not a meeting room of WeCom's own.
        one mra_address: MraAddress = "MraAddress",
        /// What has become of the call.
        one room_response_status: RoomResponseStatus = "RoomResponseStatus",
    }

    /// A meeting has begun.
    ///
    /// For own apps: document 98333.
    #[doc(alias = "meeting_start")]
    #[doc(alias = "会议开始事件")]
    #[event]
    pub struct MeetingStart {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// The muting of all participants was lifted.
    ///
    /// For own apps: document 98345. Can come several times after one [`MeetingMuteAll`].
    #[doc(alias = "meeting_unmute_all")]
    #[doc(alias = "会议解除全体静音事件")]
    #[event]
    pub struct MeetingUnmuteAll {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A meeting was changed.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 97451, 97459, 99081. What has
    /// changed is not sent; read the meeting through the API.
    #[doc(alias = "modify_meeting")]
    #[doc(alias = "修改会议事件")]
    #[event]
    pub struct ModifyMeeting {
        /// The UserID of the member who did it.
        may from_user_name: String = "FromUserName",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A participant was moved from the meeting to the waiting room.
    ///
    /// For own apps: document 98394.
    #[doc(alias = "move_to_waiting_room")]
    #[doc(alias = "成员从会议中被移入等候室事件")]
    #[event]
    pub struct MoveToWaitingRoom {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The person to whom it was done.
        one operated_user: OperatedUser = "OperatedUser",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A participant has begun to share the screen.
    ///
    /// For own apps: document 98395.
    #[doc(alias = "open_screen_share")]
    #[doc(alias = "共享屏幕开启事件")]
    #[event]
    pub struct OpenScreenShare {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A cloud recording was paused.
    ///
    /// For own apps: document 98399.
    #[doc(alias = "pause_recording")]
    #[doc(alias = "暂停云录制事件")]
    #[event]
    pub struct PauseRecording {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A call that is to bring a telephone into the meeting has got further.
    ///
    /// For own apps: document 98774.
    #[doc(alias = "pstn_status_update")]
    #[doc(alias = "PSTN 外呼状态更新事件")]
    #[event]
    pub struct PstnStatusUpdate {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
        /// How far the call has got.
        one pstn_status: PstnStatus = "PstnStatus",
    }

    /// A participant has left.
    ///
    /// For own apps: document 98352.
    #[doc(alias = "quit_meeting")]
    #[doc(alias = "成员离会事件")]
    #[event]
    pub struct QuitMeeting {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// Somebody has left the waiting room, or was removed from it.
    ///
    /// For own apps: document 98355.
    #[doc(alias = "quit_waiting_room")]
    #[doc(alias = "成员离开等候室事件")]
    #[event]
    pub struct QuitWaitingRoom {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The person to whom it was done.
        one operated_user: OperatedUser = "OperatedUser",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A cloud recording is ready: the meeting is over and its files have been converted.
    ///
    /// For own apps: document 98402.
    #[doc(alias = "recording_complete")]
    #[doc(alias = "云录制已完成事件")]
    #[event]
    pub struct RecordingComplete {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A paused cloud recording goes on.
    ///
    /// For own apps: document 98400.
    #[doc(alias = "resume_recording")]
    #[doc(alias = "恢复云录制事件")]
    #[event]
    pub struct ResumeRecording {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A participant of a meeting has got another role.
    ///
    /// For own apps: document 98397.
    #[doc(alias = "role_change")]
    #[doc(alias = "会议成员角色变更事件")]
    #[event]
    pub struct RoleChange {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The person to whom it was done.
        one operated_user: OperatedUser = "OperatedUser",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A cloud recording has begun, by hand or of itself.
    ///
    /// For own apps: document 98398.
    #[doc(alias = "start_recording")]
    #[doc(alias = "开始云录制事件")]
    #[event]
    pub struct StartRecording {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A cloud recording was stopped, or has stopped with the meeting.
    ///
    /// For own apps: document 98401.
    #[doc(alias = "stop_recording")]
    #[doc(alias = "停止云录制事件")]
    #[event]
    pub struct StopRecording {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// Somebody in a webinar has got another role.
    ///
    /// For own apps: document 98771.
    #[doc(alias = "webinar_role_change")]
    #[doc(alias = "网络研讨会成员角色变更事件")]
    #[event]
    pub struct WebinarRoleChange {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the person who did it.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The person to whom it was done.
        one operated_user: OperatedUser = "OperatedUser",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// What a webinar shows before it begins has been uploaded through the API, or has failed to.
    ///
    /// For own apps: document 98773.
    #[doc(alias = "webinar_warm_up_upload")]
    #[doc(alias = "网络研讨会暖场上传结果")]
    #[event]
    pub struct WebinarWarmUpUpload {
        /// The UserID of the member who did it, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
        /// The URL of the picture.
        one warm_up_picture: String = "WarmUpPicture" in "WarmUpInfo",
        /// The URL of the video.
        one warm_up_video: String = "WarmUpVideo" in "WarmUpInfo",
        /// Whether the upload has succeeded.
        one upload_status: UploadStatus = "UploadStatus" in "WarmUpInfo",
        /// Why it has failed, if it has.
        one error_msg: String = "ErrorMsg" in "WarmUpInfo",
    }

    /// A member has begun a meeting, or has tried to.
    ///
    /// For own apps: document 99648. Sent when a member begins an instant meeting or is the first to come into a booked
    /// one; if a person from outside is the first, `from_user_name` is who booked it. Which meeting it is, is not sent.
    #[doc(alias = "start_meeting")]
    #[doc(alias = "会议发起事件")]
    #[event]
    pub struct StatisticsStartMeeting {
        /// The UserID of the member who has begun the meeting.
        may from_user_name: String = "FromUserName",
        /// Whether the meeting has begun.
        one status: StartMeetingResult = "Status",
    }

    /// A person in a meeting to whom something was done.
    #[doc(alias = "被操作者")]
    pub struct OperatedUser {
        /// The UserID; only members of the corp have one.
        may user_id: String = "UserId",
        /// The temporary id that the person has in the meeting.
        may tmp_open_id: String = "TmpOpenId",
        /// The code of the role that the person has now. Sent with [`RoleChange`] and [`WebinarRoleChange`] alone.
        one user_role: MeetingRole = "UserRole",
    }

    /// A material that was uploaded.
    #[doc(alias = "素材")]
    pub struct UploadInfo {
        /// The URL of the material.
        one medium_url: String = "MediumUrl",
        /// What it is.
        one medium_type: MediumType = "MediumType",
        /// Whether the upload has succeeded.
        one upload_status: UploadStatus = "UploadStatus",
        /// Why it has failed, if it has.
        one error_msg: String = "ErrorMsg",
    }

    /// The address of a meeting room's video system, which the meeting room connector (MRA) reaches.
    #[doc(alias = "会议室连接器")]
    pub struct MraAddress {
        /// The protocol that it speaks.
        one protocol: MraProtocol = "Protocol",
        /// What is dialled to reach it.
        one dial_string: String = "DialString",
    }
}

number_codes! {
    /// Whether an upload has succeeded.
    pub enum UploadStatus {
        /// It has failed.
        Failed = 0,
        /// It has succeeded.
        Succeeded = 1,
    }
}

number_codes! {
    /// What an uploaded material is.
    #[doc(alias = "素材类型")]
    pub enum MediumType {
        /// A video.
        Video = 1,
        /// A picture.
        Picture = 2,
        /// A file.
        File = 3,
    }
}

number_codes! {
    /// The protocol of a meeting room's video system.
    pub enum MraProtocol {
        /// SIP.
        Sip = 1,
        /// H.323.
        H323 = 2,
    }
}

number_codes! {
    /// What has become of a call to a meeting room.
    #[doc(alias = "应答结果")]
    pub enum RoomResponseStatus {
        /// Nobody has answered.
        NoAnswer = 0,
        /// The room has joined.
        Joined = 2,
        /// The room has rejected it.
        Rejected = 3,
        /// It was cancelled.
        Cancelled = 5,
    }
}

text_codes! {
    /// How far a call to a telephone has got.
    #[doc(alias = "PSTN 外呼状态")]
    pub enum PstnStatus {
        /// The telephone is being called.
        StartInvite = "START_INVITE",
        /// It was answered.
        StartAccept = "START_ACCEPT",
        /// It was not answered, or the call was rejected.
        LeaveWithoutAccept = "LEAVE_WITHOUT_ACCEPT",
        /// It was answered and has hung up.
        LeaveWithAccepted = "LEAVE_WITH_ACCEPTED",
        /// The caller has given up before it was answered. The wire says `CANCLE`.
        CancelInvite = "CANCLE_INVITE" | "CANCEL_INVITE",
    }
}

number_codes! {
    /// Whether a meeting has begun.
    pub enum StartMeetingResult {
        /// It has.
        Started = 1,
        /// It has failed to.
        Failed = 2,
    }
}

number_codes! {
    /// What somebody may do in a meeting or a webinar (documents 98397, 98771).
    #[doc(alias = "用户角色")]
    pub enum MeetingRole {
        /// Takes part.
        Member = 0,
        /// Has made it.
        Creator = 1,
        /// Leads it.
        Host = 2,
        /// Has made it and leads it.
        CreatorAndHost = 3,
        /// A guest.
        Guest = 4,
        /// A guest who leads it.
        GuestAndHost = 5,
        /// Leads it with the host.
        CoHost = 6,
        /// Has made it and leads it with the host.
        CreatorAndCoHost = 7,
        /// Leads it, appointed through the API.
        ApiHost = 8,
        /// A panellist of the corp, in a webinar.
        Panellist = 30,
        /// A panellist from outside, in a webinar.
        ExternalPanellist = 31,
        /// A panellist who came by a link, in a webinar.
        PanellistByLink = 32,
        /// Watches a webinar.
        Viewer = 33,
        /// Watches a webinar, with a voice and a picture of their own.
        ViewerWithMedia = 34,
    }
}
