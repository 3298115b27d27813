use serde_json::{Value, json};

use super::received::{ReceivedFrame, StandInEvent};
use super::shared::{Peer, Shared, State};

/// The answer to a frame, or `None` if the test server is mute.
pub(super) fn answer(shared: &Shared, connection: u64, text: &str) -> Option<String> {
    let Ok(frame) = serde_json::from_str::<Value>(text) else {
        shared.report(StandInEvent::Unreadable(text.to_owned()));
        return None;
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (cmd, req_id) = (text(&frame["cmd"]), text(&frame["headers"]["req_id"]));
    let mut state = shared.state();
    let is_silent = state.is_mute || cmd == "ping" && state.ignores_pings;
    if cmd == "ping" {
        drop(state);
        shared.report(StandInEvent::Ping);
        return (!is_silent).then(|| ack(&req_id, 0, None));
    }
    let body = &frame["body"];
    let scripted = state
        .errors
        .get_mut(&cmd)
        .and_then(|codes| codes.pop_front());
    let is_ours = state
        .current
        .as_ref()
        .is_some_and(|it| it.connection == connection);
    let result = match scripted {
        Some(code) if code != 0 => Err(code),
        _ if !is_ours => Err(846_609),
        _ => run(&mut state, &cmd, &req_id, body),
    };
    drop(state);
    let errcode = result.as_ref().err().copied().unwrap_or_default();
    shared.report(StandInEvent::Frame(ReceivedFrame {
        cmd,
        req_id: req_id.clone(),
        body: frame["body"].clone(),
        errcode,
    }));
    (!is_silent).then(|| ack(&req_id, errcode, result.ok()))
}

/// Runs a command: the body of its ack, or a code.
fn run(state: &mut State, cmd: &str, req_id: &str, body: &Value) -> Result<Value, i64> {
    let peer = state.current.as_mut().ok_or(846_609)?;
    match cmd {
        "aibot_send_msg" if body["chatid"].as_str().is_none_or(str::is_empty) => Err(93_006),
        "aibot_send_msg" if body["msgtype"] == "text" => Err(40_008),
        "aibot_send_msg" => Ok(Value::Null),
        "aibot_respond_msg" => respond(peer, req_id, body),
        "aibot_respond_welcome_msg" | "aibot_respond_update_msg" => {
            let is_right = peer.callbacks.get(req_id).is_some_and(|of| *of == cmd);
            is_right.then_some(Value::Null).ok_or(846_605)
        }
        _ if cmd.starts_with("aibot_upload_media_") => state.uploads.step(cmd, body),
        _ => Err(40_001),
    }
}

fn respond(peer: &mut Peer, req_id: &str, body: &Value) -> Result<Value, i64> {
    let takes = peer.callbacks.get(req_id);
    if takes.is_none_or(|takes| *takes != "aibot_respond_msg") {
        return Err(846_605);
    }
    let Some(stream) = body["stream"].as_object() else {
        let is_text = body["msgtype"] == "text";
        return if is_text {
            Err(40_008)
        } else {
            Ok(Value::Null)
        };
    };
    let id = stream.get("id").and_then(Value::as_str).unwrap_or_default();
    let id = format!("{req_id} {id}");
    if peer.finished.contains(&id) {
        return Err(846_608);
    }
    if stream.get("finish").is_some_and(|it| *it == true) {
        peer.finished.insert(id);
    }
    Ok(Value::Null)
}

pub(super) fn ack(req_id: &str, errcode: i64, body: Option<Value>) -> String {
    let errmsg = if errcode == 0 {
        "ok"
    } else {
        "refused by the stand-in"
    };
    let mut ack = json!({ "headers": { "req_id": req_id }, "errcode": errcode, "errmsg": errmsg });
    let body = body.filter(|body| !body.is_null());
    if let (Some(body), Some(ack)) = (body, ack.as_object_mut()) {
        ack.insert("body".to_owned(), body);
    }
    ack.to_string()
}
