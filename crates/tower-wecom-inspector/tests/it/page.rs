//! Tests the page itself.

use crate::support::*;

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

#[tokio::test]
async fn the_page_is_one_document_whose_policy_names_its_script_and_style() {
    use base64::Engine;
    use sha2::{Digest, Sha256};

    let app = inspected(inspector());
    let response = ask(&app, get("/")).await;
    assert_eq!(response.headers["content-type"], "text/html; charset=utf-8");
    let policy = response.headers["content-security-policy"]
        .to_str()
        .unwrap();
    for (tag, end) in [("<script>", "</script>"), ("<style>", "</style>")] {
        assert_eq!(response.text.matches(tag).count(), 1);
        let text = between(&response.text, tag, end);
        assert!(text.len() > 1000);
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
        assert!(policy.contains(&format!("'sha256-{hash}'")), "{tag}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    for part in [
        "default-src 'none'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    for address in ["http://", "https://", "//"] {
        let page = response.text.replace("\n//", "");
        let links = page.matches(&format!("\"{address}")).count();
        assert_eq!(links, 0, "the page names {address}");
    }
    for sink in [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "style=",
    ] {
        assert!(!response.text.contains(sink), "{sink}");
    }
    assert_eq!(response.headers["referrer-policy"], "no-referrer");
    assert_eq!(response.headers["x-content-type-options"], "nosniff");
    assert_eq!(response.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn every_word_is_in_both_languages() {
    let page = ask(&inspected(inspector()), get("/")).await.text;
    let keys = |language: &str| {
        let block = between(&page, &format!("\n  {language}: {{"), "\n  },");
        let words = block.split([',', '{', '\n']);
        let keys = words.filter_map(|word| word.split_once(':'));
        let keys = keys.map(|(key, _)| key.trim().to_owned());
        let mut keys: Vec<_> = keys
            .filter(|key| {
                !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            })
            .collect();
        keys.sort();
        keys.dedup();
        keys
    };
    let english = keys("en");
    assert!(english.len() > 50, "{english:?}");
    assert_eq!(english, keys("zh"));
    for part in page.split("data-word=\"").skip(1) {
        let word = part.split('"').next().unwrap();
        assert!(english.contains(&word.to_owned()), "{word}");
    }
}

#[tokio::test]
async fn every_response_to_the_page_has_its_headers_and_other_methods_are_rejected() {
    let app = inspected(inspector());
    for uri in ["/", "/?samples", "/?events", "/?nothing", "/?curl=7"] {
        let response = respond(&app, get(uri)).await;
        let headers = response.headers();
        for name in [
            "content-security-policy",
            "referrer-policy",
            "x-content-type-options",
        ] {
            assert!(headers.contains_key(name), "{uri} {name}");
        }
    }
    let mut head = get("/");
    *head.method_mut() = http::Method::HEAD;
    let response = ask(&app, head).await;
    assert_eq!(
        (response.status.as_u16(), response.text.as_str()),
        (200, "")
    );
    let mut put = get("/");
    *put.method_mut() = http::Method::PUT;
    let response = ask(&app, put).await;
    assert_eq!(response.status, 405);
    assert_eq!(response.headers["allow"], "GET, HEAD, POST");
    for (uri, status) in [
        ("/?nothing", 404),
        ("/?curl=7", 404),
        ("/?test=x", 404),
        ("/?sample=9.x", 404),
    ] {
        assert_eq!(ask(&app, get(uri)).await.status, status, "{uri}");
    }
}

#[tokio::test]
async fn the_page_may_share_the_callbacks_path() {
    let app = inspected(inspector().at("wecom"));
    assert!(
        ask(&app, get("/wecom"))
            .await
            .text
            .contains("<!doctype html>")
    );
    let check = platform().url_check("42").unwrap();
    assert_eq!(ask(&app, check).await.text, "42");
    assert_eq!(
        ask(&app, platform().deliver_xml(HIRE).unwrap())
            .await
            .status,
        200
    );
    assert_eq!(ask(&app, get("/")).await.status, 404);
    let response = respond(&app, get("/wecom?events")).await;
    assert_eq!(response.status(), 200);
}
