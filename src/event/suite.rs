//! Third-party apps: tickets, authorisations, orders, registrations. See [`SuiteEvent`].

use super::family::family;
use super::license::RefundStatus;
use crate::payload::{Secret, fields, number_codes, text_codes};

family! {
    /// A notice to a provider, about one of its suites or about what it has bought and sold.
    ///
    /// A suite is a third-party app, or the template of an app developed for a corp (代开发). What concerns a suite goes
    /// to the suite's command URL (指令回调URL), what does not to the provider's URL for system events (系统事件接收URL).
    /// [`SuiteOrigin`](super::SuiteOrigin) has the suite, the corp that has authorised it and the provider, as far as
    /// they were sent.
    ///
    /// Each has to be answered with `success`, some within a second, and WeCom takes any other answer for an error
    /// (documents 90613, 97172): this crate answers so by itself. A handler that needs longer takes down what it got
    /// and returns.
    ///
    /// Notices of orders name the corp that buys in a field of their own, `paid_corp_id`. What was bought, and for how
    /// much, the API tells by the number of the order.
    #[doc(alias = "第三方回调协议")]
    #[doc(alias = "授权通知事件")]
    pub enum SuiteEvent {
        /// The ticket without which the suite has no access token.
        SUITE_TICKET = "suite_ticket" => SuiteTicket,
        /// A corp has authorised the suite.
        CREATE_AUTH = "create_auth" => CreateAuth,
        /// A corp has changed what it had authorised.
        CHANGE_AUTH = "change_auth" => ChangeAuth,
        /// A corp has withdrawn its authorisation.
        CANCEL_AUTH = "cancel_auth" => CancelAuth,
        /// The permanent code was reset; a code to get the new one comes with it.
        RESET_PERMANENT_CODE = "reset_permanent_code" => ResetPermanentCode,
        /// A corp has confirmed a special right.
        APPROVE_SPECIAL_AUTH = "approve_special_auth" => ApproveSpecialAuth,
        /// A corp has withdrawn a special right.
        CANCEL_SPECIAL_AUTH = "cancel_special_auth" => CancelSpecialAuth,
        /// A corp has given the app the right to see its structure.
        CORP_ARCH_AUTH = "corp_arch_auth" => CorpArchAuth,
        /// A corp has agreed that the ids of its customers are moved.
        AGREE_EXTERNAL_USERID_MIGRATION = "agree_external_userid_migration" => AgreeExternalUseridMigration,
        /// A corp has ordered.
        OPEN_ORDER = "open_order" => OpenOrder,
        /// The provider has changed the price of an order.
        CHANGE_ORDER = "change_order" => ChangeOrder,
        /// An order was paid.
        PAY_FOR_APP_SUCCESS = "pay_for_app_success" => PayForAppSuccess,
        /// An order was cancelled.
        CANCEL_ORDER = "cancel_order" => CancelOrder,
        /// An order was refunded.
        REFUND = "refund" => Refund,
        /// A corp uses another edition of the app, or on other terms.
        CHANGE_EDITON = "change_editon" | "change_edition" => ChangeEditon,
        /// An order of an advanced API was paid.
        ADVANCED_API_PAY_SUCCESS = "advanced_api_pay_success" => AdvancedApiPaySuccess,
        /// An order of an advanced API was cancelled.
        ADVANCED_API_CANCEL = "advanced_api_cancel" => AdvancedApiCancel,
        /// An order of an advanced API was refunded, or the refund was rejected.
        ADVANCED_API_REFUND = "advanced_api_refund" => AdvancedApiRefund,
        /// There are too few accounts of an advanced API.
        ADVANCED_API_INSUFFICIENT = "advanced_api_insufficient" => AdvancedApiInsufficient,
        /// An advanced API has expired.
        ADVANCED_API_EXPIRED = "advanced_api_expired" => AdvancedApiExpired,
        /// The trial of an advanced API has expired.
        ADVANCED_API_TRIAL_EXPIRED = "advanced_api_trial_expired" => AdvancedApiTrialExpired,
        /// A corp was registered through the provider's promotion package.
        REGISTER_CORP = "register_corp" => RegisterCorp,
        /// A member of a customer has opened the provider's promotion package.
        ENTER_REGISTER_PACKAGE = "enter_register_package" => EnterRegisterPackage,
    }
}

fields! {
    /// The ticket without which the suite has no access token.
    ///
    /// Notice to a suite: documents 90628, 97173. It comes every ten minutes and is good for thirty: keep the newest.
    /// The provider's console sends one at once on demand. [`tickets`](crate::tickets) has the handler that keeps it.
    #[doc(alias = "suite_ticket")]
    #[doc(alias = "handleSuiteTicketRefreshed")]
    #[doc(alias = "推送suite_ticket")]
    #[event]
    pub struct SuiteTicket {
        /// The ticket, 512 bytes at most.
        id suite_ticket: Secret = "SuiteTicket",
    }

    /// A corp has authorised the suite.
    ///
    /// Notice to a suite: documents 97086, 99401, 99680, 100964, 100965. It names no corp: that is known once the
    /// permanent code was fetched with `auth_code`. An authorisation that began on the provider's own site returns to
    /// that site and makes no notice. Components, as for the chat archive or for customer service, are authorised with
    /// the same notice.
    #[doc(alias = "create_auth")]
    #[doc(alias = "handleAuthCreated")]
    #[doc(alias = "授权成功通知")]
    #[event]
    pub struct CreateAuth {
        /// The code that the permanent code is fetched with, once and within ten minutes; 512 bytes at most.
        id auth_code: Secret = "AuthCode",
        /// What the provider has put into the link or QR code of the authorisation, if anything.
        one state: String = "State",
        /// The customer service accounts that the corp has chosen; only from the component for customer service.
        list auth_open_kf_id_list: String = "AuthOpenKfIdList" of "OpenKfId" in "ExtraInfo",
    }

    /// A corp has changed what it had authorised: who sees the app, what the app may do, or who may authorise it.
    ///
    /// Notice to a suite: documents 97086, 99401, 99487, 99680, 100964, 100965. Sent too when an app developed for the
    /// corp was disabled or enabled again. It does not say what has changed: fetch the authorisation and compare.
    #[doc(alias = "change_auth")]
    #[doc(alias = "handleAuthChanged")]
    #[doc(alias = "handleAuthUpdated")]
    #[doc(alias = "变更授权通知")]
    #[event]
    pub struct ChangeAuth {
        /// What the provider has put into the link or QR code of the authorisation, if anything.
        one state: String = "State",
        /// The customer service accounts that the corp has chosen now; only from the component for customer service.
        list auth_open_kf_id_list: String = "AuthOpenKfIdList" of "OpenKfId" in "ExtraInfo",
    }

    /// A corp has withdrawn its authorisation.
    ///
    /// Notice to a suite: documents 97086, 99680, 100964, 100965. WeCom wants the provider to delete all that it has of
    /// the corp, which is [`auth_corp_id`](super::SuiteOrigin::auth_corp_id).
    #[doc(alias = "cancel_auth")]
    #[doc(alias = "handleAuthCancelled")]
    #[doc(alias = "取消授权通知")]
    #[event]
    pub struct CancelAuth {}

    /// The permanent code was reset: somebody has asked for a new secret of an app developed for a corp, in the
    /// provider's console.
    ///
    /// Notice to a suite: documents 94758, 97175. The suite is the template of the app, whose id begins with `dk`. The
    /// documents send no corp but the code, which gives the new permanent code and the corp; some say that they got
    /// `AuthCorpId` instead of it, which would be [`auth_corp_id`](super::SuiteOrigin::auth_corp_id).
    #[doc(alias = "reset_permanent_code")]
    #[doc(alias = "handleResetPermanentCode")]
    #[doc(alias = "重置永久授权码通知")]
    #[event]
    pub struct ResetPermanentCode {
        /// The code that the new permanent code is fetched with, once and within ten minutes; 512 bytes at most.
        one auth_code: Secret = "AuthCode",
    }

    /// The administrator of a corp has confirmed a special right that the corp had authorised.
    ///
    /// Notice to a suite: documents 98959, 98962. Only now may the suite use it.
    #[doc(alias = "approve_special_auth")]
    #[doc(alias = "获客助手权限确认事件")]
    #[event]
    pub struct ApproveSpecialAuth {
        /// The right.
        one auth_type: SpecialAuthType = "AuthType",
    }

    /// The administrator of a corp has withdrawn a special right.
    ///
    /// Notice to a suite: documents 98959, 98962.
    #[doc(alias = "cancel_special_auth")]
    #[doc(alias = "获客助手权限取消事件")]
    #[event]
    pub struct CancelSpecialAuth {
        /// The right.
        one auth_type: SpecialAuthType = "AuthType",
    }

    /// A corp has given the app the right to see its structure.
    ///
    /// Notice to a suite: document 97378.
    #[doc(alias = "corp_arch_auth")]
    #[doc(alias = "授权组织架构权限通知")]
    #[event]
    pub struct CorpArchAuth {}

    /// A corp has agreed that the ids of its customers are moved to those that are the provider's own.
    ///
    /// Notice to a provider: document 96516. Concerns corps that had authorised the provider before 2021-11-17. From
    /// now on the old ids can be converted; when all are, the provider tells WeCom so. If the notice got lost, an
    /// attempt to convert shows whether the corp has agreed.
    #[doc(alias = "agree_external_userid_migration")]
    #[doc(alias = "同意授权转换external_userid事件")]
    #[event]
    pub struct AgreeExternalUseridMigration {}

    /// A corp has ordered an app on the market, or the provider has ordered for it.
    ///
    /// Notice to a suite: documents 91929, 99387.
    #[doc(alias = "open_order")]
    #[doc(alias = "下单成功通知")]
    #[event]
    pub struct OpenOrder {
        /// The corp that buys.
        may paid_corp_id: String = "PaidCorpId",
        /// The number of the order, 32 characters at most.
        id order_id: String = "OrderId",
        /// The UserID of who has ordered; empty or absent if it was the provider, or an agent of it.
        may operator_id: String = "OperatorId",
    }

    /// The provider has changed the price of an order, which has got another number by that.
    ///
    /// Notice to a suite: documents 91930, 99388. From now on only the new number is good for the API.
    #[doc(alias = "change_order")]
    #[doc(alias = "改单通知")]
    #[event]
    pub struct ChangeOrder {
        /// The corp that buys.
        may paid_corp_id: String = "PaidCorpId",
        /// The number that the order had.
        id old_order_id: String = "OldOrderId",
        /// The number that it has now, 32 characters at most.
        id new_order_id: String = "NewOrderId",
    }

    /// An order was paid.
    ///
    /// Notice to a suite: documents 91931, 99389.
    #[doc(alias = "pay_for_app_success")]
    #[doc(alias = "支付成功通知")]
    #[event]
    pub struct PayForAppSuccess {
        /// The corp that buys.
        may paid_corp_id: String = "PaidCorpId",
        /// The number of the order, 32 characters at most.
        id order_id: String = "OrderId",
    }

    /// An order was cancelled, by the provider or by the corp.
    ///
    /// Notice to a suite: documents 99353, 99392.
    #[doc(alias = "cancel_order")]
    #[doc(alias = "取消订单通知")]
    #[event]
    pub struct CancelOrder {
        /// The corp that was to buy.
        may paid_corp_id: String = "PaidCorpId",
        /// The number of the order, 32 characters at most.
        id order_id: String = "OrderId",
    }

    /// An order was refunded: the provider has agreed to it, or has let the time for an answer pass.
    ///
    /// Notice to a suite: documents 91932, 99390. Fetch from the API what the corp still has. Refunds of licences and
    /// of advanced APIs are [`LicenseRefund`](super::LicenseRefund) and [`AdvancedApiRefund`].
    #[doc(alias = "refund")]
    #[doc(alias = "退款通知")]
    #[event]
    pub struct Refund {
        /// The corp that had bought.
        may paid_corp_id: String = "PaidCorpId",
        /// The number of the order, 32 characters at most.
        id order_id: String = "OrderId",
    }

    /// A corp uses another edition of the app, or on other terms. The wire says `editon`.
    ///
    /// Notice to a suite: document 91933. Sent when an edition was bought, extended, refunded or has expired, when a
    /// trial has changed or ended, and when the app is seen by more members than were paid for, or by no more of them
    /// again. What holds now stands in the corp's authorisation, which the API has.
    #[doc(alias = "change_editon")]
    #[doc(alias = "应用版本变更通知")]
    #[event]
    pub struct ChangeEditon {
        /// The corp.
        id paid_corp_id: String = "PaidCorpId",
    }

    /// An order of an advanced API was paid.
    ///
    /// Notice to a provider: documents 100265, 100303.
    #[doc(alias = "advanced_api_pay_success")]
    #[doc(alias = "支付成功通知")]
    #[event]
    pub struct AdvancedApiPaySuccess {
        /// The API.
        one advance_api_type: AdvancedApiType = "AdvanceApiType",
        /// The number of the order.
        id order_id: String = "OrderId",
        /// The UserID of who has ordered, a member of the provider.
        may buyer_user_id: String = "BuyerUserId",
    }

    /// The provider has cancelled an order of an advanced API.
    ///
    /// Notice to a provider: documents 100268, 100305.
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
    /// Notice to a provider: documents 100267, 100304.
    #[doc(alias = "advanced_api_refund")]
    #[doc(alias = "退款结果通知")]
    #[event]
    pub struct AdvancedApiRefund {
        /// The API.
        one advance_api_type: AdvancedApiType = "AdvanceApiType",
        /// The number of the order.
        id order_id: String = "OrderId",
        /// What became of the refund.
        one order_status: RefundStatus = "OrderStatus",
    }

    /// There are too few accounts of an advanced API: a corp has authorised more members than the provider has bought
    /// accounts.
    ///
    /// Notice to a provider: documents 100272, 100306.
    #[doc(alias = "advanced_api_insufficient")]
    #[doc(alias = "接口不足通知")]
    #[event]
    pub struct AdvancedApiInsufficient {
        /// The API.
        one advance_api_type: AdvancedApiType = "AdvanceApiType",
        /// What of the chat archive the accounts are for.
        one edition: ChatArchiveEdition = "Edition" in "ChatArchiveApi",
    }

    /// An advanced API that the provider had bought for a corp has expired.
    ///
    /// Notice to a provider: documents 100269, 100307.
    #[doc(alias = "advanced_api_expired")]
    #[doc(alias = "接口购买到期通知")]
    #[event]
    pub struct AdvancedApiExpired {
        /// The API.
        one advance_api_type: AdvancedApiType = "AdvanceApiType",
        /// What of the chat archive the accounts were for.
        one edition: ChatArchiveEdition = "Edition" in "ChatArchiveApi",
    }

    /// The trial of an advanced API has expired.
    ///
    /// Notice to a provider: documents 100270, 100308.
    #[doc(alias = "advanced_api_trial_expired")]
    #[doc(alias = "接口试用到期通知")]
    #[event]
    pub struct AdvancedApiTrialExpired {
        /// The API.
        one advance_api_type: AdvancedApiType = "AdvanceApiType",
    }

    /// A corp was registered through the provider's promotion package, a QR code or a link.
    ///
    /// Notice to a provider: document 90585. The new corp is [`auth_corp_id`](super::SuiteOrigin::auth_corp_id).
    #[doc(alias = "register_corp")]
    #[doc(alias = "注册完成回调事件")]
    #[event]
    pub struct RegisterCorp {
        /// The code of the registration.
        one register_code: String = "RegisterCode",
        /// What fills the corp's address book; only if the package was made with the interface for that.
        one contact_sync: ContactSync = "ContactSync",
        /// The UserID of the administrator who has authorised.
        may user_id: String = "UserId" in "AuthUserInfo",
        /// What the provider gave when it got the code of the registration, if anything.
        one state: String = "State",
        /// The id of the promotion package.
        may template_id: String = "TemplateId",
    }

    /// A member of a corp that has already authorised an app of the provider has opened its promotion package, by QR
    /// code or by link.
    ///
    /// Notice to a provider: document 98071. The corp is [`auth_corp_id`](super::SuiteOrigin::auth_corp_id).
    #[doc(alias = "enter_register_package")]
    #[doc(alias = "扫描推广二维码事件")]
    #[event]
    pub struct EnterRegisterPackage {
        /// The UserID of the member.
        may user_id: String = "UserId" in "AuthUserInfo",
        /// The code of the registration that the link was made with; not always sent.
        one register_code: String = "RegisterCode",
        /// What the provider gave when it got the code of the registration, if anything.
        one state: String = "State",
        /// The id of the promotion package.
        may template_id: String = "TemplateId",
    }

    /// What fills the address book of a corp that was just registered.
    #[doc(alias = "通讯录迁移")]
    pub struct ContactSync {
        /// A token that may read and write the whole address book.
        one access_token: Secret = "AccessToken",
        /// How long the token is good, in seconds.
        one expires_in: u64 = "ExpiresIn",
    }
}

text_codes! {
    /// A right that the administrator of a corp has to confirm apart.
    pub enum SpecialAuthType {
        /// The use of the customer acquisition assistant.
        CustomerAcquisition = "customer_acquisition",
    }
}

number_codes! {
    /// An advanced API, which a provider buys for a corp.
    #[doc(alias = "高级接口")]
    pub enum AdvancedApiType {
        /// The data of the chat archive.
        ChatArchive = 1,
    }
}

number_codes! {
    /// What of the chat archive was bought.
    pub enum ChatArchiveEdition {
        /// Chats within the corp and with people outside of it.
        Chats = 2,
        /// These, and voice calls.
        ChatsAndCalls = 3,
    }
}
