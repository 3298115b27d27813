//! Pushes, uploads, welcome messages and cards.

use tower_wecom::Reply;
use tower_wecom::reply::{CardAction, MainTitle, Markdown, TextNotice};
use tower_wecom_aibot::test_util::StandIn;
use tower_wecom_aibot::{Chat, MediaKind, SendError};

use crate::support::{CARD_EVENT, ENTER_CHAT, catcher, echo, next, quick, serve, soon, text};

#[tokio::test]
async fn a_push_goes_to_a_member_or_a_group() {
    let mut stand_in = StandIn::start().await.unwrap();
    let bot = stand_in.bot();
    let handle = bot.handle();
    serve(bot, echo());
    let message = || Reply::markdown(Markdown::new("**done**").feedback("f1")).unwrap();
    handle.send(Chat::single("lisi"), message()).await.unwrap();
    handle
        .send(Chat::group("wr1"), Reply::file("M").unwrap())
        .await
        .unwrap();
    let card =
        TextNotice::new(CardAction::url("https://a.example")).main_title(MainTitle::new("t"));
    handle
        .send("x", Reply::template_card(card).unwrap())
        .await
        .unwrap();
    let expected = serde_json::json!({"chatid": "lisi", "chat_type": 1, "msgtype": "markdown",
        "markdown": {"content": "**done**", "feedback": {"id": "f1"}}});
    assert_eq!(next(&mut stand_in).await.body, expected);
    let expected = serde_json::json!({"chatid": "wr1", "chat_type": 2, "msgtype": "file",
        "file": {"media_id": "M"}});
    assert_eq!(next(&mut stand_in).await.body, expected);
    let last = next(&mut stand_in).await.body;
    assert_eq!(
        (&last["msgtype"], last.get("chat_type")),
        (&"template_card".into(), None)
    );
}

#[tokio::test]
async fn a_file_is_uploaded_in_chunks_and_a_lost_ack_is_no_harm() {
    let mut stand_in = StandIn::start().await.unwrap();
    let bot = quick(&stand_in);
    let handle = bot.handle();
    serve(bot, echo());
    let file: Vec<u8> = (0..=250).cycle().take(1_200_000).collect();
    stand_in.refuse("aibot_upload_media_chunk", [0, 6_000]);
    let uploaded = soon(handle.upload(MediaKind::File, "a b 报告.txt", &file))
        .await
        .unwrap();
    assert_eq!(uploaded.media_id, "MEDIA-UP1");
    assert_eq!(uploaded.created_at, Some(1_795_852_801));
    let init = next(&mut stand_in).await;
    assert_eq!(init.body["filename"], "a b 报告.txt");
    assert_eq!(
        (&init.body["total_chunks"], &init.body["total_size"]),
        (&3.into(), &1_200_000.into())
    );
    let mut indices = Vec::new();
    loop {
        let frame = next(&mut stand_in).await;
        if frame.cmd != "aibot_upload_media_chunk" {
            break;
        }
        indices.push(frame.body["chunk_index"].as_u64().unwrap());
    }
    assert_eq!(indices, [0, 1, 1, 2]);
}

#[tokio::test]
async fn the_index_of_the_first_chunk_and_the_size_of_an_image_are_settings() {
    let mut stand_in = StandIn::start().await.unwrap();
    let bot = stand_in.bot().first_chunk_index(1).image_max_bytes(10);
    let handle = bot.handle();
    serve(bot, echo());
    soon(handle.upload(MediaKind::Image, "a.png", b"123456"))
        .await
        .unwrap();
    next(&mut stand_in).await;
    assert_eq!(next(&mut stand_in).await.body["chunk_index"], 1);
    let too_large = handle.upload(MediaKind::Image, "a.png", &[0; 11]).await;
    assert!(matches!(too_large, Err(SendError::Unfit(_))));
    for (name, file) in [
        ("a", &b"1234"[..]),
        ("", b"12345"),
        (&*"x".repeat(257), b"12345"),
    ] {
        let refused = handle.upload(MediaKind::File, name, file).await;
        assert!(matches!(refused, Err(SendError::Unfit(_))), "{name}");
    }
}

#[tokio::test]
async fn welcome_and_card_answer_their_own_events_only() {
    let mut stand_in = StandIn::start().await.unwrap();
    let (events, mut caught) = catcher();
    serve(quick(&stand_in), events);
    let card = || {
        let notice = TextNotice::new(CardAction::url("https://a.example"));
        Reply::update_template_card(notice.main_title(MainTitle::new("t"))).unwrap()
    };
    let welcome = || Reply::text("hi").unwrap();
    stand_in.send(ENTER_CHAT).await;
    let reply = soon(caught.recv()).await.unwrap();
    assert!(reply.update_card(card()).await.is_err());
    reply.welcome(welcome()).await.unwrap();
    assert_eq!(next(&mut stand_in).await.cmd, "aibot_respond_welcome_msg");
    stand_in.send(CARD_EVENT).await;
    let reply = soon(caught.recv()).await.unwrap();
    assert!(reply.welcome(welcome()).await.is_err());
    reply.update_card(card()).await.unwrap();
    let frame = next(&mut stand_in).await;
    assert_eq!(frame.cmd, "aibot_respond_update_msg");
    assert_eq!(frame.body["response_type"], "update_template_card");
    stand_in.send(&text("m", "u", "a")).await;
    let reply = soon(caught.recv()).await.unwrap();
    assert!(reply.welcome(welcome()).await.is_err());
    assert!(reply.update_card(card()).await.is_err());
    assert_eq!(reply.chat(), Some(&Chat::single("u")));
}
