//! The code of the READMEs and of the guides in both languages, compiled and run as doctests.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct English;

#[cfg(doctest)]
#[doc = include_str!("../README.zh-CN.md")]
struct Chinese;

#[cfg(doctest)]
#[doc = include_str!("../docs/from-easywechat.md")]
struct FromEasyWeChat;

#[cfg(doctest)]
#[doc = include_str!("../docs/zh/from-easywechat.md")]
struct FromEasyWeChatInChinese;

#[cfg(doctest)]
#[doc = include_str!("../docs/from-wechatpy.md")]
struct FromWechatpy;

#[cfg(doctest)]
#[doc = include_str!("../docs/zh/from-wechatpy.md")]
struct FromWechatpyInChinese;

#[cfg(doctest)]
#[doc = include_str!("../docs/from-wecom-crypto.md")]
struct FromWeComCrypto;

#[cfg(doctest)]
#[doc = include_str!("../docs/zh/from-wecom-crypto.md")]
struct FromWeComCryptoInChinese;

#[cfg(doctest)]
#[doc = include_str!("../docs/from-wxjava.md")]
struct FromWxJava;

#[cfg(doctest)]
#[doc = include_str!("../docs/zh/from-wxjava.md")]
struct FromWxJavaInChinese;

#[cfg(doctest)]
#[doc = include_str!("../docs/from-senparc.md")]
struct FromSenparc;

#[cfg(doctest)]
#[doc = include_str!("../docs/zh/from-senparc.md")]
struct FromSenparcInChinese;

#[cfg(doctest)]
#[doc = include_str!("../docs/from-skit.md")]
struct FromSkit;

#[cfg(doctest)]
#[doc = include_str!("../docs/zh/from-skit.md")]
struct FromSkitInChinese;

#[cfg(doctest)]
#[doc = include_str!("../docs/from-go-workwx.md")]
struct FromGoWorkwx;

#[cfg(doctest)]
#[doc = include_str!("../docs/zh/from-go-workwx.md")]
struct FromGoWorkwxInChinese;

#[cfg(doctest)]
#[doc = include_str!("../docs/delivery.md")]
struct Delivery;

#[cfg(doctest)]
#[doc = include_str!("../docs/zh/delivery.md")]
struct DeliveryInChinese;

#[cfg(doctest)]
#[doc = include_str!("../docs/operations.md")]
struct Operations;

#[cfg(doctest)]
#[doc = include_str!("../docs/zh/operations.md")]
struct OperationsInChinese;

#[cfg(doctest)]
#[doc = include_str!("../docs/tower-http.md")]
struct TowerHttp;

#[cfg(doctest)]
#[doc = include_str!("../docs/zh/tower-http.md")]
struct TowerHttpInChinese;
