//! Meeting rooms. See [`MeetingRoomEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A meeting room was booked, or a booking was cancelled.
    ///
    /// The callback does not contain times and participants. Read the booking by its id through the
    /// API.
    #[doc(alias = "会议室回调事件")]
    pub enum MeetingRoomEvent {
        /// A meeting room was booked.
        BOOK_MEETING_ROOM = "book_meeting_room" => BookMeetingRoom,
        /// The booking of a meeting room was cancelled.
        CANCEL_MEETING_ROOM = "cancel_meeting_room" => CancelMeetingRoom,
    }
}

fields! {
    /// A member booked a meeting room.
    ///
    /// Sent to self-built apps. Document 95333.
    #[doc(alias = "book_meeting_room")]
    #[doc(alias = "会议室预定事件")]
    #[event]
    pub struct BookMeetingRoom {
        /// The member's UserID.
        may from_user_name: String = "FromUserName",
        /// The meeting room's id.
        one meeting_room_id: u64 = "MeetingRoomId",
        /// The booking's id. Older documents name it `MeetingId`.
        id booking_id: String = "BookingId" | "MeetingId",
    }

    /// A member cancelled the booking of a meeting room.
    ///
    /// Sent to self-built apps. Document 95333.
    #[doc(alias = "cancel_meeting_room")]
    #[doc(alias = "会议室取消事件")]
    #[event]
    pub struct CancelMeetingRoom {
        /// The member's UserID.
        may from_user_name: String = "FromUserName",
        /// The booking's id. Older documents name it `MeetingId`.
        id booking_id: String = "BookingId" | "MeetingId",
        /// The meeting room's id.
        one meeting_room_id: u64 = "MeetingRoomId",
    }
}
