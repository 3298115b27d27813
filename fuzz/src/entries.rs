//! Entries of the inbox, as they come from its storage.

// A private part of another crate. It is compiled here, so that it need not be public.
#[allow(dead_code)]
#[path = "../../crates/tower-wecom-inbox/src/stored.rs"]
mod stored;

use serde_json::Value;

use stored::{StoredCallback, StoredCallbackError};

/// Reads an entry. What is read is restored, stored again, and equal to itself.
pub fn read(json: &[u8]) {
    let entry = match StoredCallback::from_slice(json) {
        Ok(entry) => entry,
        Err(error) => return refused(json, error),
    };
    // Not all that is read is a tree: serde_json skips the text of a field that nobody reads without
    // a look at its bytes and escapes.
    if let Ok(value) = serde_json::from_slice::<Value>(json) {
        assert_same(&entry, &StoredCallback::from_json(&value).unwrap());
    }
    let callback = entry.restore().unwrap();
    assert_eq!(callback.payload(), &entry.payload().unwrap());
    let _ = (entry.kind(), entry.arrived_at(), format!("{entry:?}"));

    let written = serde_json::to_vec(&StoredCallback::new(&callback, entry.path())).unwrap();
    let again = StoredCallback::from_slice(&written).unwrap();
    assert_same(&entry, &again);
    let value: Value = serde_json::from_slice(&written).expect("what is written is a tree");
    assert_same(&entry, &StoredCallback::from_json(&value).unwrap());
    assert_eq!(again.kind(), callback.kind().as_str());
    assert_eq!(again.restore().unwrap().event(), callback.event());
}

fn refused(json: &[u8], error: StoredCallbackError) {
    assert!(!error.to_string().is_empty());
    if let StoredCallbackError::NewerVersion { version } = error {
        assert!(version > 1, "{json:?}");
    }
}

fn assert_same(one: &StoredCallback, other: &StoredCallback) {
    assert_eq!(one.payload().unwrap(), other.payload().unwrap());
    assert_eq!(one.tenant(), other.tenant());
    assert_eq!(one.receive_id(), other.receive_id());
    assert_eq!(one.path(), other.path());
}
