use http::{Request, StatusCode};

use super::{Example, platform};
use crate::support::{CORP, CREATE_USER};

const TEXT: &str = "<xml><ToUserName>a</ToUserName><FromUserName>lin.mei</FromUserName>\
    <CreateTime>7</CreateTime><MsgType>text</MsgType><Content>how many?</Content></xml>";

#[tokio::test]
async fn the_axum_paths_example_routes_by_path_with_state() {
    let mut example = Example::start("axum_paths", &[]);
    assert!(example.url.ends_with(&format!("/wecom/{CORP}/1000002")));
    let here = platform(&example.url);
    let there = platform(&example.url.replace("1000002", "7"));
    let (status, echo) = example.send(here.url_check("42").unwrap()).await;
    assert_eq!((status, echo.as_str()), (StatusCode::OK, "42"));

    let of = |change: &str| CREATE_USER.replace("create_user", change);
    let rows = [
        (&here, "create_user", "1000002: \"lin.mei\" is new"),
        (&there, "create_user", "7: \"lin.mei\" is new"),
        (&there, "delete_user", "7: \"lin.mei\" has left"),
        (&here, "update_user", "1000002: \"update_user\""),
        (&here, "brand_new", "1000002: \"brand_new\""),
    ];
    for (platform, change, expected) in rows {
        let delivery = platform.deliver_xml(of(change)).unwrap();
        let answer = example.send(delivery).await;
        assert_eq!(answer, (StatusCode::OK, String::new()), "{change}");
        assert_eq!(example.next_line(), format!("\"{CORP}\"/{expected}\n"));
    }

    for (platform, count) in [(&here, 1), (&there, 0)] {
        let reply = example.reply(platform, TEXT).await;
        let expected = format!("<Content><![CDATA[Members since the start: {count}]]></Content>");
        assert!(reply.contains(&expected), "{reply}");
    }

    // A kind without a route is acknowledged.
    let subscribe = super::sample("self_built/subscribe.xml");
    let answer = example.send(here.deliver_xml(subscribe).unwrap()).await;
    assert_eq!(answer, (StatusCode::OK, String::new()));

    // A request from outside cannot reach the route of an event.
    let host = example.url.split("/wecom").next().unwrap();
    let outside = format!("{host}/change_contact/create_user");
    let outside = Request::post(outside).body(String::new()).unwrap();
    assert_eq!(example.send(outside).await.0, StatusCode::NOT_FOUND);

    #[cfg(unix)]
    assert_eq!(example.stop("-TERM"), (true, String::new()));
}
