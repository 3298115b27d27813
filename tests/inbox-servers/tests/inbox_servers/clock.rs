//! Clocks that are ahead or behind, and come back: faketime around the program.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sqlx::Connection;
use tokio::time::sleep;

use crate::app::{App, Setting};
use crate::disk::lock;
use crate::sender::Sender;
use crate::servers::{Postgres, Redis};

pub fn libfaketime() -> String {
    let folders = std::fs::read_dir("/usr/lib").unwrap().flatten();
    let mut found = folders.map(|it| it.path().join("faketime/libfaketimeMT.so.1"));
    let found: Option<PathBuf> = found.find(|path| path.exists());
    found
        .expect("there is no libfaketimeMT.so.1: apt-get install libfaketime")
        .display()
        .to_string()
}

fn setting(storage: Option<String>, shift: &str) -> Setting {
    let env = [
        ("LD_PRELOAD", libfaketime()),
        ("FAKETIME", shift.to_owned()),
        ("DONT_FAKE_MONOTONIC", "1".to_owned()),
    ];
    Setting {
        storage,
        env: env.to_vec(),
        ..Setting::default()
    }
}

/// Stores callbacks, of which some have failed, by a clock that is wrong; sets it right; waits.
async fn comes_back(storage: Option<String>, shift: &str) {
    let mut app = App::start_with(setting(storage.clone(), shift), None);
    let sender = Sender::new(&app.address(), 0, Duration::ZERO);
    let holder = lock(&app.members()).await;
    let callbacks = 60;
    assert_eq!(sender.once(0..callbacks, 16).await.len(), callbacks);
    // 32 are being worked on, and have failed after the 5 seconds for which their database waits.
    sleep(Duration::from_secs(7)).await;
    app.kill();
    holder.close().await.unwrap();
    app.start_again(Setting {
        storage,
        ..Setting::default()
    });
    let begun = Instant::now();
    let effects = app.effects(callbacks).await;
    println!(
        "{shift}: {} of {callbacks} after {:.0?}",
        effects.changes.len(),
        begun.elapsed()
    );
    assert_eq!(effects.changes.len(), callbacks);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_stored_by_a_clock_that_was_wrong_is_handled_on_sqlite() {
    tokio::join!(comes_back(None, "+2h"), comes_back(None, "-2h"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_stored_by_a_clock_that_was_wrong_is_handled_on_redis() {
    let (one, other) = (Redis::start(), Redis::start());
    tokio::join!(
        comes_back(Some(one.url()), "+2h"),
        comes_back(Some(other.url()), "-2h")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_stored_by_a_clock_that_was_wrong_is_handled_on_postgres() {
    let (one, other) = (Postgres::start(), Postgres::start());
    tokio::join!(
        comes_back(Some(one.url()), "+2h"),
        comes_back(Some(other.url()), "-2h")
    );
}

/// The server's own clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_stored_while_the_clock_of_postgres_was_ahead_is_handled() {
    let mut postgres = Postgres::start();
    postgres.kill();
    postgres.env = vec![
        ("LD_PRELOAD", libfaketime()),
        ("FAKETIME", "+2h".to_owned()),
        ("DONT_FAKE_MONOTONIC", "1".to_owned()),
    ];
    postgres.go_on();
    let storage = Some(postgres.url());
    let mut app = App::start(storage.clone());
    let sender = Sender::new(&app.address(), 0, Duration::ZERO);
    let holder = lock(&app.members()).await;
    assert_eq!(sender.once(0..60, 16).await.len(), 60);
    sleep(Duration::from_secs(7)).await;
    let theirs = postgres.ask("SELECT extract(epoch FROM now())::text").await;
    let theirs: f64 = theirs[0].parse().unwrap();
    let ours = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    assert!(
        theirs - ours.as_secs_f64() > 7_000.0,
        "the clock is not ahead"
    );
    app.kill();
    postgres.kill();
    postgres.env.clear();
    postgres.go_on();
    holder.close().await.unwrap();
    app.start_again(Setting {
        storage,
        ..Setting::default()
    });
    assert_eq!(app.effects(60).await.changes.len(), 60);
}
