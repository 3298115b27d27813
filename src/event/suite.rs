//! Third-party apps: tickets, authorisations, orders, registrations. See [`SuiteEvent`].

use super::family::family;
use super::license::RefundStatus;
use crate::payload::{Secret, fields, number_codes, text_codes};

family! {
    /// A notice to a provider about one of its suites, or about its purchases and sales.
    ///
    /// A suite is a third-party app, or the template of an app developed for a corp (代开发).
    /// Notices about a suite are sent to the suite's command URL (指令回调URL). Other notices are
    /// sent to the provider's URL for system events (系统事件接收URL).
    /// [`SuiteOrigin`](super::SuiteOrigin) contains the suite, the corp that authorised it and the
    /// provider, as far as they were sent.
    ///
    /// WeCom expects the answer `success` to each notice, for some within a second. It treats any
    /// other answer as an error (documents 90613, 97172). This crate sends this answer by itself. A
    /// handler that needs more time should store the notice and return.
    ///
    /// A notice about an order names the buying corp in `paid_corp_id`. The API returns the bought
    /// goods and their price by the number of the order.
    #[doc(alias = "第三方回调协议")]
    #[doc(alias = "授权通知事件")]
    pub enum SuiteEvent {
        /// The ticket that the suite needs for its access token.
        SUITE_TICKET = "suite_ticket" => SuiteTicket,
        /// A corp authorised the suite.
        CREATE_AUTH = "create_auth" => CreateAuth,
        /// A corp changed its authorisation.
        CHANGE_AUTH = "change_auth" => ChangeAuth,
        /// A corp withdrew its authorisation.
        CANCEL_AUTH = "cancel_auth" => CancelAuth,
        /// The permanent code was reset. The notice has a code to get the new one.
        RESET_PERMANENT_CODE = "reset_permanent_code" => ResetPermanentCode,
        /// A corp confirmed a special permission.
        APPROVE_SPECIAL_AUTH = "approve_special_auth" => ApproveSpecialAuth,
        /// A corp withdrew a special permission.
        CANCEL_SPECIAL_AUTH = "cancel_special_auth" => CancelSpecialAuth,
        /// A corp permitted the app to see its structure.
        CORP_ARCH_AUTH = "corp_arch_auth" => CorpArchAuth,
        /// A corp agreed to the migration of its customers' ids.
        AGREE_EXTERNAL_USERID_MIGRATION = "agree_external_userid_migration" => AgreeExternalUseridMigration,
        /// A corp placed an order.
        OPEN_ORDER = "open_order" => OpenOrder,
        /// The provider changed the price of an order.
        CHANGE_ORDER = "change_order" => ChangeOrder,
        /// An order was paid.
        PAY_FOR_APP_SUCCESS = "pay_for_app_success" => PayForAppSuccess,
        /// An order was cancelled.
        CANCEL_ORDER = "cancel_order" => CancelOrder,
        /// An order was refunded.
        REFUND = "refund" => Refund,
        /// The edition or the terms of a corp's app changed.
        CHANGE_EDITON = "change_editon" | "change_edition" => ChangeEditon,
        /// An order of an advanced API was paid.
        ADVANCED_API_PAY_SUCCESS = "advanced_api_pay_success" => AdvancedApiPaySuccess,
        /// An order of an advanced API was cancelled.
        ADVANCED_API_CANCEL = "advanced_api_cancel" => AdvancedApiCancel,
        /// An order of an advanced API was refunded, or the refund was rejected.
        ADVANCED_API_REFUND = "advanced_api_refund" => AdvancedApiRefund,
        /// An advanced API has too few accounts.
        ADVANCED_API_INSUFFICIENT = "advanced_api_insufficient" => AdvancedApiInsufficient,
        /// An advanced API expired.
        ADVANCED_API_EXPIRED = "advanced_api_expired" => AdvancedApiExpired,
        /// The trial of an advanced API expired.
        ADVANCED_API_TRIAL_EXPIRED = "advanced_api_trial_expired" => AdvancedApiTrialExpired,
        /// A corp was registered through the provider's promotion package.
        REGISTER_CORP = "register_corp" => RegisterCorp,
        /// A member of a customer opened the provider's promotion package.
        ENTER_REGISTER_PACKAGE = "enter_register_package" => EnterRegisterPackage,
    }
}

fields! {
    /// The ticket that the suite needs for its access token.
    ///
    /// Sent to suites as a notice. Documents 90628, 97173. WeCom sends a ticket every ten minutes,
    /// and it is valid for thirty. Keep the newest one. The provider's console sends one at once on
    /// request. [`tickets`](crate::tickets) has a handler that keeps it.
    #[doc(alias = "suite_ticket")]
    #[doc(alias = "handleSuiteTicketRefreshed")]
    #[doc(alias = "推送suite_ticket")]
    #[event]
    pub struct SuiteTicket {
        /// The ticket. At most 512 bytes.
        id suite_ticket: Secret = "SuiteTicket",
    }

    /// A corp authorised the suite.
    ///
    /// Sent to suites as a notice. Documents 97086, 99401, 99680, 100964, 100965. It does not name
    /// the corp. The corp is known once the permanent code was fetched with `auth_code`. No notice
    /// is sent for an authorisation that started on the provider's own site: it returns to that
    /// site. Components, such as those for the chat archive or for customer service, are authorised
    /// with the same notice.
    #[doc(alias = "create_auth")]
    #[doc(alias = "handleAuthCreated")]
    #[doc(alias = "授权成功通知")]
    #[event]
    pub struct CreateAuth {
        /// The code to fetch the permanent code. Valid once, for ten minutes. At most 512 bytes.
        id auth_code: Secret = "AuthCode",
        /// The state that the provider put into the link or QR code of the authorisation, if any.
        one state: String = "State",
        /// The customer service accounts that the corp selected. Only sent for the customer service
        /// component.
        list auth_open_kf_id_list: String = "AuthOpenKfIdList" of "OpenKfId" in "ExtraInfo",
    }

    /// A corp changed its authorisation: the visibility of the app, its permissions, or the people
    /// allowed to authorise it.
    ///
    /// Sent to suites as a notice. Documents 97086, 99401, 99487, 99680, 100964, 100965. Also sent
    /// when an app developed for the corp was disabled or enabled again. The notice does not
    /// contain the changes. Fetch the authorisation and compare.
    #[doc(alias = "change_auth")]
    #[doc(alias = "handleAuthChanged")]
    #[doc(alias = "handleAuthUpdated")]
    #[doc(alias = "变更授权通知")]
    #[event]
    pub struct ChangeAuth {
        /// The state that the provider put into the link or QR code of the authorisation, if any.
        one state: String = "State",
        /// The customer service accounts that the corp has selected now. Only sent for the customer
        /// service component.
        list auth_open_kf_id_list: String = "AuthOpenKfIdList" of "OpenKfId" in "ExtraInfo",
    }

    /// A corp withdrew its authorisation.
    ///
    /// Sent to suites as a notice. Documents 97086, 99680, 100964, 100965. WeCom requires the
    /// provider to delete all data of the corp, which is
    /// [`auth_corp_id`](super::SuiteOrigin::auth_corp_id).
    #[doc(alias = "cancel_auth")]
    #[doc(alias = "handleAuthCancelled")]
    #[doc(alias = "取消授权通知")]
    #[event]
    pub struct CancelAuth {}

    /// The permanent code was reset. A person requested a new secret of an app developed for a
    /// corp, in the provider's console.
    ///
    /// Sent to suites as a notice. Documents 94758, 97175. The suite is the template of the app.
    /// Its id begins with `dk`. According to the documents, the notice contains the code but not
    /// the corp. The code gives the new permanent code and the corp. Some users report an
    /// `AuthCorpId` in place of the code. It would be in
    /// [`auth_corp_id`](super::SuiteOrigin::auth_corp_id).
    #[doc(alias = "reset_permanent_code")]
    #[doc(alias = "handleResetPermanentCode")]
    #[doc(alias = "重置永久授权码通知")]
    #[event]
    pub struct ResetPermanentCode {
        /// The code to fetch the new permanent code. Valid once, for ten minutes. At most 512
        /// bytes.
        one auth_code: Secret = "AuthCode",
    }

    /// The administrator of a corp confirmed a special permission that the corp had authorised.
    ///
    /// Sent to suites as a notice. Documents 98959, 98962. The suite may use the permission only
    /// from now on.
    #[doc(alias = "approve_special_auth")]
    #[doc(alias = "获客助手权限确认事件")]
    #[event]
    pub struct ApproveSpecialAuth {
        /// The permission.
        one auth_type: SpecialAuthType = "AuthType",
    }

    /// The administrator of a corp withdrew a special permission.
    ///
    /// Sent to suites as a notice. Documents 98959, 98962.
    #[doc(alias = "cancel_special_auth")]
    #[doc(alias = "获客助手权限取消事件")]
    #[event]
    pub struct CancelSpecialAuth {
        /// The permission.
        one auth_type: SpecialAuthType = "AuthType",
    }

    /// A corp permitted the app to see its structure.
    ///
    /// Sent to suites as a notice. Document 97378.
    #[doc(alias = "corp_arch_auth")]
    #[doc(alias = "授权组织架构权限通知")]
    #[event]
    pub struct CorpArchAuth {}

    /// A corp agreed to the migration of its customers' ids to ids of the provider.
    ///
    /// Sent to providers as a notice. Document 96516. It is about corps that authorised the
    /// provider before 2021-11-17. The old ids can be converted from now on. When all are
    /// converted, the provider reports it to WeCom. If the notice was lost, an attempt to convert
    /// shows whether the corp has agreed.
    #[doc(alias = "agree_external_userid_migration")]
    #[doc(alias = "同意授权转换external_userid事件")]
    #[event]
    pub struct AgreeExternalUseridMigration {}

    /// A corp ordered an app on the market, or the provider ordered it for the corp.
    ///
    /// Sent to suites as a notice. Documents 91929, 99387.
    #[doc(alias = "open_order")]
    #[doc(alias = "下单成功通知")]
    #[event]
    pub struct OpenOrder {
        /// The buying corp.
        may paid_corp_id: String = "PaidCorpId",
        /// The number of the order. At most 32 characters.
        id order_id: String = "OrderId",
        /// The UserID of the ordering person. Empty or absent if the provider or one of its agents
        /// ordered.
        may operator_id: String = "OperatorId",
    }

    /// The provider changed the price of an order. The order has a new number now.
    ///
    /// Sent to suites as a notice. Documents 91930, 99388. From now on, the API accepts only the
    /// new number.
    #[doc(alias = "change_order")]
    #[doc(alias = "改单通知")]
    #[event]
    pub struct ChangeOrder {
        /// The buying corp.
        may paid_corp_id: String = "PaidCorpId",
        /// The old number of the order.
        id old_order_id: String = "OldOrderId",
        /// The new number of the order. At most 32 characters.
        id new_order_id: String = "NewOrderId",
    }

    /// An order was paid.
    ///
    /// Sent to suites as a notice. Documents 91931, 99389.
    #[doc(alias = "pay_for_app_success")]
    #[doc(alias = "支付成功通知")]
    #[event]
    pub struct PayForAppSuccess {
        /// The buying corp.
        may paid_corp_id: String = "PaidCorpId",
        /// The number of the order. At most 32 characters.
        id order_id: String = "OrderId",
    }

    /// An order was cancelled, by the provider or by the corp.
    ///
    /// Sent to suites as a notice. Documents 99353, 99392.
    #[doc(alias = "cancel_order")]
    #[doc(alias = "取消订单通知")]
    #[event]
    pub struct CancelOrder {
        /// The corp that placed the order.
        may paid_corp_id: String = "PaidCorpId",
        /// The number of the order. At most 32 characters.
        id order_id: String = "OrderId",
    }

    /// An order was refunded. The provider agreed to the refund, or did not answer in time.
    ///
    /// Sent to suites as a notice. Documents 91932, 99390. The API returns what the corp still
    /// owns. [`LicenseRefund`](super::LicenseRefund) and [`AdvancedApiRefund`] are for refunds of
    /// licences and of advanced APIs.
    #[doc(alias = "refund")]
    #[doc(alias = "退款通知")]
    #[event]
    pub struct Refund {
        /// The corp that had bought the app.
        may paid_corp_id: String = "PaidCorpId",
        /// The number of the order. At most 32 characters.
        id order_id: String = "OrderId",
    }

    /// The edition or the terms of a corp's app changed. The spelling on the wire is `editon`.
    ///
    /// Sent to suites as a notice. Document 91933. Sent when an edition was bought, extended or
    /// refunded, or when it expired. Also sent when a trial changed or ended, and when the number
    /// of members to whom the app is visible exceeds the paid number or no longer does. The corp's
    /// authorisation contains the current state. Read it through the API.
    #[doc(alias = "change_editon")]
    #[doc(alias = "应用版本变更通知")]
    #[event]
    pub struct ChangeEditon {
        /// The corp.
        id paid_corp_id: String = "PaidCorpId",
    }

    /// An order of an advanced API was paid.
    ///
    /// Sent to providers as a notice. Documents 100265, 100303.
    #[doc(alias = "advanced_api_pay_success")]
    #[doc(alias = "支付成功通知")]
    #[event]
    pub struct AdvancedApiPaySuccess {
        /// The API.
        one advance_api_type: AdvancedApiType = "AdvanceApiType",
        /// The number of the order.
        id order_id: String = "OrderId",
        /// The UserID of the buyer, a member of the provider.
        may buyer_user_id: String = "BuyerUserId",
    }

    /// The provider cancelled an order of an advanced API.
    ///
    /// Sent to providers as a notice. Documents 100268, 100305.
    #[doc(alias = "advanced_api_cancel")]
    #[doc(alias = "取消订单通知")]
    #[event]
    pub struct AdvancedApiCancel {
        /// The API.
        one advance_api_type: AdvancedApiType = "AdvanceApiType",
        /// The number of the order.
        id order_id: String = "OrderId",
    }

    /// An order of an advanced API was refunded, or the refund was rejected.
    ///
    /// Sent to providers as a notice. Documents 100267, 100304.
    #[doc(alias = "advanced_api_refund")]
    #[doc(alias = "退款结果通知")]
    #[event]
    pub struct AdvancedApiRefund {
        /// The API.
        one advance_api_type: AdvancedApiType = "AdvanceApiType",
        /// The number of the order.
        id order_id: String = "OrderId",
        /// The result of the refund.
        one order_status: RefundStatus = "OrderStatus",
    }

    /// An advanced API has too few accounts. A corp authorised more members than the provider
    /// bought accounts for.
    ///
    /// Sent to providers as a notice. Documents 100272, 100306.
    #[doc(alias = "advanced_api_insufficient")]
    #[doc(alias = "接口不足通知")]
    #[event]
    pub struct AdvancedApiInsufficient {
        /// The API.
        one advance_api_type: AdvancedApiType = "AdvanceApiType",
        /// The edition of the chat archive that the accounts are for.
        one edition: ChatArchiveEdition = "Edition" in "ChatArchiveApi",
    }

    /// An advanced API that the provider bought for a corp expired.
    ///
    /// Sent to providers as a notice. Documents 100269, 100307.
    #[doc(alias = "advanced_api_expired")]
    #[doc(alias = "接口购买到期通知")]
    #[event]
    pub struct AdvancedApiExpired {
        /// The API.
        one advance_api_type: AdvancedApiType = "AdvanceApiType",
        /// The edition of the chat archive that the accounts were for.
        one edition: ChatArchiveEdition = "Edition" in "ChatArchiveApi",
    }

    /// The trial of an advanced API expired.
    ///
    /// Sent to providers as a notice. Documents 100270, 100308.
    #[doc(alias = "advanced_api_trial_expired")]
    #[doc(alias = "接口试用到期通知")]
    #[event]
    pub struct AdvancedApiTrialExpired {
        /// The API.
        one advance_api_type: AdvancedApiType = "AdvanceApiType",
    }

    /// A corp was registered through the provider's promotion package, which is a QR code or a
    /// link.
    ///
    /// Sent to providers as a notice. Document 90585.
    /// [`auth_corp_id`](super::SuiteOrigin::auth_corp_id) is the new corp.
    #[doc(alias = "register_corp")]
    #[doc(alias = "注册完成回调事件")]
    #[event]
    pub struct RegisterCorp {
        /// The registration code.
        one register_code: String = "RegisterCode",
        /// The access to the corp's address book. Only sent if the package was created with the
        /// interface for it.
        one contact_sync: ContactSync = "ContactSync",
        /// The UserID of the authorising administrator.
        may user_id: String = "UserId" in "AuthUserInfo",
        /// The state that the provider set when it requested the registration code, if any.
        one state: String = "State",
        /// The id of the promotion package.
        may template_id: String = "TemplateId",
    }

    /// A member opened the provider's promotion package by QR code or by link. The member's corp
    /// has already authorised an app of the provider.
    ///
    /// Sent to providers as a notice. Document 98071.
    /// [`auth_corp_id`](super::SuiteOrigin::auth_corp_id) is the corp.
    #[doc(alias = "enter_register_package")]
    #[doc(alias = "扫描推广二维码事件")]
    #[event]
    pub struct EnterRegisterPackage {
        /// The member's UserID.
        may user_id: String = "UserId" in "AuthUserInfo",
        /// The registration code of the link. Not always sent.
        one register_code: String = "RegisterCode",
        /// The state that the provider set when it requested the registration code, if any.
        one state: String = "State",
        /// The id of the promotion package.
        may template_id: String = "TemplateId",
    }

    /// The access to the address book of a newly registered corp.
    #[doc(alias = "通讯录迁移")]
    pub struct ContactSync {
        /// A token that may read and write the whole address book.
        one access_token: Secret = "AccessToken",
        /// The lifetime of the token in seconds.
        one expires_in: u64 = "ExpiresIn",
    }
}

text_codes! {
    /// A permission that the administrator of a corp must confirm separately.
    pub enum SpecialAuthType {
        /// The customer acquisition assistant.
        CustomerAcquisition = "customer_acquisition",
    }
}

number_codes! {
    /// An advanced API that a provider buys for a corp.
    #[doc(alias = "高级接口")]
    pub enum AdvancedApiType {
        /// The data of the chat archive.
        ChatArchive = 1,
    }
}

number_codes! {
    /// The edition of the chat archive.
    pub enum ChatArchiveEdition {
        /// Chats within the corp and with external people.
        Chats = 2,
        /// These chats, and voice calls.
        ChatsAndCalls = 3,
    }
}
