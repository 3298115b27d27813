//! Security. See [`SecurityEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// The network of WeCom's servers changed.
    #[doc(alias = "安全管理")]
    pub enum SecurityEvent {
        /// The domains or IP addresses of WeCom's servers changed.
        CHANGE_DOMAIN_IP = "security" / "change_domain_ip" => ChangeDomainIp,
    }
}

fields! {
    /// The domains or IP addresses of WeCom's servers changed.
    ///
    /// Sent to the self-built apps that the corp allows to use this API (我的企业 - 设置 - 域名IP).
    /// Document 100080. The callback does not contain the changes. Fetch the list through the API
    /// (document 100079) and configure the firewall with it.
    #[doc(alias = "change_domain_ip")]
    #[doc(alias = "企业微信域名IP变更事件")]
    #[event]
    pub struct ChangeDomainIp {}
}
