//! The menu of an app. See [`MenuEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A member used the menu of an app.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 90240, 90376, 96468. Nothing is sent for an item that only opens a submenu. The event does
    /// not contain pictures, but their MD5 sums. The pictures arrive as separate messages
    /// ([`Image`](super::Image)).
    #[doc(alias = "菜单事件")]
    pub enum MenuEvent {
        /// A member tapped a menu item that sends an event.
        CLICK = "click" => Click,
        /// A member tapped a menu item that opens a page.
        VIEW = "view" => View,
        /// A member tapped a menu item that opens a mini program.
        VIEW_MINIPROGRAM = "view_miniprogram" => ViewMiniprogram,
        /// A member scanned a code through the menu and saw its content.
        SCANCODE_PUSH = "scancode_push" => ScancodePush,
        /// A member scanned a code through the menu and waits for a message.
        SCANCODE_WAITMSG = "scancode_waitmsg" => ScancodeWaitmsg,
        /// A member took photos through the menu.
        PIC_SYSPHOTO = "pic_sysphoto" => PicSysphoto,
        /// A member took or chose photos through the menu.
        PIC_PHOTO_OR_ALBUM = "pic_photo_or_album" => PicPhotoOrAlbum,
        /// A member chose pictures from the album through the menu.
        PIC_WEIXIN = "pic_weixin" => PicWeixin,
        /// A member chose a place through the menu.
        LOCATION_SELECT = "location_select" => LocationSelect,
    }
}

fields! {
    /// A member tapped a menu item that sends an event.
    #[doc(alias = "click")]
    #[doc(alias = "点击菜单拉取消息的事件推送")]
    #[event]
    pub struct Click {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
    }

    /// A member tapped a menu item that opens a page.
    #[doc(alias = "view")]
    #[doc(alias = "点击菜单跳转链接的事件推送")]
    #[event]
    pub struct View {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The URL of the page.
        one event_key: String = "EventKey",
    }

    /// A member tapped a menu item that opens a mini program.
    #[doc(alias = "view_miniprogram")]
    #[doc(alias = "点击菜单跳转小程序的事件推送")]
    #[event]
    pub struct ViewMiniprogram {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The path of the page in the mini program.
        one event_key: String = "EventKey",
    }

    /// A member scanned a code through the menu. WeCom showed its content, or opened it if it is a
    /// URL.
    #[doc(alias = "scancode_push")]
    #[doc(alias = "扫码推事件的事件推送")]
    #[event]
    pub struct ScancodePush {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// The type of the code, usually `qrcode`.
        one scan_type: String = "ScanType" in "ScanCodeInfo",
        /// The content of the code.
        one scan_result: String = "ScanResult" in "ScanCodeInfo",
    }

    /// A member scanned a code through the menu. WeCom asked them to wait for a message of the app.
    #[doc(alias = "scancode_waitmsg")]
    #[doc(alias = "扫码推事件且弹出“消息接收中”提示框的事件推送")]
    #[event]
    pub struct ScancodeWaitmsg {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// The type of the code, usually `qrcode`.
        one scan_type: String = "ScanType" in "ScanCodeInfo",
        /// The content of the code.
        one scan_result: String = "ScanResult" in "ScanCodeInfo",
    }

    /// A member took photos through the menu.
    #[doc(alias = "pic_sysphoto")]
    #[doc(alias = "弹出系统拍照发图的事件推送")]
    #[event]
    pub struct PicSysphoto {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// The number of pictures.
        one count: u64 = "Count" in "SendPicsInfo",
        /// The pictures.
        list pic_list: SentPicture = "PicList" of "item" in "SendPicsInfo",
    }

    /// A member took photos through the menu, or chose them from the album of the phone.
    #[doc(alias = "pic_photo_or_album")]
    #[doc(alias = "弹出拍照或者相册发图的事件推送")]
    #[event]
    pub struct PicPhotoOrAlbum {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// The number of pictures.
        one count: u64 = "Count" in "SendPicsInfo",
        /// The pictures.
        list pic_list: SentPicture = "PicList" of "item" in "SendPicsInfo",
    }

    /// A member chose pictures from the album through the menu.
    #[doc(alias = "pic_weixin")]
    #[doc(alias = "弹出微信相册发图器的事件推送")]
    #[event]
    pub struct PicWeixin {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// The number of pictures.
        one count: u64 = "Count" in "SendPicsInfo",
        /// The pictures.
        list pic_list: SentPicture = "PicList" of "item" in "SendPicsInfo",
    }

    /// A member chose a place through the menu.
    #[doc(alias = "location_select")]
    #[doc(alias = "弹出地理位置选择器的事件推送")]
    #[event]
    pub struct LocationSelect {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// The latitude in degrees.
        one location_x: f64 = "Location_X" in "SendLocationInfo",
        /// The longitude in degrees.
        one location_y: f64 = "Location_Y" in "SendLocationInfo",
        /// The zoom of the map. A larger value shows more detail.
        one scale: u64 = "Scale" in "SendLocationInfo",
        /// The address of the place.
        one label: String = "Label" in "SendLocationInfo",
        /// The name of the place. Often empty.
        one poi_name: String = "Poiname" in "SendLocationInfo",
        /// The client. Always `wxwork` from WeCom, not sent from WeChat.
        one app_type: String = "AppType",
    }

    /// A picture that was taken or chosen through the menu.
    pub struct SentPicture {
        /// Its MD5 sum in hexadecimal digits.
        one pic_md5_sum: String = "PicMd5Sum",
    }
}
