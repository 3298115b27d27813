//! The hardware cloud: events and commands for devices. See [`HardwareEvent`].

use super::family::family;
use crate::payload::{Secret, fields, number_codes, text_codes};

family! {
    /// An event or a command for a device that its vendor connects through its own cloud.
    ///
    /// The payload is always JSON (document 96062). Callbacks about a device or its model are sent
    /// to the URL of the model, and their receive id is the model id. [`VerifyDevice`] is sent to
    /// the common URL of the vendor, and its receive id is the vendor's corp id.
    ///
    /// [`BaseInfo`] names the device. A repeated callback has the same
    /// [`req_id`](BaseInfo::req_id). WeCom expects an answer within 1,000 ms. If a kind needs an
    /// answer with a content, that content is a JSON object: use [`Reply::raw`](crate::Reply::raw).
    /// The result of a command is reported through the API later.
    #[doc(alias = "硬件云端接入")]
    #[doc(alias = "智慧硬件")]
    pub enum HardwareEvent {
        /// A corp binds a device.
        BIND_DEVICE = "hardware/event" / "bind" => BindDevice,
        /// A corp unbound a device.
        UNBIND_DEVICE = "hardware/event" / "unbind" => UnbindDevice,
        /// The members of a device changed.
        HARDWARE_CONTACT_CHANGE = "hardware/event" / "contact_change" => HardwareContactChange,
        /// The ticket that a model of devices needs for its access token.
        MODEL_TICKET = "hardware/event" / "model_ticket" => ModelTicket,
        /// WeCom asks whether a serial number belongs to the vendor.
        VERIFY_DEVICE = "hardware/event" / "verify_device" => VerifyDevice,
        /// A command: open the page that records a face or a fingerprint.
        ENTER_PAGE = "hardware/command" / "enter_page" => EnterPage,
        /// A command: close that page.
        EXIT_PAGE = "hardware/command" / "exit_page" => ExitPage,
        /// A command: delete a face or a fingerprint.
        DELETE_BIO_INFO = "hardware/command" / "delete_bio_info" => DeleteBioInfo,
        /// A command: open the door.
        REMOTE_OPEN_DOOR = "hardware/command" / "remote_open_door" => RemoteOpenDoor,
        /// A command: update the firmware.
        UPDATE_FIRMWARE = "hardware/command" / "update_firmware" => UpdateFirmware,
        /// A command: report the state of the device.
        FETCH_DEVICE_STATUS = "hardware/command" / "fetch_device_status" => FetchDeviceStatus,
        /// A member scanned the code of a device.
        USER_SCAN = "hardware/command" / "user_scan" => UserScan,
        /// A print job was submitted, or its settings changed.
        PRINTER_JOB_SUBMIT = "hardware/command" / "printer_job_submit" => PrinterJobSubmit,
        /// A command: convert a file for printing.
        PRINTER_JOB_TRANS = "hardware/command" / "printer_job_trans" => PrinterJobTrans,
        /// A print job was deleted.
        PRINTER_JOB_DEL = "hardware/command" / "printer_job_del" => PrinterJobDel,
    }
}

fields! {
    /// A corp binds a device. The vendor can reject it.
    ///
    /// Document 95987. An empty answer or `success` accepts it. An answer with the fields `errcode`
    /// and `errmsg` rejects it. The document lists the codes. No answer within 3,000 ms rejects it
    /// too, and WeCom prefers an answer within 1,000 ms.
    #[doc(alias = "bind")]
    #[doc(alias = "企业绑定设备事件")]
    #[event]
    pub struct BindDevice in "event" | "command" {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The code with which the API returns the secret of the device. Valid once, for ten
        /// minutes.
        one auth_code: Secret => "auth_code",
        /// The verification code that the person entered for the device.
        one verif_code: Secret => "verif_code",
    }

    /// A corp unbound a device.
    ///
    /// Document 95988.
    #[doc(alias = "unbind")]
    #[doc(alias = "企业解绑设备事件")]
    #[event]
    pub struct UnbindDevice {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info",
    }

    /// The members of a device changed, or their data did. They are the people allowed to use it.
    ///
    /// Document 95989. The lists contain the changes since the previous version. A gap between the
    /// versions means that the device missed a change. It must then fetch all members.
    #[doc(alias = "contact_change")]
    #[doc(alias = "通讯录变更事件")]
    #[doc(alias = "设备可见范围成员变更事件")]
    #[event]
    pub struct HardwareContactChange in "event" | "command" {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The version of the list of members. Each change increases it by one.
        one perm_version: u64 => "perm_version",
        /// The added members. Not always sent.
        many create_user: HardwareUser => "create_user",
        /// The members with a new name, face or fingerprint. Not always sent.
        many update_user: HardwareUser => "update_user",
        /// The removed members. Not always sent.
        many delete_user: HardwareUser => "delete_user",
    }

    /// The ticket that a model of devices needs for its access token.
    ///
    /// Document 96053. WeCom sends a ticket every ten minutes, and it changes. Keep the latest one
    /// of each model.
    #[doc(alias = "model_ticket")]
    #[doc(alias = "设备型号model_ticket推送事件")]
    #[event]
    pub struct ModelTicket in "event" | "command" {
        /// The model and its vendor.
        must base_info: BaseInfo => "base_info" in "",
        /// The ticket. At most 512 bytes.
        id model_ticket: Secret => "model_ticket",
    }

    /// WeCom asks whether a serial number belongs to the vendor. A person entered it to bind a
    /// device that the vendor has not registered.
    ///
    /// Document 96130. The answer has the field `is_valid`, which is `true` or `false`. If it is
    /// `true`, the answer also has `modelid` with the model of the device.
    #[doc(alias = "verify_device")]
    #[doc(alias = "查询设备SN合法性事件")]
    #[event]
    pub struct VerifyDevice in "event" | "command" {
        /// The corp that wants to bind the device.
        must base_info: BaseInfo => "base_info" in "",
        /// The MD5 of the serial number.
        id device_sn_md5: String => "device_sn_md5",
    }

    /// A command: open the page that records a face or a fingerprint.
    ///
    /// Document 96009. The device reports the result through the API (document 96000).
    #[doc(alias = "enter_page")]
    #[doc(alias = "识别信息录入指令")]
    #[event]
    pub struct EnterPage in "command" {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info" in "",
        /// Whether to record a face or a fingerprint.
        one page_type: BioInfoType => "page_type",
        /// The id of the operation, for the report of its result.
        may oper_id: String => "oper_id",
        /// The person's `open_userid`. This is not a UserID.
        may open_user_id: String = "open_userid",
        /// The person's relation to the corp. A member, if it is not sent.
        one user_type: HardwareUserType => "user_type",
    }

    /// A command: close the page that records a face or a fingerprint.
    ///
    /// Document 96009.
    #[doc(alias = "exit_page")]
    #[doc(alias = "取消录入指纹或人脸指令")]
    #[event]
    pub struct ExitPage in "command" {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info" in "",
        /// Whether a face or a fingerprint was to be recorded.
        one page_type: BioInfoType => "page_type",
        /// The id of the operation.
        may oper_id: String => "oper_id",
        /// The person's `open_userid`. This is not a UserID.
        may open_user_id: String = "open_userid",
        /// The person's relation to the corp. A member, if it is not sent.
        one user_type: HardwareUserType => "user_type",
    }

    /// A command: delete a person's face or fingerprint.
    ///
    /// Document 96116.
    #[doc(alias = "delete_bio_info")]
    #[doc(alias = "识别信息删除回调")]
    #[event]
    pub struct DeleteBioInfo in "command" {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info" in "",
        /// Whether to delete a face or a fingerprint.
        one page_type: BioInfoType => "page_type",
        /// The id of the operation.
        may oper_id: String => "oper_id",
        /// The person's `open_userid`. This is not a UserID.
        id open_user_id: String = "open_userid",
        /// The person's relation to the corp. A member, if it is not sent.
        one user_type: HardwareUserType => "user_type",
    }

    /// A command: open the door. A member requested it in WeCom.
    ///
    /// Document 96010.
    #[doc(alias = "remote_open_door")]
    #[doc(alias = "远程开门指令")]
    #[event]
    pub struct RemoteOpenDoor in "command" {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The member's `open_userid`. This is not a UserID.
        may open_user_id: String = "open_userid",
        /// The id of the operation, for the report of its result.
        may oper_id: String => "oper_id",
    }

    /// A command: update the firmware. An administrator requested it in WeCom.
    ///
    /// Document 96011.
    #[doc(alias = "update_firmware")]
    #[doc(alias = "固件升级指令")]
    #[event]
    pub struct UpdateFirmware in "command" {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The id of the operation, for the report of its result.
        may oper_id: String => "oper_id",
    }

    /// A command: report the state of the device.
    ///
    /// Document 97079. The answer does not contain the state. The device reports it through the API
    /// at once, in addition to its report every half hour.
    #[doc(alias = "fetch_device_status")]
    #[doc(alias = "获取设备状态指令")]
    #[event]
    pub struct FetchDeviceStatus {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info",
    }

    /// A member scanned the code of a device: the code for its management or the code that
    /// identifies it.
    ///
    /// Document 97390. The answer has the field `online_status`: 1 if the device is online, 2 if it
    /// is offline.
    #[doc(alias = "user_scan")]
    #[doc(alias = "用户扫码指令")]
    #[event]
    pub struct UserScan in "command" {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The id of the operation.
        may oper_id: String => "oper_id",
        /// The member's `open_userid`. This is not a UserID.
        may open_user_id: String = "open_userid",
        /// The state that the vendor put into the code.
        one state: String => "state",
        /// Whether the member is an administrator.
        one user_type: ScanUserType => "user_type",
        /// A code that some API calls require.
        one auth_code: Secret => "auth_code",
        /// The lifetime of `auth_code` in seconds.
        one expires_in: u64 => "expires_in",
        /// What `auth_code` allows.
        one auth_code_type: HardwareAuthCodeType => "auth_code_type",
    }

    /// A print job was submitted, or its settings changed.
    ///
    /// Document 96414. The file is fetched through the API (document 96408).
    #[doc(alias = "printer_job_submit")]
    #[doc(alias = "推送打印任务")]
    #[event]
    pub struct PrinterJobSubmit in "command" {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The member's `open_userid`. This is not a UserID.
        may open_user_id: String = "open_userid",
        /// The job's id.
        id job_id: String = "jobid",
    }

    /// A command: convert a file for printing. A member chose the file, but has not submitted the
    /// job yet.
    ///
    /// Document 97075. The pages are returned through the API (document 96412).
    #[doc(alias = "printer_job_trans")]
    #[doc(alias = "推送打印转码任务")]
    #[event]
    pub struct PrinterJobTrans in "command" {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The member's `open_userid`. This is not a UserID.
        may open_user_id: String = "open_userid",
        /// The job's id.
        id job_id: String = "jobid",
        /// The URL of the encrypted file.
        one download_url: String => "download_url",
        /// The key of the file. Document 96408 describes the use of a key of this name.
        one encoding_aes_key: Secret = "encoding_aeskey" | "aes_key",
        /// The name of the file.
        one doc_name: String => "doc_name",
        /// The size of the file before its encryption, in bytes.
        one doc_size: u64 => "doc_size",
        /// The print settings.
        one trans_setting: TransSetting => "trans_setting",
    }

    /// A print job was deleted, by the member or because of its age.
    ///
    /// Document 97370.
    #[doc(alias = "printer_job_del")]
    #[doc(alias = "删除打印任务")]
    #[event]
    pub struct PrinterJobDel in "command" {
        /// The device and the corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The job's id.
        id job_id: String = "jobid",
    }

    /// The device that a callback is about, and its corps.
    #[doc(alias = "固定字段基础数据")]
    pub struct BaseInfo {
        /// The id of the callback. A repeated callback has the same id. Also in
        /// [`Header::message_id`](super::Header::message_id).
        may req_id: String => "req_id",
        /// The serial number of the device. Not sent with [`ModelTicket`] and [`VerifyDevice`].
        may device_sn: String => "device_sn",
        /// When it happened. Unix time in seconds. Also in
        /// [`Header::create_time`](super::Header::create_time).
        one create_time: u64 = "createtime",
        /// The id of the device's model. Not sent with [`VerifyDevice`].
        may model_id: String => "model_id",
        /// The corp that bound the device, or is about to. Not sent with [`ModelTicket`].
        may auth_corp_id: String = "auth_corpid",
        /// The corp of the vendor.
        may service_corp_id: String = "service_corpid",
    }

    /// A person who may use a device, or no longer may.
    pub struct HardwareUser {
        /// The person's `open_userid`. This is not a UserID. At most 64 bytes.
        may open_user_id: String = "open_userid",
        /// The person's relation to the corp. A member, if it is not sent.
        one user_type: HardwareUserType => "user_type",
    }

    /// The print settings of a file.
    pub struct TransSetting {
        /// The version of the settings. Each change by the member increases it, and only the latest
        /// one counts.
        one version: u64 => "version",
        /// The settings.
        many setting_list: PrintSetting => "setting_list",
    }

    /// One setting of a print job.
    pub struct PrintSetting {
        /// The name of the setting: `纸张大小` is the paper size.
        one key: String => "key",
        /// The chosen value: `A4`.
        many value: String => "value",
    }
}

number_codes! {
    /// The relation of a person to the corp, for a device of the hardware cloud.
    #[doc(alias = "成员类型")]
    pub enum HardwareUserType {
        /// A member of the corp.
        Staff = 0,
        /// A student of the school.
        Student = 2,
    }
}

number_codes! {
    /// Whether the member that scanned the code of a device is an administrator.
    #[doc(alias = "扫码成员类型")]
    pub enum ScanUserType {
        /// An ordinary member.
        Member = 0,
        /// An administrator.
        Administrator = 1,
    }
}

text_codes! {
    /// The kind of biometric data.
    #[doc(alias = "识别信息")]
    pub enum BioInfoType {
        /// A face.
        Face = "fa",
        /// A fingerprint.
        Fingerprint = "fp",
    }
}

number_codes! {
    /// What the code in a [`UserScan`] allows.
    #[doc(alias = "授权码类型")]
    pub enum HardwareAuthCodeType {
        /// To send the member a scanned file (document 96410).
        FileScanning = 1,
    }
}
