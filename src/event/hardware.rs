//! The hardware cloud: events and commands for devices. See [`HardwareEvent`].

use super::family::family;
use crate::payload::{Secret, fields, number_codes, text_codes};

family! {
    /// An event or a command for a device that its vendor connects through a cloud of its own.
    ///
    /// All of it is JSON (document 96062). What concerns a device or its model comes to the URL of the model, and the
    /// model id is the receive id; [`VerifyDevice`] comes to the common URL of the vendor, whose corp id is the receive
    /// id.
    ///
    /// Which device it is stands in [`BaseInfo`], and a repetition has the same [`req_id`](BaseInfo::req_id). WeCom
    /// wants an answer within 1,000 ms. Where a kind asks for an answer with a content, that is a JSON object:
    /// [`Reply::raw`](crate::Reply::raw). What came of a command is told through the API afterwards.
    #[doc(alias = "硬件云端接入")]
    #[doc(alias = "智慧硬件")]
    pub enum HardwareEvent {
        /// A corp binds a device.
        BIND_DEVICE = "hardware/event" / "bind" => BindDevice,
        /// A corp has unbound a device.
        UNBIND_DEVICE = "hardware/event" / "unbind" => UnbindDevice,
        /// Other members than before may use a device.
        HARDWARE_CONTACT_CHANGE = "hardware/event" / "contact_change" => HardwareContactChange,
        /// The ticket without which a model of devices has no access token.
        MODEL_TICKET = "hardware/event" / "model_ticket" => ModelTicket,
        /// WeCom asks whether a serial number is one of the vendor's.
        VERIFY_DEVICE = "hardware/event" / "verify_device" => VerifyDevice,
        /// A device is to open the page on which a face or a fingerprint is recorded.
        ENTER_PAGE = "hardware/command" / "enter_page" => EnterPage,
        /// A device is to leave that page.
        EXIT_PAGE = "hardware/command" / "exit_page" => ExitPage,
        /// A device is to delete a face or a fingerprint.
        DELETE_BIO_INFO = "hardware/command" / "delete_bio_info" => DeleteBioInfo,
        /// A device is to open the door.
        REMOTE_OPEN_DOOR = "hardware/command" / "remote_open_door" => RemoteOpenDoor,
        /// A device is to update its firmware.
        UPDATE_FIRMWARE = "hardware/command" / "update_firmware" => UpdateFirmware,
        /// WeCom asks for the state of a device.
        FETCH_DEVICE_STATUS = "hardware/command" / "fetch_device_status" => FetchDeviceStatus,
        /// A member has scanned the code of a device.
        USER_SCAN = "hardware/command" / "user_scan" => UserScan,
        /// A print job was submitted, or its settings were changed.
        PRINTER_JOB_SUBMIT = "hardware/command" / "printer_job_submit" => PrinterJobSubmit,
        /// A file is to be converted for printing.
        PRINTER_JOB_TRANS = "hardware/command" / "printer_job_trans" => PrinterJobTrans,
        /// A print job was deleted.
        PRINTER_JOB_DEL = "hardware/command" / "printer_job_del" => PrinterJobDel,
    }
}

fields! {
    /// A corp binds a device, which the vendor may refuse.
    ///
    /// Document 95987. An empty answer, or `success`, agrees. An answer with the fields `errcode` and `errmsg` refuses;
    /// the codes stand in the document. No answer within 3,000 ms is a refusal too, and WeCom would rather have it
    /// within 1,000 ms.
    #[doc(alias = "bind")]
    #[doc(alias = "企业绑定设备事件")]
    #[event]
    pub struct BindDevice in "event" | "command" {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The code with which the API gives the secret of the device; good for ten minutes, and once.
        one auth_code: Secret => "auth_code",
        /// What was typed as the verification code of the device.
        one verif_code: Secret => "verif_code",
    }

    /// A corp has unbound a device.
    ///
    /// Document 95988.
    #[doc(alias = "unbind")]
    #[doc(alias = "企业解绑设备事件")]
    #[event]
    pub struct UnbindDevice {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info",
    }

    /// Other members than before may use a device, or what it knows of them has changed.
    ///
    /// Document 95989. The lists say what is new since the version before. If there is a gap between the versions, the
    /// device has missed a change and must fetch all members.
    #[doc(alias = "contact_change")]
    #[doc(alias = "通讯录变更事件")]
    #[doc(alias = "设备可见范围成员变更事件")]
    #[event]
    pub struct HardwareContactChange in "event" | "command" {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The version of the list of members; each change makes it one more.
        one perm_version: u64 => "perm_version",
        /// Who has been added; not always sent.
        many create_user: HardwareUser => "create_user",
        /// Whose name, face or fingerprint has changed; not always sent.
        many update_user: HardwareUser => "update_user",
        /// Who has been removed; not always sent.
        many delete_user: HardwareUser => "delete_user",
    }

    /// The ticket without which a model of devices has no access token.
    ///
    /// Document 96053. WeCom sends one every ten minutes, and it changes: keep the latest for each model.
    #[doc(alias = "model_ticket")]
    #[doc(alias = "设备型号model_ticket推送事件")]
    #[event]
    pub struct ModelTicket in "event" | "command" {
        /// Which model, and whose.
        must base_info: BaseInfo => "base_info" in "",
        /// The ticket, 512 bytes at most.
        id model_ticket: Secret => "model_ticket",
    }

    /// WeCom asks whether a serial number is one of the vendor's: somebody has typed it to bind a device, and the
    /// vendor has not registered it.
    ///
    /// Document 96130. The answer has the fields `is_valid`, `true` or `false`, and, if it is, `modelid` with the model
    /// of the device.
    #[doc(alias = "verify_device")]
    #[doc(alias = "查询设备SN合法性事件")]
    #[event]
    pub struct VerifyDevice in "event" | "command" {
        /// Which corp it is for.
        must base_info: BaseInfo => "base_info" in "",
        /// The MD5 of the serial number.
        id device_sn_md5: String => "device_sn_md5",
    }

    /// A device is to open the page on which a face or a fingerprint is recorded.
    ///
    /// Document 96009. The outcome is reported through the API (document 96000).
    #[doc(alias = "enter_page")]
    #[doc(alias = "识别信息录入指令")]
    #[event]
    pub struct EnterPage in "command" {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info" in "",
        /// What is recorded.
        one page_type: BioInfoType => "page_type",
        /// The id of the operation, for the report of its outcome.
        may oper_id: String => "oper_id",
        /// Whose face or fingerprint it is: an `open_userid`, not a UserID.
        may open_user_id: String = "open_userid",
        /// Who that is; a member, if not sent.
        one user_type: HardwareUserType => "user_type",
    }

    /// A device is to leave the page on which a face or a fingerprint is recorded.
    ///
    /// Document 96009.
    #[doc(alias = "exit_page")]
    #[doc(alias = "取消录入指纹或人脸指令")]
    #[event]
    pub struct ExitPage in "command" {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info" in "",
        /// What was to be recorded.
        one page_type: BioInfoType => "page_type",
        /// The id of the operation.
        may oper_id: String => "oper_id",
        /// Whose face or fingerprint it was to be: an `open_userid`, not a UserID.
        may open_user_id: String = "open_userid",
        /// Who that is; a member, if not sent.
        one user_type: HardwareUserType => "user_type",
    }

    /// A device is to delete somebody's face or fingerprint.
    ///
    /// Document 96116.
    #[doc(alias = "delete_bio_info")]
    #[doc(alias = "识别信息删除回调")]
    #[event]
    pub struct DeleteBioInfo in "command" {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info" in "",
        /// What is to be deleted.
        one page_type: BioInfoType => "page_type",
        /// The id of the operation.
        may oper_id: String => "oper_id",
        /// Whose it is: an `open_userid`, not a UserID.
        id open_user_id: String = "open_userid",
        /// Who that is; a member, if not sent.
        one user_type: HardwareUserType => "user_type",
    }

    /// A device is to open the door: a member has asked for it in WeCom.
    ///
    /// Document 96010.
    #[doc(alias = "remote_open_door")]
    #[doc(alias = "远程开门指令")]
    #[event]
    pub struct RemoteOpenDoor in "command" {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info" in "",
        /// Who has asked: an `open_userid`, not a UserID.
        may open_user_id: String = "open_userid",
        /// The id of the operation, for the report of its outcome.
        may oper_id: String => "oper_id",
    }

    /// A device is to update its firmware: an administrator has asked for it in WeCom.
    ///
    /// Document 96011.
    #[doc(alias = "update_firmware")]
    #[doc(alias = "固件升级指令")]
    #[event]
    pub struct UpdateFirmware in "command" {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The id of the operation, for the report of its outcome.
        may oper_id: String => "oper_id",
    }

    /// WeCom asks for the state of a device.
    ///
    /// Document 97079. The state does not stand in the answer: the device is to report it through the API at once,
    /// besides the report that it makes every half hour.
    #[doc(alias = "fetch_device_status")]
    #[doc(alias = "获取设备状态指令")]
    #[event]
    pub struct FetchDeviceStatus {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info",
    }

    /// A member has scanned the code of a device: the one for managing it, or the one that says which it is.
    ///
    /// Document 97390. The answer has the field `online_status`: 1 if the device is online, 2 if it is not.
    #[doc(alias = "user_scan")]
    #[doc(alias = "用户扫码指令")]
    #[event]
    pub struct UserScan in "command" {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The id of the operation.
        may oper_id: String => "oper_id",
        /// Who has scanned it: an `open_userid`, not a UserID.
        may open_user_id: String = "open_userid",
        /// What the vendor had put into the code.
        one state: String => "state",
        /// Whether that is an administrator.
        one user_type: ScanUserType => "user_type",
        /// A code that certain calls of the API ask for.
        one auth_code: Secret => "auth_code",
        /// For how many seconds `auth_code` is good.
        one expires_in: u64 => "expires_in",
        /// What `auth_code` allows.
        one auth_code_type: HardwareAuthCodeType => "auth_code_type",
    }

    /// A print job was submitted, or its settings were changed.
    ///
    /// Document 96414. The file is fetched through the API (document 96408).
    #[doc(alias = "printer_job_submit")]
    #[doc(alias = "推送打印任务")]
    #[event]
    pub struct PrinterJobSubmit in "command" {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info" in "",
        /// Who prints: an `open_userid`, not a UserID.
        may open_user_id: String = "open_userid",
        /// The job's id.
        id job_id: String = "jobid",
    }

    /// A file is to be converted for printing: a member has chosen it, and has not submitted the job yet.
    ///
    /// Document 97075. The pages go back through the API (document 96412).
    #[doc(alias = "printer_job_trans")]
    #[doc(alias = "推送打印转码任务")]
    #[event]
    pub struct PrinterJobTrans in "command" {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info" in "",
        /// Who wants to print: an `open_userid`, not a UserID.
        may open_user_id: String = "open_userid",
        /// The job's id.
        id job_id: String = "jobid",
        /// Where the encrypted file is.
        one download_url: String => "download_url",
        /// The key of the file. Document 96408 tells how a key of this name is used.
        one encoding_aes_key: Secret = "encoding_aeskey" | "aes_key",
        /// The name of the file.
        one doc_name: String => "doc_name",
        /// The size of the file before its encryption, in bytes.
        one doc_size: u64 => "doc_size",
        /// How it is to be printed.
        one trans_setting: TransSetting => "trans_setting",
    }

    /// A print job was deleted, by the member or because it was too old.
    ///
    /// Document 97370.
    #[doc(alias = "printer_job_del")]
    #[doc(alias = "删除打印任务")]
    #[event]
    pub struct PrinterJobDel in "command" {
        /// Which device and which corp.
        must base_info: BaseInfo => "base_info" in "",
        /// The job's id.
        id job_id: String = "jobid",
    }

    /// Which device it is about, and whose.
    #[doc(alias = "固定字段基础数据")]
    pub struct BaseInfo {
        /// The id of the callback, the same if it is repeated. Also in
        /// [`Header::message_id`](super::Header::message_id).
        may req_id: String => "req_id",
        /// The serial number of the device. Not sent with [`ModelTicket`] and [`VerifyDevice`].
        may device_sn: String => "device_sn",
        /// When it happened, in seconds since 1970. Also in [`Header::create_time`](super::Header::create_time).
        one create_time: u64 = "createtime",
        /// The id of the device's model. Not sent with [`VerifyDevice`].
        may model_id: String => "model_id",
        /// The corp that has bound the device, or is about to. Not sent with [`ModelTicket`].
        may auth_corp_id: String = "auth_corpid",
        /// The corp of the vendor.
        may service_corp_id: String = "service_corpid",
    }

    /// Somebody who may use a device, or no longer may.
    pub struct HardwareUser {
        /// The `open_userid`, not a UserID; 64 bytes at most.
        may open_user_id: String = "open_userid",
        /// Who that is; a member, if not sent.
        one user_type: HardwareUserType => "user_type",
    }

    /// How a file is to be printed.
    pub struct TransSetting {
        /// The version of the settings. Each change by the member makes it more, and only the latest counts.
        one version: u64 => "version",
        /// The settings.
        many setting_list: PrintSetting => "setting_list",
    }

    /// One setting of a print job.
    pub struct PrintSetting {
        /// What is set, in words: `纸张大小`, the size of the paper.
        one key: String => "key",
        /// What was chosen, in words: `A4`.
        many value: String => "value",
    }
}

number_codes! {
    /// Who somebody is to a device of the hardware cloud.
    #[doc(alias = "成员类型")]
    pub enum HardwareUserType {
        /// A member of the corp.
        Staff = 0,
        /// A student of the school.
        Student = 2,
    }
}

number_codes! {
    /// Whether somebody who has scanned the code of a device is an administrator.
    #[doc(alias = "扫码成员类型")]
    pub enum ScanUserType {
        /// An ordinary member.
        Member = 0,
        /// An administrator.
        Administrator = 1,
    }
}

text_codes! {
    /// By what a device recognises somebody.
    #[doc(alias = "识别信息")]
    pub enum BioInfoType {
        /// The face.
        Face = "fa",
        /// A fingerprint.
        Fingerprint = "fp",
    }
}

number_codes! {
    /// What the code in a [`UserScan`] allows.
    #[doc(alias = "授权码类型")]
    pub enum HardwareAuthCodeType {
        /// To send the member a file that was scanned (document 96410).
        FileScanning = 1,
    }
}
