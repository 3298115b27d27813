//! Requests for advanced-feature accounts. See [`VipAccountEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// A member's request for an advanced-feature account was made or ended.
    ///
    /// Sent to the app that the corp uses for the approval of such requests (高级功能 -
    /// 成员申请管理). Only a self-built app can be used for it.
    #[doc(alias = "高级功能")]
    pub enum VipAccountEvent {
        /// A member requested an account.
        SUBMIT_VIP_ACCOUNT_APPROVAL = "submit_vip_account_approval" => SubmitVipAccountApproval,
        /// A request ended.
        FINISH_VIP_ACCOUNT_APPROVAL = "finish_vip_account_approval" => FinishVipAccountApproval,
    }
}

fields! {
    /// A member requested an advanced-feature account.
    ///
    /// Sent to self-built apps. Document 99876. The app reports the state of the approval through
    /// the API.
    #[doc(alias = "submit_vip_account_approval")]
    #[doc(alias = "成员申请的提交回调")]
    #[event]
    pub struct SubmitVipAccountApproval {
        /// The member's UserID.
        may from_user_name: String = "FromUserName",
        /// The reason that the member gave.
        one apply_reason: String = "ApplyReason",
        /// The feature that the account is for.
        one business_type: VipBusiness = "BusinessType",
        /// The id of the request.
        id apply_id: String = "ApplyId",
    }

    /// A request for an advanced-feature account ended.
    ///
    /// Sent to self-built apps. Document 99877.
    #[doc(alias = "finish_vip_account_approval")]
    #[doc(alias = "成员申请的终止回调")]
    #[event]
    pub struct FinishVipAccountApproval {
        /// The result.
        one finish_type: VipFinishType = "FinishType",
        /// The id of the request.
        id apply_id: String = "ApplyId",
    }
}

number_codes! {
    /// The feature that an advanced-feature account is for.
    pub enum VipBusiness {
        /// E-mail.
        Mail = 1,
        /// Documents.
        Doc = 2,
        /// WeDrive.
        Drive = 3,
        /// Meetings.
        Meeting = 4,
    }
}

number_codes! {
    /// The result of a request for an advanced-feature account.
    pub enum VipFinishType {
        /// An administrator rejected it.
        Rejected = 1,
        /// The member got an account.
        Allotted = 2,
        /// The member withdrew it.
        Withdrawn = 3,
    }
}
