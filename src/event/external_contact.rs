//! Customers: the external contacts of members. See [`ExternalContactEvent`].

use super::family::family;
use crate::payload::{Secret, fields, text_codes};

family! {
    /// A member and a customer have become contacts, or have ceased to be, or something else about the two has changed.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92130, 96361. Notice to a suite: document 92277.
    /// A kind that has other documents names them. Only what people do in WeCom itself is reported, not what an API
    /// call did; and a third-party app for winning customers (营销获客) is told only of those whom it has brought
    /// itself. Hardly more than ids come with it: read the customer through the API where more is needed.
    #[doc(alias = "客户联系")]
    #[doc(alias = "外部联系人变更回调")]
    pub enum ExternalContactEvent {
        /// A member has got a customer as a contact.
        ADD_EXTERNAL_CONTACT = "change_external_contact" / "add_external_contact" => AddExternalContact,
        /// A customer has added a member who takes everybody; the member has not confirmed yet.
        ADD_HALF_EXTERNAL_CONTACT = "change_external_contact" / "add_half_external_contact" => AddHalfExternalContact,
        /// A member has changed the remark or the tags of a customer.
        EDIT_EXTERNAL_CONTACT = "change_external_contact" / "edit_external_contact" => EditExternalContact,
        /// A member has deleted a customer.
        DEL_EXTERNAL_CONTACT = "change_external_contact" / "del_external_contact" => DelExternalContact,
        /// A customer has deleted a member.
        DEL_FOLLOW_USER = "change_external_contact" / "del_follow_user" => DelFollowUser,
        /// A customer was to be handed over to another member, and it failed.
        TRANSFER_FAIL = "change_external_contact" / "transfer_fail" => TransferFail,
        /// A customer has agreed that the chat is archived.
        MSG_AUDIT_APPROVED = "change_external_contact" / "msg_audit_approved" => MsgAuditApproved,
    }
}

fields! {
    /// A member has got a customer as a contact.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92130, 96361. Notice to a suite: documents 92277,
    /// 99485. The latter is for a customer acquisition component, which is told the link and the state, but neither the
    /// member nor the customer, and nothing at all where there is no state.
    #[doc(alias = "add_external_contact")]
    #[doc(alias = "添加企业客户事件")]
    #[event]
    pub struct AddExternalContact {
        /// The member's UserID; not sent to customer acquisition components.
        may user_id: String = "UserID",
        /// The customer's id; not sent to customer acquisition components.
        may external_user_id: String = "ExternalUserID",
        /// The `state` of the contact way or the `customer_channel` of the customer acquisition link that the customer
        /// came by; absent without one.
        one state: String = "State",
        /// What the API wants for sending a welcome message; good for 20 seconds and one message. Absent when the two
        /// have already begun to chat, when the code of [`AddHalfExternalContact`] was used, when the corp has set a
        /// welcome message for the member, and when the contact is a business partner, who uses WeCom at another corp.
        one welcome_code: Secret = "WelcomeCode",
        /// The customer acquisition link that the customer came by; customer acquisition components only.
        may link_id: String = "LinkId",
    }

    /// A customer has added a member who takes everybody without being asked; the member has not confirmed it yet.
    ///
    /// [`AddExternalContact`] follows when the member does.
    #[doc(alias = "add_half_external_contact")]
    #[doc(alias = "外部联系人免验证添加成员事件")]
    #[event]
    pub struct AddHalfExternalContact {
        /// The member's UserID.
        id user_id: String = "UserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
        /// The `state` of the contact way or the `customer_channel` of the customer acquisition link that the customer
        /// came by; absent without one.
        one state: String = "State",
        /// What the API wants for sending a welcome message; good for 20 seconds and one message. Absent when the two
        /// have already begun to chat and when the contact is a business partner.
        one welcome_code: Secret = "WelcomeCode",
    }

    /// A member has changed the remark or the tags of a customer.
    ///
    /// A change of the remarked phone number and nothing else is reported to own apps, but not to suites.
    #[doc(alias = "edit_external_contact")]
    #[doc(alias = "编辑企业客户事件")]
    #[event]
    pub struct EditExternalContact {
        /// The member's UserID.
        id user_id: String = "UserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
    }

    /// A member has deleted a customer, or the customer was taken from the member and given to another one.
    #[doc(alias = "del_external_contact")]
    #[doc(alias = "删除企业客户事件")]
    #[event]
    pub struct DelExternalContact {
        /// The member's UserID.
        id user_id: String = "UserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
        /// What led to it; absent when the member just deleted the customer.
        one source: DeleteSource = "Source",
    }

    /// A customer has deleted a member.
    #[doc(alias = "del_follow_user")]
    #[doc(alias = "删除跟进成员事件")]
    #[event]
    pub struct DelFollowUser {
        /// The UserID of the member who was deleted.
        id user_id: String = "UserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
    }

    /// A customer was to be handed over to another member, and it failed.
    ///
    /// Unless another member still has the customer as a contact, the API tells nothing about the customer any more.
    #[doc(alias = "transfer_fail")]
    #[doc(alias = "客户接替失败事件")]
    #[event]
    pub struct TransferFail {
        /// Why it failed.
        one fail_reason: TransferFailReason = "FailReason",
        /// The UserID of the member who was to get the customer.
        id user_id: String = "UserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
    }

    /// A customer has agreed that the chat with a member is archived.
    ///
    /// For own apps: document 92005. Suites are told with
    /// [`ChatArchiveAuditApprovedSingle`](super::ChatArchiveAuditApprovedSingle) instead.
    #[doc(alias = "msg_audit_approved")]
    #[doc(alias = "客户同意进行聊天内容存档事件回调")]
    #[event]
    pub struct MsgAuditApproved {
        /// The member's UserID.
        id user_id: String = "UserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
        /// What the API wants for sending a welcome message; good for 20 seconds and one message. Absent when the two
        /// have already begun to chat and when the code of [`AddHalfExternalContact`] was used.
        one welcome_code: Secret = "WelcomeCode",
    }
}

text_codes! {
    /// What led to the deletion of a customer.
    pub enum DeleteSource {
        /// The customer was handed over to another member, while the first one is still at the corp.
        #[doc(alias = "在职继承")]
        Transfer = "DELETE_BY_TRANSFER",
    }
}

text_codes! {
    /// Why a customer was not handed over.
    pub enum TransferFailReason {
        /// The customer has refused.
        CustomerRefused = "customer_refused",
        /// The member who was to take over has as many customers as a member may have.
        CustomerLimitExceed = "customer_limit_exceed",
    }
}
