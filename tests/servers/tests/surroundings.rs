//! Tests what Redis and the kernel do to claims and connections.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "these are tests"
)]

use std::time::Duration;

use server_tests::RedisServer;
use tower_wecom::dedup::{Claim, ClaimToken, DedupKey, KeptAnswer, Store};
use tower_wecom_redis::RedisStore;

const MINUTE: Duration = Duration::from_secs(60);

/// The kernel detects a dead peer too: it probes after ten seconds, not after two hours.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_kernel_probes_an_idle_connection_after_ten_seconds() {
    let server = RedisServer::start();
    let store = RedisStore::connect(server.url()).await.unwrap();
    let key = DedupKey::from_bytes([0; 32]);
    store.claim(key, ClaimToken::new(1), MINUTE).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let port: u16 = server.url().rsplit(':').next().unwrap().parse().unwrap();
    let peer = format!("0100007F:{port:04X}");
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let ours = |line: &&str| line.split_whitespace().nth(2) == Some(&peer);
    let line = table.lines().find(ours).unwrap();
    // 02 is the keepalive timer. Its time follows, in hundredths of a second.
    let (timer, when) = line
        .split_whitespace()
        .nth(5)
        .unwrap()
        .split_once(':')
        .unwrap();
    let when = u64::from_str_radix(when, 16).unwrap();
    assert!(timer == "02" && when <= 1_000, "{line}");
}

/// Uses the policy that the crate's README recommends. If a claim were evicted, its callback could
/// run twice at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_redis_evicts_answers_and_no_claims() {
    let page = include_str!("../../../crates/tower-wecom-redis/README.md");
    let (_, policy) = page.split_once("maxmemory-policy ").unwrap();
    let (policy, _) = policy.split_once('`').unwrap();
    let server = RedisServer::start();
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let set = |name: &str, value: &str| {
        let mut command = redis::cmd("CONFIG");
        command.arg("SET").arg(name).arg(value);
        command
    };
    let store = RedisStore::connect(server.url()).await.unwrap();
    let key = |number: u32| {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        DedupKey::from_bytes(bytes)
    };
    let (token, keep) = (ClaimToken::new(1), 120 * MINUTE);
    let finish = async |number| {
        let done = store.commit(key(number), token, KeptAnswer::ack(), keep);
        assert!(done.await.unwrap());
    };
    let claims = 0..20;
    for number in claims.clone() {
        store.claim(key(number), token, MINUTE).await.unwrap();
    }
    for number in 1_000..3_000 {
        finish(number).await;
    }
    // Redis measures ages in seconds. After the pause the claims are renewed, and then Redis is
    // full.
    tokio::time::sleep(Duration::from_secs(3)).await;
    for number in claims.clone() {
        assert!(store.renew(key(number), token, MINUTE).await.unwrap());
    }
    let info: String = redis::cmd("INFO")
        .arg("memory")
        .query_async(&mut connection)
        .await
        .unwrap();
    let used = info
        .lines()
        .find_map(|line| line.strip_prefix("used_memory:"));
    let full: u64 = used.unwrap().trim().parse().unwrap();
    for command in [
        set("maxmemory-policy", policy),
        set("maxmemory", &full.to_string()),
    ] {
        let _: () = command.query_async(&mut connection).await.unwrap();
    }
    for number in 3_000..3_200 {
        finish(number).await;
    }
    let mut forgotten = 0;
    for number in 1_000..1_500 {
        let claim = store.claim(key(number), ClaimToken::new(2), MINUTE).await;
        forgotten += usize::from(claim.unwrap() == Claim::Granted);
    }
    assert!(forgotten > 10, "Redis evicted only {forgotten} answers");
    for number in claims {
        let claim = store.claim(key(number), ClaimToken::new(2), MINUTE).await;
        assert_eq!(claim.unwrap(), Claim::Running, "{number}");
    }
}

async fn command(server: &RedisServer, words: &[&str]) -> String {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut command = redis::cmd(words[0]);
    for word in &words[1..] {
        command.arg(*word);
    }
    let answer: redis::Value = command.query_async(&mut connection).await.unwrap();
    format!("{answer:?}")
}

/// Its own `timeout`, or a balancer, closes what is idle. The next claim would run unprotected.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_was_closed_while_idle_costs_no_claim() {
    let server = RedisServer::start();
    let store = RedisStore::connect(server.url()).await.unwrap();
    for number in 0..4 {
        command(&server, &["CLIENT", "KILL", "TYPE", "normal"]).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let key = DedupKey::from_bytes([number; 32]);
        let claim = store.claim(key, ClaimToken::new(1), MINUTE).await.unwrap();
        assert_eq!(claim, Claim::Granted);
    }
}

/// A switch-over: the server is a replica for a while, and then the address leads to a master
/// again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_a_replica_for_a_while_protects_again() {
    let (server, other) = (RedisServer::start(), RedisServer::start());
    let store = RedisStore::connect(server.url()).await.unwrap();
    let key = DedupKey::from_bytes([0; 32]);
    let port = other.url().rsplit(':').next().unwrap().to_owned();
    command(&server, &["REPLICAOF", "127.0.0.1", &port]).await;
    assert!(store.claim(key, ClaimToken::new(1), MINUTE).await.is_err());
    command(&server, &["REPLICAOF", "NO", "ONE"]).await;
    store.claim(key, ClaimToken::new(1), MINUTE).await.unwrap();
}

/// An address that leads to one server first and to another one later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_moves_to_the_new_master_protects_again() {
    use std::sync::{Arc, Mutex};

    let (old, new) = (RedisServer::start(), RedisServer::start());
    let port = |server: &RedisServer| server.url().rsplit(':').next().unwrap().to_owned();
    let target = Arc::new(Mutex::new(port(&old)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("redis://{}", listener.local_addr().unwrap());
    let leads = Arc::clone(&target);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let target = format!("127.0.0.1:{}", leads.lock().unwrap());
            tokio::spawn(async move {
                let mut server = tokio::net::TcpStream::connect(target).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    let store = RedisStore::connect(address).await.unwrap();
    let key = DedupKey::from_bytes([0; 32]);
    store.claim(key, ClaimToken::new(1), MINUTE).await.unwrap();
    command(&old, &["REPLICAOF", "127.0.0.1", &port(&new)]).await;
    *target.lock().unwrap() = port(&new);
    let key = DedupKey::from_bytes([1; 32]);
    let claim = store.claim(key, ClaimToken::new(1), MINUTE).await.unwrap();
    assert_eq!(claim, Claim::Granted);
}
