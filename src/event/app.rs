//! The state of an app: activity, administrators, workbench. See [`AppEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// An app itself changed: its activity, its administrators, or its display in the workbench.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 90240, 90376, 96468. A kind with other documents names them.
    /// [`Header::agent_id`](super::Header::agent_id) is the app, and
    /// [`Header::to`](super::Header::to) is its corp. A third-party app gets these callbacks at its
    /// data URL.
    #[doc(alias = "应用管理")]
    pub enum AppEvent {
        /// The app is unused and will be closed.
        INACTIVE_ALERT = "inactive_alert" => InactiveAlert,
        /// The app had low activity. Its activity is normal again.
        ACTIVE_RESTORED = "active_restored" => ActiveRestored,
        /// The app was closed because it was unused.
        CLOSE_INACTIVE_AGENT = "close_inactive_agent" => CloseInactiveAgent,
        /// An administrator reopened an app that had been closed because it was unused.
        REOPEN_INACTIVE_AGENT = "reopen_inactive_agent" => ReopenInactiveAgent,
        /// The app has low activity from now on.
        LOW_ACTIVE = "low_active" => LowActive,
        /// The app has low activity. Its access to customers' data will be restricted.
        LOW_ACTIVE_ALERT = "low_active_alert" => LowActiveAlert,
        /// The administrators of the app in the corp changed.
        CHANGE_APP_ADMIN = "change_app_admin" => ChangeAppAdmin,
        /// An administrator turned the app's custom display in the workbench on or off.
        SWITCH_WORKBENCH_MODE = "switch_workbench_mode" => SwitchWorkbenchMode,
    }
}

fields! {
    /// The app has been unused for a long time and will be closed.
    ///
    /// [`CloseInactiveAgent`] is sent when the app is closed.
    #[doc(alias = "inactive_alert")]
    #[doc(alias = "长期未使用应用停用预警事件")]
    #[event]
    pub struct InactiveAlert {
        /// When the app will be closed. Unix time in seconds.
        one effect_time: u64 = "EffectTime",
    }

    /// The app had low activity ([`LowActive`]). Its activity is normal again.
    #[doc(alias = "active_restored")]
    #[doc(alias = "低活跃应用活跃恢复事件")]
    #[event]
    pub struct ActiveRestored {}

    /// The app was closed because it had been unused for a long time.
    ///
    /// [`ReopenInactiveAgent`] is sent when the app is opened again.
    #[doc(alias = "close_inactive_agent")]
    #[doc(alias = "长期未使用应用临时停用事件")]
    #[event]
    pub struct CloseInactiveAgent {}

    /// An administrator reopened an app that had been closed because it was unused.
    #[doc(alias = "reopen_inactive_agent")]
    #[doc(alias = "长期未使用应用重新启用事件")]
    #[event]
    pub struct ReopenInactiveAgent {
        /// The UserID of the administrator.
        may from_user_name: String = "FromUserName",
    }

    /// The app has low activity from now on.
    ///
    /// [`ActiveRestored`] is sent when its activity is normal again.
    #[doc(alias = "low_active")]
    #[doc(alias = "低活跃应用事件")]
    #[event]
    pub struct LowActive {}

    /// The app has had low activity for a long time. Its access to customers' data will be
    /// restricted.
    #[doc(alias = "low_active_alert")]
    #[doc(alias = "应用低活跃预警事件")]
    #[event]
    pub struct LowActiveAlert {
        /// When the access will be restricted. Unix time in seconds.
        one effect_time: u64 = "EffectTime",
    }

    /// The administrators of the app in the corp changed.
    ///
    /// Sent to third-party apps. Document 95038. The callback does not contain the administrators:
    /// read them through the API.
    #[doc(alias = "change_app_admin")]
    #[doc(alias = "应用管理员变更通知")]
    #[event]
    pub struct ChangeAppAdmin {}

    /// An administrator turned the app's custom display in the workbench on or off.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 92535, 94620, 96454.
    #[doc(alias = "switch_workbench_mode")]
    #[doc(alias = "修改设置工作台自定义开关事件推送")]
    #[event]
    pub struct SwitchWorkbenchMode {
        /// Whether the custom display is on now.
        one mode: WorkbenchMode = "Mode",
    }
}

number_codes! {
    /// How the workbench displays an app.
    #[doc(alias = "工作台自定义模式")]
    pub enum WorkbenchMode {
        /// As a plain entry among others.
        Off = 0,
        /// With a custom display, which the app fills through the API.
        Custom = 1,
    }
}
