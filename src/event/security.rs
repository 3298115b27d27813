//! Security. See [`SecurityEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// The network that WeCom itself runs on has changed.
    #[doc(alias = "安全管理")]
    pub enum SecurityEvent {
        /// The domains or IP addresses of WeCom have changed.
        CHANGE_DOMAIN_IP = "security" / "change_domain_ip" => ChangeDomainIp,
    }
}

fields! {
    /// The domains or IP addresses of WeCom have changed.
    ///
    /// For own apps: document 100080. Sent to those that the corp lets use this API (我的企业 - 设置 - 域名IP). It does not say
    /// what has changed: fetch the list from the API (document 100079) and set the firewall by it.
    #[doc(alias = "change_domain_ip")]
    #[doc(alias = "企业微信域名IP变更事件")]
    #[event]
    pub struct ChangeDomainIp {}
}
