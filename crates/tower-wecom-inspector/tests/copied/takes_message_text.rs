#[tokio::test]
async fn takes_message_text() -> Result<(), Box<dyn std::error::Error>> {
    use tower_wecom::test_util::Platform;
    use tower_wecom::{Config, ReceiveId};

    // Any Token and key will do. Do not copy those of production here.
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
    let config = Config::new("QDG6eK".parse()?, key, ReceiveId::exact("wx5823bf96d3bd56c7"));
    let wecom = Platform::new(&config).path("/wecom");
    let request = wecom.deliver_xml(
        r##"<xml>
  <ToUserName>wx5823bf96d3bd56c7</ToUserName>
  <FromUserName>lin</FromUserName>
  <CreateTime>1767225605</CreateTime>
  <MsgType>text</MsgType>
  <Content>a "# quote</Content>
  <MsgId>1</MsgId>
  <AgentID>1</AgentID>
</xml>"##,
    )?;
    // `app` builds your service with this configuration.
    let response = wecom.send(request, app(config)).await?;
    assert_eq!(response.status(), 200);
    assert!(response.opened()?.is_some(), "there is no reply");
    Ok(())
}
