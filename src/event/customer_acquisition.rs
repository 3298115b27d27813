//! Customer acquisition links. See [`CustomerAcquisitionEvent`].

use super::family::family;
use crate::payload::{Secret, fields};

family! {
    /// The customer acquisition links (获客链接) of a corp: a customer came through one, one no
    /// longer works, or the quota changed.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 97299, 98958. Sent
    /// to suites as a notice. Documents 97402, 99485. A kind with other documents names them.
    ///
    /// Document 99485 is for the customer acquisition component (获客助手组件). It gets requests
    /// and messages only if there is a state, and never the customer or the member. It gets
    /// callbacks about the corp's quota only if the corp itself pays. Messages are reported only
    /// for customers on WeChat, not for those on WeCom at another corp.
    ///
    /// The corp is [`Header::to`](super::Header::to) for an app and
    /// [`SuiteOrigin::auth_corp_id`](super::SuiteOrigin::auth_corp_id) for a suite. When a customer
    /// becomes a contact, an [`AddExternalContact`](super::AddExternalContact) is sent.
    #[doc(alias = "获客助手事件通知")]
    pub enum CustomerAcquisitionEvent {
        /// The corp's quota is running out.
        BALANCE_LOW = "customer_acquisition" / "balance_low" => BalanceLow,
        /// The corp's quota is used up.
        BALANCE_EXHAUSTED = "customer_acquisition" / "balance_exhausted" => BalanceExhausted,
        /// The corp has quota again.
        BALANCE_INCREASED = "customer_acquisition" / "balance_increased" => BalanceIncreased,
        /// A part of the quota will expire soon.
        QUOTA_EXPIRE_SOON = "customer_acquisition" / "quota_expire_soon" => QuotaExpireSoon,
        /// A customer opened a link.
        OPEN_PROFILE = "customer_acquisition" / "open_profile" => OpenProfile,
        /// A customer sent a contact request through a link.
        FRIEND_REQUEST = "customer_acquisition" / "friend_request" => FriendRequest,
        /// A customer that came through a link wrote for the first time.
        CUSTOMER_START_CHAT = "customer_acquisition" / "customer_start_chat" => CustomerStartChat,
        /// A customer that came through a link wrote for the third, fifth or tenth time.
        MESSAGE_FROM_CUSTOMER = "customer_acquisition" / "message_from_customer" => MessageFromCustomer,
        /// A link is temporarily unavailable.
        LINK_UNAVAILABLE = "customer_acquisition" / "link_unavailable" => LinkUnavailable,
        /// A link was deleted.
        DELETE_LINK = "customer_acquisition" / "delete_link" => DeleteLink,
        /// The price that the provider of a component pays for the customers of the corp changed.
        CHANGE_PRICE = "customer_acquisition" / "change_price" => ChangePrice,
        /// A customer was added, and the provider's quota paid for it.
        SERVICE_BALANCE_CONSUMED = "customer_acquisition" / "service_balance_consumed" => ServiceBalanceConsumed,
        /// The provider's quota is running out.
        SERVICE_BALANCE_LOW = "customer_acquisition" / "service_balance_low" => ServiceBalanceLow,
        /// The provider's quota is used up.
        SERVICE_BALANCE_EXHAUSTED = "customer_acquisition" / "service_balance_exhausted" => ServiceBalanceExhausted,
        /// The corp changed the members for whom customers may be acquired.
        CUSTOMER_ACQUISITION_PERMIT_CHANGE = "customer_acquisition_permit_change" => CustomerAcquisitionPermitChange,
    }
}

fields! {
    /// The corp's quota is running out. Fewer than 20 uses are left.
    #[doc(alias = "balance_low")]
    #[doc(alias = "企业使用量即将耗尽事件")]
    #[event]
    pub struct BalanceLow {}

    /// The corp's quota is used up.
    #[doc(alias = "balance_exhausted")]
    #[doc(alias = "使用量已经耗尽事件")]
    #[event]
    pub struct BalanceExhausted {}

    /// The corp has quota again after it was used up.
    ///
    /// An increase of a quota that is not used up is not reported.
    #[doc(alias = "balance_increased")]
    #[doc(alias = "使用量增加事件")]
    #[event]
    pub struct BalanceIncreased {}

    /// A part of the quota that the corp bought expires soon. Sent 14, 7, 3, 2 and 1 days before.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 97299, 98958. Sent
    /// to suites as a notice. Document 97402.
    #[doc(alias = "quota_expire_soon")]
    #[doc(alias = "获客使用量即将过期事件")]
    #[event]
    pub struct QuotaExpireSoon {
        /// When it expires. Unix time in seconds.
        one expire_time: u64 = "ExpireTime",
        /// The number of uses that expire.
        one expire_quota_num: u64 = "ExpireQuotaNum",
    }

    /// A customer opened a link and sees the member's profile.
    ///
    /// Only sent for corps in certain industries.
    #[doc(alias = "open_profile")]
    #[doc(alias = "微信客户打开获客链接事件")]
    #[event]
    pub struct OpenProfile {
        /// The link's id.
        id link_id: String = "LinkId",
        /// The `customer_channel` at the end of the link, if any.
        one state: String = "State",
    }

    /// A customer sent a contact request through a link.
    #[doc(alias = "friend_request")]
    #[doc(alias = "通过获客链接发起好友请求事件")]
    #[event]
    pub struct FriendRequest {
        /// The link's id.
        id link_id: String = "LinkId",
        /// The `customer_channel` at the end of the link, if any.
        one state: String = "State",
    }

    /// A member received the first message of a customer that came through a link.
    #[doc(alias = "customer_start_chat")]
    #[doc(alias = "成员首次收消息事件")]
    #[event]
    pub struct CustomerStartChat {
        /// The member's UserID. Not sent to components.
        may user_id: String = "UserID",
        /// The customer's id. Not sent to components.
        may external_user_id: String = "ExternalUserID",
        /// The id of the link through which the customer came.
        id link_id: String = "LinkId",
        /// The `customer_channel` at the end of the link. Only sent to components.
        one state: String = "State",
    }

    /// A member received the third, fifth or tenth message of a customer that came through a link.
    ///
    /// According to the documents, only the link and `chat_key` are sent since 2024-12-19. With the
    /// key, the API returns the member, the customer and the number of messages.
    #[doc(alias = "message_from_customer")]
    #[doc(alias = "成员多次收消息事件")]
    #[event]
    pub struct MessageFromCustomer {
        /// The member's UserID. Sent until 2024-12-19, and never to components.
        may user_id: String = "UserID",
        /// The customer's id. Sent until 2024-12-19, and never to components.
        may external_user_id: String = "ExternalUserID",
        /// The id of the link through which the customer came.
        id link_id: String = "LinkId",
        /// How many messages of the customer the member has received: 3, 5 or 10. Sent until
        /// 2024-12-19.
        one chat_seq: u64 = "ChatSeq",
        /// The key with which the API returns the details (`get_chat_info`). Valid for 30 minutes.
        one chat_key: Secret = "ChatKey",
        /// The `customer_channel` at the end of the link. Only sent to components, until
        /// 2024-12-19.
        one state: String = "State",
    }

    /// A link is temporarily unavailable, because the accounts of all its members have a problem.
    ///
    /// Sent to the app that created the link.
    #[doc(alias = "link_unavailable")]
    #[doc(alias = "获客链接异常事件")]
    #[event]
    pub struct LinkUnavailable {
        /// The link's id.
        id link_id: String = "LinkId",
    }

    /// A link was deleted in the administration or in a client.
    ///
    /// Sent to the app that created the link through the API, or to the component that may use it.
    /// Apps get no callback if an API call deleted the link.
    #[doc(alias = "delete_link")]
    #[doc(alias = "删除获客链接事件")]
    #[event]
    pub struct DeleteLink {
        /// The link's id.
        id link_id: String = "LinkId",
    }

    /// The price that the provider of a component pays for the customers of the corp changed.
    /// Either the corp's industry changed, or WeCom changed the price for it.
    ///
    /// Sent to suites as a notice. Document 99485.
    #[doc(alias = "change_price")]
    #[doc(alias = "获客链接服务商代付价格调整事件")]
    #[event]
    pub struct ChangePrice {
        /// The new price, in fen.
        one price: u64 = "Price",
        /// When it takes effect. Unix time in seconds.
        one effective_time: u64 = "EffectiveTime",
    }

    /// A customer was added through a link, and the provider's quota paid for it.
    ///
    /// Sent to suites as a notice. Document 99485.
    #[doc(alias = "service_balance_consumed")]
    #[doc(alias = "消耗服务商使用量事件")]
    #[event]
    pub struct ServiceBalanceConsumed {
        /// The link's id.
        id link_id: String = "LinkId",
        /// The `customer_channel` at the end of the link.
        one state: String = "State",
        /// The `once_key` at the end of the link. It is used up now.
        one once_key: String = "OnceKey",
    }

    /// The provider's quota is running out. Fewer than 20 uses are left.
    ///
    /// Sent to suites as a notice. Document 99485. It names no corp, because it is about the
    /// provider.
    #[doc(alias = "service_balance_low")]
    #[doc(alias = "服务商获客使用量即将耗尽事件")]
    #[event]
    pub struct ServiceBalanceLow {}

    /// The provider's quota is used up.
    ///
    /// Sent to suites as a notice. Document 99485. It names no corp, because it is about the
    /// provider.
    #[doc(alias = "service_balance_exhausted")]
    #[doc(alias = "服务商获客使用量已经耗尽事件")]
    #[event]
    pub struct ServiceBalanceExhausted {}

    /// An administrator of the corp changed the members for whom the app may acquire customers.
    ///
    /// Sent to suites as a notice. Document 92277. The callback does not contain the members. Read
    /// them through the API.
    #[doc(alias = "customer_acquisition_permit_change")]
    #[doc(alias = "客户可建联成员范围变动事件")]
    #[event]
    pub struct CustomerAcquisitionPermitChange {}
}
