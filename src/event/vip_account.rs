//! Requests for advanced-feature accounts. See [`VipAccountEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// A member's request for an advanced-feature account, made or ended.
    ///
    /// Sent to the app through which the corp has such requests approved (高级功能 - 成员申请管理); only apps of one's own can be
    /// that.
    #[doc(alias = "高级功能")]
    pub enum VipAccountEvent {
        /// A member asks for an account.
        SUBMIT_VIP_ACCOUNT_APPROVAL = "submit_vip_account_approval" => SubmitVipAccountApproval,
        /// A request has come to its end.
        FINISH_VIP_ACCOUNT_APPROVAL = "finish_vip_account_approval" => FinishVipAccountApproval,
    }
}

fields! {
    /// A member asks for an advanced-feature account.
    ///
    /// For own apps: document 99876. The app tells WeCom through the API how the approval goes.
    #[doc(alias = "submit_vip_account_approval")]
    #[doc(alias = "成员申请的提交回调")]
    #[event]
    pub struct SubmitVipAccountApproval {
        /// The UserID of the member who asks.
        may from_user_name: String = "FromUserName",
        /// Why, in the member's words.
        one apply_reason: String = "ApplyReason",
        /// What the account is for.
        one business_type: VipBusiness = "BusinessType",
        /// The id of the request.
        id apply_id: String = "ApplyId",
    }

    /// A request for an advanced-feature account has come to its end.
    ///
    /// For own apps: document 99877.
    #[doc(alias = "finish_vip_account_approval")]
    #[doc(alias = "成员申请的终止回调")]
    #[event]
    pub struct FinishVipAccountApproval {
        /// How it has ended.
        one finish_type: VipFinishType = "FinishType",
        /// The id of the request.
        id apply_id: String = "ApplyId",
    }
}

number_codes! {
    /// What a member wants an advanced-feature account for.
    pub enum VipBusiness {
        /// Mail.
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
    /// How a request for an advanced-feature account has ended.
    pub enum VipFinishType {
        /// An administrator has rejected it.
        Rejected = 1,
        /// The member has got an account.
        Allotted = 2,
        /// The member has withdrawn it.
        Withdrawn = 3,
    }
}
