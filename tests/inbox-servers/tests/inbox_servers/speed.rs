//! What it costs to store a callback, in this process and without HTTP. A figure, not a limit.

use std::time::Instant;

use tokio::task::JoinSet;
use tower_wecom::protocol;
use tower_wecom_inbox::Inbox;

use crate::kill::setting;
use crate::servers::{Postgres, Redis};

async fn measure(storage: &str, inbox: Inbox) {
    for at_once in [1, 64] {
        let callbacks = setting("INBOX_CALLBACKS", 2_000);
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        for task in 0..at_once {
            let inbox = inbox.clone();
            tasks.spawn(async move {
                for number in (task..callbacks).step_by(at_once) {
                    let payload = format!(
                        "<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName>\
                         <CreateTime>1767225605</CreateTime><MsgType>event</MsgType>\
                         <Event>change_contact</Event><ChangeType>create_user</ChangeType>\
                         <UserID>{at_once}-{number}</UserID><Name>Lin Mei</Name></xml>"
                    );
                    let callback = protocol::restore(payload.into(), "ww1", None, 0);
                    inbox.store(&callback, "/wecom").await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let took = begun.elapsed();
        println!(
            "{storage}: {callbacks} callbacks stored, {at_once} at a time: {:.0}/s, {:.2?} each for who waits",
            callbacks as f64 / took.as_secs_f64(),
            took * u32::try_from(at_once).unwrap() / u32::try_from(callbacks).unwrap(),
        );
        assert_eq!(inbox.counts().await.unwrap().waiting % callbacks as u64, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn speed_of_each_storage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("inbox.db");
    measure("SQLite", Inbox::sqlite(path).await.unwrap()).await;
    let redis = Redis::start();
    measure(
        "Redis, appendfsync always",
        Inbox::redis(&redis.url()).await.unwrap(),
    )
    .await;
    let postgres = Postgres::start();
    measure(
        "PostgreSQL",
        Inbox::postgres(&postgres.url()).await.unwrap(),
    )
    .await;
}
