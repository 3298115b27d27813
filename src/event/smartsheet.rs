//! Smart sheets. See [`SmartSheetEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// The fields or the records of a smart sheet have changed.
    ///
    /// Only smart sheets that were made through the API are reported. A callback has 1,000 ids at most; the rest
    /// follows in further ones. Where fields are meant the words on the wire say `filed`.
    #[doc(alias = "智能表格回调通知")]
    pub enum SmartSheetEvent {
        /// Records were added.
        ADD_RECORD = "smart_sheet_change" / "add_record" => AddRecord,
        /// Records were changed.
        UPDATE_RECORD = "smart_sheet_change" / "update_record" => UpdateRecord,
        /// Records were deleted.
        DELETE_RECORD = "smart_sheet_change" / "delete_record" => DeleteRecord,
        /// Fields were added.
        ADD_FIELD = "smart_sheet_change" / "add_filed" | "add_field" => AddField,
        /// Fields were changed.
        UPDATE_FIELD = "smart_sheet_change" / "update_filed" | "update_field" => UpdateField,
        /// Fields were deleted.
        DELETE_FIELD = "smart_sheet_change" / "delete_filed" | "delete_field" => DeleteField,
    }
}

fields! {
    /// Records were added.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 100986, 101017, 101019.
    #[doc(alias = "add_record")]
    #[doc(alias = "记录变更事件")]
    #[doc(alias = "新增记录事件")]
    #[event]
    pub struct AddRecord {
        /// The UserID of the member who did it, or the `tmp_external_userid` of somebody from outside.
        may from_user_name: String = "FromUserName",
        /// The id of the smart sheet, which is a document.
        id doc_id: String = "DocId",
        /// The id of the sheet within it.
        id sheet_id: String = "SheetId",
        /// The ids of the records, 1,000 at most.
        many record_ids: String = "RecordId",
    }

    /// Records were changed.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 100986, 101017, 101019.
    #[doc(alias = "update_record")]
    #[doc(alias = "记录变更事件")]
    #[doc(alias = "更新记录事件")]
    #[event]
    pub struct UpdateRecord {
        /// The UserID of the member who did it, or the `tmp_external_userid` of somebody from outside.
        may from_user_name: String = "FromUserName",
        /// The id of the smart sheet, which is a document.
        id doc_id: String = "DocId",
        /// The id of the sheet within it.
        id sheet_id: String = "SheetId",
        /// The ids of the records, 1,000 at most.
        many record_ids: String = "RecordId",
    }

    /// Records were deleted.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 100986, 101017, 101019.
    #[doc(alias = "delete_record")]
    #[doc(alias = "记录变更事件")]
    #[doc(alias = "删除记录事件")]
    #[event]
    pub struct DeleteRecord {
        /// The UserID of the member who did it, or the `tmp_external_userid` of somebody from outside.
        may from_user_name: String = "FromUserName",
        /// The id of the smart sheet, which is a document.
        id doc_id: String = "DocId",
        /// The id of the sheet within it.
        id sheet_id: String = "SheetId",
        /// The ids of the records, 1,000 at most.
        many record_ids: String = "RecordId",
    }

    /// Fields were added.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 100987, 101016, 101018.
    #[doc(alias = "add_filed")]
    #[doc(alias = "字段变更事件")]
    #[doc(alias = "新增字段事件")]
    #[event]
    pub struct AddField {
        /// The UserID of the member who did it, or the `tmp_external_userid` of somebody from outside.
        may from_user_name: String = "FromUserName",
        /// The id of the smart sheet, which is a document.
        id doc_id: String = "DocId",
        /// The id of the sheet within it.
        id sheet_id: String = "SheetId",
        /// The ids of the fields, 1,000 at most.
        many field_ids: String = "FieldId",
    }

    /// Fields were changed.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 100987, 101016, 101018.
    #[doc(alias = "update_filed")]
    #[doc(alias = "字段变更事件")]
    #[doc(alias = "更新字段事件")]
    #[event]
    pub struct UpdateField {
        /// The UserID of the member who did it, or the `tmp_external_userid` of somebody from outside.
        may from_user_name: String = "FromUserName",
        /// The id of the smart sheet, which is a document.
        id doc_id: String = "DocId",
        /// The id of the sheet within it.
        id sheet_id: String = "SheetId",
        /// The ids of the fields, 1,000 at most.
        many field_ids: String = "FieldId",
    }

    /// Fields were deleted.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 100987, 101016, 101018.
    #[doc(alias = "delete_filed")]
    #[doc(alias = "字段变更事件")]
    #[doc(alias = "删除字段事件")]
    #[event]
    pub struct DeleteField {
        /// The UserID of the member who did it, or the `tmp_external_userid` of somebody from outside.
        may from_user_name: String = "FromUserName",
        /// The id of the smart sheet, which is a document.
        id doc_id: String = "DocId",
        /// The id of the sheet within it.
        id sheet_id: String = "SheetId",
        /// The ids of the fields, 1,000 at most.
        many field_ids: String = "FieldId",
    }
}
