//! A callback that ends the process, beside others that do not.

use std::convert::Infallible;
use std::process::Command;
use std::time::{Duration, Instant};

use http::{Request, Response};
use tokio::time::sleep;
use tower::service_fn;
use tower_wecom::{Callback, RequestBody};
use tower_wecom_inbox::{Inbox, NoBody};

use crate::contract::deleted;

const KILLER: &str = "killer";

async fn open(path: &str) -> Inbox {
    let builder = Inbox::builder().take_over_after(Duration::from_secs(3));
    builder.sqlite(path).await.unwrap()
}

/// Runs in a process of its own, which the killer ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_that_is_killed() {
    let Ok(path) = std::env::var("INBOX_CRASH") else {
        return;
    };
    let inbox = open(&path).await;
    let service = service_fn(|request: Request<RequestBody<NoBody>>| async move {
        let callback = request.extensions().get::<Callback>().unwrap().clone();
        sleep(Duration::from_millis(300)).await;
        if callback.get("UserID") == Some(KILLER) {
            std::process::abort();
        }
        // Still at work when the killer strikes.
        sleep(Duration::from_millis(1_000)).await;
        Ok::<_, Infallible>(Response::new(()))
    });
    let done = async {
        while inbox.counts().await.unwrap().waiting > 0 {
            sleep(Duration::from_millis(100)).await;
        }
    };
    inbox.worker(service).concurrency(32).run_until(done).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_that_kills_the_process_makes_no_dead_letter_of_another() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("inbox.db").display().to_string();
    let inbox = open(&path).await;
    inbox.store(&deleted(KILLER), "/").await.unwrap();
    for number in 0..31 {
        inbox.store(&deleted(number), "/").await.unwrap();
    }
    let begun = Instant::now();
    let mut deaths = 0;
    while inbox.counts().await.unwrap().waiting > 0 {
        assert!(begun.elapsed() < Duration::from_secs(300));
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::the_process_that_is_killed"])
            .env("INBOX_CRASH", &path)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let ended = tokio::task::spawn_blocking(move || child.wait().unwrap());
        deaths += u32::from(!ended.await.unwrap().success());
    }
    let dead = inbox.dead_letters(100).await.unwrap();
    println!(
        "{} dead letters after {deaths} deaths and {:.0?}",
        dead.len(),
        begun.elapsed()
    );
    assert_eq!(dead.len(), 1);
    let callback = dead[0].callback.as_ref().unwrap().restore().unwrap();
    assert_eq!(callback.get("UserID"), Some(KILLER));
}
