//! The inbox on SQLite, through its public API.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    reason = "a test may"
)]

use std::convert::Infallible;
use std::future::{pending, ready};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tower::{Layer, ServiceExt, service_fn};
use tower_wecom::extensions::Deferred;
use tower_wecom::test_util::Platform;
use tower_wecom::{
    Callback, Config, ContactEvent, DeadlineLayer, ReceiveId, Reply, RequestBody, Unhandled,
    WeComLayer,
};
use tower_wecom_inbox::{Attempt, Inbox, NoBody, StoredCallback};

fn config() -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let (token, key) = ("QDG6eK".parse().unwrap(), key.parse().unwrap());
    Config::new(token, key, ReceiveId::exact("ww1a2b3c")).name("head office")
}

fn deleted(user: &str) -> String {
    format!(
        "<xml><ToUserName>ww1a2b3c</ToUserName><FromUserName>sys</FromUserName>\
         <CreateTime>1767225605</CreateTime><MsgType>event</MsgType><Event>change_contact</Event>\
         <ChangeType>delete_user</ChangeType><UserID>{user}</UserID></xml>"
    )
}

struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("inbox.db")
    }

    async fn open(&self) -> Inbox {
        let builder = Inbox::builder().patience(Duration::from_millis(500));
        builder.sqlite(self.path()).await.unwrap()
    }

    /// Another program that looks into the file.
    async fn connect(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(self.path())
            .busy_timeout(Duration::from_secs(5));
        SqliteConnection::connect_with(&options).await.unwrap()
    }
}

/// What a handler saw.
#[derive(Clone, Debug)]
struct Seen {
    callback: Callback,
    attempt: Option<Attempt>,
    path: String,
    body: Vec<u8>,
}

/// A service that notes what it sees, and answers as it is set.
#[derive(Clone)]
struct Desk {
    seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<dyn Fn(usize) -> Response<String> + Send + Sync>,
}

impl Desk {
    fn new(answer: impl Fn(usize) -> Response<String> + Send + Sync + 'static) -> Self {
        Self {
            seen: Arc::default(),
            answer: Arc::new(answer),
        }
    }

    fn content() -> Self {
        Self::new(|_| Response::new(String::new()))
    }

    async fn serve<B>(
        self,
        request: Request<RequestBody<B>>,
    ) -> Result<Response<String>, Infallible>
    where
        B: http_body::Body<Error = Infallible>,
    {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        let seen = Seen {
            callback: parts.extensions.get::<Callback>().unwrap().clone(),
            attempt: parts.extensions.get().cloned(),
            path: parts.uri.path().to_owned(),
            body,
        };
        let number = {
            let mut all = self.seen.lock().unwrap();
            all.push(seen);
            all.len()
        };
        Ok((self.answer)(number))
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    async fn until(&self, count: usize) -> Vec<Seen> {
        let wait = async {
            while self.seen().len() < count {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(20), wait)
            .await
            .unwrap_or_else(|_| panic!("{} of {count} came", self.seen().len()));
        self.seen()
    }
}

fn status(status: u16) -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

async fn send(inbox: &Inbox, desk: &Desk, payload: &str) -> StatusCode {
    let app = |desk: Desk| service_fn(move |request| desk.clone().serve::<String>(request));
    let service = WeComLayer::new(config()).layer(inbox.layer().layer(app(desk.clone())));
    let request = Platform::new(&config()).path("/hook").deliver_xml(payload);
    service.oneshot(request.unwrap()).await.unwrap().status()
}

/// Starts a worker; the sender stops it.
fn work(inbox: &Inbox, desk: &Desk) -> (oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let desk = desk.clone();
    let service = service_fn(move |request| desk.clone().serve::<NoBody>(request));
    let worker = inbox
        .worker(service)
        .attempts(3)
        .back_off(Duration::from_secs(1), Duration::from_secs(1));
    let (stop, stopped) = oneshot::channel();
    let running = tokio::spawn(worker.run_until(async move { drop(stopped.await) }));
    (stop, running)
}

/// Waits until nothing waits in the inbox any more.
async fn empty(inbox: &Inbox) {
    let wait = async {
        while inbox.counts().await.unwrap().waiting > 0 {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), wait).await.unwrap();
}

#[tokio::test]
async fn a_callback_is_stored_first_and_handled_by_a_worker_then() {
    let place = Place::new();
    let (inbox, edge, desk) = (place.open().await, Desk::content(), Desk::content());
    assert_eq!(send(&inbox, &edge, &deleted("lin")).await, 200);
    assert!(edge.seen().is_empty(), "it must not be handled at once");
    assert_eq!(inbox.counts().await.unwrap().waiting, 1);

    let _working = work(&inbox, &desk);
    let seen = desk.until(1).await.remove(0);
    assert_eq!(seen.body, deleted("lin").as_bytes());
    assert_eq!(seen.path, "/hook");
    assert_eq!(seen.callback.tenant(), Some("head office"));
    assert_eq!(seen.callback.receive_id(), "ww1a2b3c");
    assert_eq!(seen.callback.header().create_time, Some(1_767_225_605));
    let attempt = seen.attempt.unwrap();
    assert_eq!((attempt.attempt, attempt.key.len()), (1, 64));
    empty(&inbox).await;
}

#[tokio::test]
async fn the_family_stands_in_the_extensions_as_behind_the_layer() {
    let place = Place::new();
    let inbox = place.open().await;
    send(&inbox, &Desk::content(), &deleted("lin")).await;
    let (tell, told) = oneshot::channel();
    let tell = Arc::new(Mutex::new(Some(tell)));
    let service = service_fn(move |request: Request<RequestBody<NoBody>>| {
        let event = request.extensions().get::<ContactEvent>().cloned();
        if let Some(tell) = tell.lock().unwrap().take() {
            tell.send(event).unwrap();
        }
        ready(Ok::<_, Infallible>(Response::new(())))
    });
    let _worker = tokio::spawn(inbox.worker(service).run_until(pending()));
    let event = timeout(Duration::from_secs(10), told)
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(event, Some(ContactEvent::DeleteUser(user)) if user.user_id == "lin"));
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    let place = Place::new();
    let inbox = place.open().await;
    for user in ["lin", "mei", "wen"] {
        assert_eq!(send(&inbox, &Desk::content(), &deleted(user)).await, 200);
    }
    drop(inbox);
    let (inbox, desk) = (place.open().await, Desk::content());
    let _working = work(&inbox, &desk);
    desk.until(3).await;
}

#[tokio::test]
async fn a_callback_that_comes_twice_is_handled_once_also_after_it_was_handled() {
    let place = Place::new();
    let (inbox, desk) = (place.open().await, Desk::content());
    for _ in 0..3 {
        assert_eq!(send(&inbox, &desk, &deleted("lin")).await, 200);
    }
    let _working = work(&inbox, &desk);
    desk.until(1).await;
    empty(&inbox).await;
    assert_eq!(send(&inbox, &desk, &deleted("lin")).await, 200);
    assert_eq!(send(&inbox, &desk, &deleted("mei")).await, 200);
    desk.until(2).await;
    empty(&inbox).await;
    let users: Vec<_> = desk
        .seen()
        .iter()
        .map(|seen| seen.callback.get("UserID").unwrap().to_owned())
        .collect();
    assert_eq!(users, ["lin", "mei"]);
}

#[tokio::test]
async fn nudges_are_alike_on_purpose_and_none_is_swallowed() {
    let place = Place::new();
    let (inbox, desk) = (place.open().await, Desk::content());
    let nudge = "<xml><ToUserName>ww1a2b3c</ToUserName><FromUserName>sys</FromUserName>\
                 <CreateTime>1767225605</CreateTime><MsgType>event</MsgType>\
                 <Event>msgaudit_notify</Event></xml>";
    for _ in 0..3 {
        assert_eq!(send(&inbox, &desk, nudge).await, 200);
    }
    let _working = work(&inbox, &desk);
    let keys: std::collections::HashSet<_> = desk
        .until(3)
        .await
        .into_iter()
        .map(|seen| seen.attempt.unwrap().key)
        .collect();
    assert_eq!(keys.len(), 3);
}

#[tokio::test]
async fn what_cannot_wait_is_passed_on_and_its_reply_goes_out() {
    let rows = [
        (
            "a message",
            "<MsgType>text</MsgType><Content>hi</Content>",
            false,
        ),
        (
            "a menu",
            "<MsgType>event</MsgType><Event>click</Event><EventKey>k</EventKey>",
            false,
        ),
        (
            "a card",
            "<MsgType>event</MsgType><Event>template_card_event</Event><EventKey>k</EventKey>",
            false,
        ),
        (
            "an entry",
            "<MsgType>event</MsgType><Event>enter_agent</Event>",
            false,
        ),
        (
            "a leaver",
            "<MsgType>event</MsgType><Event>unsubscribe</Event>",
            true,
        ),
        (
            "customer service",
            "<MsgType>event</MsgType><Event>kf_msg_or_event</Event><Token>t</Token>",
            false,
        ),
        (
            "a welcome",
            "<MsgType>event</MsgType><Event>change_external_contact</Event>\
          <ChangeType>add_external_contact</ChangeType><UserID>l</UserID><ExternalUserID>e</ExternalUserID>\
          <WelcomeCode>c</WelcomeCode>",
            false,
        ),
        (
            "no welcome",
            "<MsgType>event</MsgType><Event>change_external_contact</Event>\
          <ChangeType>add_external_contact</ChangeType><UserID>l</UserID><ExternalUserID>e</ExternalUserID>",
            true,
        ),
        (
            "a code",
            "<InfoType>create_auth</InfoType><SuiteId>s</SuiteId><AuthCode>c</AuthCode>",
            false,
        ),
        (
            "a ticket",
            "<InfoType>suite_ticket</InfoType><SuiteId>s</SuiteId><SuiteTicket>c</SuiteTicket>",
            false,
        ),
        (
            "a corp that goes",
            "<InfoType>cancel_auth</InfoType><SuiteId>s</SuiteId><AuthCorpId>c</AuthCorpId>",
            true,
        ),
        (
            "a program's notice",
            "<MsgType>event</MsgType><Event>program_notify</Event><NotifyId>n</NotifyId>",
            false,
        ),
        (
            "what nobody knows",
            "<MsgType>event</MsgType><Event>brand_new</Event>",
            true,
        ),
    ];
    let place = Place::new();
    let inbox = place.open().await;
    let mut stored = 0;
    for (name, inner, is_stored) in rows {
        let desk = Desk::content();
        let payload =
            format!("<xml><FromUserName>lin</FromUserName><CreateTime>1</CreateTime>{inner}</xml>");
        assert_eq!(send(&inbox, &desk, &payload).await, 200, "{name}");
        assert_eq!(desk.seen().is_empty(), is_stored, "{name}");
        stored += u64::from(is_stored);
        assert_eq!(inbox.counts().await.unwrap().waiting, stored, "{name}");
    }
    // And a failure of theirs is not hidden.
    let desk = Desk::new(|_| status(500));
    let message =
        "<xml><FromUserName>lin</FromUserName><MsgType>text</MsgType><Content>hi</Content></xml>";
    assert_eq!(send(&inbox, &desk, message).await, 500);
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_acknowledged() {
    let place = Place::new();
    let (inbox, desk) = (place.open().await, Desk::content());
    let mut other = place.connect().await;
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    assert_eq!(send(&inbox, &desk, &deleted("lin")).await, 503);
    sqlx::query("COMMIT").execute(&mut other).await.unwrap();
    assert_eq!(send(&inbox, &desk, &deleted("lin")).await, 200);
    let _working = work(&inbox, &desk);
    desk.until(1).await;
    empty(&inbox).await;
    assert_eq!(desk.seen().len(), 1);
}

#[tokio::test]
async fn what_fails_is_tried_again_under_the_same_key_and_then_becomes_a_dead_letter() {
    let place = Place::new();
    let inbox = place.open().await;
    let desk = Desk::new(|number| if number < 5 { status(500) } else { status(204) });
    send(&inbox, &desk, &deleted("lin")).await;
    let _working = work(&inbox, &desk);
    let seen = desk.until(3).await;
    empty(&inbox).await;
    let deliveries: Vec<_> = seen.into_iter().map(|seen| seen.attempt.unwrap()).collect();
    assert_eq!(
        deliveries.iter().map(|one| one.attempt).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert!(deliveries.iter().all(|one| one.key == deliveries[0].key));

    let letters = inbox.dead_letters(10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(
        (letters[0].attempts, letters[0].reason.as_str()),
        (3, "the handler answered 500 Internal Server Error")
    );
    assert_eq!(
        letters[0].callback.as_ref().unwrap().kind(),
        "change_contact/delete_user"
    );

    // Its fourth attempt fails, the fifth does not.
    inbox.revive(&letters[0].id).await.unwrap();
    desk.until(5).await;
    empty(&inbox).await;
    let counts = inbox.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.dead), (0, 0));
    assert!(inbox.revive(&letters[0].id).await.is_err());
}

#[tokio::test]
async fn an_answer_before_the_work_was_done_is_no_success() {
    let place = Place::new();
    let inbox = place.open().await;
    let desk = Desk::new(|number| {
        let mut response = status(200);
        if number == 1 {
            response.extensions_mut().insert(Deferred::new());
        }
        response
    });
    send(&inbox, &desk, &deleted("lin")).await;
    let _working = work(&inbox, &desk);
    desk.until(2).await;
    empty(&inbox).await;
    assert_eq!(inbox.counts().await.unwrap().dead, 0);
}

/// The wrong way round: the deadline would answer 200 for what is not stored yet.
#[tokio::test]
async fn nobody_outside_says_200_before_a_callback_is_stored() {
    let place = Place::new();
    let inbox = place.open().await;
    let desk = Desk::content();
    // Another connection holds the file, so that nothing can be stored for now.
    let mut holder = place.connect().await;
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut holder)
        .await
        .unwrap();
    let app = service_fn(move |request| desk.clone().serve::<String>(request));
    let deadline = DeadlineLayer::new().answer_within(Duration::from_millis(300));
    let service = WeComLayer::new(config()).layer(deadline.layer(inbox.layer().layer(app)));
    let request = Platform::new(&config())
        .deliver_xml(deleted("lin"))
        .unwrap();
    let answer = service.oneshot(request).await.unwrap().status();
    assert_eq!(answer, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_panic_is_a_failure_of_one_callback() {
    let place = Place::new();
    let inbox = place.open().await;
    let desk = Desk::new(|number| {
        if number == 1 {
            panic!("a bug")
        } else {
            status(200)
        }
    });
    send(&inbox, &desk, &deleted("lin")).await;
    let _working = work(&inbox, &desk);
    desk.until(2).await;
    empty(&inbox).await;
    assert_eq!(inbox.counts().await.unwrap().dead, 0);
}

#[tokio::test]
async fn what_nobody_takes_and_what_has_a_reply_are_done() {
    let place = Place::new();
    let inbox = place.open().await;
    let desk = Desk::new(|number| {
        let mut response = if number == 1 {
            status(404)
        } else {
            status(200)
        };
        if number == 1 {
            response.extensions_mut().insert(Unhandled::new());
        } else {
            response
                .extensions_mut()
                .insert(Reply::text("too late").unwrap());
        }
        response
    });
    send(&inbox, &desk, &deleted("lin")).await;
    send(&inbox, &desk, &deleted("mei")).await;
    let _working = work(&inbox, &desk);
    desk.until(2).await;
    empty(&inbox).await;
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(desk.seen().len(), 2);
    assert_eq!(inbox.counts().await.unwrap().dead, 0);
}

/// Changes the entry of a user in the storage, as another program would.
async fn change(other: &mut SqliteConnection, user: &str, set: &str) {
    let sql =
        format!("UPDATE wecom_inbox_entries SET {set} WHERE instr(body, '<UserID>{user}<') > 0");
    let done = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(other).await;
    assert_eq!(done.unwrap().rows_affected(), 1, "{user}");
}

/// As a newer version of the crate would write it.
const NEWER: &str = r#"body = replace(body, '"version":1', '"version":2')"#;
const OLDER: &str = r#"body = replace(body, '"version":2', '"version":1')"#;

#[tokio::test]
async fn what_somebody_else_wrote_becomes_a_dead_letter_and_harms_nobody() {
    let place = Place::new();
    let (inbox, desk) = (place.open().await, Desk::content());
    for user in ["garbage", "no entry", "quoted", "good"] {
        send(&inbox, &desk, &deleted(user)).await;
    }
    let mut other = place.connect().await;
    change(&mut other, "garbage", "body = CAST(x'ff00' AS TEXT)").await;
    change(&mut other, "no entry", "body = '{}'").await;
    let secret = r#"body = replace(body, '"age":0', '"age":"a secret"')"#;
    change(&mut other, "quoted", secret).await;
    let _working = work(&inbox, &desk);
    desk.until(1).await;
    empty(&inbox).await;
    let letters = inbox.dead_letters(10).await.unwrap();
    let reasons: Vec<_> = letters
        .iter()
        .map(|letter| letter.reason.as_str())
        .collect();
    assert_eq!(reasons, ["it is not the JSON of a stored callback"; 3]);
    assert_eq!(desk.seen().len(), 1);
}

/// As in a rolling deploy: it waits for a worker that knows it, and one comes.
#[tokio::test]
async fn what_a_newer_version_wrote_is_tried_again_later_and_left_as_it_is() {
    let place = Place::new();
    let (inbox, desk) = (place.open().await, Desk::content());
    send(&inbox, &desk, &deleted("lin")).await;
    let mut other = place.connect().await;
    change(&mut other, "lin", NEWER).await;
    let _working = work(&inbox, &desk);
    sleep(Duration::from_millis(500)).await;
    let counts = inbox.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.delayed, counts.dead), (1, 1, 0));
    change(&mut other, "lin", OLDER).await;
    let attempt = desk.until(1).await.remove(0).attempt.unwrap();
    // It was not the handler that failed.
    assert_eq!(attempt.attempt, 1);
}

#[tokio::test]
async fn what_no_worker_knows_for_all_its_attempts_becomes_a_dead_letter_and_can_be_revived() {
    let place = Place::new();
    let (inbox, desk) = (place.open().await, Desk::content());
    send(&inbox, &desk, &deleted("lin")).await;
    let mut other = place.connect().await;
    change(&mut other, "lin", NEWER).await;
    let before = body(&mut other).await;
    let (stop, working) = work(&inbox, &desk);
    empty(&inbox).await;
    drop(stop);
    working.await.unwrap();
    let letters = inbox.dead_letters(10).await.unwrap();
    assert_eq!(
        (letters[0].attempts, letters[0].reason.as_str()),
        (3, "no worker of this version knows version 2 of it")
    );
    inbox.revive(&letters[0].id).await.unwrap();
    // It is what the newer version wrote.
    assert_eq!(before, body(&mut other).await);
}

async fn body(other: &mut SqliteConnection) -> String {
    let query = sqlx::query_scalar("SELECT body FROM wecom_inbox_entries");
    query.fetch_one(other).await.unwrap()
}

#[tokio::test]
async fn a_shutdown_waits_for_what_is_being_worked_on() {
    let place = Place::new();
    let inbox = place.open().await;
    send(&inbox, &Desk::content(), &deleted("lin")).await;
    let done = Arc::new(Mutex::new(false));
    let (begin, begun) = oneshot::channel();
    let begin = Arc::new(Mutex::new(Some(begin)));
    let service = {
        let done = Arc::clone(&done);
        service_fn(move |_: Request<RequestBody<NoBody>>| {
            let (done, begin) = (Arc::clone(&done), begin.lock().unwrap().take());
            async move {
                begin.map(|begin| begin.send(()));
                sleep(Duration::from_secs(1)).await;
                *done.lock().unwrap() = true;
                Ok::<_, Infallible>(Response::new(()))
            }
        })
    };
    inbox
        .worker(service)
        .run_until(async { drop(begun.await) })
        .await;
    assert!(*done.lock().unwrap());
    assert_eq!(
        inbox.counts().await.unwrap().waiting,
        0,
        "it is acknowledged to the storage too"
    );
}

#[tokio::test]
async fn a_worker_that_holds_more_than_it_can_do_at_once_is_not_taken_for_dead() {
    let place = Place::new();
    let builder = Inbox::builder().take_over_after(Duration::from_secs(3));
    let inbox = builder.sqlite(place.path()).await.unwrap();
    for number in 0..6 {
        let payload = deleted(&number.to_string());
        send(&inbox, &Desk::content(), &payload).await;
    }
    let runs = Arc::new(Mutex::new(0));
    let service = {
        let runs = Arc::clone(&runs);
        service_fn(move |_: Request<RequestBody<NoBody>>| {
            let mut runs = runs.lock().unwrap();
            *runs += 1;
            // The first makes room for one, and two are taken.
            let time = Duration::from_secs(if *runs == 1 { 1 } else { 6 });
            async move {
                sleep(time).await;
                Ok::<_, Infallible>(Response::new(()))
            }
        })
    };
    // Two workers, each of which would take over what the other seems to have left.
    for _ in 0..2 {
        let worker = inbox.worker(service.clone()).concurrency(2);
        tokio::spawn(worker.run_until(pending()));
    }
    timeout(Duration::from_secs(30), async {
        while inbox.counts().await.unwrap().waiting > 0 {
            sleep(Duration::from_millis(200)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(*runs.lock().unwrap(), 6);
}

#[tokio::test]
async fn done_callbacks_are_forgotten_after_a_time() {
    let place = Place::new();
    let builder = Inbox::builder().keep(Duration::ZERO);
    let inbox = builder.sqlite(place.path()).await.unwrap();
    let desk = Desk::content();
    send(&inbox, &desk, &deleted("lin")).await;
    let _working = work(&inbox, &desk);
    desk.until(1).await;
    empty(&inbox).await;
    let mut other = place.connect().await;
    timeout(Duration::from_secs(20), async {
        loop {
            let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM wecom_inbox_done")
                .fetch_one(&mut other)
                .await
                .unwrap();
            if rows == 0 {
                break;
            }
            sleep(Duration::from_millis(200)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn the_file_is_for_us_alone_and_shows_no_payload_in_debug() {
    let place = Place::new();
    let inbox = place.open().await;
    send(&inbox, &Desk::content(), &deleted("lin")).await;
    #[cfg(unix)]
    for end in ["", "-wal", "-shm"] {
        use std::os::unix::fs::PermissionsExt;
        let path = format!("{}{end}", place.path().display());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{path}");
    }
    let callback = tower_wecom::protocol::restore(deleted("secret").into(), "ww1a2b3c", None, 0);
    let shown = format!("{:?} {inbox:?}", StoredCallback::new(&callback, "/"));
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn a_stored_callback_keeps_any_bytes() {
    for payload in [
        &b"<xml><Event>x</Event></xml>"[..],
        b"\xff\x00\xfe",
        b"",
        "{\"a\":\"\u{0}\"}".as_bytes(),
    ] {
        let callback = tower_wecom::protocol::restore(
            payload.to_vec().into(),
            "ww1",
            Some("t".to_owned()),
            -5,
        );
        let json = serde_json::to_value(StoredCallback::new(&callback, "/a")).unwrap();
        let again = StoredCallback::from_json(&json).unwrap().restore().unwrap();
        assert_eq!(again.payload(), payload);
        assert_eq!(
            (again.tenant(), again.receive_id(), again.age()),
            (Some("t"), "ww1", -5)
        );
        assert_eq!(again.kind(), callback.kind());
    }
}

#[tokio::test]
async fn a_callback_that_its_process_does_not_survive_alone_is_given_up() {
    let place = Place::new();
    let (inbox, desk) = (place.open().await, Desk::content());
    send(&inbox, &desk, &deleted("lin")).await;
    let mut other = place.connect().await;
    // Three crashes in runs of its own are as many as it has attempts.
    change(
        &mut other,
        "lin",
        "state = 'suspect', reclaims = 2, crashes = 3",
    )
    .await;
    let _working = work(&inbox, &desk);
    empty(&inbox).await;
    let letters = inbox.dead_letters(10).await.unwrap();
    assert_eq!(
        letters[0].reason,
        "the process ended 3 times while it ran this callback alone"
    );
    assert!(desk.seen().is_empty());
}

/// Its workers died, perhaps of another one that they held.
#[tokio::test]
async fn a_callback_that_was_reclaimed_twice_runs_with_nothing_beside_it() {
    let place = Place::new();
    let inbox = place.open().await;
    for number in 0..20 {
        send(&inbox, &Desk::content(), &deleted(&number.to_string())).await;
    }
    let mut other = place.connect().await;
    for user in ["7", "11"] {
        change(&mut other, user, "state = 'suspect', reclaims = 2").await;
    }
    let running = Arc::new(Mutex::new((0_usize, 0_usize)));
    let service = {
        let running = Arc::clone(&running);
        service_fn(move |request: Request<RequestBody<NoBody>>| {
            let callback = request.extensions().get::<Callback>().unwrap();
            let is_suspect = ["7", "11"].contains(&callback.get("UserID").unwrap());
            let running = Arc::clone(&running);
            async move {
                running.lock().unwrap().0 += 1;
                for _ in 0..5 {
                    sleep(Duration::from_millis(20)).await;
                    let mut running = running.lock().unwrap();
                    if is_suspect {
                        assert_eq!(running.0, 1, "something runs beside it");
                    }
                    running.1 = running.1.max(running.0);
                }
                running.lock().unwrap().0 -= 1;
                Ok::<_, Infallible>(Response::new(()))
            }
        })
    };
    let workers = [inbox.worker(service.clone()), inbox.worker(service)];
    for worker in workers {
        tokio::spawn(worker.run_until(pending()));
    }
    empty(&inbox).await;
    assert_eq!(inbox.counts().await.unwrap().dead, 0);
    assert!(
        running.lock().unwrap().1 > 1,
        "the others run beside each other"
    );
}

/// The work has failed, and the storage takes no next attempt: nothing runs again before it does.
#[tokio::test]
async fn a_next_attempt_that_cannot_be_stored_is_no_reason_to_run_at_once() {
    let place = Place::new();
    let inbox = place.open().await;
    let desk = Desk::new(|number| status(if number == 1 { 500 } else { 200 }));
    send(&inbox, &desk, &deleted("lin")).await;
    let mut other = place.connect().await;
    let full = "CREATE TRIGGER full BEFORE UPDATE OF attempts ON wecom_inbox_entries BEGIN SELECT RAISE(ABORT, 'full'); END";
    sqlx::query(full).execute(&mut other).await.unwrap();
    let _working = work(&inbox, &desk);
    desk.until(1).await;
    sleep(Duration::from_secs(3)).await;
    assert_eq!(desk.seen().len(), 1);
    sqlx::query("DROP TRIGGER full")
        .execute(&mut other)
        .await
        .unwrap();
    let seen = desk.until(2).await;
    assert_eq!(seen[1].attempt.as_ref().unwrap().attempt, 2);
    empty(&inbox).await;
    assert_eq!(inbox.counts().await.unwrap().dead, 0);
}

#[tokio::test]
async fn a_revived_callback_has_all_its_attempts_again_and_its_old_key() {
    let place = Place::new();
    let inbox = place.open().await;
    let desk = Desk::new(|_| status(500));
    send(&inbox, &desk, &deleted("lin")).await;
    let _working = work(&inbox, &desk);
    for life in 1..=3 {
        desk.until(3 * life).await;
        empty(&inbox).await;
        let letters = inbox.dead_letters(10).await.unwrap();
        assert_eq!((letters.len(), letters[0].attempts), (1, 3));
        inbox.revive(&letters[0].id).await.unwrap();
    }
    let keys: std::collections::HashSet<_> = desk
        .until(12)
        .await
        .into_iter()
        .map(|seen| seen.attempt.unwrap().key)
        .collect();
    assert_eq!(keys.len(), 1);
}

/// Another connection holds the file for longer than a step waits for it.
#[tokio::test]
async fn a_storage_that_says_no_for_long_cuts_nothing_off_that_is_being_worked_on() {
    let place = Place::new();
    let inbox = place.open().await;
    for user in ["lin", "mei"] {
        send(&inbox, &Desk::content(), &deleted(user)).await;
    }
    let (runs, ends) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let service = {
        let (runs, ends) = (Arc::clone(&runs), Arc::clone(&ends));
        service_fn(move |_: Request<RequestBody<NoBody>>| {
            *runs.lock().unwrap() += 1;
            let ends = Arc::clone(&ends);
            async move {
                sleep(Duration::from_secs(14)).await;
                *ends.lock().unwrap() += 1;
                Ok::<_, Infallible>(Response::new(()))
            }
        })
    };
    let worker = tokio::spawn(inbox.worker(service).run_until(pending()));
    while *runs.lock().unwrap() < 2 {
        sleep(Duration::from_millis(20)).await;
    }
    let mut holder = place.connect().await;
    let lock = sqlx::query("BEGIN IMMEDIATE");
    lock.execute(&mut holder).await.unwrap();
    sleep(Duration::from_secs(12)).await;
    let free = sqlx::query("COMMIT");
    free.execute(&mut holder).await.unwrap();
    // Fetching starts again too.
    timeout(Duration::from_secs(10), async {
        while send(&inbox, &Desk::content(), &deleted("wen")).await != 200 {}
    })
    .await
    .unwrap();
    timeout(Duration::from_secs(10), async {
        while *runs.lock().unwrap() < 3 || inbox.counts().await.unwrap().waiting > 1 {
            sleep(Duration::from_millis(100)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!((*runs.lock().unwrap(), *ends.lock().unwrap()), (3, 2));
    worker.abort();
}

#[tokio::test]
async fn a_shutdown_that_lasts_too_long_gives_back_at_once_what_is_not_done() {
    let place = Place::new();
    let inbox = place.open().await;
    send(&inbox, &Desk::content(), &deleted("lin")).await;
    let (begin, begun) = oneshot::channel();
    let begin = Arc::new(Mutex::new(Some(begin)));
    let stuck = service_fn(move |_: Request<RequestBody<NoBody>>| {
        begin.lock().unwrap().take().map(|begin| begin.send(()));
        pending::<Result<Response<()>, Infallible>>()
    });
    let worker = inbox.worker(stuck).grace(Duration::from_millis(100));
    worker.run_until(async { drop(begun.await) }).await;
    let desk = Desk::content();
    let _working = work(&inbox, &desk);
    // And not after 30 seconds of silence.
    timeout(Duration::from_secs(5), desk.until(1))
        .await
        .unwrap();
    empty(&inbox).await;
}

#[tokio::test]
async fn a_worker_that_is_not_known_any_more_makes_itself_known_again() {
    let place = Place::new();
    let builder = Inbox::builder().take_over_after(Duration::from_secs(3));
    let inbox = builder.sqlite(place.path()).await.unwrap();
    let desk = Desk::content();
    let _working = work(&inbox, &desk);
    send(&inbox, &desk, &deleted("lin")).await;
    desk.until(1).await;
    empty(&inbox).await;
    let mut other = place.connect().await;
    let gone = sqlx::query("DELETE FROM wecom_inbox_workers")
        .execute(&mut other)
        .await;
    assert_eq!(gone.unwrap().rows_affected(), 1);
    send(&inbox, &desk, &deleted("mei")).await;
    desk.until(2).await;
    empty(&inbox).await;
    sleep(Duration::from_millis(1_200)).await;
    let workers: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM wecom_inbox_workers")
        .fetch_one(&mut other)
        .await
        .unwrap();
    assert_eq!(workers, 1);
}

#[tokio::test]
async fn nothing_of_a_callback_stays_when_it_is_done() {
    let place = Place::new();
    let (inbox, desk) = (place.open().await, Desk::content());
    send(&inbox, &desk, &deleted("somebody-secret")).await;
    let (stop, working) = work(&inbox, &desk);
    desk.until(1).await;
    empty(&inbox).await;
    // Its key is there still.
    send(&inbox, &desk, &deleted("somebody-secret")).await;
    drop(stop);
    working.await.unwrap();
    assert_eq!(desk.seen().len(), 1);
    let mut other = place.connect().await;
    for (table, rows) in [("entries", 0), ("done", 1)] {
        let text = format!("SELECT COUNT(*) FROM wecom_inbox_{table}");
        let found = sqlx::query_scalar(sqlx::AssertSqlSafe(text));
        let found: i64 = found.fetch_one(&mut other).await.unwrap();
        assert_eq!(found, rows, "{table}");
    }
    for end in ["", "-wal"] {
        let bytes = std::fs::read(format!("{}{end}", place.path().display())).unwrap_or_default();
        let found = bytes.windows(15).any(|window| window == b"somebody-secret");
        assert!(!found, "the file{end} shows it");
    }
}

#[tokio::test]
async fn a_queue_may_be_called_like_the_dead_of_another() {
    let place = Place::new();
    let open = async |queue: &str| {
        let builder = Inbox::builder().queue(queue);
        builder.sqlite(place.path()).await.unwrap()
    };
    let (inbox, other) = (open("x").await, open("x-dead").await);
    let (fails, desk) = (Desk::new(|_| status(500)), Desk::content());
    send(&inbox, &fails, &deleted("lin")).await;
    let _working = (work(&inbox, &fails), work(&other, &desk));
    fails.until(3).await;
    empty(&inbox).await;
    sleep(Duration::from_millis(1500)).await;
    let counts = (inbox.counts().await.unwrap(), other.counts().await.unwrap());
    assert_eq!((counts.0.dead, counts.1.dead), (1, 0));
    assert!(desk.seen().is_empty());
}

#[tokio::test]
async fn a_notice_to_a_third_party_app_has_a_second() {
    let place = Place::new();
    let inbox = Inbox::sqlite(place.path()).await.unwrap();
    let mut holder = place.connect().await;
    let lock = sqlx::query("BEGIN IMMEDIATE");
    lock.execute(&mut holder).await.unwrap();
    let notice = "<xml><SuiteId>s</SuiteId><InfoType>cancel_auth</InfoType>\
                  <TimeStamp>1767225605</TimeStamp><AuthCorpId>c</AuthCorpId></xml>";
    for (payload, at_least, at_most) in [(notice, 800, 1_000), (&deleted("lin"), 3_500, 4_500)] {
        let begun = std::time::Instant::now();
        assert_eq!(send(&inbox, &Desk::content(), payload).await, 503);
        let took = begun.elapsed().as_millis();
        assert!((at_least..at_most).contains(&took), "{took}");
    }
}

#[tokio::test]
async fn counts_tell_since_when_work_is_due() {
    let place = Place::new();
    let inbox = place.open().await;
    assert_eq!(inbox.counts().await.unwrap().due_since, None);
    let before = std::time::SystemTime::now() - Duration::from_secs(1);
    send(&inbox, &Desk::content(), &deleted("lin")).await;
    sleep(Duration::from_millis(1100)).await;
    send(&inbox, &Desk::content(), &deleted("mei")).await;
    let due = inbox.counts().await.unwrap().due_since.unwrap();
    assert!(
        due >= before && due < before + Duration::from_secs(2),
        "{due:?}"
    );
    let desk = Desk::content();
    let _working = work(&inbox, &desk);
    desk.until(2).await;
    empty(&inbox).await;
    assert_eq!(inbox.counts().await.unwrap().due_since, None);
}

#[test]
fn no_error_quotes_what_stands_in_a_callback() {
    let json = serde_json::json!({"version": 1, "receive_id": {"a secret": 1}});
    let error = StoredCallback::from_json(&json).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("secret"), "{shown}");
}

#[tokio::test]
async fn an_error_of_the_storage_shows_its_text_alone() {
    let place = Place::new();
    let error = Inbox::sqlite(place.dir.path()).await.unwrap_err();
    assert_eq!(format!("{error:?}"), format!("InboxError({error})"));
}

/// What another program may do to a row of this table.
const DAMAGE: [&str; 9] = [
    "body = NULL",
    "body = ''",
    "body = CAST(x'fffe00' AS TEXT)",
    "body = '[]'",
    "key = x'fffe'",
    "attempts = -5",
    "attempts = 9223372036854775807, crashes = -1",
    "at = -9223372036854775808",
    "at = 9223372036854775807, state = 'delayed'",
];

#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_no_other_one_from_its_worker() {
    let place = Place::new();
    let (inbox, desk) = (place.open().await, Desk::content());
    let mut other = place.connect().await;
    for (number, damage) in DAMAGE.iter().enumerate() {
        let user = format!("damaged-{number}");
        send(&inbox, &desk, &deleted(&user)).await;
        change(&mut other, &user, damage).await;
        send(&inbox, &desk, &deleted(&format!("good-{number}"))).await;
    }
    let _working = work(&inbox, &desk);
    empty(&inbox).await;
    let seen = desk.seen();
    let good = seen.iter().filter(|seen| {
        let user = seen.callback.get("UserID").unwrap();
        user.starts_with("good")
    });
    assert_eq!(good.count(), DAMAGE.len());
    let dead = inbox.counts().await.unwrap().dead;
    assert_eq!(
        seen.len() + usize::try_from(dead).unwrap(),
        2 * DAMAGE.len()
    );
    assert_eq!(dead, 4);
}

#[tokio::test]
async fn a_file_that_is_removed_or_replaced_takes_nothing_more() {
    for replace in [false, true] {
        let place = Place::new();
        let inbox = place.open().await;
        assert_eq!(
            send(&inbox, &Desk::content(), &deleted("before")).await,
            200
        );
        let away = place.dir.path().join("away.db");
        std::fs::rename(place.path(), &away).unwrap();
        if replace {
            std::fs::copy(&away, place.path()).unwrap();
        }
        assert_eq!(send(&inbox, &Desk::content(), &deleted("after")).await, 503);
        assert!(inbox.check().await.is_err());
        // Once more over a new connection, which must not make a new file.
        assert_eq!(send(&inbox, &Desk::content(), &deleted("after")).await, 503);
        assert_eq!(place.path().exists(), replace);
    }
}

#[tokio::test]
async fn a_url_is_not_taken_for_a_path() {
    for url in ["sqlite:inbox.db", "sqlite://inbox.db", "file:inbox.db"] {
        let error = Inbox::sqlite(url).await.unwrap_err().to_string();
        assert!(
            error.contains("path of a file, such as inbox.db"),
            "{error}"
        );
        assert!(!std::path::Path::new(url).exists());
    }
}

#[tokio::test]
async fn a_check_tells_whether_a_callback_would_be_stored() {
    let place = Place::new();
    let inbox = place.open().await;
    inbox.check().await.unwrap();
    let mut holder = place.connect().await;
    let lock = sqlx::query("BEGIN IMMEDIATE");
    lock.execute(&mut holder).await.unwrap();
    assert!(inbox.check().await.is_err());
    let free = sqlx::query("COMMIT");
    free.execute(&mut holder).await.unwrap();
    inbox.check().await.unwrap();
    assert_eq!(inbox.counts().await.unwrap().waiting, 0);
}

#[tokio::test]
async fn beyond_max_waiting_callbacks_are_refused_until_the_workers_have_made_room() {
    let place = Place::new();
    let inbox = Inbox::builder().max_waiting(3);
    let inbox = inbox.sqlite(place.path()).await.unwrap();
    for number in 0..3 {
        let payload = deleted(&number.to_string());
        assert_eq!(send(&inbox, &Desk::content(), &payload).await, 200);
    }
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(send(&inbox, &Desk::content(), &deleted("more")).await, 503);
    assert!(inbox.check().await.is_err());
    let desk = Desk::content();
    let _working = work(&inbox, &desk);
    desk.until(3).await;
    empty(&inbox).await;
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(send(&inbox, &Desk::content(), &deleted("more")).await, 200);
}

#[tokio::test]
async fn below_the_reserve_callbacks_are_refused_and_the_workers_go_on() {
    let place = Place::new();
    send(&place.open().await, &Desk::content(), &deleted("lin")).await;
    let inbox = Inbox::builder().sqlite_reserve(u64::MAX);
    let inbox = inbox.sqlite(place.path()).await.unwrap();
    sleep(Duration::from_millis(500)).await;
    assert_eq!(send(&inbox, &Desk::content(), &deleted("mei")).await, 503);
    let desk = Desk::content();
    let _working = work(&inbox, &desk);
    desk.until(1).await;
    empty(&inbox).await;
}

#[tokio::test]
async fn the_room_of_what_is_done_goes_back_to_the_disk() {
    let place = Place::new();
    let inbox = Inbox::sqlite(place.path()).await.unwrap();
    let long = "x".repeat(4_000);
    let store = async |number: usize| {
        let payload = deleted(&format!("{number}-{long}"));
        let callback = tower_wecom::protocol::restore(payload.into(), "ww1a2b3c", None, 0);
        inbox.store(&callback, "/").await.unwrap();
    };
    for fifty in (0..2_500).step_by(50) {
        futures_util::future::join_all((fifty..fifty + 50).map(store)).await;
    }
    let desk = Desk::content();
    let _working = work(&inbox, &desk);
    empty(&inbox).await;
    // All keys are there, and a few pages for what comes next.
    let limit = 6 * 1024 * 1024;
    let shrunk = timeout(Duration::from_secs(20), async {
        while std::fs::metadata(place.path()).unwrap().len() > limit {
            sleep(Duration::from_millis(200)).await;
        }
    });
    shrunk.await.unwrap();
    store(0).await;
    assert_eq!(inbox.counts().await.unwrap().waiting, 0);
}

/// Not only after the end: a service may run for months.
#[tokio::test]
async fn nothing_of_what_is_done_stays_in_the_log_while_the_service_runs() {
    let place = Place::new();
    let (inbox, desk) = (place.open().await, Desk::content());
    let mut other = place.connect().await;
    // A reader that looks at one state for long makes the log grow.
    sqlx::query("BEGIN").execute(&mut other).await.unwrap();
    let _: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema")
        .fetch_one(&mut other)
        .await
        .unwrap();
    let _working = work(&inbox, &desk);
    for number in 0..500 {
        let payload = deleted(&format!("somebody-secret-{number}"));
        send(&inbox, &Desk::content(), &payload).await;
    }
    empty(&inbox).await;
    let log = format!("{}-wal", place.path().display());
    assert!(std::fs::metadata(&log).unwrap().len() > 1_000_000);
    sqlx::query("COMMIT").execute(&mut other).await.unwrap();
    timeout(Duration::from_secs(15), async {
        while std::fs::metadata(&log).unwrap().len() > 0 {
            sleep(Duration::from_millis(200)).await;
        }
    })
    .await
    .unwrap();
    let bytes = std::fs::read(place.path()).unwrap();
    let found = bytes.windows(15).any(|window| window == b"somebody-secret");
    assert!(!found, "the file shows it");
}

#[tokio::test]
async fn an_older_program_goes_on_with_a_newer_schema() {
    let place = Place::new();
    send(&place.open().await, &Desk::content(), &deleted("lin")).await;
    let mut other = place.connect().await;
    let newer = sqlx::query("UPDATE wecom_inbox_meta SET version = 99");
    newer.execute(&mut other).await.unwrap();
    let inbox = place.open().await;
    assert_eq!(send(&inbox, &Desk::content(), &deleted("mei")).await, 200);
    assert_eq!(inbox.counts().await.unwrap().waiting, 2);
}
