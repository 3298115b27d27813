//! Documents and forms. See [`WeDocEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A document or a form changed.
    ///
    /// Only documents and forms that the app itself created through the API are reported. A
    /// callback contains only ids, and it can contain several. Read the objects through the API.
    #[doc(alias = "文档回调通知")]
    pub enum WeDocEvent {
        /// Documents were deleted.
        DELETE_DOC = "doc_change" / "delete_doc" => DeleteDoc,
        /// The members of documents changed.
        DOC_MEMBER_CHANGE = "doc_change" / "doc_member_change" => DocMemberChange,
        /// Forms were deleted.
        DELETE_FORM = "doc_change" / "delete_form" => DeleteForm,
        /// Forms were filled in.
        FORM_COMPLETE = "doc_change" / "form_complete" => FormComplete,
        /// The settings of forms changed.
        FORM_SETTINGS_CHANGE = "doc_change" / "form_settings_change" => FormSettingsChange,
    }
}

fields! {
    /// Documents were deleted.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97834, 97837, 97840.
    #[doc(alias = "delete_doc")]
    #[doc(alias = "删除文档事件")]
    #[event]
    pub struct DeleteDoc {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The ids of the documents.
        many doc_ids: String = "DocId",
    }

    /// The members of documents changed.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97833, 97836, 97839.
    #[doc(alias = "doc_member_change")]
    #[doc(alias = "修改文档成员事件")]
    #[event]
    pub struct DocMemberChange {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The ids of the documents.
        many doc_ids: String = "DocId",
    }

    /// Forms were deleted.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 98055, 98095, 98097.
    #[doc(alias = "delete_form")]
    #[doc(alias = "删除收集表事件")]
    #[event]
    pub struct DeleteForm {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The ids of the forms.
        many form_ids: String = "FormId",
    }

    /// Forms were filled in.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97835, 97838, 97841.
    #[doc(alias = "form_complete")]
    #[doc(alias = "收集表完成事件")]
    #[event]
    pub struct FormComplete {
        /// The member's UserID.
        may from_user_name: String = "FromUserName",
        /// The ids of the forms.
        many form_ids: String = "FormId",
    }

    /// The settings of forms changed: the administrators, the people allowed to fill them in, or
    /// another setting.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 98056, 98096, 98098.
    #[doc(alias = "form_settings_change")]
    #[doc(alias = "修改收集表设置事件")]
    #[event]
    pub struct FormSettingsChange {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The ids of the forms.
        many form_ids: String = "FormId",
    }
}
