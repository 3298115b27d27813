#!/usr/bin/env bash
# cloudevents-sdk does not keep the JSON data of an event that it reads and writes again.
#
# Expected: a relay that reads an event and writes it leaves the data as it was sent.
# Happens: the data is a tree of serde_json in between. The order of the members and the spelling of
#   numbers are lost, and a number of more than 64 bits is rounded.
# Version: cloudevents-sdk 0.9.0.
# Hurts: relays of signed data, and consumers that compare or hash it; ids that are long numbers.
# Source: https://docs.rs/cloudevents-sdk/0.9.0/cloudevents/event/enum.Data.html
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" CARGO_PROFILE_DEV_DEBUG=0
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "cloudevents-data"
version = "0.0.0"
edition = "2024"

[dependencies]
cloudevents-sdk = { version = "=0.9.0", default-features = false }
serde_json = "1"
TOML
cat > src/main.rs <<'RUST'
fn main() {
    let sent = r#"{"price":1.50,"id":123456789012345678901234567890,"at":"x"}"#;
    let event = format!(
        r#"{{"specversion":"1.0","id":"1","source":"a","type":"b","datacontenttype":"application/json","data":{sent}}}"#
    );
    let event: cloudevents::Event = serde_json::from_str(&event).unwrap();
    let written = serde_json::to_string(&event).unwrap();
    println!("cloudevents-sdk 0.9.0; sent: {sent}");
    println!("written: {written}");
    assert!(!written.contains(sent), "the behaviour has changed");
    assert!(written.contains(r#""at":"x","id":1.2345678901234568e+29,"price":1.5"#), "the behaviour has changed");
}
RUST
cargo run -q
