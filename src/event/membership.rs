//! Members and an app: access, opening, location. See [`MembershipEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A member got or lost access to an app, opened it, or sent it their location.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 90240, 90376, 96468. An app that is shared with other corps also gets [`Subscribe`] and
    /// [`Unsubscribe`] for members of those corps (documents 93360, 93644, 96815).
    /// [`Header::to`](super::Header::to) is then the member's corp, and the UserID belongs to that
    /// corp.
    #[doc(alias = "成员关注及取消关注事件")]
    pub enum MembershipEvent {
        /// A member can see the app from now on.
        SUBSCRIBE = "subscribe" => Subscribe,
        /// A member can no longer see the app.
        UNSUBSCRIBE = "unsubscribe" => Unsubscribe,
        /// A member opened the app.
        ENTER_AGENT = "enter_agent" => EnterAgent,
        /// A member's location was reported to the app.
        REPORT_LOCATION = "LOCATION" => ReportLocation,
    }
}

fields! {
    /// A member can see the app from now on.
    ///
    /// Sent when an administrator makes the app visible to a member, when a member to whom it is
    /// visible joins the corp, and when such a member is enabled again. Mini programs that receive
    /// messages get it too.
    #[doc(alias = "subscribe")]
    #[doc(alias = "成员关注及取消关注事件")]
    #[event]
    pub struct Subscribe {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// Always empty, if it is sent at all.
        one event_key: String = "EventKey",
    }

    /// A member can no longer see the app.
    ///
    /// Sent when an administrator hides the app from a member, and when a member to whom it is
    /// visible leaves the corp or is disabled. Mini programs that receive messages get it too.
    #[doc(alias = "unsubscribe")]
    #[doc(alias = "成员关注及取消关注事件")]
    #[event]
    pub struct Unsubscribe {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// Always empty, if it is sent at all.
        one event_key: String = "EventKey",
    }

    /// A member opened the app.
    #[doc(alias = "enter_agent")]
    #[doc(alias = "进入应用")]
    #[event]
    pub struct EnterAgent {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// Always empty.
        one event_key: String = "EventKey",
    }

    /// A member's location was reported to the app.
    ///
    /// Sent each time a member opens the app's chat, if the member has agreed to it and the corp
    /// has not switched it off.
    #[doc(alias = "LOCATION")]
    #[doc(alias = "上报地理位置")]
    #[event]
    pub struct ReportLocation {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The latitude in degrees.
        one latitude: f64 = "Latitude",
        /// The longitude in degrees.
        one longitude: f64 = "Longitude",
        /// The precision in metres.
        one precision: f64 = "Precision",
        /// The client. Always `wxwork` from WeCom, not sent from WeChat.
        one app_type: String = "AppType",
    }
}
