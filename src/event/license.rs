//! Interface licences. See [`LicenseEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// Licences were bought, refunded, activated, or are missing.
    ///
    /// A provider buys them for the members of its customers. Its apps may then use the interfaces
    /// for these members. All kinds but [`UnlicensedNotify`] are sent to the provider's URL for
    /// system events (系统事件接收URL). [`SuiteOrigin`](super::SuiteOrigin) contains the customer
    /// (`auth_corp_id`) and the provider (`service_corp_id`).
    #[doc(alias = "接口调用许可")]
    pub enum LicenseEvent {
        /// A member without a licence opened the app.
        UNLICENSED_NOTIFY = "unlicensed_notify" => UnlicensedNotify,
        /// An order of licences was paid.
        LICENSE_PAY_SUCCESS = "license_pay_success" => LicensePaySuccess,
        /// An order of licences was refunded, or the refund was rejected.
        LICENSE_REFUND = "license_refund" => LicenseRefund,
        /// Licences were activated for members automatically.
        AUTO_ACTIVATE = "auto_activate" => AutoActivate,
    }
}

fields! {
    /// A member with a missing or expired licence opened the app or mini program.
    ///
    /// Sent to apps developed for a corp (代开发) and third-party apps, at the URL of the app.
    /// Documents 95716, 97195. Members to whom the app is not visible cause no such event.
    #[doc(alias = "unlicensed_notify")]
    #[doc(alias = "接口许可失效通知")]
    #[event]
    pub struct UnlicensedNotify {
        /// The member's UserID.
        id from_user_name: String = "FromUserName",
    }

    /// An order of licences was paid.
    ///
    /// Sent to providers as a notice. Documents 95804, 97196. It is sent when the activation codes
    /// are ready, which takes a while for a large number.
    #[doc(alias = "license_pay_success")]
    #[doc(alias = "支付成功通知")]
    #[event]
    pub struct LicensePaySuccess {
        /// The number of the order. If the order was for several corps, the number of its part for
        /// this corp.
        id order_id: String = "OrderId",
        /// The UserID of the buyer, a member of the provider.
        may buyer_user_id: String = "BuyerUserId",
    }

    /// An order of licences was refunded, or the refund was rejected.
    ///
    /// Sent to providers as a notice. Documents 95805, 97197.
    #[doc(alias = "license_refund")]
    #[doc(alias = "退款结果通知")]
    #[event]
    pub struct LicenseRefund {
        /// The number of the order.
        id order_id: String = "OrderId",
        /// The result of the refund.
        one order_status: RefundStatus = "OrderStatus",
    }

    /// Licences were activated for members automatically, as the provider configured it for the
    /// corp.
    ///
    /// Sent to providers as a notice. Documents 95994, 97198.
    #[doc(alias = "auto_activate")]
    #[doc(alias = "自动激活回调通知")]
    #[event]
    pub struct AutoActivate {
        /// The cause of the activation.
        one scene: ActivateScene = "Scene",
        /// The licences, each with its member.
        many account_list: ActivatedAccount = "AccountList",
    }

    /// A licence that was activated for a member.
    pub struct ActivatedAccount {
        /// The activation code.
        one active_code: String = "ActiveCode",
        /// The type of the licence.
        one r#type: LicenseType = "Type",
        /// When it expires. Unix time in seconds.
        one expire_time: u64 = "ExpireTime",
        /// The member's UserID.
        may user_id: String = "UserId",
        /// The member's previous licence.
        one previous_status: LicenseStatus = "PreviousStatus",
        /// The member's previous activation code. Only sent if there was one.
        one previous_active_code: String = "PreviousActiveCode",
    }
}

number_codes! {
    /// The result of a refund.
    #[doc(alias = "退款结果")]
    pub enum RefundStatus {
        /// The order was refunded.
        Refunded = 1,
        /// The refund was rejected.
        Rejected = 2,
    }
}

number_codes! {
    /// The cause of an automatic activation.
    pub enum ActivateScene {
        /// The member opened the app.
        Visit = 1,
        /// The provider sent the member a message through the API.
        Push = 2,
        /// The provider called an API that needs [`LicenseType::Interop`].
        InteropApi = 3,
    }
}

number_codes! {
    /// The type of a licence.
    #[doc(alias = "许可账号")]
    pub enum LicenseType {
        /// It allows basic functions such as identifying the member and sending messages.
        #[doc(alias = "基础账号")]
        Basic = 1,
        /// It also allows work with customers on WeChat.
        #[doc(alias = "互通账号")]
        Interop = 2,
    }
}

number_codes! {
    /// A member's previous licence.
    pub enum LicenseStatus {
        /// The member had no activated licence.
        Inactive = 1,
        /// The member had a valid licence, for at most 7 more days.
        Active = 2,
        /// The member had an expired licence.
        Expired = 3,
    }
}
