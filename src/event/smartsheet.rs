//! Smart sheets. See [`SmartSheetEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// The fields or the records of a smart sheet changed.
    ///
    /// Only smart sheets that were created through the API are reported. A callback has at most
    /// 1,000 ids. More ids follow in further callbacks. The spelling of "field" on the wire is
    /// `filed`.
    #[doc(alias = "智能表格回调通知")]
    pub enum SmartSheetEvent {
        /// Records were added.
        ADD_RECORD = "smart_sheet_change" / "add_record" => AddRecord,
        /// Records were updated.
        UPDATE_RECORD = "smart_sheet_change" / "update_record" => UpdateRecord,
        /// Records were deleted.
        DELETE_RECORD = "smart_sheet_change" / "delete_record" => DeleteRecord,
        /// Fields were added.
        ADD_FIELD = "smart_sheet_change" / "add_filed" | "add_field" => AddField,
        /// Fields were updated.
        UPDATE_FIELD = "smart_sheet_change" / "update_filed" | "update_field" => UpdateField,
        /// Fields were deleted.
        DELETE_FIELD = "smart_sheet_change" / "delete_filed" | "delete_field" => DeleteField,
    }
}

fields! {
    /// Records were added.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 100986, 101017, 101019.
    #[doc(alias = "add_record")]
    #[doc(alias = "记录变更事件")]
    #[doc(alias = "新增记录事件")]
    #[event]
    pub struct AddRecord {
        /// The UserID of the acting member, or the `tmp_external_userid` of an external person.
        may from_user_name: String = "FromUserName",
        /// The id of the smart sheet, which is a document.
        id doc_id: String = "DocId",
        /// The id of the sheet within it.
        id sheet_id: String = "SheetId",
        /// The ids of the records. At most 1,000.
        many record_ids: String = "RecordId",
    }

    /// Records were updated.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 100986, 101017, 101019.
    #[doc(alias = "update_record")]
    #[doc(alias = "记录变更事件")]
    #[doc(alias = "更新记录事件")]
    #[event]
    pub struct UpdateRecord {
        /// The UserID of the acting member, or the `tmp_external_userid` of an external person.
        may from_user_name: String = "FromUserName",
        /// The id of the smart sheet, which is a document.
        id doc_id: String = "DocId",
        /// The id of the sheet within it.
        id sheet_id: String = "SheetId",
        /// The ids of the records. At most 1,000.
        many record_ids: String = "RecordId",
    }

    /// Records were deleted.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 100986, 101017, 101019.
    #[doc(alias = "delete_record")]
    #[doc(alias = "记录变更事件")]
    #[doc(alias = "删除记录事件")]
    #[event]
    pub struct DeleteRecord {
        /// The UserID of the acting member, or the `tmp_external_userid` of an external person.
        may from_user_name: String = "FromUserName",
        /// The id of the smart sheet, which is a document.
        id doc_id: String = "DocId",
        /// The id of the sheet within it.
        id sheet_id: String = "SheetId",
        /// The ids of the records. At most 1,000.
        many record_ids: String = "RecordId",
    }

    /// Fields were added.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 100987, 101016, 101018.
    #[doc(alias = "add_filed")]
    #[doc(alias = "字段变更事件")]
    #[doc(alias = "新增字段事件")]
    #[event]
    pub struct AddField {
        /// The UserID of the acting member, or the `tmp_external_userid` of an external person.
        may from_user_name: String = "FromUserName",
        /// The id of the smart sheet, which is a document.
        id doc_id: String = "DocId",
        /// The id of the sheet within it.
        id sheet_id: String = "SheetId",
        /// The ids of the fields. At most 1,000.
        many field_ids: String = "FieldId",
    }

    /// Fields were updated.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 100987, 101016, 101018.
    #[doc(alias = "update_filed")]
    #[doc(alias = "字段变更事件")]
    #[doc(alias = "更新字段事件")]
    #[event]
    pub struct UpdateField {
        /// The UserID of the acting member, or the `tmp_external_userid` of an external person.
        may from_user_name: String = "FromUserName",
        /// The id of the smart sheet, which is a document.
        id doc_id: String = "DocId",
        /// The id of the sheet within it.
        id sheet_id: String = "SheetId",
        /// The ids of the fields. At most 1,000.
        many field_ids: String = "FieldId",
    }

    /// Fields were deleted.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 100987, 101016, 101018.
    #[doc(alias = "delete_filed")]
    #[doc(alias = "字段变更事件")]
    #[doc(alias = "删除字段事件")]
    #[event]
    pub struct DeleteField {
        /// The UserID of the acting member, or the `tmp_external_userid` of an external person.
        may from_user_name: String = "FromUserName",
        /// The id of the smart sheet, which is a document.
        id doc_id: String = "DocId",
        /// The id of the sheet within it.
        id sheet_id: String = "SheetId",
        /// The ids of the fields. At most 1,000.
        many field_ids: String = "FieldId",
    }
}
