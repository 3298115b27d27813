//! Messages that members send to an app. See [`Message`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A member has sent a message to an app.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 90239, 90375, 96467. No document
    /// has messages of other kinds, such as files. The id of the message, by which a repeated one is known, is
    /// [`Header::message_id`](super::Header::message_id). What a `media_id` stands for can be fetched through the API
    /// for three days.
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
    /// A member has sent a text.
    #[doc(alias = "text")]
    #[doc(alias = "文本消息")]
    #[event]
    pub struct Text {
        /// The UserID of the member who sent it.
        id from_user_name: String = "FromUserName",
        /// The text.
        one content: String = "Content",
    }

    /// A member has sent a picture.
    #[doc(alias = "image")]
    #[doc(alias = "图片消息")]
    #[event]
    pub struct Image {
        /// The UserID of the member who sent it.
        id from_user_name: String = "FromUserName",
        /// The URL of the picture.
        one pic_url: String = "PicUrl",
        /// The id of the picture, valid for three days.
        may media_id: String = "MediaId",
    }

    /// A member has sent a voice message.
    #[doc(alias = "voice")]
    #[doc(alias = "语音消息")]
    #[event]
    pub struct Voice {
        /// The UserID of the member who sent it.
        id from_user_name: String = "FromUserName",
        /// The id of the recording, valid for three days.
        may media_id: String = "MediaId",
        /// The format of the recording, such as `amr` or `speex`.
        one format: String = "Format",
    }

    /// A member has sent a video.
    #[doc(alias = "video")]
    #[doc(alias = "视频消息")]
    #[event]
    pub struct Video {
        /// The UserID of the member who sent it.
        id from_user_name: String = "FromUserName",
        /// The id of the video, valid for three days.
        may media_id: String = "MediaId",
        /// The id of the picture that is shown before it plays, valid for three days.
        may thumb_media_id: String = "ThumbMediaId",
    }

    /// A member has sent a place.
    ///
    /// What a member chooses through the menu of the app is a [`LocationSelect`](super::LocationSelect), and where a
    /// member is when opening the app is a [`ReportLocation`](super::ReportLocation).
    #[doc(alias = "location")]
    #[doc(alias = "位置消息")]
    #[event]
    pub struct Location {
        /// The UserID of the member who sent it.
        id from_user_name: String = "FromUserName",
        /// The latitude in degrees.
        one location_x: f64 = "Location_X",
        /// The longitude in degrees.
        one location_y: f64 = "Location_Y",
        /// The zoom of the map.
        one scale: u64 = "Scale",
        /// The place in words.
        one label: String = "Label",
        /// The client: always `wxwork` from WeCom; not sent from WeChat.
        one app_type: String = "AppType",
    }

    /// A member has sent a link.
    #[doc(alias = "link")]
    #[doc(alias = "链接消息")]
    #[event]
    pub struct Link {
        /// The UserID of the member who sent it.
        id from_user_name: String = "FromUserName",
        /// The title.
        one title: String = "Title",
        /// The description.
        one description: String = "Description",
        /// Where it leads.
        one url: String = "Url",
        /// The URL of the picture on its cover.
        one pic_url: String = "PicUrl",
    }
}
