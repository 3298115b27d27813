//! Payments. See [`PaymentEvent`].

use super::family::family;
use crate::payload::{fields, text_codes};

family! {
    /// A payment was made, or a refund has come to its end. What was paid or refunded stands encrypted in `resource`.
    ///
    /// Documents 97478, 97335, 97338. Sent to the URL of the app with which the corp takes money from outside (对外收款),
    /// as XML, or as JSON if the URL carries `callback_format=json`. The notice comes encrypted like any other, and its
    /// `resource` once more, with AES-256-GCM under the same EncodingAESKey:
    /// `Config::open_resource` (feature `payment`) opens it, and what comes out is JSON.
    ///
    /// These notices have no `MsgType` and no `Event`, but a word of their own, `event_type`. One that comes again has
    /// the same `id`.
    #[doc(alias = "对外收款")]
    pub enum PaymentEvent {
        /// A payment was made.
        TRANSACTION_SUCCESS = "payment" / "TRANSACTION.SUCCESS" => TransactionSuccess,
        /// A refund was made.
        REFUND_SUCCESS = "payment" / "REFUND.SUCCESS" => RefundSuccess,
        /// A refund did not reach the payer.
        REFUND_ABNORMAL = "payment" / "REFUND.ABNORMAL" => RefundAbnormal,
        /// A refund was closed.
        REFUND_CLOSED = "payment" / "REFUND.CLOSED" => RefundClosed,
    }
}

fields! {
    /// A payment was made.
    ///
    /// Own apps, as far as known: documents 97478, 97335.
    #[doc(alias = "TRANSACTION.SUCCESS")]
    #[doc(alias = "支付通知")]
    #[event]
    pub struct TransactionSuccess {
        /// What the notice is about.
        one notify_type: PayNotifyType => "notify_type",
        /// The id of the notice, which stands in [`Header::message_id`](super::Header::message_id) too.
        id id: String => "id",
        /// When the notice was made, as RFC 3339 writes it: `2026-01-01T08:00:05+08:00`.
        one create_time: String => "create_time",
        /// How `resource` is packed: `encrypt-resource`.
        one resource_type: String => "resource_type",
        /// The payment, encrypted.
        one resource: EncryptedResource => "resource",
        /// A few words on it.
        one summary: String => "summary",
    }

    /// A refund was made.
    ///
    /// Own apps, as far as known: documents 97478, 97338.
    #[doc(alias = "REFUND.SUCCESS")]
    #[doc(alias = "退款通知")]
    #[event]
    pub struct RefundSuccess {
        /// What the notice is about.
        one notify_type: PayNotifyType => "notify_type",
        /// The id of the notice, which stands in [`Header::message_id`](super::Header::message_id) too.
        id id: String => "id",
        /// When the notice was made, as RFC 3339 writes it: `2026-01-01T08:00:05+08:00`.
        one create_time: String => "create_time",
        /// How `resource` is packed: `encrypt-resource`.
        one resource_type: String => "resource_type",
        /// The refund, encrypted.
        one resource: EncryptedResource => "resource",
        /// A few words on it.
        one summary: String => "summary",
    }

    /// A refund did not reach the payer.
    ///
    /// Own apps, as far as known: documents 97478, 97338. They name this kind and show no example of it; taken to be
    /// like [`RefundSuccess`].
    #[doc(alias = "REFUND.ABNORMAL")]
    #[doc(alias = "退款异常通知")]
    #[event]
    pub struct RefundAbnormal {
        /// What the notice is about.
        one notify_type: PayNotifyType => "notify_type",
        /// The id of the notice, which stands in [`Header::message_id`](super::Header::message_id) too.
        id id: String => "id",
        /// When the notice was made, as RFC 3339 writes it: `2026-01-01T08:00:05+08:00`.
        one create_time: String => "create_time",
        /// How `resource` is packed: `encrypt-resource`.
        one resource_type: String => "resource_type",
        /// The refund, encrypted.
        one resource: EncryptedResource => "resource",
        /// A few words on it.
        one summary: String => "summary",
    }

    /// A refund was closed without being made.
    ///
    /// Own apps, as far as known: documents 97478, 97338. They name this kind and show no example of it; taken to be
    /// like [`RefundSuccess`].
    #[doc(alias = "REFUND.CLOSED")]
    #[doc(alias = "退款关闭通知")]
    #[event]
    pub struct RefundClosed {
        /// What the notice is about.
        one notify_type: PayNotifyType => "notify_type",
        /// The id of the notice, which stands in [`Header::message_id`](super::Header::message_id) too.
        id id: String => "id",
        /// When the notice was made, as RFC 3339 writes it: `2026-01-01T08:00:05+08:00`.
        one create_time: String => "create_time",
        /// How `resource` is packed: `encrypt-resource`.
        one resource_type: String => "resource_type",
        /// The refund, encrypted.
        one resource: EncryptedResource => "resource",
        /// A few words on it.
        one summary: String => "summary",
    }

    /// What a payment's notice is about, encrypted. `Config::open_resource` (feature `payment`) opens it.
    pub struct EncryptedResource {
        /// How it is encrypted: `AEAD_AES_256_GCM`.
        one algorithm: String => "algorithm",
        /// The encrypted text, in Base64.
        one ciphertext: String => "ciphertext",
        /// What was authenticated along with it, in plain; may be empty.
        one associated_data: String => "associated_data",
        /// The nonce.
        one nonce: String => "nonce",
    }
}

text_codes! {
    /// What a payment's notice is about.
    pub enum PayNotifyType {
        /// A payment.
        NormalPay = "NORMALPAY",
        /// A payment of several orders at once.
        CombinePay = "COMBINEPAY",
        /// A refund.
        Refund = "REFUND",
    }
}
