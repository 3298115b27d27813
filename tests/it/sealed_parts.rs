//! The encrypted parts of an opened callback: the files of AI bots and the resource of payments.
//!
//! PyCryptodome (`AES.MODE_CBC`, `AES.MODE_GCM`) made the ciphertexts with the key of
//! [`support::KEY`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tower_wecom::crypto::{MediaError, ResourceError};
use tower_wecom::event::{BotEvent, EncryptedResource, PaymentEvent};
use tower_wecom::{Config, Event, ReceiveId};

use crate::support::{self, KEY, TOKEN};

const OTHER_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// The message about a payment, with a resource that opens.
const PAYMENT: &str = include_str!("../data/samples/self_built/pay_transaction_notify.xml");
const NONCE: &str = "k3L9xQ2mZ7vB";
const WITH_DATA: &str = "heA/iCw4whj/75hiV9nimdTa/dOdANv9S9sOVD1arGEtYWjE7nI4xlHEvc3/cIJGW7mUfcsH/BFb4K/ykufJVo19Y73YWdY6VsklfjjndARHE7PsKqgYeQJ0Tdiurr3zT6Zkoif9+eCsA8xICa4/pU1OgY/QieSubsLKwAgy";
const WITHOUT_DATA: &str = "heA/iCw4whj/75hiV9nimdTa/dOdANv9S9sOVD1arGEtYWjE7nI4xlHEvc3/cIJGW7mUfcsH/BFb4K/ykufJVo19Y73YWdY6VsklfjjndARHE7PsKqgYeQJ0Tdiurr3zT6Zkoif9+eCsA8xICa5KggrWd9oe+mLQOH61+kir";
const OPENED: &[u8] = br#"{"mchid":"1900000109","out_trade_no":"T-7","transaction_id":"4200001","amount":{"total":100,"currency":"CNY"}}"#;

fn media() -> [(Vec<u8>, Vec<u8>); 5] {
    [
        (b"".to_vec(), "S/m2zVyYxCq6EHtPNkwV3FK+glE5nzISfcUI8mitqNA="),
        (b"a short file".to_vec(), "Oj04MAlomNYrVS6wK6aoTK/aDE9YyaNnZPrXUPVMoLo="),
        (vec![b'x'; 31], "93a+U1xWq7V+1VfBBvm4RfINABs5ZJUa1W1kCqgM1B4="),
        (
            (0..64).collect(),
            "JVwoIzeb5XuqKIT2XqjnoIc7JZgoPYb2sz43U9DIocRpy2EFkCQK9xJRYLqxWPqK7sJojF0WKSmrugew46hqFVl8ZjfUumRjYsxcrYBtJ8ZnGH48jgK1fV1Z1VJPralG",
        ),
        ("图片".into(), "FGqhHhWgXs7b6se8VIQoweLHbx1lcYMPYS1lKYmP+QY="),
    ]
    .map(|(file, sealed)| (file, STANDARD.decode(sealed).unwrap()))
}

/// A config with a wrong key, and the right one as the previous key.
fn rotated() -> Config {
    let (token, other) = (TOKEN.parse().unwrap(), OTHER_KEY.parse().unwrap());
    let config = Config::new(token, other, ReceiveId::empty());
    config.previous(TOKEN.parse().unwrap(), KEY.parse().unwrap())
}

fn other() -> Config {
    Config::new(
        TOKEN.parse().unwrap(),
        OTHER_KEY.parse().unwrap(),
        ReceiveId::empty(),
    )
}

#[test]
fn the_files_of_bots_are_opened_with_the_current_key_or_an_earlier_one() {
    for (file, sealed) in media() {
        assert_eq!(support::config().open_media(&sealed[..]), Ok(file.clone()));
        assert_eq!(rotated().open_media(sealed), Ok(file));
    }
}

/// With the key that opened the message, which may be an earlier one.
#[test]
fn the_files_of_a_message_are_opened_by_its_callback() {
    let json = include_str!("../data/samples/ai_bot/aibot_text.json");
    let callback = crate::catalogue::deliver(json);
    for (file, sealed) in media() {
        assert_eq!(callback.open_media(sealed), Ok(file));
    }
}

#[test]
fn a_file_that_is_cut_or_of_another_key_is_an_error() {
    for (_, sealed) in media() {
        assert_eq!(other().open_media(sealed.clone()), Err(MediaError::Padding));
        for length in 0..sealed.len() {
            let error = support::config().open_media(&sealed[..length]).unwrap_err();
            let expected = match length {
                32 | 64 => MediaError::Padding,
                length => MediaError::Length { length },
            };
            assert_eq!(error, expected, "{length} bytes of {}", sealed.len());
        }
    }
}

#[test]
fn a_large_file_is_opened_too() {
    // The sealed file ends a large one. CBC decrypts all of it but its first block.
    let (_, sealed) = media().into_iter().nth(3).unwrap();
    let mut large = vec![7; 1 << 20];
    large.extend(sealed);
    let opened = support::config().open_media(large).unwrap();
    assert_eq!(opened.len(), (1 << 20) + 64);
    assert_eq!(opened[(1 << 20) + 16..], (16..64).collect::<Vec<u8>>());
}

#[test]
fn the_resource_of_a_payment_is_opened_from_the_typed_event() {
    for (ciphertext, data) in [(WITH_DATA, "transaction"), (WITHOUT_DATA, "")] {
        let resource = received(ciphertext, NONCE, data);
        assert_eq!(
            support::config().open_resource(&resource),
            Ok(OPENED.to_vec())
        );
        assert_eq!(rotated().open_resource(&resource), Ok(OPENED.to_vec()));
    }
}

#[test]
fn a_resource_without_associated_data_has_none() {
    let mut resource = received(WITHOUT_DATA, NONCE, "");
    resource.associated_data = None;
    assert_eq!(
        support::config().open_resource(&resource),
        Ok(OPENED.to_vec())
    );
}

#[test]
fn a_resource_of_which_anything_was_changed_is_an_error() {
    let good = received(WITH_DATA, NONCE, "transaction");
    let changed = |change: fn(&mut EncryptedResource)| {
        let mut resource = good.clone();
        change(&mut resource);
        support::config().open_resource(&resource).unwrap_err()
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(other().open_resource(&good), Err(ResourceError::Tag));
    assert_eq!(changed(|it| it.associated_data = None), ResourceError::Tag);
    assert_eq!(
        changed(|it| it.nonce = Some("k3L9xQ2mZ7vC".into())),
        ResourceError::Tag
    );
    assert_eq!(
        changed(|it| it.nonce = Some("k3L9xQ2mZ7v".into())),
        ResourceError::Nonce
    );
    assert_eq!(
        changed(|it| it.nonce = Some(String::new())),
        ResourceError::Nonce
    );
    assert_eq!(
        changed(|it| it.ciphertext = Some(String::new())),
        ResourceError::Tag
    );
    assert_eq!(
        changed(|it| it.ciphertext = Some("????".into())),
        ResourceError::Base64
    );
    assert_eq!(
        changed(|it| it.algorithm = Some("none".into())),
        ResourceError::Algorithm
    );
    let missing = |field| ResourceError::Missing { field };
    assert_eq!(changed(|it| it.algorithm = None), missing("algorithm"));
    assert_eq!(changed(|it| it.ciphertext = None), missing("ciphertext"));
    assert_eq!(changed(|it| it.nonce = None), missing("nonce"));
    let sealed = STANDARD.decode(WITH_DATA).unwrap();
    for index in 0..sealed.len() {
        let mut sealed = sealed.clone();
        sealed[index] ^= 1;
        let resource = received(&STANDARD.encode(sealed), NONCE, "transaction");
        assert_eq!(
            support::config().open_resource(&resource),
            Err(ResourceError::Tag)
        );
    }
    assert_eq!(good.nonce, text(NONCE));
}

#[test]
fn nothing_secret_of_a_bots_message_is_shown() {
    let json = include_str!("../data/samples/ai_bot/aibot_text.json");
    let callback = crate::catalogue::deliver(json);
    let Event::Bot(BotEvent::BotText(text)) = callback.event() else {
        panic!()
    };
    let url = text.response_url.as_ref().unwrap();
    assert!(url.expose().contains("response_code="));
    let shown = format!("{:?} {callback:?}", callback.event());
    assert!(!shown.contains("response_code"), "{shown}");
}

/// The resource, read from a payment notice.
fn received(ciphertext: &str, nonce: &str, data: &str) -> EncryptedResource {
    let tag = |name: &str, text: &str| format!("<{name}><![CDATA[{text}]]></{name}>");
    let mut notice = PAYMENT.to_owned();
    for (name, text) in [
        ("ciphertext", ciphertext),
        ("nonce", nonce),
        ("associated_data", data),
    ] {
        let start = notice.find(&format!("<{name}>")).unwrap();
        let end = notice.find(&format!("</{name}>")).unwrap() + name.len() + 3;
        notice.replace_range(start..end, &tag(name, text));
    }
    let callback = crate::catalogue::deliver(&notice);
    let Event::Payment(PaymentEvent::TransactionSuccess(payment)) = callback.event() else {
        panic!("{:?}", callback.event())
    };
    payment.resource.clone().unwrap()
}
