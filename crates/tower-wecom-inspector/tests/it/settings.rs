//! Tests the other settings.

use tower_wecom_inspector::{Inspector, InspectorLayer};

use crate::support::*;

#[tokio::test]
async fn the_page_is_at_inspector_unless_set() {
    let app = inspected(Inspector::new());
    assert_eq!(ask(&app, get("/inspector")).await.status, 200);
    for uri in ["/", "/inspector/", "/inspector/x", "/inspectors"] {
        assert_eq!(ask(&app, get(uri)).await.status, 404, "{uri}");
    }
    let mut stream = respond(&app, get("/inspector?events")).await;
    let frame = http_body_util::BodyExt::frame(stream.body_mut()).await;
    let hello = frame.unwrap().unwrap().into_data().unwrap();
    assert!(str::from_utf8(&hello).unwrap().contains("\"targets\":[]"));
}

#[test]
fn debug_shows_no_secret() {
    let inspector = inspector();
    let text = format!(
        "{inspector:?} {:?} {:?}",
        layer(self::inspector()),
        inspected(self::inspector())
    );
    assert!(text.contains("is_enabled: true"), "{text}");
    assert!(
        !text.contains("QDG6eK") && !text.contains("jWmYm7"),
        "{text}"
    );
    assert!(format!("{:?}", InspectorLayer::disabled()).contains("false"));
}
