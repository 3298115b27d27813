//! Tests which requests get the page.

use http::{Request, Version};
use tower_wecom_inspector::{Inspector, InspectorError, InspectorLayer};

use crate::support::*;

fn with(mut request: Request<String>, name: &'static str, value: &str) -> Request<String> {
    let value = value.parse().unwrap();
    request.headers_mut().insert(name, value);
    request
}

#[test]
fn a_public_address_without_a_password_is_rejected() {
    let rows = [
        ("127.0.0.1:80", true),
        ("127.9.9.9:80", true),
        ("[::1]:80", true),
        ("[::ffff:127.0.0.1]:80", true),
        ("0.0.0.0:80", false),
        ("[::]:80", false),
        ("192.168.1.7:80", false),
        ("[::ffff:10.0.0.1]:80", false),
    ];
    for (address, is_taken) in rows {
        let address = address.parse().unwrap();
        let started = Inspector::new().enabled(true).listening_on(address);
        match started {
            Ok(layer) => assert!(is_taken && layer.is_enabled(), "{address}"),
            Err(error) => {
                assert!(!is_taken, "{address}");
                assert_eq!(error, InspectorError::NoPassword(address));
                assert!(error.to_string().contains("set a password"));
            }
        }
        let inspector = Inspector::new().enabled(true).password("correct horse");
        assert!(inspector.listening_on(address).is_ok());
        // A disabled inspector accepts any address.
        let off = Inspector::new().enabled(false).listening_on(address);
        assert!(!off.unwrap().is_enabled());
    }
    let short = Inspector::new().enabled(true).password("eleven char");
    let error = short.listening_on(local()).unwrap_err();
    assert_eq!(error, InspectorError::ShortPassword(11));
}

#[tokio::test]
async fn without_a_password_only_host_names_of_this_machine_are_served() {
    let app = inspected(inspector().allow_host("Dev.example"));
    let rows = [
        ("127.0.0.1:3000", 200),
        ("127.0.0.1", 200),
        ("localhost:3000", 200),
        ("LOCALHOST", 200),
        ("app.localhost:1", 200),
        ("[::1]:3000", 200),
        ("[::ffff:127.0.0.1]:3000", 200),
        ("[::ffff:7f00:1]:3000", 200),
        ("[::ffff:10.0.0.1]:3000", 403),
        ("dev.example:3000", 200),
        ("evil.example:3000", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("notlocalhost", 403),
        ("192.168.1.7:3000", 403),
        ("0.0.0.0:3000", 403),
        ("@127.0.0.1 ", 403),
        ("user@localhost", 403),
        ("user@127.0.0.1:3000", 403),
        ("user:word@localhost", 403),
        ("@localhost", 403),
        ("evil.example@localhost", 403),
        ("localhost:", 403),
        ("localhost:x", 403),
        ("localhost:65536", 403),
        ("localhost:-1", 403),
        ("localhost:+80", 403),
        ("localhost:80:80", 403),
        ("localhost/", 403),
        ("localhost,evil.example", 403),
        ("[::1", 403),
        ("::1", 403),
        ("[::1]x", 403),
        ("", 403),
    ];
    for (host, status) in rows {
        for uri in ["/", "/?events", "/?samples"] {
            let response = respond(&app, with(get(uri), "host", host)).await;
            assert_eq!(response.status(), status, "{host} {uri}");
        }
    }
    let mut bare = get("/");
    bare.headers_mut().remove("host");
    assert_eq!(ask(&app, bare).await.status, 403);
    let mut two = get("/");
    two.headers_mut()
        .append("host", "evil.example".parse().unwrap());
    assert_eq!(ask(&app, two).await.status, 403);
    // In HTTP/2 the host name is in the URI.
    let request = |uri: &str| {
        let mut request = get(uri);
        *request.version_mut() = Version::HTTP_2;
        request
    };
    assert_eq!(
        ask(&app, request("http://localhost:3000/")).await.status,
        200
    );
    assert_eq!(ask(&app, request("http://evil.example/")).await.status, 403);
    let user = request("http://user@localhost:3000/");
    assert_eq!(ask(&app, user).await.status, 403);
}

/// What a browser sends that has not opened the address with the key.
fn stranger(uri: &str) -> Request<String> {
    let mut request = get(uri);
    request.headers_mut().remove("cookie");
    request
}

/// A tunnel, `ssh -R` for instance, adds nothing to a request. So it is the request of a stranger
/// and of a user alike, but for the key.
#[tokio::test]
async fn without_the_key_nothing_is_served() {
    let app = inspected(inspector());
    let cookie = get("/").headers()["cookie"].clone();
    let cookie = cookie.to_str().unwrap();
    let (name, key) = cookie.split_once('=').unwrap();
    assert_eq!((name, key.len()), ("wecom-inspector-3000", 32));
    let order = r#"{"sample":{"target":0,"name":"change_contact_create_user"}}"#;
    let mut send = post("/?send", order);
    send.headers_mut().remove("cookie");
    let requests = [
        stranger("/"),
        stranger("/?key"),
        stranger("/?key="),
        stranger(&format!("/?key={}", "0".repeat(32))),
        stranger(&format!("/?key={key}0")),
        stranger(&format!("/?key=key={key}")),
        stranger("/?events"),
        stranger("/?samples"),
        stranger("/?curl=1"),
        stranger("/?nothing"),
        send,
        with(get("/"), "cookie", &format!("{name}={}", &key[1..])),
        with(get("/"), "cookie", &format!("another={key}")),
        with(get("/"), "cookie", key),
    ];
    for request in requests {
        let uri = request.uri().clone();
        let response = ask(&app, request).await;
        assert_eq!(response.status, 403, "{uri}");
        assert!(response.text.contains("printed"), "{}", response.text);
        assert!(!response.text.contains(key) && !response.text.contains("script"));
        assert!(!response.headers.contains_key("set-cookie"));
    }
    // Among other cookies, and twice.
    let cookies = format!("a=b; {name}=old; {cookie}");
    assert_eq!(
        ask(&app, with(get("/"), "cookie", &cookies)).await.status,
        200
    );
    // Callbacks need no key, also those that come through a proxy.
    let request = platform().deliver_xml(HIRE).unwrap();
    let request = with(request, "x-forwarded-for", "203.0.113.9");
    assert_eq!(ask(&app, request).await.status, 200);
}

#[tokio::test]
async fn the_printed_address_leads_to_the_page_and_leaves_the_key_in_a_cookie() {
    let layer = layer(inspector());
    let app = layer.layer(app());
    let url = layer.url().unwrap();
    let query = url.strip_prefix("http://127.0.0.1:3000").unwrap();
    // A link from a terminal in the browser, for instance.
    let entry = with(stranger(query), "sec-fetch-site", "cross-site");
    let response = ask(&app, entry).await;
    assert_eq!(
        (response.status.as_u16(), response.text.as_str()),
        (303, "")
    );
    assert_eq!(response.headers["location"], "/");
    assert_eq!(response.headers["cache-control"], "no-store");
    let cookie = response.headers["set-cookie"].to_str().unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax");
    let page = with(stranger("/"), "cookie", pair);
    assert_eq!(ask(&app, page).await.status, 200);
    // The key does not replace the name of the host.
    let rebound = with(stranger(query), "host", "evil.example:3000");
    assert_eq!(ask(&app, rebound).await.status, 403);
    // A key in the query does not make a request to send something.
    let mut sent = post(query, "{}");
    sent.headers_mut().remove("cookie");
    assert_eq!(ask(&app, sent).await.status, 404);
}

/// The app and other servers of this machine may log the cookies that they get.
#[tokio::test]
async fn the_browser_sends_the_key_to_the_page_only() {
    let layer = layer(inspector().at("/deep/inspector"));
    let url = layer.url().unwrap().to_owned();
    let query = url.strip_prefix("http://127.0.0.1:3000").unwrap();
    let response = ask(&layer.layer(app()), stranger(query)).await;
    let cookie = response.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("; Path=/deep/inspector; "), "{cookie}");
}

#[test]
fn each_start_has_a_key_of_its_own_and_a_password_takes_its_place() {
    let url = |inspector: Inspector, address: &str| {
        let layer = inspector.at("dev").enabled(true);
        let layer = layer.listening_on(address.parse().unwrap()).unwrap();
        layer.url().unwrap().to_owned()
    };
    let first = url(Inspector::new(), "[::1]:80");
    assert!(first.starts_with("http://[::1]:80/dev?key="), "{first}");
    assert_ne!(first, url(Inspector::new(), "[::1]:80"));
    let password = || Inspector::new().password("correct horse");
    assert_eq!(url(password(), "[::1]:80"), "http://[::1]:80/dev");
    assert_eq!(url(password(), "0.0.0.0:80"), "http://127.0.0.1:80/dev");
    assert_eq!(url(password(), "[::]:80"), "http://[::1]:80/dev");
    assert_eq!(InspectorLayer::disabled().url(), None);
    let layer = Inspector::new()
        .enabled(true)
        .listening_on(local())
        .unwrap();
    let shown = format!("{layer:?}");
    let key = layer
        .url()
        .unwrap()
        .split_once("?key=")
        .unwrap()
        .1
        .to_owned();
    assert!(!shown.contains(&key), "{shown}");
}

#[tokio::test]
async fn other_sites_may_not_send_or_listen() {
    let app = inspected(inspector());
    let order = r#"{"sample":{"target":0,"name":"change_contact_create_user"}}"#;
    let rows = [
        ("origin", "http://evil.example", 403),
        ("origin", "null", 403),
        ("origin", "http://127.0.0.1:4000", 403),
        ("origin", "http://127.0.0.1:3000.evil.example", 403),
        ("origin", "http://127.0.0.1:3000", 200),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("content-type", "text/plain", 415),
        ("content-type", "application/x-www-form-urlencoded", 415),
    ];
    for (name, value, status) in rows {
        let request = with(post("/?send", order), name, value);
        assert_eq!(ask(&app, request).await.status, status, "{name}: {value}");
    }
    let clear = with(post("/?clear", ""), "sec-fetch-site", "cross-site");
    assert_eq!(ask(&app, clear).await.status, 403);
    for uri in ["/?events", "/?samples", "/?curl=1"] {
        let request = with(get(uri), "sec-fetch-site", "cross-site");
        assert_eq!(ask(&app, request).await.status, 403, "{uri}");
    }
    // A link from another site is allowed.
    let request = with(get("/"), "sec-fetch-site", "cross-site");
    assert_eq!(ask(&app, request).await.status, 200);
    let response = ask(&app, get("/")).await;
    assert!(!response.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn every_request_to_the_page_needs_the_password() {
    let app = inspected(inspector().password("correct horse"));
    let basic = |text: &str| {
        use base64::Engine;

        let text = base64::engine::general_purpose::STANDARD.encode(text);
        format!("Basic {text}")
    };
    for request in [
        get("/"),
        get("/?events"),
        get("/?samples"),
        post("/?send", "{}"),
    ] {
        let response = ask(&app, request).await;
        assert_eq!(response.status, 401);
        assert!(
            response.headers["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("Basic ")
        );
        assert!(!response.text.contains("script"));
    }
    let rows = [
        (basic("me:correct horse"), 200),
        (basic(":correct horse"), 200),
        (basic("me:correct horse "), 401),
        (basic("me:"), 401),
        (basic("correct horse"), 401),
        ("Basic !".to_owned(), 401),
        ("Basic".to_owned(), 401),
        ("Bearer correct horse".to_owned(), 401),
    ];
    for (credentials, status) in rows {
        let request = with(get("/"), "authorization", &credentials);
        assert_eq!(ask(&app, request).await.status, status, "{credentials}");
    }
    // With the password any host name and any proxy are allowed, but still no other site.
    let request = with(get("/"), "authorization", &basic("me:correct horse"));
    let request = with(request, "host", "dev.example");
    let request = with(request, "x-forwarded-for", "203.0.113.9");
    assert_eq!(ask(&app, request).await.status, 200);
    let request = with(
        post("/?send", "{}"),
        "authorization",
        &basic("me:correct horse"),
    );
    let request = with(request, "origin", "http://evil.example");
    assert_eq!(ask(&app, request).await.status, 403);
    let inspector = Inspector::new().password("correct horse");
    assert!(!format!("{inspector:?}").contains("horse"));
}
