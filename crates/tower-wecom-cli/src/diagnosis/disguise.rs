//! Bodies that something has encoded, so that they are no envelope any more.

use super::finding::Finding;

/// The beginning of gzip, as it is and in a file that is not UTF-8 any more.
const GZIP: [&[u8]; 2] = [b"\x1f\x8b", b"\x1f\xef\xbf\xbd"];
/// `<xml` and `{` in base64, also with a line break.
const BASE64: [&str; 4] = ["PHhtb", "Cjx4b", "eyJ", "ewo"];

/// What a body is instead of XML or JSON. `None` if it begins like one of them.
pub(super) fn disguise(body: &[u8]) -> Option<Finding> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start();
    if GZIP.iter().any(|begin| body.starts_with(begin)) {
        return Some(
            Finding::failure("body_gzip", "the body is compressed (it begins like gzip)").advice(
                "WeCom does not compress: a proxy or a capture did. Decompress it before anything \
                 reads it",
            ),
        );
    }
    if text.starts_with(['<', '{']) {
        return None;
    }
    if BASE64.iter().any(|begin| text.starts_with(begin)) {
        return Some(
            Finding::failure("body_base64", "the body is base64 of the envelope").advice(
                "a gateway of functions encodes bodies (`isBase64Encoded`): decode it once before \
                 the layer reads it",
            ),
        );
    }
    let begin = text.split('=').next().unwrap_or_default();
    let is_name = begin
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"%_-.+".contains(&byte));
    let is_form = text.contains('=') && !begin.is_empty() && is_name
        || text.starts_with("%3C")
        || text.starts_with("%7B");
    is_form.then(|| {
        Finding::failure("body_form", "the body is a form, or is encoded like one").advice(
            "something has parsed the body as a form and written it again: pass the bytes of the \
             body unchanged, before any middleware reads them",
        )
    })
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
