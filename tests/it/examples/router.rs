use http::StatusCode;
use tower_wecom::Config;
use tower_wecom::test_util::Platform;

use super::{Example, platform};
use crate::support::{KEY, TOKEN};

/// One callback for each handler: its sample, and the line that the example prints.
const OWN_APP: [(&str, &str); 11] = [
    ("change_contact_create_user", r#""lin.mei" is new"#),
    ("change_contact_update_user", r#""lin.mei" has changed"#),
    ("change_contact_delete_user", r#""lin.mei" has left"#),
    ("change_contact_create_party", "department 305 is new"),
    ("change_contact_update_party", "department 305 has changed"),
    ("change_contact_delete_party", "department 305 is gone"),
    ("change_contact_update_tag", "tag 14 has changed"),
    (
        "batch_job_result",
        r#"job "jobid_Qz7m2Ld0xVb9Rk4TsHw1" has ended"#,
    ),
    ("share_agent_change", "the app is shared with others now"),
    ("change_app_admin", "the app has other administrators"),
    ("view", "view is left over"),
];

const SUITE_ID: &str = "ww81d0e4c7a95b2f36";

/// The same for notices to a suite.
const SUITE: [(&str, &str); 8] = [
    ("change_contact_create_user", r#""lin.mei" is new"#),
    (
        "batch_job_result_export",
        r#"job "jobid_Qz7m2Ld0xVb9Rk4TsHw1" has ended"#,
    ),
    ("share_agent_change", "the app is shared with others now"),
    ("suite_ticket", "a ticket: Secret(..)"),
    ("create_auth", r#"authorised, state Some("spring-fair")"#),
    (
        "change_auth",
        r#"Some("wpMd8KCQAAx3v0Jq7hTzLr5nYbEwPaUg") has changed its authorisation"#,
    ),
    (
        "cancel_auth",
        r#"Some("wpMd8KCQAAx3v0Jq7hTzLr5nYbEwPaUg") has withdrawn its authorisation"#,
    ),
    ("reset_permanent_code", "a new code: Some(Secret(..))"),
];

#[tokio::test]
async fn the_router_example_has_all_handlers_of_easywechat() {
    let mut example = Example::start("router", &[]);
    let platform = platform(&example.url);
    let (status, echo) = example.send(platform.url_check("42").unwrap()).await;
    assert_eq!((status, echo.as_str()), (StatusCode::OK, "42"));

    let own_app = OWN_APP.map(|(name, line)| (format!("self_built/{name}.xml"), line, ""));
    for row in own_app {
        takes(&mut example, &platform, row).await;
    }

    // The suite has its own URL and its own receive id.
    let (token, key) = (TOKEN.parse().unwrap(), KEY.parse().unwrap());
    let suite = Config::suite_command(token, key, "ww7be02f51d9c3a846", SUITE_ID);
    let commands = Platform::new(&suite).path(format!("{}/suite", example.url));
    let (status, echo) = example.send(commands.url_check("43").unwrap()).await;
    assert_eq!((status, echo.as_str()), (StatusCode::OK, "43"));
    for (name, line) in SUITE {
        let row = (format!("third_party_info/info_{name}.xml"), line, "success");
        takes(&mut example, &commands, row).await;
    }
    let ticket = super::sample("third_party_info/info_suite_ticket.xml");
    let of_another = ticket.replace(SUITE_ID, "ww9");
    let answer = example
        .send(commands.deliver_xml(of_another).unwrap())
        .await;
    assert_eq!(answer.0, StatusCode::INTERNAL_SERVER_ERROR);

    let new = "<xml><Event>brand_new</Event><CreateTime>7</CreateTime><Id>9</Id></xml>";
    let answer = example.send(platform.deliver_xml(new).unwrap()).await;
    assert_eq!(answer, (StatusCode::OK, String::new()));
    assert_eq!(example.next_line(), "brand new: Some(\"9\")\n");

    let subscribe = super::sample("self_built/subscribe.xml");
    let reply = example.reply(&platform, &subscribe).await;
    assert!(reply.contains("<ToUserName><![CDATA[lin.mei]]></ToUserName>"));
    assert!(
        reply.contains("<Content><![CDATA[Welcome!]]></Content>"),
        "{reply}"
    );

    let text = "<xml><ToUserName>a</ToUserName><FromUserName>lin.mei</FromUserName>\
        <CreateTime>7</CreateTime><MsgType>text</MsgType><Content>night\nshift?</Content></xml>";
    let reply = example.reply(&platform, text).await;
    assert!(reply.contains("<![CDATA[You said: night\nshift?]]>"));
    assert_eq!(example.next_line(), "\"lin.mei\" says \"night\\nshift?\"\n");
    // A text that is too long for WeCom is an error of the handler. It is never cut.
    let long = text.replace("night", &"night".repeat(500));
    let answer = example.send(platform.deliver_xml(long).unwrap()).await;
    assert_eq!(answer.0, StatusCode::INTERNAL_SERVER_ERROR);

    #[cfg(unix)]
    assert!(example.stop("-TERM").0);
}

/// Delivers a sample and reads the line that the example prints.
async fn takes(example: &mut Example, platform: &Platform, row: (String, &str, &str)) {
    let (path, line, acknowledgement) = row;
    let delivery = platform.deliver_xml(super::sample(&path)).unwrap();
    let answer = example.send(delivery).await;
    let expected = (StatusCode::OK, acknowledgement.to_owned());
    assert_eq!(answer, expected, "{path}");
    if let Some((_, change)) = path.split_once("change_contact_") {
        let kind = change.trim_end_matches(".xml");
        let expected = format!("address book: change_contact/{kind}\n");
        assert_eq!(example.next_line(), expected);
    }
    assert_eq!(example.next_line().trim_end(), line, "{path}");
}
