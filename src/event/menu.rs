//! The menu of an app. See [`MenuEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A member has used the menu of an app.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 90240, 90376, 96468. Nothing is
    /// sent when an item only opens a submenu. Pictures do not stand in the event: they come as messages of their own
    /// ([`Image`](super::Image)), and the event has their MD5 sums.
    #[doc(alias = "菜单事件")]
    pub enum MenuEvent {
        /// A menu item that sends an event was tapped.
        CLICK = "click" => Click,
        /// A menu item that opens a page was tapped.
        VIEW = "view" => View,
        /// A menu item that opens a mini program was tapped.
        VIEW_MINIPROGRAM = "view_miniprogram" => ViewMiniprogram,
        /// A code was scanned through the menu, and the member was shown what it says.
        SCANCODE_PUSH = "scancode_push" => ScancodePush,
        /// A code was scanned through the menu, and the member waits for a message.
        SCANCODE_WAITMSG = "scancode_waitmsg" => ScancodeWaitmsg,
        /// Photos were taken through the menu.
        PIC_SYSPHOTO = "pic_sysphoto" => PicSysphoto,
        /// Photos were taken or chosen through the menu.
        PIC_PHOTO_OR_ALBUM = "pic_photo_or_album" => PicPhotoOrAlbum,
        /// Pictures were chosen from the album through the menu.
        PIC_WEIXIN = "pic_weixin" => PicWeixin,
        /// A place was chosen through the menu.
        LOCATION_SELECT = "location_select" => LocationSelect,
    }
}

fields! {
    /// A menu item that sends an event was tapped.
    #[doc(alias = "click")]
    #[doc(alias = "点击菜单拉取消息的事件推送")]
    #[event]
    pub struct Click {
        /// The UserID of the member who tapped it.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
    }

    /// A menu item that opens a page was tapped.
    #[doc(alias = "view")]
    #[doc(alias = "点击菜单跳转链接的事件推送")]
    #[event]
    pub struct View {
        /// The UserID of the member who tapped it.
        id from_user_name: String = "FromUserName",
        /// The URL of the page.
        one event_key: String = "EventKey",
    }

    /// A menu item that opens a mini program was tapped.
    #[doc(alias = "view_miniprogram")]
    #[doc(alias = "点击菜单跳转小程序的事件推送")]
    #[event]
    pub struct ViewMiniprogram {
        /// The UserID of the member who tapped it.
        id from_user_name: String = "FromUserName",
        /// The path of the page in the mini program.
        one event_key: String = "EventKey",
    }

    /// A code was scanned through the menu, and the member was shown what it says, or taken there if it is a URL.
    #[doc(alias = "scancode_push")]
    #[doc(alias = "扫码推事件的事件推送")]
    #[event]
    pub struct ScancodePush {
        /// The UserID of the member who scanned it.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// What kind of code it is, as a rule `qrcode`.
        one scan_type: String = "ScanType" in "ScanCodeInfo",
        /// What the code says.
        one scan_result: String = "ScanResult" in "ScanCodeInfo",
    }

    /// A code was scanned through the menu, and the member was told to wait for a message of the app.
    #[doc(alias = "scancode_waitmsg")]
    #[doc(alias = "扫码推事件且弹出“消息接收中”提示框的事件推送")]
    #[event]
    pub struct ScancodeWaitmsg {
        /// The UserID of the member who scanned it.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// What kind of code it is, as a rule `qrcode`.
        one scan_type: String = "ScanType" in "ScanCodeInfo",
        /// What the code says.
        one scan_result: String = "ScanResult" in "ScanCodeInfo",
    }

    /// Photos were taken through the menu.
    #[doc(alias = "pic_sysphoto")]
    #[doc(alias = "弹出系统拍照发图的事件推送")]
    #[event]
    pub struct PicSysphoto {
        /// The UserID of the member who took them.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// How many pictures there are.
        one count: u64 = "Count" in "SendPicsInfo",
        /// The pictures.
        list pic_list: SentPicture = "PicList" of "item" in "SendPicsInfo",
    }

    /// Photos were taken, or chosen from the album of the phone, through the menu.
    #[doc(alias = "pic_photo_or_album")]
    #[doc(alias = "弹出拍照或者相册发图的事件推送")]
    #[event]
    pub struct PicPhotoOrAlbum {
        /// The UserID of the member who took or chose them.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// How many pictures there are.
        one count: u64 = "Count" in "SendPicsInfo",
        /// The pictures.
        list pic_list: SentPicture = "PicList" of "item" in "SendPicsInfo",
    }

    /// Pictures were chosen from the album through the menu.
    #[doc(alias = "pic_weixin")]
    #[doc(alias = "弹出微信相册发图器的事件推送")]
    #[event]
    pub struct PicWeixin {
        /// The UserID of the member who chose them.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// How many pictures there are.
        one count: u64 = "Count" in "SendPicsInfo",
        /// The pictures.
        list pic_list: SentPicture = "PicList" of "item" in "SendPicsInfo",
    }

    /// A place was chosen through the menu.
    #[doc(alias = "location_select")]
    #[doc(alias = "弹出地理位置选择器的事件推送")]
    #[event]
    pub struct LocationSelect {
        /// The UserID of the member who chose it.
        id from_user_name: String = "FromUserName",
        /// The key that the app gave to the item.
        one event_key: String = "EventKey",
        /// The latitude in degrees.
        one location_x: f64 = "Location_X" in "SendLocationInfo",
        /// The longitude in degrees.
        one location_y: f64 = "Location_Y" in "SendLocationInfo",
        /// The zoom of the map: the larger, the finer.
        one scale: u64 = "Scale" in "SendLocationInfo",
        /// The address in words.
        one label: String = "Label" in "SendLocationInfo",
        /// The name of the place, often empty.
        one poi_name: String = "Poiname" in "SendLocationInfo",
        /// The client: always `wxwork` from WeCom; not sent from WeChat.
        one app_type: String = "AppType",
    }

    /// A picture that was taken or chosen through the menu.
    pub struct SentPicture {
        /// Its MD5 sum in hexadecimal digits.
        one pic_md5_sum: String = "PicMd5Sum",
    }
}
