//! Live streams. See [`LivingEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// A live stream changed.
    #[doc(alias = "直播回调事件")]
    pub enum LivingEvent {
        /// A live stream was booked, started, ended, or was cancelled.
        LIVING_STATUS_CHANGE = "living_status_change" => LivingStatusChange,
    }
}

fields! {
    /// A live stream was booked, started, ended, or was cancelled.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 94145, 94308, 96842. Only streams that were created through the API are reported, to the app
    /// that created them.
    #[doc(alias = "living_status_change")]
    #[doc(alias = "直播回调事件")]
    #[event]
    pub struct LivingStatusChange {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The id of the stream.
        id living_id: String = "LivingId",
        /// The current state of the stream.
        one status: LivingStatus = "Status",
    }
}

number_codes! {
    /// The state of a live stream.
    #[doc(alias = "直播状态")]
    pub enum LivingStatus {
        /// It is booked.
        Booked = 0,
        /// It has started.
        Live = 1,
        /// It has ended.
        Ended = 2,
        /// It has expired. Document 94308 lists this state. According to document 94145, it is not
        /// sent at present.
        Expired = 3,
        /// It was cancelled.
        Cancelled = 4,
    }
}
