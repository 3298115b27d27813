use serde_json::json;
use tokio::time::timeout;
use tower_wecom_aibot::test_util::{ReceivedFrame, StandIn};

use super::support::{BOUND, Program, folder};

const PATH: &str = env!("CARGO_BIN_EXE_bot");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_of_the_model_grows_in_the_chat() {
    let mut wecom = StandIn::start().await.unwrap();
    let mut bot = start("bot", &wecom, &[]);
    wecom.send(&text("@Depot Which gate is open?")).await;
    let frames = answer(&mut wecom).await;
    assert!(frames.len() > 2, "{frames:?}");
    let texts: Vec<_> = frames.iter().map(content).collect();
    assert!(
        texts.windows(2).all(|it| it[1].starts_with(&it[0])),
        "{texts:?}"
    );
    assert_eq!(
        texts.last().unwrap().trim(),
        "The north gate is open until ten."
    );
    bot.prints("answered: Which gate is open?");
    bot.stop("INT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_cannot_be_reached_is_an_answer_too() {
    let mut wecom = StandIn::start().await.unwrap();
    let _bot = start("bot_fails", &wecom, &[("MODEL_URL", "http://127.0.0.1:1/")]);
    wecom.send(&text("Which gate?")).await;
    let frames = answer(&mut wecom).await;
    assert!(content(frames.last().unwrap()).ends_with("Please ask again."));
}

fn start(test: &str, wecom: &StandIn, variables: &[(&str, &str)]) -> Program {
    let url = wecom.url();
    let mut all = vec![
        ("WECOM_AIBOT_ID", "aibDEMO"),
        ("WECOM_AIBOT_SECRET", "demo-secret"),
        ("WECOM_AIBOT_URL", &url),
    ];
    all.extend_from_slice(variables);
    Program::start(PATH, &folder(test), &all)
}

fn text(content: &str) -> String {
    json!({
        "msgid": "m-1", "aibotid": "aibDEMO", "chattype": "single", "from": {"userid": "lin.mei"},
        "msgtype": "text", "text": {"content": content},
    })
    .to_string()
}

/// The frames of an answer, up to its end.
async fn answer(wecom: &mut StandIn) -> Vec<ReceivedFrame> {
    let mut frames = Vec::new();
    loop {
        let frame = timeout(BOUND, wecom.next_frame())
            .await
            .expect("a frame in time");
        let is_end = frame.body["stream"]["finish"] == true;
        frames.push(frame);
        if is_end {
            return frames;
        }
    }
}

fn content(frame: &ReceivedFrame) -> String {
    frame.body["stream"]["content"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
