//! Bodies that something has encoded, so that they are no envelope any more.

use super::finding::Finding;
use crate::language::text;

/// The beginning of gzip, as it is and in a file that is not UTF-8 any more.
const GZIP: [&[u8]; 2] = [b"\x1f\x8b", b"\x1f\xef\xbf\xbd"];
/// `<xml` and `{` in base64, also with a line break.
const BASE64: [&str; 4] = ["PHhtb", "Cjx4b", "eyJ", "ewo"];

/// What a body is instead of XML or JSON. `None` if it begins like one of them.
pub(super) fn disguise(body: &[u8]) -> Option<Finding> {
    let lossy = String::from_utf8_lossy(body);
    let trimmed = lossy.trim_start();
    if GZIP.iter().any(|begin| body.starts_with(begin)) {
        let finding = Finding::failure("body_gzip", text("body-gzip"));
        return Some(finding.advice(text("body-gzip-advice")));
    }
    if trimmed.starts_with(['<', '{']) {
        return None;
    }
    if BASE64.iter().any(|begin| trimmed.starts_with(begin)) {
        let finding = Finding::failure("body_base64", text("body-base64"));
        return Some(finding.advice(text("body-base64-advice")));
    }
    let begin = trimmed.split('=').next().unwrap_or_default();
    let is_name = begin
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"%_-.+".contains(&byte));
    let is_form = trimmed.contains('=') && !begin.is_empty() && is_name
        || trimmed.starts_with("%3C")
        || trimmed.starts_with("%7B");
    is_form
        .then(|| Finding::failure("body_form", text("body-form")).advice(text("body-form-advice")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_disguise_has_its_code() {
        let rows: [(&[u8], Option<&str>); 9] = [
            (b"\x1f\x8b\x08\0", Some("body_gzip")),
            (b"PHhtbD48RW5jcnlwdD4=", Some("body_base64")),
            (b"eyJlbmNyeXB0IjoiYSJ9", Some("body_base64")),
            (b"xml=%3Cxml%3E", Some("body_form")),
            (b"%3Cxml%3E%3CEncrypt%3E", Some("body_form")),
            (b"Encrypt=abc&AgentID=1", Some("body_form")),
            (b"<xml a=\"b\"></xml>", None),
            (b" {\"a\": \"=\"}", None),
            (b"hello", None),
        ];
        for (body, code) in rows {
            let found = disguise(body).map(|finding| finding.code);
            assert_eq!(found, code, "{}", String::from_utf8_lossy(body));
        }
    }
}
