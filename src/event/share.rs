//! Apps shared with other corps. See [`ShareEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// An app was shared with another corp, or is no longer shared with it.
    ///
    /// The callback does not name the other corp. The API returns the list.
    /// [`agent_id`](super::Header::agent_id) is the app, by its id in the corp that shares it.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 90240, 90376, 96468. Sent to suites as a notice. Document 93373.
    #[doc(alias = "共享应用事件回调")]
    pub enum ShareEvent {
        /// The corps of a group with which an app is shared changed.
        SHARE_AGENT_CHANGE = "share_agent_change" => ShareAgentChange,
        /// The corps of a chain with which an app is shared changed.
        SHARE_CHAIN_CHANGE = "share_chain_change" => ShareChainChange,
    }
}

fields! {
    /// The head corp of a group shared an app with another corp of the group, or withdrew it.
    ///
    /// Sent in both flavours. See [`ShareEvent`].
    #[doc(alias = "share_agent_change")]
    #[doc(alias = "handleShareAgentChanged")]
    #[doc(alias = "企业互联共享应用事件回调")]
    #[event]
    pub struct ShareAgentChange {
        /// The number of the app in a suite of several apps. New suites have only one app. Only
        /// sent to suites.
        one app_id: u64 = "AppId",
        /// The corp that shares the app. Only sent to suites.
        may corp_id: String = "CorpId",
    }

    /// The upstream corp of a chain shared an app with a downstream corp, or withdrew it.
    ///
    /// Sent in both flavours. See [`ShareEvent`].
    #[doc(alias = "share_chain_change")]
    #[doc(alias = "上下游共享应用事件回调")]
    #[event]
    pub struct ShareChainChange {
        /// The number of the app in a suite of several apps. New suites have only one app. Only
        /// sent to suites.
        one app_id: u64 = "AppId",
        /// The corp that shares the app. Only sent to suites.
        may corp_id: String = "CorpId",
    }
}
