//! Many faults, one after the other in an order that a seed decides, while callbacks come over 64
//! connections. At the end: acknowledged = handled + dead + waiting.
//!
//! `INBOX_FAULT_SECONDS` is how long, `INBOX_FAULT_SEED` the order.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::Connection;
use tempfile::TempDir;
use tokio::task::block_in_place;
use tokio::time::sleep;
use tower_wecom_inbox::Inbox;

use crate::app::{App, Setting, in_memory};
use crate::clock::libfaketime;
use crate::disk::{Disk, lock};
use crate::kill::setting;
use crate::redis_setups::{Address, replicate, switch_over, until_written};
use crate::sender::{Sender, user};
use crate::servers::{Postgres, Redis};

const CONNECTIONS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Kill,
    ClockAhead,
    ClockBehind,
    HandlersFail,
    FullDisk,
    LockedFile,
    Away,
    SwitchOver,
}

const EVERYWHERE: [Fault; 4] = [
    Fault::Kill,
    Fault::ClockAhead,
    Fault::ClockBehind,
    Fault::HandlersFail,
];

/// xorshift: the same order for the same seed.
struct Order(u64);

impl Order {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }

    /// Each of them once before one comes again.
    fn next(&mut self, bag: &mut Vec<Fault>, faults: &[Fault]) -> Fault {
        if bag.is_empty() {
            bag.extend(faults);
        }
        bag.swap_remove(self.below(bag.len()))
    }
}

/// The program with a clock that can be stepped while it runs.
struct Stage {
    app: App,
    clock: PathBuf,
    _dir: TempDir,
}

impl Stage {
    fn start(storage: Option<String>, folder: Option<&Path>, wrapper: Vec<String>) -> Self {
        let dir = in_memory();
        let clock = dir.path().join("clock");
        std::fs::write(&clock, "+0").unwrap();
        let members = dir.path().join("members.db");
        let env = [
            ("LD_PRELOAD", libfaketime()),
            ("DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("FAKETIME_TIMESTAMP_FILE", clock.display().to_string()),
            ("FAKETIME_CACHE_DURATION", "1".to_owned()),
            ("WECOM_INBOX_RESERVE", "0".to_owned()),
            ("WECOM_MEMBERS", members.display().to_string()),
        ];
        let setting = Setting {
            storage,
            env: env.to_vec(),
            wrapper,
        };
        let app = App::start_with(setting, folder);
        Self {
            app,
            clock,
            _dir: dir,
        }
    }

    async fn step(&self, clock: &str, time: Duration) {
        std::fs::write(&self.clock, clock).unwrap();
        sleep(time).await;
        std::fs::write(&self.clock, "+0").unwrap();
    }

    /// What needs no knowledge of the storage.
    async fn apply(&mut self, fault: Fault, time: Duration) {
        match fault {
            Fault::Kill => block_in_place(|| self.app.kill_and_start()),
            Fault::ClockAhead => self.step("+3h", time).await,
            Fault::ClockBehind => self.step("-3h", time).await,
            Fault::HandlersFail => {
                let holder = lock(&self.app.members()).await;
                sleep(time).await;
                holder.close().await.unwrap();
            }
            other => panic!("{other:?} is a matter of the storage"),
        }
    }
}

/// Sends, and meanwhile applies one fault after the other.
async fn run(
    name: &str,
    mut stage: Stage,
    more: &[Fault],
    open: impl AsyncFn() -> Option<Inbox>,
    mut apply: impl AsyncFnMut(&mut Stage, Fault, Duration),
) {
    let time = Duration::from_secs(setting("INBOX_FAULT_SECONDS", 20) as u64);
    let seed = setting("INBOX_FAULT_SEED", 7) as u64;
    let mut order = Order(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let faults: Vec<Fault> = EVERYWHERE.iter().chain(more).copied().collect();
    // For long, no faster than callbacks are handled on two cores: the rest would take hours.
    let pause = if time > Duration::from_secs(600) {
        250
    } else {
        100
    };
    let sender = Sender::new(&stage.app.address(), 0, Duration::from_millis(pause));
    let sending = tokio::spawn({
        let sender = sender.clone();
        async move { sender.for_a_time(CONNECTIONS, time).await }
    });
    let begun = Instant::now();
    let (mut bag, mut applied) = (Vec::new(), BTreeMap::<Fault, u32>::new());
    while begun.elapsed() < time {
        sleep(Duration::from_millis(order.below(1_000) as u64)).await;
        let fault = order.next(&mut bag, &faults);
        let long = Duration::from_millis(500 + order.below(1_500) as u64);
        *applied.entry(fault).or_default() += 1;
        apply(&mut stage, fault, long).await;
    }
    let acknowledged: HashSet<String> = sending.await.unwrap().into_iter().map(user).collect();
    let begun = Instant::now();
    // A server that was killed a moment ago may have much to read.
    let inbox = loop {
        if let Some(inbox) = open().await {
            break inbox;
        }
        assert!(begun.elapsed() < Duration::from_secs(300));
    };
    // A server that has much to do may not count in time.
    while inbox.counts().await.map_or(1, |counts| counts.waiting) > 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(180) + time,
            "something waits for ever"
        );
        sleep(Duration::from_millis(500)).await;
    }
    let effects = stage.app.effects(0).await;
    let twice = effects.changes.iter().filter(|it| it.1 > 1).count();
    let handled: HashSet<String> = effects.changes.into_iter().map(|it| it.0).collect();
    let letters = inbox.dead_letters(1_000_000).await.unwrap();
    let dead: HashSet<String> = letters
        .iter()
        .filter_map(|letter| letter.callback.as_ref()?.restore().ok())
        .filter_map(|callback| callback.get("UserID").map(str::to_owned))
        .collect();
    let neither = |user: &&String| !handled.contains(*user) && !dead.contains(*user);
    let lost = acknowledged.iter().filter(neither).count();
    println!(
        "{name}, seed {seed}, {} s, {} faults: {} acknowledged, {} handled, {} dead, 0 waiting, {lost} lost, \
         {twice} effects twice; {applied:?}",
        time.as_secs(),
        applied.values().sum::<u32>(),
        acknowledged.len(),
        handled.len(),
        dead.len(),
    );
    assert!(acknowledged.len() > 100, "hardly anything was acknowledged");
    assert_eq!((lost, twice), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_by_mixed_faults_on_sqlite() {
    let disk = Disk::small();
    let stage = Stage::start(None, Some(&disk.path()), disk.wrapper());
    disk.grow(stage.app.pid());
    let path = stage.app.inbox();
    let faults = [Fault::FullDisk, Fault::LockedFile];
    let open = async || Inbox::builder().sqlite_reserve(0).sqlite(&path).await.ok();
    run(
        "SQLite",
        stage,
        &faults,
        open,
        async |stage, fault, time| match fault {
            Fault::FullDisk => {
                disk.fill(stage.app.pid());
                sleep(time).await;
                disk.empty(stage.app.pid());
            }
            Fault::LockedFile => {
                let holder = lock(&stage.app.inbox()).await;
                sleep(time).await;
                holder.close().await.unwrap();
            }
            Fault::Kill => {
                stage.apply(fault, time).await;
                disk.grow(stage.app.pid());
            }
            other => stage.apply(other, time).await,
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_by_mixed_faults_on_redis() {
    let mut servers = [Redis::start(), Redis::start()];
    block_in_place(|| replicate(&servers[1], &servers[0]));
    let address = Address::of(&servers[0]).await;
    let stage = Stage::start(Some(address.url()), None, Vec::new());
    let faults = [Fault::Away, Fault::SwitchOver];
    let open = async || Inbox::redis(&address.url()).await.ok();
    let mut master = 0;
    run(
        "Redis",
        stage,
        &faults,
        open,
        async |stage, fault, time| match fault {
            Fault::Away => {
                servers[master].kill();
                sleep(time).await;
                block_in_place(|| servers[master].go_on());
            }
            Fault::SwitchOver => {
                let (old, new) = (&servers[master], &servers[1 - master]);
                block_in_place(|| {
                    replicate(new, old);
                    // As an operator has to: docs/operations.md.
                    until_written(new);
                    switch_over(old, new);
                });
                address.lead_to(new);
                master = 1 - master;
            }
            other => stage.apply(other, time).await,
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_by_mixed_faults_on_postgres() {
    let mut postgres = Postgres::start();
    let url = postgres.url();
    let stage = Stage::start(Some(url.clone()), None, Vec::new());
    let open = async || Inbox::postgres(&url).await.ok();
    run(
        "PostgreSQL",
        stage,
        &[Fault::Away],
        open,
        async |stage, fault, time| match fault {
            Fault::Away => {
                block_in_place(|| postgres.kill());
                sleep(time).await;
                block_in_place(|| postgres.go_on());
            }
            other => stage.apply(other, time).await,
        },
    )
    .await;
}
