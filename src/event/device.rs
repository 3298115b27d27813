//! Devices: their data, and notices to their vendor. See [`DeviceEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// A device reported data to an app that is allowed to have them, or its vendor gets a notice
    /// about it.
    ///
    /// The three reports (documents 97214, 97215, 97216) are sent to the data URL of a suite. They
    /// cover the devices whose data the corp shares with the app, and the people visible to the
    /// app. They have a `TimeStamp` in place of a `CreateTime`.
    /// [`Header::create_time`](super::Header::create_time) contains it as well. WeCom expects an
    /// answer to these and to [`DeviceDataAuthChange`] within 1,000 ms.
    ///
    /// The other kinds are notices to the provider that makes the devices. Their document, 90751,
    /// is no longer published. The fields are taken from a library.
    /// [`SuiteOrigin::service_corp_id`](super::SuiteOrigin::service_corp_id) is the provider, and
    /// [`SuiteOrigin::auth_corp_id`](super::SuiteOrigin::auth_corp_id) is the corp that has the
    /// device.
    #[doc(alias = "智慧硬件")]
    pub enum DeviceEvent {
        /// A device reported check-ins.
        DEVICE_CHECKIN_DATA_REPORT = "device_checkin_data_report" => DeviceCheckinDataReport,
        /// A device reported passages through a door.
        DEVICE_ACCESSCONTROL_DATA_REPORT = "device_accesscontrol_data_report" => DeviceAccesscontrolDataReport,
        /// A device reported measured temperatures.
        DEVICE_TEMPERATURE_DATA_REPORT = "device_temperature_data_report" => DeviceTemperatureDataReport,
        /// A corp changed the app's permissions on the data of its devices.
        DEVICE_DATA_AUTH_CHANGE = "device_data_auth_change" => DeviceDataAuthChange,
        /// A corp added a device.
        ADD_DEVICE = "add_device" => AddDevice,
        /// A corp deleted a device.
        DEL_DEVICE = "del_device" => DelDevice,
        /// A device came online.
        CONNECT_INFO = "connect_info" => ConnectInfo,
        /// A device went offline.
        DISCONNECT_INFO = "disconnect_info" => DisconnectInfo,
        /// The features of a device changed.
        DEVICE_FEATURE_CHANGE = "device_feature_change" => DeviceFeatureChange,
        /// A device reported an error.
        ERROR_REPORT = "error_report" => ErrorReport,
        /// The log of a device is ready to be fetched.
        FETCH_LOG_FINISH = "fetch_log_finish" => FetchLogFinish,
        /// A corp renamed a device.
        REMARK_DEVICE_NAME = "remark_device_name" => RemarkDeviceName,
    }
}

fields! {
    /// A device reported check-ins.
    ///
    /// Sent to third-party apps. Document 97214.
    #[doc(alias = "device_checkin_data_report")]
    #[doc(alias = "考勤打卡原始数据回调")]
    #[event]
    pub struct DeviceCheckinDataReport {
        /// The check-ins.
        list check_in_data_list: CheckinRecord = "CheckInDataList" | "CheckinDataList" of "Item",
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
    }

    /// A device reported passages through a door.
    ///
    /// Sent to third-party apps. Document 97215.
    #[doc(alias = "device_accesscontrol_data_report")]
    #[doc(alias = "门禁通行原始数据回调")]
    #[event]
    pub struct DeviceAccesscontrolDataReport {
        /// The passages.
        list access_data_list: AccessRecord = "AccessDataList" of "Item",
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
    }

    /// A device reported measured temperatures.
    ///
    /// Sent to third-party apps. Document 97216.
    #[doc(alias = "device_temperature_data_report")]
    #[doc(alias = "体温检测原始数据回调")]
    #[event]
    pub struct DeviceTemperatureDataReport {
        /// The temperatures.
        list temperature_data_list: TemperatureRecord = "TemperatureDataList" of "Item",
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
    }

    /// A corp changed the app's permissions on the data of its devices.
    ///
    /// Sent to suites as a notice. Document 96103. Unlike other notices, it is sent to the data
    /// URL. It does not contain the permissions. [`Header::agent_id`](super::Header::agent_id) is
    /// the app.
    #[doc(alias = "device_data_auth_change")]
    #[doc(alias = "设备数据授权变更回调")]
    #[event]
    pub struct DeviceDataAuthChange {}

    /// A corp added a device.
    ///
    /// Sent to providers as a notice. Document 90751.
    #[doc(alias = "add_device")]
    #[doc(alias = "添加设备事件")]
    #[event]
    pub struct AddDevice {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
        /// The id of the device's model.
        may model_id: String = "ModelId",
        /// The name that the corp gave to the device. Not always sent.
        one remark_name: String = "RemarkName",
    }

    /// A corp deleted a device.
    ///
    /// Sent to providers as a notice. Document 90751.
    #[doc(alias = "del_device")]
    #[doc(alias = "删除设备事件")]
    #[event]
    pub struct DelDevice {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
    }

    /// A device came online.
    ///
    /// Sent to providers as a notice. Document 90751.
    #[doc(alias = "connect_info")]
    #[doc(alias = "设备上线事件")]
    #[event]
    pub struct ConnectInfo {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
        /// When it came online. Unix time in seconds.
        one connect_time: u64 = "ConnectTime",
    }

    /// A device went offline.
    ///
    /// Sent to providers as a notice. Document 90751.
    #[doc(alias = "disconnect_info")]
    #[doc(alias = "设备离线事件")]
    #[event]
    pub struct DisconnectInfo {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
        /// When it went offline. Unix time in seconds.
        one disconnect_time: u64 = "DisconnectTime",
        /// Why it went offline.
        one reason: String = "Reason",
    }

    /// The features of a device changed.
    ///
    /// Sent to providers as a notice. Document 90751. It does not contain the features.
    #[doc(alias = "device_feature_change")]
    #[doc(alias = "设备功能变更事件")]
    #[event]
    pub struct DeviceFeatureChange {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
    }

    /// A device reported an error.
    ///
    /// Sent to providers as a notice. Document 90751.
    #[doc(alias = "error_report")]
    #[doc(alias = "设备错误上报事件")]
    #[event]
    pub struct ErrorReport {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
        /// The code of the error, as the device reported it.
        one err_code: i64 = "ErrCode",
        /// The text of the error. Not always sent.
        one err_msg: String = "ErrMsg",
    }

    /// The log of a device is ready to be fetched.
    ///
    /// Sent to providers as a notice. Document 90751.
    #[doc(alias = "fetch_log_finish")]
    #[doc(alias = "日志拉取完成事件")]
    #[event]
    pub struct FetchLogFinish {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
        /// The media id of the log. Valid for three days.
        may media_id: String = "MediaId",
    }

    /// A corp renamed a device.
    ///
    /// Sent to providers as a notice. Document 90751.
    #[doc(alias = "remark_device_name")]
    #[doc(alias = "修改设备备注名事件")]
    #[event]
    pub struct RemarkDeviceName {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
        /// The new name of the device. Not always sent.
        one remark_name: String = "RemarkName",
    }

    /// A check-in.
    #[doc(alias = "打卡")]
    pub struct CheckinRecord {
        /// The person's `OpenUserId`. This is not a UserID.
        may open_user_id: String = "OpenUserId",
        /// The person's relation to the corp.
        one user_type: DeviceUserType = "UserType",
        /// When it happened. Unix time in seconds.
        one checkin_time: u64 = "CheckinTime",
    }

    /// A passage through a door.
    #[doc(alias = "门禁")]
    pub struct AccessRecord {
        /// The person's `OpenUserId`. This is not a UserID.
        may open_user_id: String = "OpenUserId",
        /// The person's relation to the corp.
        one user_type: DeviceUserType = "UserType",
        /// When it happened. Unix time in seconds.
        one time_stamp: u64 = "TimeStamp",
        /// The direction.
        one pass_type: PassType = "PassType",
        /// What opened the door.
        one pass_method: PassMethod = "PassMethod",
    }

    /// A measured temperature.
    #[doc(alias = "体温")]
    pub struct TemperatureRecord {
        /// The person's `OpenUserId`. This is not a UserID.
        may open_user_id: String = "OpenUserId",
        /// The person's relation to the corp.
        one user_type: DeviceUserType = "UserType",
        /// When it was measured. Unix time in seconds.
        one time_stamp: u64 = "TimeStamp",
        /// The temperature in degrees Celsius.
        one temperature: f64 = "Temperature",
        /// The device's verdict.
        one status: TemperatureStatus = "Status",
    }
}

number_codes! {
    /// The relation of a recognised person to the corp.
    #[doc(alias = "人员类型")]
    pub enum DeviceUserType {
        /// A member of the corp.
        Member = 0,
        /// A visitor.
        Visitor = 1,
        /// A student of the school.
        Student = 2,
    }
}

number_codes! {
    /// The direction of a passage through a door.
    #[doc(alias = "通行类型")]
    pub enum PassType {
        /// In.
        In = 1,
        /// Out.
        Out = 2,
        /// The device does not know.
        Unknown = 3,
    }
}

number_codes! {
    /// What opened a door.
    #[doc(alias = "通行方法")]
    pub enum PassMethod {
        /// A face.
        Face = 1,
        /// A QR code.
        QrCode = 2,
        /// A remote action in WeCom.
        Remote = 3,
        /// A fingerprint.
        Fingerprint = 4,
    }
}

number_codes! {
    /// A device's verdict on a temperature. The codes are those of document 95986.
    #[doc(alias = "温度状态")]
    pub enum TemperatureStatus {
        /// Normal.
        Normal = 0,
        /// A fever.
        Fever = 1,
        /// Too low.
        TooLow = 2,
    }
}
