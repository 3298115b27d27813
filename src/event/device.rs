//! Devices: their data, and notices to their vendor. See [`DeviceEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// A device has reported data to an app that may have them, or its vendor is told of something about it.
    ///
    /// The three reports (documents 97214, 97215, 97216) come to the data URL of a suite, for devices whose data the
    /// corp has given to the app and for people whom the app may see. Where other events have a `CreateTime` they have
    /// a `TimeStamp`, which stands in [`Header::create_time`](super::Header::create_time) all the same. WeCom wants an
    /// answer to these and to [`DeviceDataAuthChange`] within 1,000 ms.
    ///
    /// The other kinds are notices to the provider that makes the devices. Their document, 90751, is no longer
    /// published; the fields are those that a library has.
    /// [`SuiteOrigin::service_corp_id`](super::SuiteOrigin::service_corp_id) is the provider,
    /// [`SuiteOrigin::auth_corp_id`](super::SuiteOrigin::auth_corp_id) the corp that has the device.
    #[doc(alias = "智慧硬件")]
    pub enum DeviceEvent {
        /// A device reports who has clocked in.
        DEVICE_CHECKIN_DATA_REPORT = "device_checkin_data_report" => DeviceCheckinDataReport,
        /// A device reports who has passed a door.
        DEVICE_ACCESSCONTROL_DATA_REPORT = "device_accesscontrol_data_report" => DeviceAccesscontrolDataReport,
        /// A device reports temperatures that it has measured.
        DEVICE_TEMPERATURE_DATA_REPORT = "device_temperature_data_report" => DeviceTemperatureDataReport,
        /// A corp has given the app other rights on the data of its devices.
        DEVICE_DATA_AUTH_CHANGE = "device_data_auth_change" => DeviceDataAuthChange,
        /// A corp has added a device.
        ADD_DEVICE = "add_device" => AddDevice,
        /// A corp has deleted a device.
        DEL_DEVICE = "del_device" => DelDevice,
        /// A device has come online.
        CONNECT_INFO = "connect_info" => ConnectInfo,
        /// A device has gone offline.
        DISCONNECT_INFO = "disconnect_info" => DisconnectInfo,
        /// A device can do other things than before.
        DEVICE_FEATURE_CHANGE = "device_feature_change" => DeviceFeatureChange,
        /// A device reports an error.
        ERROR_REPORT = "error_report" => ErrorReport,
        /// The log of a device is there to be fetched.
        FETCH_LOG_FINISH = "fetch_log_finish" => FetchLogFinish,
        /// A corp has renamed a device.
        REMARK_DEVICE_NAME = "remark_device_name" => RemarkDeviceName,
    }
}

fields! {
    /// A device reports who has clocked in.
    ///
    /// For third-party apps: document 97214.
    #[doc(alias = "device_checkin_data_report")]
    #[doc(alias = "考勤打卡原始数据回调")]
    #[event]
    pub struct DeviceCheckinDataReport {
        /// Who has clocked in, and when.
        list check_in_data_list: CheckinRecord = "CheckInDataList" | "CheckinDataList" of "Item",
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
    }

    /// A device reports who has passed a door.
    ///
    /// For third-party apps: document 97215.
    #[doc(alias = "device_accesscontrol_data_report")]
    #[doc(alias = "门禁通行原始数据回调")]
    #[event]
    pub struct DeviceAccesscontrolDataReport {
        /// Who has passed, and when.
        list access_data_list: AccessRecord = "AccessDataList" of "Item",
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
    }

    /// A device reports temperatures that it has measured.
    ///
    /// For third-party apps: document 97216.
    #[doc(alias = "device_temperature_data_report")]
    #[doc(alias = "体温检测原始数据回调")]
    #[event]
    pub struct DeviceTemperatureDataReport {
        /// Whose temperature was measured, and what it was.
        list temperature_data_list: TemperatureRecord = "TemperatureDataList" of "Item",
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
    }

    /// A corp has given the app other rights on the data of its devices than before.
    ///
    /// Notice to a suite: document 96103. Unlike other notices it comes to the data URL. It does not say which rights;
    /// the app is [`Header::agent_id`](super::Header::agent_id).
    #[doc(alias = "device_data_auth_change")]
    #[doc(alias = "设备数据授权变更回调")]
    #[event]
    pub struct DeviceDataAuthChange {}

    /// A corp has added a device.
    ///
    /// Notice to a provider: document 90751.
    #[doc(alias = "add_device")]
    #[doc(alias = "添加设备事件")]
    #[event]
    pub struct AddDevice {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
        /// The id of the device's model.
        may model_id: String = "ModelId",
        /// What the corp calls the device; not always sent.
        one remark_name: String = "RemarkName",
    }

    /// A corp has deleted a device.
    ///
    /// Notice to a provider: document 90751.
    #[doc(alias = "del_device")]
    #[doc(alias = "删除设备事件")]
    #[event]
    pub struct DelDevice {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
    }

    /// A device has come online.
    ///
    /// Notice to a provider: document 90751.
    #[doc(alias = "connect_info")]
    #[doc(alias = "设备上线事件")]
    #[event]
    pub struct ConnectInfo {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
        /// When it came online, in seconds since 1970.
        one connect_time: u64 = "ConnectTime",
    }

    /// A device has gone offline.
    ///
    /// Notice to a provider: document 90751.
    #[doc(alias = "disconnect_info")]
    #[doc(alias = "设备离线事件")]
    #[event]
    pub struct DisconnectInfo {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
        /// When it went offline, in seconds since 1970.
        one disconnect_time: u64 = "DisconnectTime",
        /// Why it went offline.
        one reason: String = "Reason",
    }

    /// A device can do other things than before.
    ///
    /// Notice to a provider: document 90751. It does not say which.
    #[doc(alias = "device_feature_change")]
    #[doc(alias = "设备功能变更事件")]
    #[event]
    pub struct DeviceFeatureChange {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
    }

    /// A device reports an error.
    ///
    /// Notice to a provider: document 90751.
    #[doc(alias = "error_report")]
    #[doc(alias = "设备错误上报事件")]
    #[event]
    pub struct ErrorReport {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
        /// The code of the error, as the device has reported it.
        one err_code: i64 = "ErrCode",
        /// The error in words; not always sent.
        one err_msg: String = "ErrMsg",
    }

    /// The log of a device is there to be fetched.
    ///
    /// Notice to a provider: document 90751.
    #[doc(alias = "fetch_log_finish")]
    #[doc(alias = "日志拉取完成事件")]
    #[event]
    pub struct FetchLogFinish {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
        /// The id under which the log is to be fetched; good for three days.
        may media_id: String = "MediaId",
    }

    /// A corp has renamed a device.
    ///
    /// Notice to a provider: document 90751.
    #[doc(alias = "remark_device_name")]
    #[doc(alias = "修改设备备注名事件")]
    #[event]
    pub struct RemarkDeviceName {
        /// The serial number of the device.
        id device_sn: String = "DeviceSn",
        /// What the corp calls the device now; not always sent.
        one remark_name: String = "RemarkName",
    }

    /// Somebody has clocked in.
    #[doc(alias = "打卡")]
    pub struct CheckinRecord {
        /// Who it was: an `OpenUserId`, not a UserID.
        may open_user_id: String = "OpenUserId",
        /// Who that is to the corp.
        one user_type: DeviceUserType = "UserType",
        /// When it was, in seconds since 1970.
        one checkin_time: u64 = "CheckinTime",
    }

    /// Somebody has passed a door.
    #[doc(alias = "门禁")]
    pub struct AccessRecord {
        /// Who it was: an `OpenUserId`, not a UserID.
        may open_user_id: String = "OpenUserId",
        /// Who that is to the corp.
        one user_type: DeviceUserType = "UserType",
        /// When it was, in seconds since 1970.
        one time_stamp: u64 = "TimeStamp",
        /// In which direction.
        one pass_type: PassType = "PassType",
        /// What has opened the door.
        one pass_method: PassMethod = "PassMethod",
    }

    /// Somebody's temperature was measured.
    #[doc(alias = "体温")]
    pub struct TemperatureRecord {
        /// Whose it was: an `OpenUserId`, not a UserID.
        may open_user_id: String = "OpenUserId",
        /// Who that is to the corp.
        one user_type: DeviceUserType = "UserType",
        /// When it was, in seconds since 1970.
        one time_stamp: u64 = "TimeStamp",
        /// The temperature in degrees Celsius.
        one temperature: f64 = "Temperature",
        /// What the device makes of it.
        one status: TemperatureStatus = "Status",
    }
}

number_codes! {
    /// Who somebody that a device has recognised is to the corp.
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
    /// In which direction somebody has passed a door.
    #[doc(alias = "通行类型")]
    pub enum PassType {
        /// In.
        In = 1,
        /// Out.
        Out = 2,
        /// The device cannot tell.
        Unknown = 3,
    }
}

number_codes! {
    /// What has opened a door to somebody.
    #[doc(alias = "通行方法")]
    pub enum PassMethod {
        /// The face.
        Face = 1,
        /// A QR code.
        QrCode = 2,
        /// Somebody in WeCom, from afar.
        Remote = 3,
        /// A fingerprint.
        Fingerprint = 4,
    }
}

number_codes! {
    /// What a device makes of a temperature, by the codes with which devices report it (document 95986).
    #[doc(alias = "温度状态")]
    pub enum TemperatureStatus {
        /// Nothing unusual.
        Normal = 0,
        /// A fever.
        Fever = 1,
        /// Too low.
        TooLow = 2,
    }
}
