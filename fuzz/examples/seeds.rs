//! Writes seeds for all targets into `corpus/`: the samples, and the vectors of other
//! implementations.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tower_wecom::test_util::{Platform, Sample};
use tower_wecom_fuzz::CONFIG;

fn main() {
    for sample in Sample::all() {
        let target = if sample.payload().trim_start().starts_with('<') {
            "xml"
        } else {
            "json"
        };
        write(target, sample.name(), sample.payload().as_bytes());
        // These targets read an enum. Mutation finds the bytes that `arbitrary` reads from the
        // front and the back.
        for target in ["typed", "open", "layer"] {
            write(target, sample.name(), sample.payload().as_bytes());
        }
        let request = Platform::new(&CONFIG)
            .nonce("1372623149")
            .deliver_sample(sample)
            .request()
            .unwrap();
        write("envelope", sample.name(), request.body().as_bytes());
    }
    let vectors = fs::read_to_string(data("open.jsonl")).unwrap();
    for line in vectors.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| vector[name].as_str().unwrap_or_default();
        let query = format!(
            "msg_signature={}&timestamp={}&nonce={}",
            text("msg_signature"),
            text("timestamp"),
            text("nonce")
        );
        write("query", text("id"), query.as_bytes());
        let check = format!("{query}&echostr={}", text("echostr").replace('+', "%2B"));
        write("query", &format!("{}-echo", text("id")), check.as_bytes());
        write("envelope", text("id"), text("body").as_bytes());
        let plaintext = text("expected_plaintext");
        let target = if plaintext.starts_with('{') {
            "json"
        } else {
            "xml"
        };
        write(target, text("id"), plaintext.as_bytes());
        write("reply", text("id"), plaintext.as_bytes());
    }
}

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data")
        .join(name)
}

fn write(target: &str, name: &str, seed: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name.replace('/', "_")), seed).unwrap();
}
