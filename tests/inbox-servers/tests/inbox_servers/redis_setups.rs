//! Ways to set Redis up, and servers that change places.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tower_wecom_inbox::{Counts, Inbox};
use tracing_subscriber::fmt::MakeWriter;

use crate::contract::{deleted, until_empty, worker};
use crate::servers::{Redis, free_port};

/// An address that leads to one server or another, as a name does.
#[derive(Clone)]
pub struct Address {
    target: Arc<Mutex<SocketAddr>>,
    here: SocketAddr,
}

impl Address {
    pub async fn of(redis: &Redis) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let target = Arc::new(Mutex::new(SocketAddr::from(([127, 0, 0, 1], redis.port()))));
        let leads = Arc::clone(&target);
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let target = *leads.lock().unwrap();
                tokio::spawn(async move {
                    if let Ok(mut server) = TcpStream::connect(target).await {
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        Self { target, here }
    }

    pub fn url(&self) -> String {
        format!("redis://{}/", self.here)
    }

    pub fn lead_to(&self, redis: &Redis) {
        self.target.lock().unwrap().set_port(redis.port());
    }
}

pub fn replicate(replica: &Redis, master: &Redis) {
    replica.ask(&["REPLICAOF", "127.0.0.1", &master.port().to_string()]);
    let begun = Instant::now();
    while !replica
        .ask(&["INFO", "replication"])
        .contains("master_link_status:up")
    {
        // After an hour of load a replica has hundreds of MB to read.
        assert!(begun.elapsed() < Duration::from_secs(300));
        std::thread::sleep(Duration::from_millis(50));
    }
}

async fn until_stored(inbox: &Inbox, user: &str) {
    let begun = Instant::now();
    while let Err(error) = inbox.store(&deleted(user), "/").await {
        assert!(begun.elapsed() < Duration::from_secs(20), "{error}");
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_moves_to_the_new_master_needs_no_restart() {
    let (one, other) = (Redis::start(), Redis::start());
    replicate(&other, &one);
    let address = Address::of(&one).await;
    let inbox = Inbox::redis(&address.url()).await.unwrap();
    let (worker, runs) = worker(&inbox, 0);
    let running = tokio::spawn(worker.run_until(std::future::pending()));
    inbox.store(&deleted("before"), "/").await.unwrap();
    until_empty(&inbox).await;
    other.ask(&["REPLICAOF", "NO", "ONE"]);
    replicate(&one, &other);
    assert!(inbox.store(&deleted("during"), "/").await.is_err());
    address.lead_to(&other);
    until_stored(&inbox, "after").await;
    until_empty(&inbox).await;
    assert_eq!(runs.lock().unwrap().len(), 2);
    running.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_server_may_become_a_replica_and_the_master_again() {
    let (one, other) = (Redis::start(), Redis::start());
    let inbox = Inbox::redis(&one.url()).await.unwrap();
    replicate(&one, &other);
    assert!(inbox.store(&deleted("lin"), "/").await.is_err());
    one.ask(&["REPLICAOF", "NO", "ONE"]);
    until_stored(&inbox, "lin").await;
}

/// A replica that has just read all data answers writes before they are in its file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promoted_replica_takes_nothing_before_its_file_is_written() {
    let (one, other) = (Redis::start(), Redis::start());
    fill(&one);
    delay_file(&other);
    replicate(&other, &one);
    loses_nothing_when_promoted(one, other).await;
}

/// It has a file from the time before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_reads_all_data_again_takes_nothing_before_its_file_is_written() {
    let (mut one, other) = (Redis::start(), Redis::start());
    fill(&one);
    replicate(&other, &one);
    until_written(&other);
    delay_file(&other);
    one.kill();
    one.go_on();
    replicate(&other, &one);
    loses_nothing_when_promoted(one, other).await;
}

/// Redis keeps the connection open all the while.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_does_not_outlive_a_demotion() {
    let (mut one, other) = (Redis::start(), Redis::start());
    fill(&other);
    let inbox = Inbox::redis(&one.url()).await.unwrap();
    delay_file(&one);
    replicate(&one, &other);
    one.ask(&["REPLICAOF", "NO", "ONE"]);
    // It looks once a second.
    sleep(Duration::from_secs(2)).await;
    until_stored(&inbox, "after").await;
    one.kill();
    one.go_on();
    assert_eq!(until_counted(&inbox).await.waiting, 1);
}

/// The file that was there before the rewrite has everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promoted_master_whose_later_rewrite_fails_is_not_refused() {
    let (one, other) = (Redis::start(), Redis::start());
    fill(&one);
    replicate(&other, &one);
    until_written(&other);
    switch_over(&one, &other);
    delay_file(&other);
    other.ask(&["BGREWRITEAOF"]);
    let parent = other.pid().to_string();
    let killed = Command::new("pkill")
        .args(["-KILL", "-P", &parent])
        .status();
    assert!(killed.unwrap().success());
    let failed = "aof_last_bgrewrite_status:err";
    while !other.ask(&["INFO", "persistence"]).contains(failed) {
        sleep(Duration::from_millis(20)).await;
    }
    let inbox = Inbox::redis(&other.url()).await.unwrap();
    inbox.store(&deleted("lin"), "/").await.unwrap();
}

fn fill(server: &Redis) {
    let fill = "for i = 1, 1000 do redis.call('SET', 'other' .. i, i) end";
    server.ask(&["EVAL", fill, "0"]);
}

/// From now on the file takes 4 s.
fn delay_file(server: &Redis) {
    let microseconds = "4000";
    server.ask(&["CONFIG", "SET", "rdb-key-save-delay", microseconds]);
}

/// Waits until a replica has written what it has read into its file.
pub fn until_written(replica: &Redis) {
    let signs = [
        "aof_rewrite_in_progress:0\r",
        "aof_rewrite_scheduled:0\r",
        "aof_last_bgrewrite_status:ok\r",
    ];
    let begun = Instant::now();
    loop {
        let info = replica.ask(&["INFO", "persistence"]);
        if signs.iter().all(|sign| info.contains(sign)) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(300), "{info}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The old master waits until the new one has everything.
pub fn switch_over(old: &Redis, new: &Redis) {
    let begun = Instant::now();
    let patience = Duration::from_secs(120);
    let port = new.port().to_string();
    // A replica that has read all data a moment ago is not a target yet.
    while old.ask(&["FAILOVER", "TO", "127.0.0.1", &port]) != "OK" {
        assert!(begun.elapsed() < patience);
        std::thread::sleep(Duration::from_millis(20));
    }
    while !new.ask(&["ROLE"]).starts_with("master") {
        assert!(begun.elapsed() < patience);
        std::thread::sleep(Duration::from_millis(20));
    }
}

async fn loses_nothing_when_promoted(one: Redis, mut other: Redis) {
    let address = Address::of(&one).await;
    let inbox = Inbox::redis(&address.url()).await.unwrap();
    inbox.store(&deleted("before"), "/").await.unwrap();
    switch_over(&one, &other);
    address.lead_to(&other);
    until_stored(&inbox, "after").await;
    other.kill();
    other.go_on();
    assert_eq!(until_counted(&inbox).await.waiting, 2);
}

async fn until_counted(inbox: &Inbox) -> Counts {
    let begun = Instant::now();
    loop {
        match inbox.counts().await {
            Ok(counts) => return counts,
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(30), "{error}"),
        }
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_is_not_opened() {
    let (one, other) = (Redis::start(), Redis::start());
    replicate(&other, &one);
    let error = Inbox::redis(&other.url()).await.unwrap_err().to_string();
    assert!(error.contains("replica"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentinels_are_asked_for_the_master() {
    let (one, other) = (Redis::start(), Redis::start());
    replicate(&other, &one);
    let dir = tempfile::tempdir().unwrap();
    let (port, file) = (free_port(), dir.path().join("sentinel.conf"));
    let text = format!(
        "port {port}\nbind 127.0.0.1\nsentinel monitor wecom 127.0.0.1 {} 1\n\
         sentinel down-after-milliseconds wecom 1000\nsentinel failover-timeout wecom 5000\n",
        one.port()
    );
    std::fs::write(&file, text).unwrap();
    let sentinel = Redis::sentinel(dir, port);
    let open = || async {
        let sentinels = ["redis://127.0.0.1:1/".to_owned(), sentinel.url()];
        let builder = Inbox::builder().redis_sentinels("wecom", sentinels);
        builder.redis(&one.url()).await.unwrap()
    };
    let inbox = open().await;
    inbox.store(&deleted("before"), "/").await.unwrap();
    let begun = Instant::now();
    // It has to know the replica first.
    while !sentinel
        .ask(&["SENTINEL", "FAILOVER", "wecom"])
        .starts_with("OK")
    {
        assert!(begun.elapsed() < Duration::from_secs(30));
        sleep(Duration::from_millis(500)).await;
    }
    while !other.ask(&["ROLE"]).starts_with("master") {
        assert!(begun.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(100)).await;
    }
    until_stored(&inbox, "after").await;
    assert_eq!(open().await.counts().await.unwrap().waiting, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_that_the_server_closes_costs_no_callback() {
    let redis = Redis::start_with(&["--timeout", "1"]);
    // The look at the memory would keep it open.
    let inbox = Inbox::redis(&redis.url()).await.unwrap();
    for number in 0..4 {
        redis.ask(&["CLIENT", "KILL", "TYPE", "normal"]);
        sleep(Duration::from_millis(50)).await;
        inbox.store(&deleted(number), "/").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_of_a_cluster_is_not_opened() {
    let redis = Redis::start_with(&["--cluster-enabled", "yes"]);
    let error = Inbox::redis(&redis.url()).await.unwrap_err().to_string();
    assert!(error.contains("cluster"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_that_may_not_run_scripts_is_told_at_the_start() {
    let redis = Redis::start();
    redis.ask(&[
        "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-evalsha",
    ]);
    let url = redis.url().replace("redis://", "redis://app:pw@");
    let error = Inbox::redis(&url).await.unwrap_err().to_string();
    assert!(error.contains("EVALSHA"), "{error}");
}

/// What is traced within a test.
#[derive(Clone, Default)]
pub struct Trace(Arc<Mutex<Vec<u8>>>);

impl Trace {
    /// Until the guard is dropped, in this thread.
    pub fn catch(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber = tracing_subscriber::fmt()
            .with_writer(self.clone())
            .with_ansi(false)
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Trace {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

async fn warnings(url: &str) -> String {
    let trace = Trace::default();
    let guard = trace.catch();
    let _inbox = Inbox::redis(url).await.unwrap();
    drop(guard);
    trace.text()
}

const WEAK: [&str; 2] = ["--appendonly", "no"];

#[tokio::test]
async fn settings_are_judged_by_resp3_too() {
    let redis = Redis::start_with(&WEAK);
    for protocol in ["", "?protocol=resp3"] {
        let found = warnings(&format!("{}{protocol}", redis.url())).await;
        assert!(found.contains("appendonly yes"), "{protocol}: {found}");
        assert!(found.contains("CONFIG SET appendonly yes"), "{found}");
    }
}

#[tokio::test]
async fn settings_that_are_hidden_are_judged_as_far_as_they_show() {
    let redis = Redis::start_with(&WEAK);
    redis.ask(&[
        "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-config",
    ]);
    let found = warnings(&redis.url().replace("redis://", "redis://app:pw@")).await;
    assert!(found.contains("CONFIG SET appendonly yes"), "{found}");
    assert!(found.contains("does not show its appendfsync"), "{found}");

    let renamed = Redis::start_with(&["--rename-command", "CONFIG", "", "--appendonly", "no"]);
    let found = warnings(&renamed.url()).await;
    assert!(found.contains("CONFIG SET appendonly yes"), "{found}");
    assert!(found.contains("does not show its appendfsync"), "{found}");
}

/// What another program may do to an entry.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_cannot_be_read_keeps_no_other_one_from_its_worker() {
    // KEYS[1] is the entry, KEYS[2] the counts, ARGV[1] its id, ARGV[2] what is stored.
    const DAMAGE: [&str; 11] = [
        "redis.call('DEL', KEYS[1])",
        "redis.call('SET', KEYS[1], '')",
        "redis.call('SET', KEYS[1], 'x')",
        "redis.call('SET', KEYS[1], (string.gsub(ARGV[2], '{.*', '')))",
        "redis.call('SET', KEYS[1], (string.gsub(ARGV[2], '{.*', '[]')))",
        "redis.call('SET', KEYS[1], (string.gsub(ARGV[2], '{.*', '\\255\\0')))",
        "redis.call('SET', KEYS[1], (string.gsub(ARGV[2], '^%d+', '99999')))",
        "redis.call('DEL', KEYS[1]); redis.call('RPUSH', KEYS[1], 'x')",
        "redis.call('SET', KEYS[1], (string.gsub(ARGV[2], ' %d+ ', ' nan ')))",
        "redis.call('HSET', KEYS[2], ARGV[1], 'many')",
        "redis.call('HSET', KEYS[2], ARGV[1], '-5 inf nan 99999999999')",
    ];
    let redis = Redis::start();
    let inbox = Inbox::redis(&redis.url()).await.unwrap();
    for (number, damage) in DAMAGE.iter().enumerate() {
        inbox
            .store(&deleted(format!("damaged-{number}")), "/")
            .await
            .unwrap();
        let newest = "wecom-inbox:{wecom-inbox}:r:head office";
        let key = redis.ask(&["ZRANGE", newest, "-1", "-1"]);
        let entry = format!("wecom-inbox:{{wecom-inbox}}:e:{key}");
        let stored = redis.ask(&["GET", &entry]);
        let counts = "wecom-inbox:{wecom-inbox}:counts";
        redis.ask(&["EVAL", damage, "2", &entry, counts, &key, &stored]);
        sleep(Duration::from_millis(5)).await;
        inbox
            .store(&deleted(format!("good-{number}")), "/")
            .await
            .unwrap();
        sleep(Duration::from_millis(5)).await;
    }
    let (worker, runs) = worker(&inbox, 0);
    let running = tokio::spawn(worker.run_until(std::future::pending()));
    let counts = until_empty(&inbox).await;
    assert_eq!(counts.dead, 8);
    assert_eq!(runs.lock().unwrap().len(), 2 * DAMAGE.len() - 8);
    for letter in inbox.dead_letters(100).await.unwrap() {
        inbox.forget(&letter.id).await.unwrap();
    }
    assert_eq!(inbox.counts().await.unwrap().dead, 0);
    running.abort();
}
