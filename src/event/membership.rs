//! Members and an app: who may use it, who opens it, where they are. See [`MembershipEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A member has come to an app or left it, has opened it, or has let it know where they are.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 90240, 90376, 96468. An app that
    /// is shared with other corps gets [`Subscribe`] and [`Unsubscribe`] for their members too (documents 93360, 93644,
    /// 96815): [`Header::to`](super::Header::to) is then the member's corp, and the UserID is one of that corp.
    #[doc(alias = "成员关注及取消关注事件")]
    pub enum MembershipEvent {
        /// A member can see the app from now on.
        SUBSCRIBE = "subscribe" => Subscribe,
        /// A member can no longer see the app.
        UNSUBSCRIBE = "unsubscribe" => Unsubscribe,
        /// A member has opened the app.
        ENTER_AGENT = "enter_agent" => EnterAgent,
        /// The app was told where a member is.
        REPORT_LOCATION = "LOCATION" => ReportLocation,
    }
}

fields! {
    /// A member can see the app from now on.
    ///
    /// Sent when an administrator adds a member to those who may see the app, when one of those joins the corp, and
    /// when one who was disabled is enabled again. Mini programs get it too, if they receive messages.
    #[doc(alias = "subscribe")]
    #[doc(alias = "成员关注及取消关注事件")]
    #[event]
    pub struct Subscribe {
        /// The UserID of the member who can see it.
        id from_user_name: String = "FromUserName",
        /// Always empty, if it is sent at all.
        one event_key: String = "EventKey",
    }

    /// A member can no longer see the app.
    ///
    /// Sent when an administrator takes a member from those who may see the app, and when one of those leaves the corp
    /// or is disabled. Mini programs get it too, if they receive messages.
    #[doc(alias = "unsubscribe")]
    #[doc(alias = "成员关注及取消关注事件")]
    #[event]
    pub struct Unsubscribe {
        /// The UserID of the member who can see it no more.
        id from_user_name: String = "FromUserName",
        /// Always empty, if it is sent at all.
        one event_key: String = "EventKey",
    }

    /// A member has opened the app.
    #[doc(alias = "enter_agent")]
    #[doc(alias = "进入应用")]
    #[event]
    pub struct EnterAgent {
        /// The UserID of the member who opened it.
        id from_user_name: String = "FromUserName",
        /// Always empty.
        one event_key: String = "EventKey",
    }

    /// The app was told where a member is.
    ///
    /// Sent each time a member who has agreed to it opens the chat of the app, unless the corp has switched it off.
    #[doc(alias = "LOCATION")]
    #[doc(alias = "上报地理位置")]
    #[event]
    pub struct ReportLocation {
        /// The UserID of the member who is there.
        id from_user_name: String = "FromUserName",
        /// The latitude in degrees.
        one latitude: f64 = "Latitude",
        /// The longitude in degrees.
        one longitude: f64 = "Longitude",
        /// How precise it is, in metres.
        one precision: f64 = "Precision",
        /// The client: always `wxwork` from WeCom; not sent from WeChat.
        one app_type: String = "AppType",
    }
}
