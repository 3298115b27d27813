//! Licences of the interfaces. See [`LicenseEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// Something about licences: bought, refunded, activated, or missing.
    ///
    /// A provider buys them for the members of its customers, so that its apps may use the interfaces for these
    /// members. All but [`UnlicensedNotify`] go to the provider's URL for system events (系统事件接收URL);
    /// [`SuiteOrigin`](super::SuiteOrigin) has the customer (`auth_corp_id`) and the provider (`service_corp_id`).
    #[doc(alias = "接口调用许可")]
    pub enum LicenseEvent {
        /// A member who has no licence has opened the app.
        UNLICENSED_NOTIFY = "unlicensed_notify" => UnlicensedNotify,
        /// An order of licences was paid.
        LICENSE_PAY_SUCCESS = "license_pay_success" => LicensePaySuccess,
        /// An order of licences was refunded, or the refund was rejected.
        LICENSE_REFUND = "license_refund" => LicenseRefund,
        /// Licences were given to members without anybody asking for them.
        AUTO_ACTIVATE = "auto_activate" => AutoActivate,
    }
}

fields! {
    /// A member whose licence is missing or has expired has opened the app or mini program.
    ///
    /// For apps developed for a corp (代开发) and third-party apps: documents 95716, 97195. Comes to the URL of the app.
    /// Members who may not see the app make no such event.
    #[doc(alias = "unlicensed_notify")]
    #[doc(alias = "接口许可失效通知")]
    #[event]
    pub struct UnlicensedNotify {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
    }

    /// An order of licences was paid.
    ///
    /// Notice to a provider: documents 95804, 97196. It comes when the activation codes are there, which takes a while
    /// if they are many.
    #[doc(alias = "license_pay_success")]
    #[doc(alias = "支付成功通知")]
    #[event]
    pub struct LicensePaySuccess {
        /// The number of the order; that of its part for this corp if it was for several corps.
        id order_id: String = "OrderId",
        /// The UserID of who has ordered, a member of the provider.
        may buyer_user_id: String = "BuyerUserId",
    }

    /// An order of licences was refunded, or the refund was rejected.
    ///
    /// Notice to a provider: documents 95805, 97197.
    #[doc(alias = "license_refund")]
    #[doc(alias = "退款结果通知")]
    #[event]
    pub struct LicenseRefund {
        /// The number of the order.
        id order_id: String = "OrderId",
        /// What became of the refund.
        one order_status: RefundStatus = "OrderStatus",
    }

    /// Licences were given to members without anybody asking for them, as the provider has set it up for the corp.
    ///
    /// Notice to a provider: documents 95994, 97198.
    #[doc(alias = "auto_activate")]
    #[doc(alias = "自动激活回调通知")]
    #[event]
    pub struct AutoActivate {
        /// What has led to it.
        one scene: ActivateScene = "Scene",
        /// The licences, each with its member.
        many account_list: ActivatedAccount = "AccountList",
    }

    /// A licence that was given to a member.
    pub struct ActivatedAccount {
        /// The activation code.
        one active_code: String = "ActiveCode",
        /// What it allows.
        one r#type: LicenseType = "Type",
        /// When it expires, in seconds since 1970.
        one expire_time: u64 = "ExpireTime",
        /// The member's UserID.
        may user_id: String = "UserId",
        /// What the member had before.
        one previous_status: LicenseStatus = "PreviousStatus",
        /// The activation code that the member had before; only if there was one.
        one previous_active_code: String = "PreviousActiveCode",
    }
}

number_codes! {
    /// What became of a refund.
    #[doc(alias = "退款结果")]
    pub enum RefundStatus {
        /// The money was given back.
        Refunded = 1,
        /// The refund was rejected.
        Rejected = 2,
    }
}

number_codes! {
    /// What has led to a licence being given.
    pub enum ActivateScene {
        /// The member has opened the app.
        Visit = 1,
        /// The provider has sent the member a message by the API.
        Push = 2,
        /// The provider has called the API for something that needs [`LicenseType::Interop`].
        InteropApi = 3,
    }
}

number_codes! {
    /// What a licence allows.
    #[doc(alias = "许可账号")]
    pub enum LicenseType {
        /// To know who the member is, to send messages, and the like.
        #[doc(alias = "基础账号")]
        Basic = 1,
        /// That, and to work with customers who are on WeChat.
        #[doc(alias = "互通账号")]
        Interop = 2,
    }
}

number_codes! {
    /// The licence that a member had before.
    pub enum LicenseStatus {
        /// None that was activated.
        Inactive = 1,
        /// One that was still good, for 7 days at most.
        Active = 2,
        /// One that had expired.
        Expired = 3,
    }
}
