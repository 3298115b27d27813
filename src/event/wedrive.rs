//! WeDrive: spaces and files. See [`WeDriveEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A space or a file of WeDrive changed, or little capacity is left.
    ///
    /// A callback contains only ids, and it can contain several. Read the objects through the API.
    /// Only spaces that the app itself created and files that it uploaded are reported.
    #[doc(alias = "微盘回调通知")]
    pub enum WeDriveEvent {
        /// Files were created.
        CREATE_FILE = "wedrive_file_change" / "create_file" => CreateFile,
        /// The contents of files changed.
        UPDATE_FILE = "wedrive_file_change" / "update_file" => UpdateFile,
        /// Files were renamed.
        RENAME_FILE = "wedrive_file_change" / "rename_file" => RenameFile,
        /// Files were moved.
        MOVE_FILE = "wedrive_file_change" / "move_file" => MoveFile,
        /// Files were deleted.
        DELETE_FILE = "wedrive_file_change" / "delete_file" => DeleteFile,
        /// Spaces were dismissed.
        DISMISS_SPACE = "wedrive_space_change" / "dismiss_space" => DismissSpace,
        /// The members of spaces changed.
        SPACE_MEMBER_CHANGE = "wedrive_space_change" / "space_member_change" => SpaceMemberChange,
        /// The security settings of spaces changed.
        SPACE_SECURITY_SETTINGS_CHANGE = "wedrive_space_change" / "space_security_settings_change" => SpaceSecuritySettingsChange,
        /// The corp's WeDrive is almost full.
        WEDRIVE_INSUFFICIENT_CAPACITY = "wedrive_insufficient_capacity" => WeDriveInsufficientCapacity,
    }
}

fields! {
    /// Files were created.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97900, 97934, 97975.
    #[doc(alias = "create_file")]
    #[doc(alias = "文件变更事件")]
    #[doc(alias = "创建文件")]
    #[event]
    pub struct CreateFile {
        /// The ids of the files.
        many file_ids: String = "FileId",
    }

    /// The contents of files changed.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97900, 97934, 97975.
    #[doc(alias = "update_file")]
    #[doc(alias = "文件变更事件")]
    #[doc(alias = "更新文件内容")]
    #[event]
    pub struct UpdateFile {
        /// The ids of the files.
        many file_ids: String = "FileId",
    }

    /// Files were renamed.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97900, 97934, 97975.
    #[doc(alias = "rename_file")]
    #[doc(alias = "文件变更事件")]
    #[doc(alias = "重命名文件")]
    #[event]
    pub struct RenameFile {
        /// The ids of the files.
        many file_ids: String = "FileId",
    }

    /// Files were moved.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97900, 97934, 97975.
    #[doc(alias = "move_file")]
    #[doc(alias = "文件变更事件")]
    #[doc(alias = "移动文件")]
    #[event]
    pub struct MoveFile {
        /// The ids of the files.
        many file_ids: String = "FileId",
    }

    /// Files were deleted.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97900, 97934, 97975.
    #[doc(alias = "delete_file")]
    #[doc(alias = "文件变更事件")]
    #[doc(alias = "删除文件")]
    #[event]
    pub struct DeleteFile {
        /// The ids of the files.
        many file_ids: String = "FileId",
    }

    /// Spaces were dismissed.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97899, 97901, 97933, 97935, 97973, 97976.
    #[doc(alias = "dismiss_space")]
    #[doc(alias = "解散空间")]
    #[event]
    pub struct DismissSpace {
        /// The ids of the spaces.
        many space_ids: String = "SpaceId",
    }

    /// The members of spaces changed.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97902, 97936, 97977.
    #[doc(alias = "space_member_change")]
    #[doc(alias = "修改空间成员")]
    #[event]
    pub struct SpaceMemberChange {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The ids of the spaces.
        many space_ids: String = "SpaceId",
    }

    /// The security settings of spaces changed.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97903, 97937, 97978.
    #[doc(alias = "space_security_settings_change")]
    #[doc(alias = "修改空间安全设置")]
    #[event]
    pub struct SpaceSecuritySettingsChange {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The ids of the spaces.
        many space_ids: String = "SpaceId",
    }

    /// More than 90 per cent of the corp's WeDrive capacity is used.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97898, 97932, 97972. WeCom checks once a day, so it is sent at most once a day.
    #[doc(alias = "wedrive_insufficient_capacity")]
    #[doc(alias = "微盘容量不足事件")]
    #[event]
    pub struct WeDriveInsufficientCapacity {}
}
