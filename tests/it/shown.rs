//! The `Debug` of secrets, and the texts of errors.

use std::collections::HashSet;
use std::error::Error;

use tower_wecom::crypto::{Cipher, MediaError, ResourceError};
use tower_wecom::dedup::{ClaimToken, DedupKey, KeptAnswer};
use tower_wecom::event::Gender;
use tower_wecom::payload::{Document, MAX_SIZE};
use tower_wecom::{EncodingAesKey, ReceiveId, Token};

use crate::support::{KEY, TOKEN};

#[test]
fn nothing_of_token_and_key_is_shown() {
    let (token, key): (Token, EncodingAesKey) = (TOKEN.parse().unwrap(), KEY.parse().unwrap());
    let shown = format!("{token:?} {key:?} {:?}", Cipher::new(&key));
    assert_eq!(shown, "Token(..) EncodingAesKey(..) Cipher(..)");
}

#[test]
fn keys_and_claims_are_shown_as_digits_and_answers_by_their_sort() {
    let key = DedupKey::from_bytes([0xa5; 32]);
    assert_eq!(key.to_string(), "a5".repeat(32));
    assert_eq!(format!("{key:?}"), format!("DedupKey({key})"));
    let token = ClaimToken::new(0xff);
    assert_eq!(token.to_string(), format!("{:0>32}", "ff"));
    assert_eq!(format!("{token:?}"), format!("ClaimToken({token})"));
    assert_eq!(token.get(), 0xff);
    let rows = [("a", "Ack"), ("u", "Unhandled"), ("tsaid", "Text(..)")];
    for (written, sort) in rows {
        let kept = KeptAnswer::from_bytes(written.as_bytes()).unwrap();
        assert_eq!(format!("{kept:?}"), format!("KeptAnswer({sort})"));
    }
}

#[test]
fn a_policy_is_shown_by_what_it_allows() {
    let rows = [
        (ReceiveId::any_of(["a", "b"]), r#"ReceiveId(["a", "b"])"#),
        (ReceiveId::any_corp(), "ReceiveId(not empty)"),
        (ReceiveId::dangerous_any(), "ReceiveId(any)"),
    ];
    for (policy, shown) in rows {
        assert_eq!(format!("{policy:?}"), shown);
    }
}

#[test]
fn the_children_of_an_element_are_shown_by_their_names() {
    let document = Document::parse(b"<xml><Mobile>139</Mobile><Name/></xml>").unwrap();
    let shown = format!("{:?}", document.root().children());
    assert!(shown.contains("Mobile") && shown.contains("Name") && !shown.contains("139"));
}

/// Each error has a text of its own, with enough information to act.
#[test]
fn an_error_says_what_is_wrong() {
    let too_large = Document::parse(format!("<x>{}</x>", "a".repeat(MAX_SIZE)).as_bytes());
    let rows: [(Box<dyn Error>, &str); 9] = [
        (MediaError::Length { length: 33 }.into(), "33 bytes"),
        (MediaError::Padding.into(), "another EncodingAESKey"),
        (MediaError::NoKey.into(), "ask the `Config`"),
        (ResourceError::Algorithm.into(), "AEAD_AES_256_GCM"),
        (ResourceError::Missing { field: "nonce" }.into(), "no nonce"),
        (ResourceError::Base64.into(), "base64"),
        (ResourceError::Nonce.into(), "12 bytes"),
        (ResourceError::Tag.into(), "tag is wrong"),
        (too_large.unwrap_err().into(), "too long"),
    ];
    let mut all = HashSet::new();
    for (error, words) in rows {
        let text = error.to_string();
        assert!(text.contains(words), "{text}");
        assert!(all.insert(text));
    }
}

/// An unnamed code equals the same code with a name, in a set too.
#[test]
fn codes_are_equal_in_a_set_if_they_are_equal() {
    let set = HashSet::from([Gender::Male, Gender::Other(7)]);
    assert!(set.contains(&Gender::from(1)) && set.contains(&Gender::from(7)));
    assert!(set.contains(&Gender::Other(1)) && !set.contains(&Gender::Female));
}
