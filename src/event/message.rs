//! Messages that members send to an app. See [`Message`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A member sent a message to an app.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 90239, 90375, 96467. No document lists messages of other kinds, such as files.
    /// [`Header::message_id`](super::Header::message_id) is the id of the message. It identifies a
    /// repeated one. For three days, the API returns the content behind a `media_id`.
    #[doc(alias = "普通消息")]
    #[doc(alias = "消息格式")]
    pub enum Message {
        /// A text.
        MESSAGE_TEXT = "message" / "text" => Text,
        /// A picture.
        MESSAGE_IMAGE = "message" / "image" => Image,
        /// A voice message.
        MESSAGE_VOICE = "message" / "voice" => Voice,
        /// A video.
        MESSAGE_VIDEO = "message" / "video" => Video,
        /// A place.
        MESSAGE_LOCATION = "message" / "location" => Location,
        /// A link.
        MESSAGE_LINK = "message" / "link" => Link,
    }
}

fields! {
    /// A member sent a text.
    #[doc(alias = "text")]
    #[doc(alias = "文本消息")]
    #[event]
    pub struct Text {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The text.
        one content: String = "Content",
    }

    /// A member sent a picture.
    #[doc(alias = "image")]
    #[doc(alias = "图片消息")]
    #[event]
    pub struct Image {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The URL of the picture.
        one pic_url: String = "PicUrl",
        /// The media id of the picture. Valid for three days.
        may media_id: String = "MediaId",
    }

    /// A member sent a voice message.
    #[doc(alias = "voice")]
    #[doc(alias = "语音消息")]
    #[event]
    pub struct Voice {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The media id of the recording. Valid for three days.
        may media_id: String = "MediaId",
        /// The format of the recording, such as `amr` or `speex`.
        one format: String = "Format",
    }

    /// A member sent a video.
    #[doc(alias = "video")]
    #[doc(alias = "视频消息")]
    #[event]
    pub struct Video {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The media id of the video. Valid for three days.
        may media_id: String = "MediaId",
        /// The media id of the preview picture. Valid for three days.
        may thumb_media_id: String = "ThumbMediaId",
    }

    /// A member sent a place.
    ///
    /// A place that a member chooses through the menu of the app is a
    /// [`LocationSelect`](super::LocationSelect). The location of a member at the opening of the
    /// app is a [`ReportLocation`](super::ReportLocation).
    #[doc(alias = "location")]
    #[doc(alias = "位置消息")]
    #[event]
    pub struct Location {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The latitude in degrees.
        one location_x: f64 = "Location_X",
        /// The longitude in degrees.
        one location_y: f64 = "Location_Y",
        /// The zoom of the map.
        one scale: u64 = "Scale",
        /// The address of the place.
        one label: String = "Label",
        /// The client. Always `wxwork` from WeCom, not sent from WeChat.
        one app_type: String = "AppType",
    }

    /// A member sent a link.
    #[doc(alias = "link")]
    #[doc(alias = "链接消息")]
    #[event]
    pub struct Link {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
        /// The title.
        one title: String = "Title",
        /// The description.
        one description: String = "Description",
        /// The URL.
        one url: String = "Url",
        /// The URL of the cover picture.
        one pic_url: String = "PicUrl",
    }
}
