//! The life of an app: activity, administrators, workbench. See [`AppEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// Something about an app itself has changed: how much it is used, who administers it, how the workbench shows it.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 90240, 90376, 96468. A kind
    /// that has other documents names them. The app concerned is [`Header::agent_id`](super::Header::agent_id), its
    /// corp [`Header::to`](super::Header::to); a third-party app gets all of this at its data URL.
    #[doc(alias = "应用管理")]
    pub enum AppEvent {
        /// Nobody uses the app, and it will be closed.
        INACTIVE_ALERT = "inactive_alert" => InactiveAlert,
        /// The app was hardly used, and now it is again.
        ACTIVE_RESTORED = "active_restored" => ActiveRestored,
        /// The app was closed because nobody used it.
        CLOSE_INACTIVE_AGENT = "close_inactive_agent" => CloseInactiveAgent,
        /// An administrator has opened an app again that was closed because nobody used it.
        REOPEN_INACTIVE_AGENT = "reopen_inactive_agent" => ReopenInactiveAgent,
        /// The app counts as hardly used now.
        LOW_ACTIVE = "low_active" => LowActive,
        /// The app is hardly used, and its access to customers' data will be restricted.
        LOW_ACTIVE_ALERT = "low_active_alert" => LowActiveAlert,
        /// Who administers the app in the corp has changed.
        CHANGE_APP_ADMIN = "change_app_admin" => ChangeAppAdmin,
        /// An administrator has turned the app's own display in the workbench on or off.
        SWITCH_WORKBENCH_MODE = "switch_workbench_mode" => SwitchWorkbenchMode,
    }
}

fields! {
    /// Nobody has used the app for a long time, and it will be closed.
    ///
    /// [`CloseInactiveAgent`] tells when it is.
    #[doc(alias = "inactive_alert")]
    #[doc(alias = "长期未使用应用停用预警事件")]
    #[event]
    pub struct InactiveAlert {
        /// When it will be closed, in seconds since 1970.
        one effect_time: u64 = "EffectTime",
    }

    /// The app was hardly used ([`LowActive`]), and now it is used enough again.
    #[doc(alias = "active_restored")]
    #[doc(alias = "低活跃应用活跃恢复事件")]
    #[event]
    pub struct ActiveRestored {}

    /// The app was closed because nobody had used it for a long time.
    ///
    /// [`ReopenInactiveAgent`] tells when it is open again.
    #[doc(alias = "close_inactive_agent")]
    #[doc(alias = "长期未使用应用临时停用事件")]
    #[event]
    pub struct CloseInactiveAgent {}

    /// An administrator has opened an app again that was closed because nobody had used it.
    #[doc(alias = "reopen_inactive_agent")]
    #[doc(alias = "长期未使用应用重新启用事件")]
    #[event]
    pub struct ReopenInactiveAgent {
        /// The UserID of the member who did it.
        may from_user_name: String = "FromUserName",
    }

    /// The app counts as hardly used now.
    ///
    /// [`ActiveRestored`] tells when it does no more.
    #[doc(alias = "low_active")]
    #[doc(alias = "低活跃应用事件")]
    #[event]
    pub struct LowActive {}

    /// The app has hardly been used for a long time, and its access to customers' data will be restricted.
    #[doc(alias = "low_active_alert")]
    #[doc(alias = "应用低活跃预警事件")]
    #[event]
    pub struct LowActiveAlert {
        /// When it will be restricted, in seconds since 1970.
        one effect_time: u64 = "EffectTime",
    }

    /// Who administers the app in the corp has changed.
    ///
    /// For third-party apps: document 95038. The administrators must be read through the API.
    #[doc(alias = "change_app_admin")]
    #[doc(alias = "应用管理员变更通知")]
    #[event]
    pub struct ChangeAppAdmin {}

    /// An administrator has turned the app's own display in the workbench on or off.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 92535, 94620, 96454.
    #[doc(alias = "switch_workbench_mode")]
    #[doc(alias = "修改设置工作台自定义开关事件推送")]
    #[event]
    pub struct SwitchWorkbenchMode {
        /// Whether it is on now.
        one mode: WorkbenchMode = "Mode",
    }
}

number_codes! {
    /// How an app is shown in the workbench.
    #[doc(alias = "工作台自定义模式")]
    pub enum WorkbenchMode {
        /// As a plain entry among others.
        Off = 0,
        /// With a display of its own, which the app fills through the API.
        Custom = 1,
    }
}
