use http::StatusCode;

use super::{Example, platform};

fn tap(key: &str) -> String {
    super::sample("self_built/template_card_event.xml").replace("menu_report_daily", key)
}

#[tokio::test]
async fn the_approval_card_changes_when_its_buttons_are_tapped() {
    let mut example = Example::start("approval_card", &[]);
    let platform = platform(&example.url);
    let (status, echo) = example.send(platform.url_check("42").unwrap()).await;
    assert_eq!((status, echo.as_str()), (StatusCode::OK, "42"));

    for (key, decision) in [("approve", "Approved"), ("reject", "Rejected")] {
        let reply = example.reply(&platform, &tap(key)).await;
        let expected = format!(
            "<MsgType><![CDATA[update_template_card]]></MsgType><TemplateCard>\
             <CardType><![CDATA[button_interaction]]></CardType>\
             <MainTitle><Title><![CDATA[Leave of lin.mei]]></Title>\
             <Desc><![CDATA[task-20260101-0042]]></Desc></MainTitle>\
             <HorizontalContentList><KeyName><![CDATA[By]]></KeyName>\
             <Value><![CDATA[lin.mei]]></Value><Type>3</Type>\
             <UserId><![CDATA[lin.mei]]></UserId></HorizontalContentList>\
             <ButtonList><Text><![CDATA[Approve]]></Text><Key><![CDATA[approve]]></Key></ButtonList>\
             <ButtonList><Text><![CDATA[Reject]]></Text><Style>2</Style>\
             <Key><![CDATA[reject]]></Key></ButtonList>\
             <ReplaceText><![CDATA[{decision}]]></ReplaceText></TemplateCard></xml>"
        );
        assert!(reply.contains("<ToUserName><![CDATA[lin.mei]]></ToUserName>"));
        assert!(reply.ends_with(&expected), "{reply}");
        let line = format!("\"lin.mei\" taps Some(\"{key}\") on \"task-20260101-0042\"\n");
        assert_eq!(example.next_line(), line);
    }

    let reply = example.reply(&platform, &tap("later")).await;
    let expected = "<MsgType><![CDATA[update_button]]></MsgType>\
        <Button><ReplaceName><![CDATA[Maybe later]]></ReplaceName></Button></xml>";
    assert!(reply.ends_with(expected), "{reply}");

    let answer = example
        .send(platform.deliver_xml(tap("other")).unwrap())
        .await;
    assert_eq!(answer, (StatusCode::OK, String::new()));
    #[cfg(unix)]
    assert!(example.stop("-TERM").0);
}
