//! Customer acquisition links. See [`CustomerAcquisitionEvent`].

use super::family::family;
use crate::payload::{Secret, fields};

family! {
    /// Something about the customer acquisition links (获客链接) of a corp: a customer came by one, one does not work
    /// any more, or there is another quota.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 97299, 98958. Notice to a suite: documents 97402,
    /// 99485. A kind that has other documents names them. Document 99485 is that of the customer acquisition component
    /// (获客助手组件): it is told of requests and messages only if there is a state, and never who the customer or the
    /// member is; and of the corp's quota only if the corp itself pays. Messages are told only of customers who use
    /// WeChat, not of those who use WeCom at another corp.
    ///
    /// The corp concerned is [`Header::to`](super::Header::to) for an app and
    /// [`SuiteOrigin::auth_corp_id`](super::SuiteOrigin::auth_corp_id) for a suite. That a customer has become a
    /// contact is an [`AddExternalContact`](super::AddExternalContact).
    #[doc(alias = "获客助手事件通知")]
    pub enum CustomerAcquisitionEvent {
        /// The quota of the corp is running out.
        BALANCE_LOW = "customer_acquisition" / "balance_low" => BalanceLow,
        /// The quota of the corp is used up.
        BALANCE_EXHAUSTED = "customer_acquisition" / "balance_exhausted" => BalanceExhausted,
        /// The corp has quota again after it had none.
        BALANCE_INCREASED = "customer_acquisition" / "balance_increased" => BalanceIncreased,
        /// A part of the quota will expire soon.
        QUOTA_EXPIRE_SOON = "customer_acquisition" / "quota_expire_soon" => QuotaExpireSoon,
        /// A customer has opened a link.
        OPEN_PROFILE = "customer_acquisition" / "open_profile" => OpenProfile,
        /// A customer has asked through a link to become a contact.
        FRIEND_REQUEST = "customer_acquisition" / "friend_request" => FriendRequest,
        /// A customer who came by a link has written for the first time.
        CUSTOMER_START_CHAT = "customer_acquisition" / "customer_start_chat" => CustomerStartChat,
        /// A customer who came by a link has written for the third, fifth or tenth time.
        MESSAGE_FROM_CUSTOMER = "customer_acquisition" / "message_from_customer" => MessageFromCustomer,
        /// Nobody can be added through a link for the time being.
        LINK_UNAVAILABLE = "customer_acquisition" / "link_unavailable" => LinkUnavailable,
        /// A link was deleted.
        DELETE_LINK = "customer_acquisition" / "delete_link" => DeleteLink,
        /// The provider of a component pays another price for the customers of the corp.
        CHANGE_PRICE = "customer_acquisition" / "change_price" => ChangePrice,
        /// A customer was added at the expense of the provider's quota.
        SERVICE_BALANCE_CONSUMED = "customer_acquisition" / "service_balance_consumed" => ServiceBalanceConsumed,
        /// The provider's quota is running out.
        SERVICE_BALANCE_LOW = "customer_acquisition" / "service_balance_low" => ServiceBalanceLow,
        /// The provider's quota is used up.
        SERVICE_BALANCE_EXHAUSTED = "customer_acquisition" / "service_balance_exhausted" => ServiceBalanceExhausted,
        /// The corp has changed for which members customers may be won.
        CUSTOMER_ACQUISITION_PERMIT_CHANGE = "customer_acquisition_permit_change" => CustomerAcquisitionPermitChange,
    }
}

fields! {
    /// The quota of the corp is running out: fewer than 20 uses are left.
    #[doc(alias = "balance_low")]
    #[doc(alias = "企业使用量即将耗尽事件")]
    #[event]
    pub struct BalanceLow {}

    /// The quota of the corp is used up.
    #[doc(alias = "balance_exhausted")]
    #[doc(alias = "使用量已经耗尽事件")]
    #[event]
    pub struct BalanceExhausted {}

    /// The corp has quota again after it had none.
    ///
    /// More quota on top of some is not reported.
    #[doc(alias = "balance_increased")]
    #[doc(alias = "使用量增加事件")]
    #[event]
    pub struct BalanceIncreased {}

    /// A part of the quota that the corp has bought will expire soon; sent 14, 7, 3, 2 and 1 days before.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 97299, 98958. Notice to a suite: document 97402.
    #[doc(alias = "quota_expire_soon")]
    #[doc(alias = "获客使用量即将过期事件")]
    #[event]
    pub struct QuotaExpireSoon {
        /// When it expires, in seconds since 1970.
        one expire_time: u64 = "ExpireTime",
        /// How many uses expire then.
        one expire_quota_num: u64 = "ExpireQuotaNum",
    }

    /// A customer has opened a link and sees the member's profile.
    ///
    /// Sent for corps of certain lines of business only.
    #[doc(alias = "open_profile")]
    #[doc(alias = "微信客户打开获客链接事件")]
    #[event]
    pub struct OpenProfile {
        /// The link's id.
        id link_id: String = "LinkId",
        /// The `customer_channel` that was put at the end of the link; absent without one.
        one state: String = "State",
    }

    /// A customer has asked through a link to become a contact.
    #[doc(alias = "friend_request")]
    #[doc(alias = "通过获客链接发起好友请求事件")]
    #[event]
    pub struct FriendRequest {
        /// The link's id.
        id link_id: String = "LinkId",
        /// The `customer_channel` that was put at the end of the link; absent without one.
        one state: String = "State",
    }

    /// A member has received the first message of a customer who came by a link.
    #[doc(alias = "customer_start_chat")]
    #[doc(alias = "成员首次收消息事件")]
    #[event]
    pub struct CustomerStartChat {
        /// The member's UserID; not sent to components.
        may user_id: String = "UserID",
        /// The customer's id; not sent to components.
        may external_user_id: String = "ExternalUserID",
        /// The id of the link that the customer came by.
        id link_id: String = "LinkId",
        /// The `customer_channel` that was put at the end of the link; sent to components only.
        one state: String = "State",
    }

    /// A member has received the third, fifth or tenth message of a customer who came by a link.
    ///
    /// According to the documents only the link and `chat_key` are sent since 2024-12-19: who has written to whom and
    /// how often must be asked for with the latter.
    #[doc(alias = "message_from_customer")]
    #[doc(alias = "成员多次收消息事件")]
    #[event]
    pub struct MessageFromCustomer {
        /// The member's UserID; until 2024-12-19, and never to components.
        may user_id: String = "UserID",
        /// The customer's id; until 2024-12-19, and never to components.
        may external_user_id: String = "ExternalUserID",
        /// The id of the link that the customer came by.
        id link_id: String = "LinkId",
        /// How many messages of the customer the member has received: 3, 5 or 10; until 2024-12-19.
        one chat_seq: u64 = "ChatSeq",
        /// What the API wants for telling more (`get_chat_info`); good for 30 minutes.
        one chat_key: Secret = "ChatKey",
        /// The `customer_channel` that was put at the end of the link; to components only, and until 2024-12-19.
        one state: String = "State",
    }

    /// Nobody can be added through a link for the time being, since something is wrong with the accounts of all its
    /// members.
    ///
    /// Sent to the app that has made the link.
    #[doc(alias = "link_unavailable")]
    #[doc(alias = "获客链接异常事件")]
    #[event]
    pub struct LinkUnavailable {
        /// The link's id.
        id link_id: String = "LinkId",
    }

    /// A link was deleted in the administration or in a client.
    ///
    /// Sent to the app that has made the link through the API, or to the component that may use it. If an API call has
    /// deleted the link, apps are not told.
    #[doc(alias = "delete_link")]
    #[doc(alias = "删除获客链接事件")]
    #[event]
    pub struct DeleteLink {
        /// The link's id.
        id link_id: String = "LinkId",
    }

    /// The price that the provider of a component pays for the customers of the corp has changed: the corp is in
    /// another line of business, or WeCom has another price for it.
    ///
    /// Notice to a suite: document 99485.
    #[doc(alias = "change_price")]
    #[doc(alias = "获客链接服务商代付价格调整事件")]
    #[event]
    pub struct ChangePrice {
        /// The new price, in fen.
        one price: u64 = "Price",
        /// When it takes effect, in seconds since 1970.
        one effective_time: u64 = "EffectiveTime",
    }

    /// A customer was added through a link at the expense of the provider's quota.
    ///
    /// Notice to a suite: document 99485.
    #[doc(alias = "service_balance_consumed")]
    #[doc(alias = "消耗服务商使用量事件")]
    #[event]
    pub struct ServiceBalanceConsumed {
        /// The link's id.
        id link_id: String = "LinkId",
        /// The `customer_channel` that was put at the end of the link.
        one state: String = "State",
        /// The `once_key` that was put at the end of the link. It is spent now.
        one once_key: String = "OnceKey",
    }

    /// The provider's quota is running out: fewer than 20 uses are left.
    ///
    /// Notice to a suite: document 99485. It names no corp, since it is about the provider.
    #[doc(alias = "service_balance_low")]
    #[doc(alias = "服务商获客使用量即将耗尽事件")]
    #[event]
    pub struct ServiceBalanceLow {}

    /// The provider's quota is used up.
    ///
    /// Notice to a suite: document 99485. It names no corp, since it is about the provider.
    #[doc(alias = "service_balance_exhausted")]
    #[doc(alias = "服务商获客使用量已经耗尽事件")]
    #[event]
    pub struct ServiceBalanceExhausted {}

    /// An administrator of the corp has changed for which members the app may win customers.
    ///
    /// Notice to a suite: document 92277. The members must be read through the API.
    #[doc(alias = "customer_acquisition_permit_change")]
    #[doc(alias = "客户可建联成员范围变动事件")]
    #[event]
    pub struct CustomerAcquisitionPermitChange {}
}
