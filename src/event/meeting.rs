//! Meetings. See [`MeetingEvent`].

use super::family::family;
use crate::payload::{fields, number_codes, text_codes};

family! {
    /// A meeting changed, or a participant did something in it.
    ///
    /// For `meeting_change`, only meetings that the app itself created through the API are
    /// reported. Self-built apps get all kinds if the corp has bought the advanced meeting features
    /// (会议高级功能). Apps developed for a corp (代开发) and third-party apps only get
    /// [`ModifyMeeting`] and [`CancelMeeting`].
    ///
    /// Two fields name the acting person. `from_user_name` is `sys` if WeCom itself acted, and has
    /// no value if the person is not a member of the corp. `from_user_tmp_open_id` is the temporary
    /// id that each person has in a meeting. It has no value if WeCom itself acted.
    #[doc(alias = "会议回调通知")]
    pub enum MeetingEvent {
        /// An enrolment was withdrawn.
        CANCEL_ENROLL = "meeting_change" / "cancel_enroll" => CancelEnroll,
        /// A meeting was cancelled.
        CANCEL_MEETING = "meeting_change" / "cancel_meeting" => CancelMeeting,
        /// A participant stopped sharing the screen.
        CLOSE_SCREEN_SHARE = "meeting_change" / "close_screen_share" => CloseScreenShare,
        /// A cloud recording was deleted.
        DELETE_RECORDING = "meeting_change" / "delete_recording" => DeleteRecording,
        /// A person enrolled.
        ENROLL = "meeting_change" / "enroll" => Enroll,
        /// A participant was admitted from the waiting room.
        JOIN_FROM_MEETING_ROOM = "meeting_change" / "join_from_meeting_room" => JoinFromMeetingRoom,
        /// A participant joined.
        JOIN_MEETING = "meeting_change" / "join_meeting" => JoinMeeting,
        /// A participant joined before the host.
        JOIN_MEETING_BEFORE_HOST = "meeting_change" / "join_meeting_before_host" => JoinMeetingBeforeHost,
        /// A person entered the waiting room.
        JOIN_WAITING_ROOM = "meeting_change" / "join_waiting_room" => JoinWaitingRoom,
        /// An upload of materials succeeded or failed.
        MEDIUM_UPLOAD = "meeting_change" / "medium_upload" => MediumUpload,
        /// A meeting ended.
        MEETING_END = "meeting_change" / "meeting_end" => MeetingEnd,
        /// All participants were muted.
        MEETING_MUTE_ALL = "meeting_change" / "meeting_mute_all" => MeetingMuteAll,
        /// A meeting room answered a call, or did not.
        MEETING_ROOM_RESPONSE = "meeting_change" / "meeting_room_response" => MeetingRoomResponse,
        /// A meeting started.
        MEETING_START = "meeting_change" / "meeting_start" => MeetingStart,
        /// All participants were unmuted.
        MEETING_UNMUTE_ALL = "meeting_change" / "meeting_unmute_all" => MeetingUnmuteAll,
        /// A meeting was updated.
        MODIFY_MEETING = "meeting_change" / "modify_meeting" => ModifyMeeting,
        /// A participant was moved from the meeting to the waiting room.
        MOVE_TO_WAITING_ROOM = "meeting_change" / "move_to_waiting_room" => MoveToWaitingRoom,
        /// A participant started sharing the screen.
        OPEN_SCREEN_SHARE = "meeting_change" / "open_screen_share" => OpenScreenShare,
        /// A cloud recording was paused.
        PAUSE_RECORDING = "meeting_change" / "pause_recording" => PauseRecording,
        /// The state of a call to a telephone changed.
        PSTN_STATUS_UPDATE = "meeting_change" / "pstn_status_update" => PstnStatusUpdate,
        /// A participant left.
        QUIT_MEETING = "meeting_change" / "quit_meeting" => QuitMeeting,
        /// A person left the waiting room, or was removed from it.
        QUIT_WAITING_ROOM = "meeting_change" / "quit_waiting_room" => QuitWaitingRoom,
        /// A cloud recording is ready.
        RECORDING_COMPLETE = "meeting_change" / "recording_complete" => RecordingComplete,
        /// A paused cloud recording was resumed.
        RESUME_RECORDING = "meeting_change" / "resume_recording" => ResumeRecording,
        /// The role of a participant changed.
        ROLE_CHANGE = "meeting_change" / "role_change" => RoleChange,
        /// A cloud recording started.
        START_RECORDING = "meeting_change" / "start_recording" => StartRecording,
        /// A cloud recording was stopped, or ended with the meeting.
        STOP_RECORDING = "meeting_change" / "stop_recording" => StopRecording,
        /// The role of a person in a webinar changed.
        WEBINAR_ROLE_CHANGE = "meeting_change" / "webinar_role_change" => WebinarRoleChange,
        /// The upload of a webinar's warm-up media succeeded or failed.
        WEBINAR_WARM_UP_UPLOAD = "meeting_change" / "webinar_warm_up_upload" => WebinarWarmUpUpload,
        /// A member started a meeting, or tried to.
        STATISTICS_START_MEETING = "meeting_statistics" / "start_meeting" => StatisticsStartMeeting,
    }
}

fields! {
    /// An enrolment for a meeting or a webinar was withdrawn.
    ///
    /// Sent to self-built apps. Document 98782.
    #[doc(alias = "cancel_enroll")]
    #[doc(alias = "用户取消报名事件")]
    #[event]
    pub struct CancelEnroll {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
        /// The enrolment's id.
        may enroll_id: String = "EnrollId",
    }

    /// A meeting was cancelled.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97451, 97459, 99082.
    #[doc(alias = "cancel_meeting")]
    #[doc(alias = "取消会议事件")]
    #[event]
    pub struct CancelMeeting {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A participant stopped sharing the screen.
    ///
    /// Sent to self-built apps. Document 98396.
    #[doc(alias = "close_screen_share")]
    #[doc(alias = "共享屏幕结束事件")]
    #[event]
    pub struct CloseScreenShare {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A cloud recording was deleted, manually or through the API.
    ///
    /// Sent to self-built apps. Document 98404.
    #[doc(alias = "delete_recording")]
    #[doc(alias = "删除云录制事件")]
    #[event]
    pub struct DeleteRecording {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A person enrolled for a meeting or a webinar.
    ///
    /// Sent to self-built apps. Document 98781.
    #[doc(alias = "enroll")]
    #[doc(alias = "用户报名事件")]
    #[event]
    pub struct Enroll {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
        /// The enrolment's id.
        may enroll_id: String = "EnrollId",
    }

    /// A participant was admitted from the waiting room.
    ///
    /// Sent to self-built apps. Document 98393. The wire name is "meeting room", but the waiting
    /// room is meant.
    #[doc(alias = "join_from_meeting_room")]
    #[doc(alias = "成员从等候室进入会议事件")]
    #[event]
    pub struct JoinFromMeetingRoom {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The affected person.
        one operated_user: OperatedUser = "OperatedUser",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A participant joined.
    ///
    /// Sent to self-built apps. Document 98348. Sent for each participant, including the host.
    #[doc(alias = "join_meeting")]
    #[doc(alias = "成员入会事件")]
    #[event]
    pub struct JoinMeeting {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A participant joined before the host and waits for them.
    ///
    /// Sent to self-built apps. Document 98353. Only sent for meetings that participants may join
    /// before the host.
    #[doc(alias = "join_meeting_before_host")]
    #[doc(alias = "成员等待主持人入会事件")]
    #[event]
    pub struct JoinMeetingBeforeHost {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A person entered the waiting room.
    ///
    /// Sent to self-built apps. Document 98354.
    #[doc(alias = "join_waiting_room")]
    #[doc(alias = "成员进入等候室事件")]
    #[event]
    pub struct JoinWaitingRoom {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// An upload of materials through the API succeeded or failed.
    ///
    /// Sent to self-built apps. Document 98775.
    #[doc(alias = "medium_upload")]
    #[doc(alias = "素材上传结果")]
    #[event]
    pub struct MediumUpload {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
        /// Whether all uploads succeeded. If not, upload all of them again.
        one all_upload_status: bool = "AllUploadStatus",
        /// The materials.
        many upload_info: UploadInfo = "UploadInfo",
    }

    /// A meeting ended.
    ///
    /// Sent to self-built apps. Document 98337.
    #[doc(alias = "meeting_end")]
    #[doc(alias = "会议结束事件")]
    #[event]
    pub struct MeetingEnd {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// All participants were muted.
    ///
    /// Sent to self-built apps. Document 98341.
    #[doc(alias = "meeting_mute_all")]
    #[doc(alias = "会议全体静音事件")]
    #[event]
    pub struct MeetingMuteAll {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A meeting room answered the call to a meeting, or did not.
    ///
    /// Sent to self-built apps. Document 98783.
    #[doc(alias = "meeting_room_response")]
    #[doc(alias = "会议室应答事件")]
    #[event]
    pub struct MeetingRoomResponse {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
        /// The meeting room's id. Absent if `mra_address` identifies the room.
        may meeting_room_id: String = "MeetingRoomId",
        /// The called address, if the room is not one of WeCom's own meeting rooms.
        one mra_address: MraAddress = "MraAddress",
        /// The result of the call.
        one room_response_status: RoomResponseStatus = "RoomResponseStatus",
    }

    /// A meeting started.
    ///
    /// Sent to self-built apps. Document 98333.
    #[doc(alias = "meeting_start")]
    #[doc(alias = "会议开始事件")]
    #[event]
    pub struct MeetingStart {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// All participants were unmuted.
    ///
    /// Sent to self-built apps. Document 98345. Can be sent several times after one
    /// [`MeetingMuteAll`].
    #[doc(alias = "meeting_unmute_all")]
    #[doc(alias = "会议解除全体静音事件")]
    #[event]
    pub struct MeetingUnmuteAll {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A meeting was updated.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97451, 97459, 99081. The callback does not contain the changes. Read the meeting through the
    /// API.
    #[doc(alias = "modify_meeting")]
    #[doc(alias = "修改会议事件")]
    #[event]
    pub struct ModifyMeeting {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A participant was moved from the meeting to the waiting room.
    ///
    /// Sent to self-built apps. Document 98394.
    #[doc(alias = "move_to_waiting_room")]
    #[doc(alias = "成员从会议中被移入等候室事件")]
    #[event]
    pub struct MoveToWaitingRoom {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The affected person.
        one operated_user: OperatedUser = "OperatedUser",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A participant started sharing the screen.
    ///
    /// Sent to self-built apps. Document 98395.
    #[doc(alias = "open_screen_share")]
    #[doc(alias = "共享屏幕开启事件")]
    #[event]
    pub struct OpenScreenShare {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A cloud recording was paused.
    ///
    /// Sent to self-built apps. Document 98399.
    #[doc(alias = "pause_recording")]
    #[doc(alias = "暂停云录制事件")]
    #[event]
    pub struct PauseRecording {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// The state of a call to a telephone changed. The call is to bring the telephone into the
    /// meeting.
    ///
    /// Sent to self-built apps. Document 98774.
    #[doc(alias = "pstn_status_update")]
    #[doc(alias = "PSTN 外呼状态更新事件")]
    #[event]
    pub struct PstnStatusUpdate {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
        /// The state of the call.
        one pstn_status: PstnStatus = "PstnStatus",
    }

    /// A participant left.
    ///
    /// Sent to self-built apps. Document 98352.
    #[doc(alias = "quit_meeting")]
    #[doc(alias = "成员离会事件")]
    #[event]
    pub struct QuitMeeting {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A person left the waiting room, or was removed from it.
    ///
    /// Sent to self-built apps. Document 98355.
    #[doc(alias = "quit_waiting_room")]
    #[doc(alias = "成员离开等候室事件")]
    #[event]
    pub struct QuitWaitingRoom {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The affected person.
        one operated_user: OperatedUser = "OperatedUser",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A cloud recording is ready. The meeting is over and the files of the recording have been
    /// converted.
    ///
    /// Sent to self-built apps. Document 98402.
    #[doc(alias = "recording_complete")]
    #[doc(alias = "云录制已完成事件")]
    #[event]
    pub struct RecordingComplete {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A paused cloud recording was resumed.
    ///
    /// Sent to self-built apps. Document 98400.
    #[doc(alias = "resume_recording")]
    #[doc(alias = "恢复云录制事件")]
    #[event]
    pub struct ResumeRecording {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// The role of a participant changed.
    ///
    /// Sent to self-built apps. Document 98397.
    #[doc(alias = "role_change")]
    #[doc(alias = "会议成员角色变更事件")]
    #[event]
    pub struct RoleChange {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The affected person.
        one operated_user: OperatedUser = "OperatedUser",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A cloud recording started, manually or automatically.
    ///
    /// Sent to self-built apps. Document 98398.
    #[doc(alias = "start_recording")]
    #[doc(alias = "开始云录制事件")]
    #[event]
    pub struct StartRecording {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// A cloud recording was stopped, or ended with the meeting.
    ///
    /// Sent to self-built apps. Document 98401.
    #[doc(alias = "stop_recording")]
    #[doc(alias = "停止云录制事件")]
    #[event]
    pub struct StopRecording {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// The role of a person in a webinar changed.
    ///
    /// Sent to self-built apps. Document 98771.
    #[doc(alias = "webinar_role_change")]
    #[doc(alias = "网络研讨会成员角色变更事件")]
    #[event]
    pub struct WebinarRoleChange {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The temporary id of the acting person.
        may from_user_tmp_open_id: String = "FromUserTmpOpenId",
        /// The affected person.
        one operated_user: OperatedUser = "OperatedUser",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
    }

    /// The upload of a webinar's warm-up media through the API succeeded or failed. The webinar
    /// shows them before it starts.
    ///
    /// Sent to self-built apps. Document 98773.
    #[doc(alias = "webinar_warm_up_upload")]
    #[doc(alias = "网络研讨会暖场上传结果")]
    #[event]
    pub struct WebinarWarmUpUpload {
        /// The UserID of the acting member, or `sys`.
        may from_user_name: String = "FromUserName",
        /// The meeting's id.
        id meeting_id: String = "MeetingId",
        /// The URL of the picture.
        one warm_up_picture: String = "WarmUpPicture" in "WarmUpInfo",
        /// The URL of the video.
        one warm_up_video: String = "WarmUpVideo" in "WarmUpInfo",
        /// Whether the upload succeeded.
        one upload_status: UploadStatus = "UploadStatus" in "WarmUpInfo",
        /// The reason, if the upload failed.
        one error_msg: String = "ErrorMsg" in "WarmUpInfo",
    }

    /// A member started a meeting, or tried to.
    ///
    /// Sent to self-built apps. Document 99648. Sent when a member starts an instant meeting, or is
    /// the first to join a booked one. If the first person is from outside the corp,
    /// `from_user_name` is the member that booked the meeting. The callback does not name the
    /// meeting.
    #[doc(alias = "start_meeting")]
    #[doc(alias = "会议发起事件")]
    #[event]
    pub struct StatisticsStartMeeting {
        /// The member's UserID.
        may from_user_name: String = "FromUserName",
        /// Whether the meeting started.
        one status: StartMeetingResult = "Status",
    }

    /// The person in a meeting that an event is about.
    #[doc(alias = "被操作者")]
    pub struct OperatedUser {
        /// The UserID. Only members of the corp have one.
        may user_id: String = "UserId",
        /// The temporary id that the person has in the meeting.
        may tmp_open_id: String = "TmpOpenId",
        /// The code of the person's new role. Only sent with [`RoleChange`] and
        /// [`WebinarRoleChange`].
        one user_role: MeetingRole = "UserRole",
    }

    /// An uploaded material.
    #[doc(alias = "素材")]
    pub struct UploadInfo {
        /// The URL of the material.
        one medium_url: String = "MediumUrl",
        /// The type of the material.
        one medium_type: MediumType = "MediumType",
        /// Whether the upload succeeded.
        one upload_status: UploadStatus = "UploadStatus",
        /// The reason, if the upload failed.
        one error_msg: String = "ErrorMsg",
    }

    /// The address of a meeting room's video system, for the meeting room connector (MRA).
    #[doc(alias = "会议室连接器")]
    pub struct MraAddress {
        /// The protocol.
        one protocol: MraProtocol = "Protocol",
        /// The string to dial.
        one dial_string: String = "DialString",
    }
}

number_codes! {
    /// Whether an upload succeeded.
    pub enum UploadStatus {
        /// It failed.
        Failed = 0,
        /// It succeeded.
        Succeeded = 1,
    }
}

number_codes! {
    /// The type of an uploaded material.
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
    /// The result of a call to a meeting room.
    #[doc(alias = "应答结果")]
    pub enum RoomResponseStatus {
        /// No answer.
        NoAnswer = 0,
        /// The room joined.
        Joined = 2,
        /// The room rejected the call.
        Rejected = 3,
        /// The call was cancelled.
        Cancelled = 5,
    }
}

text_codes! {
    /// The state of a call to a telephone.
    #[doc(alias = "PSTN 外呼状态")]
    pub enum PstnStatus {
        /// The telephone is being called.
        StartInvite = "START_INVITE",
        /// It was answered.
        StartAccept = "START_ACCEPT",
        /// It was not answered, or it was rejected.
        LeaveWithoutAccept = "LEAVE_WITHOUT_ACCEPT",
        /// It was answered, and the person hung up.
        LeaveWithAccepted = "LEAVE_WITH_ACCEPTED",
        /// The caller cancelled the call before it was answered. The spelling on the wire is
        /// `CANCLE`.
        CancelInvite = "CANCLE_INVITE" | "CANCEL_INVITE",
    }
}

number_codes! {
    /// Whether a meeting started.
    pub enum StartMeetingResult {
        /// The meeting started.
        Started = 1,
        /// The meeting failed to start.
        Failed = 2,
    }
}

number_codes! {
    /// The role of a person in a meeting or a webinar (documents 98397, 98771).
    #[doc(alias = "用户角色")]
    pub enum MeetingRole {
        /// A participant.
        Member = 0,
        /// The creator.
        Creator = 1,
        /// The host.
        Host = 2,
        /// The creator, also the host.
        CreatorAndHost = 3,
        /// A guest.
        Guest = 4,
        /// A guest, also the host.
        GuestAndHost = 5,
        /// A co-host.
        CoHost = 6,
        /// The creator, also a co-host.
        CreatorAndCoHost = 7,
        /// A host appointed through the API.
        ApiHost = 8,
        /// An internal panellist of a webinar.
        Panellist = 30,
        /// An external panellist of a webinar.
        ExternalPanellist = 31,
        /// A panellist of a webinar, joined by a link.
        PanellistByLink = 32,
        /// A viewer of a webinar.
        Viewer = 33,
        /// A viewer of a webinar with audio and video.
        ViewerWithMedia = 34,
    }
}
