//! Customers: the external contacts of members. See [`ExternalContactEvent`].

use super::family::family;
use crate::payload::{Secret, fields, text_codes};

family! {
    /// The relation between a member and a customer changed: for example, the two became contacts,
    /// or one of them deleted the other.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92130, 96361. Sent
    /// to a suite as a notice. Document 92277. A kind with other documents names them. Only actions
    /// in WeCom itself are reported, not those of API calls. A third-party app for customer
    /// acquisition (营销获客) only gets callbacks about customers that it acquired itself. A
    /// callback contains little more than ids. Read the customer through the API where more is
    /// needed.
    #[doc(alias = "客户联系")]
    #[doc(alias = "外部联系人变更回调")]
    pub enum ExternalContactEvent {
        /// A member and a customer became contacts.
        ADD_EXTERNAL_CONTACT = "change_external_contact" / "add_external_contact" => AddExternalContact,
        /// A customer added a member that accepts all requests. The member has not confirmed it
        /// yet.
        ADD_HALF_EXTERNAL_CONTACT = "change_external_contact" / "add_half_external_contact" => AddHalfExternalContact,
        /// A member changed the remark or the tags of a customer.
        EDIT_EXTERNAL_CONTACT = "change_external_contact" / "edit_external_contact" => EditExternalContact,
        /// A member deleted a customer.
        DEL_EXTERNAL_CONTACT = "change_external_contact" / "del_external_contact" => DelExternalContact,
        /// A customer deleted a member.
        DEL_FOLLOW_USER = "change_external_contact" / "del_follow_user" => DelFollowUser,
        /// The transfer of a customer to another member failed.
        TRANSFER_FAIL = "change_external_contact" / "transfer_fail" => TransferFail,
        /// A customer agreed to the archiving of the chat.
        MSG_AUDIT_APPROVED = "change_external_contact" / "msg_audit_approved" => MsgAuditApproved,
    }
}

fields! {
    /// A member and a customer became contacts.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92130, 96361. Sent
    /// to a suite as a notice. Documents 92277, 99485. Document 99485 is for a customer acquisition
    /// component. It gets the link and the state, but neither the member nor the customer. Without
    /// a state, it gets no callback.
    #[doc(alias = "add_external_contact")]
    #[doc(alias = "添加企业客户事件")]
    #[event]
    pub struct AddExternalContact {
        /// The member's UserID. Not sent to customer acquisition components.
        may user_id: String = "UserID",
        /// The customer's id. Not sent to customer acquisition components.
        may external_user_id: String = "ExternalUserID",
        /// The `state` of the contact way, or the `customer_channel` of the customer acquisition
        /// link, through which the customer came. Absent otherwise.
        one state: String = "State",
        /// The code that the API needs for a welcome message. Valid for 20 seconds and one message.
        /// Absent if the two have already begun to chat, or if the code of
        /// [`AddHalfExternalContact`] was used. Also absent if the corp has set a welcome message
        /// for the member, or if the contact is a business partner: a WeCom user at another corp.
        one welcome_code: Secret = "WelcomeCode",
        /// The customer acquisition link through which the customer came. Only sent to customer
        /// acquisition components.
        may link_id: String = "LinkId",
    }

    /// A customer added a member that accepts all requests without confirmation. The member has not
    /// confirmed it yet.
    ///
    /// [`AddExternalContact`] follows when the member confirms it.
    #[doc(alias = "add_half_external_contact")]
    #[doc(alias = "外部联系人免验证添加成员事件")]
    #[event]
    pub struct AddHalfExternalContact {
        /// The member's UserID.
        id user_id: String = "UserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
        /// The `state` of the contact way, or the `customer_channel` of the customer acquisition
        /// link, through which the customer came. Absent otherwise.
        one state: String = "State",
        /// The code that the API needs for a welcome message. Valid for 20 seconds and one message.
        /// Absent if the two have already begun to chat, or if the contact is a business partner.
        one welcome_code: Secret = "WelcomeCode",
    }

    /// A member changed the remark or the tags of a customer.
    ///
    /// A change of only the phone number in the remark is reported to self-built apps, but not to
    /// suites.
    #[doc(alias = "edit_external_contact")]
    #[doc(alias = "编辑企业客户事件")]
    #[event]
    pub struct EditExternalContact {
        /// The member's UserID.
        id user_id: String = "UserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
    }

    /// A member deleted a customer, or the customer was transferred to another member.
    #[doc(alias = "del_external_contact")]
    #[doc(alias = "删除企业客户事件")]
    #[event]
    pub struct DelExternalContact {
        /// The member's UserID.
        id user_id: String = "UserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
        /// The cause of the deletion. Absent if the member simply deleted the customer.
        one source: DeleteSource = "Source",
    }

    /// A customer deleted a member.
    #[doc(alias = "del_follow_user")]
    #[doc(alias = "删除跟进成员事件")]
    #[event]
    pub struct DelFollowUser {
        /// The UserID of the deleted member.
        id user_id: String = "UserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
    }

    /// The transfer of a customer to another member failed.
    ///
    /// The API then returns nothing more about the customer, unless another member still has them
    /// as a contact.
    #[doc(alias = "transfer_fail")]
    #[doc(alias = "客户接替失败事件")]
    #[event]
    pub struct TransferFail {
        /// The reason of the failure.
        one fail_reason: TransferFailReason = "FailReason",
        /// The UserID of the intended new member.
        id user_id: String = "UserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
    }

    /// A customer agreed to the archiving of the chat with a member.
    ///
    /// Sent to self-built apps. Document 92005. Suites get
    /// [`ChatArchiveAuditApprovedSingle`](super::ChatArchiveAuditApprovedSingle) instead.
    #[doc(alias = "msg_audit_approved")]
    #[doc(alias = "客户同意进行聊天内容存档事件回调")]
    #[event]
    pub struct MsgAuditApproved {
        /// The member's UserID.
        id user_id: String = "UserID",
        /// The customer's id.
        id external_user_id: String = "ExternalUserID",
        /// The code that the API needs for a welcome message. Valid for 20 seconds and one message.
        /// Absent if the two have already begun to chat, or if the code of
        /// [`AddHalfExternalContact`] was used.
        one welcome_code: Secret = "WelcomeCode",
    }
}

text_codes! {
    /// The cause of a customer's deletion.
    pub enum DeleteSource {
        /// The customer was transferred to another member. The first member is still at the corp.
        #[doc(alias = "在职继承")]
        Transfer = "DELETE_BY_TRANSFER",
    }
}

text_codes! {
    /// The reason why the transfer of a customer failed.
    pub enum TransferFailReason {
        /// The customer refused.
        CustomerRefused = "customer_refused",
        /// The new member has the maximum number of customers.
        CustomerLimitExceed = "customer_limit_exceed",
    }
}
