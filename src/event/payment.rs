//! Payments. See [`PaymentEvent`].

use super::family::family;
use crate::payload::{fields, text_codes};

family! {
    /// A payment was made, or a refund ended. `resource` contains the payment or the refund,
    /// encrypted.
    ///
    /// Documents 97478, 97335, 97338. Sent to the URL of the app through which the corp collects
    /// external payments (对外收款). The format is XML, or JSON if the URL contains
    /// `callback_format=json`. The notice is encrypted like any other. Its `resource` is encrypted
    /// once more, with AES-256-GCM under the same EncodingAESKey. `Config::open_resource` (feature
    /// `payment`) decrypts it to JSON.
    ///
    /// These notices have neither a `MsgType` nor an `Event`, but an `event_type`. A repeated
    /// notice has the same `id`.
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
    /// Sent to self-built apps, as far as known. Documents 97478, 97335.
    #[doc(alias = "TRANSACTION.SUCCESS")]
    #[doc(alias = "支付通知")]
    #[event]
    pub struct TransactionSuccess {
        /// The subject of the notice.
        one notify_type: PayNotifyType => "notify_type",
        /// The id of the notice. Also in [`Header::message_id`](super::Header::message_id).
        id id: String => "id",
        /// When the notice was created, in the form of RFC 3339: `2026-01-01T08:00:05+08:00`.
        one create_time: String => "create_time",
        /// The form of `resource`: `encrypt-resource`.
        one resource_type: String => "resource_type",
        /// The payment, encrypted.
        one resource: EncryptedResource => "resource",
        /// A short summary.
        one summary: String => "summary",
    }

    /// A refund was made.
    ///
    /// Sent to self-built apps, as far as known. Documents 97478, 97338.
    #[doc(alias = "REFUND.SUCCESS")]
    #[doc(alias = "退款通知")]
    #[event]
    pub struct RefundSuccess {
        /// The subject of the notice.
        one notify_type: PayNotifyType => "notify_type",
        /// The id of the notice. Also in [`Header::message_id`](super::Header::message_id).
        id id: String => "id",
        /// When the notice was created, in the form of RFC 3339: `2026-01-01T08:00:05+08:00`.
        one create_time: String => "create_time",
        /// The form of `resource`: `encrypt-resource`.
        one resource_type: String => "resource_type",
        /// The refund, encrypted.
        one resource: EncryptedResource => "resource",
        /// A short summary.
        one summary: String => "summary",
    }

    /// A refund did not reach the payer.
    ///
    /// Sent to self-built apps, as far as known. Documents 97478, 97338. They name this kind, but
    /// have no example of it. Its fields are assumed to be those of [`RefundSuccess`].
    #[doc(alias = "REFUND.ABNORMAL")]
    #[doc(alias = "退款异常通知")]
    #[event]
    pub struct RefundAbnormal {
        /// The subject of the notice.
        one notify_type: PayNotifyType => "notify_type",
        /// The id of the notice. Also in [`Header::message_id`](super::Header::message_id).
        id id: String => "id",
        /// When the notice was created, in the form of RFC 3339: `2026-01-01T08:00:05+08:00`.
        one create_time: String => "create_time",
        /// The form of `resource`: `encrypt-resource`.
        one resource_type: String => "resource_type",
        /// The refund, encrypted.
        one resource: EncryptedResource => "resource",
        /// A short summary.
        one summary: String => "summary",
    }

    /// A refund was closed and not made.
    ///
    /// Sent to self-built apps, as far as known. Documents 97478, 97338. They name this kind, but
    /// have no example of it. Its fields are assumed to be those of [`RefundSuccess`].
    #[doc(alias = "REFUND.CLOSED")]
    #[doc(alias = "退款关闭通知")]
    #[event]
    pub struct RefundClosed {
        /// The subject of the notice.
        one notify_type: PayNotifyType => "notify_type",
        /// The id of the notice. Also in [`Header::message_id`](super::Header::message_id).
        id id: String => "id",
        /// When the notice was created, in the form of RFC 3339: `2026-01-01T08:00:05+08:00`.
        one create_time: String => "create_time",
        /// The form of `resource`: `encrypt-resource`.
        one resource_type: String => "resource_type",
        /// The refund, encrypted.
        one resource: EncryptedResource => "resource",
        /// A short summary.
        one summary: String => "summary",
    }

    /// The encrypted subject of a payment's notice. `Config::open_resource` (feature `payment`)
    /// decrypts it.
    pub struct EncryptedResource {
        /// The algorithm: `AEAD_AES_256_GCM`.
        one algorithm: String => "algorithm",
        /// The ciphertext in Base64.
        one ciphertext: String => "ciphertext",
        /// The associated data, which is authenticated but not encrypted. Can be empty.
        one associated_data: String => "associated_data",
        /// The nonce.
        one nonce: String => "nonce",
    }
}

text_codes! {
    /// The subject of a payment's notice.
    pub enum PayNotifyType {
        /// A payment.
        NormalPay = "NORMALPAY",
        /// A payment of several orders at once.
        CombinePay = "COMBINEPAY",
        /// A refund.
        Refund = "REFUND",
    }
}
