//! Apps shared with other corps. See [`ShareEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// An app is shared with other corps than before: it was given to one, or taken from one.
    ///
    /// It does not say to or from which; the API has the list. The app is [`agent_id`](super::Header::agent_id), by its
    /// number in the corp that shares it.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 90240, 90376, 96468. Notice to a
    /// suite: document 93373.
    #[doc(alias = "共享应用事件回调")]
    pub enum ShareEvent {
        /// Within a group of corps, an app is shared with others than before.
        SHARE_AGENT_CHANGE = "share_agent_change" => ShareAgentChange,
        /// Along a chain, an app is shared with other corps than before.
        SHARE_CHAIN_CHANGE = "share_chain_change" => ShareChainChange,
    }
}

fields! {
    /// The corp at the head of a group has shared an app with a corp of the group, or has taken it back.
    ///
    /// In both flavours; see [`ShareEvent`].
    #[doc(alias = "share_agent_change")]
    #[doc(alias = "handleShareAgentChanged")]
    #[doc(alias = "企业互联共享应用事件回调")]
    #[event]
    pub struct ShareAgentChange {
        /// The number of the app in a suite of several apps, which new suites are not; suites only.
        one app_id: u64 = "AppId",
        /// The corp that shares the app; suites only.
        may corp_id: String = "CorpId",
    }

    /// The upstream corp of a chain has shared an app with a downstream corp, or has taken it back.
    ///
    /// In both flavours; see [`ShareEvent`].
    #[doc(alias = "share_chain_change")]
    #[doc(alias = "上下游共享应用事件回调")]
    #[event]
    pub struct ShareChainChange {
        /// The number of the app in a suite of several apps, which new suites are not; suites only.
        one app_id: u64 = "AppId",
        /// The corp that shares the app; suites only.
        may corp_id: String = "CorpId",
    }
}
