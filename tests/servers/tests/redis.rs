//! Tests `DedupLayer` with a real Redis.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "these are tests"
)]

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::{Request, Response, StatusCode};
use server_tests::RedisServer;
use tower::ServiceExt;
use tower_wecom::dedup::{
    Claim, ClaimToken, DedupKey, DedupOutcome, KeptAnswer, OnStoreError, Store,
};
use tower_wecom::test_util::{Platform, store_contract};
use tower_wecom::{Config, DedupLayer, ReceiveId, Reply, RequestBody, WeComLayer};
use tower_wecom_redis::RedisStore;

const MINUTE: Duration = Duration::from_secs(60);

fn config() -> Config {
    Config::new(
        "QDG6eK".parse().unwrap(),
        "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
            .parse()
            .unwrap(),
        ReceiveId::exact("ww1a2b3c"),
    )
    .name("head office")
}

/// One replica: a layer with its own connection, and a handler that counts its calls and replies.
#[derive(Clone)]
struct Replica {
    layer: DedupLayer<RedisStore>,
    calls: Arc<AtomicUsize>,
    outcomes: Arc<Mutex<Vec<DedupOutcome>>>,
}

impl Replica {
    async fn of(server: &RedisServer) -> Self {
        Self::with(DedupLayer::new(
            RedisStore::connect(server.url()).await.unwrap(),
        ))
    }

    fn with(layer: DedupLayer<RedisStore>) -> Self {
        let outcomes: Arc<Mutex<Vec<DedupOutcome>>> = Arc::default();
        let seen = Arc::clone(&outcomes);
        Self {
            layer: layer.on_outcome(move |outcome, _| seen.lock().unwrap().push(outcome)),
            calls: Arc::default(),
            outcomes,
        }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    fn last(&self) -> DedupOutcome {
        *self.outcomes.lock().unwrap().last().unwrap()
    }

    /// Sends a callback. Returns the status, and the text of the reply if there is one.
    async fn send(&self, member: &str) -> (StatusCode, Option<String>) {
        let calls = Arc::clone(&self.calls);
        let inner = tower::service_fn(move |_: Request<RequestBody<String>>| {
            let call = calls.fetch_add(1, Ordering::Relaxed);
            async move {
                let mut response = Response::new(String::new());
                let reply = Reply::raw(format!("<xml><Call>{call}</Call></xml>"));
                response.extensions_mut().insert(reply);
                Ok::<_, Infallible>(response)
            }
        });
        let platform = Platform::new(&config());
        let payload = format!(
            "<xml><Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>{member}</UserID></xml>"
        );
        let service = WeComLayer::new(config()).layer(self.layer.layer(inner));
        let request = platform.deliver_xml(payload).unwrap();
        let response = service.oneshot(request).await.unwrap();
        let status = response.status();
        let body = http_body_util::BodyExt::collect(response.into_body());
        let body = body.await.unwrap().to_bytes();
        let reply = platform.open_reply(&body).ok().map(|reply| reply.text);
        (status, reply)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_keeps_the_contract() {
    let server = RedisServer::start();
    store_contract(async || RedisStore::connect(server.url()).await.unwrap()).await;
}

/// Each step of the contract uses the next of three connections.
#[derive(Debug)]
struct Replicas(Arc<[RedisStore; 3]>, AtomicUsize);

impl Replicas {
    fn next(&self) -> &RedisStore {
        &self.0[self.1.fetch_add(1, Ordering::Relaxed) % 3]
    }
}

impl Clone for Replicas {
    fn clone(&self) -> Self {
        let next = self.1.load(Ordering::Relaxed);
        Self(Arc::clone(&self.0), AtomicUsize::new(next + 1))
    }
}

impl Store for Replicas {
    type Error = tower_wecom_redis::RedisStoreError;

    fn claim(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> impl Future<Output = Result<Claim, Self::Error>> + Send {
        self.next().claim(key, token, lease)
    }

    fn claim_again(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> impl Future<Output = Result<Claim, Self::Error>> + Send {
        self.next().claim_again(key, token, lease)
    }

    fn renew(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send {
        self.next().renew(key, token, lease)
    }

    fn commit(
        &self,
        key: DedupKey,
        token: ClaimToken,
        answer: KeptAnswer,
        keep: Duration,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send {
        self.next().commit(key, token, answer, keep)
    }

    fn release(
        &self,
        key: DedupKey,
        token: ClaimToken,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.next().release(key, token)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_connections_keep_the_contract_together() {
    let server = RedisServer::start();
    let connect = async || RedisStore::connect(server.url()).await.unwrap();
    let stores = Arc::new([connect().await, connect().await, connect().await]);
    store_contract(async || Replicas(Arc::clone(&stores), AtomicUsize::new(0))).await;
}

#[tokio::test]
async fn a_duplicate_at_another_replica_gets_the_same_reply() {
    let server = RedisServer::start();
    let (one, two) = (Replica::of(&server).await, Replica::of(&server).await);
    let first = one.send("lin").await;
    assert_eq!(first.1.as_deref(), Some("<xml><Call>0</Call></xml>"));
    assert_eq!(two.send("lin").await, first);
    assert_eq!((one.calls(), two.calls()), (1, 0));
}

#[tokio::test]
async fn keys_have_a_prefix_a_hash_tag_and_an_expiry_and_are_never_searched() {
    let server = RedisServer::start();
    let store = RedisStore::connect(server.url()).await.unwrap();
    let replica = Replica::with(DedupLayer::new(store.prefix("corp:dedup")));
    replica.send("lin").await;
    replica.send("lin").await;
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let stats: String = redis::cmd("INFO")
        .arg("commandstats")
        .query_async(&mut connection)
        .await
        .unwrap();
    let commands = stats
        .lines()
        .filter_map(|line| line.strip_prefix("cmdstat_")?.split(':').next())
        .collect::<HashSet<_>>();
    assert!(commands.contains("evalsha"), "{commands:?}");
    for forbidden in ["keys", "scan", "flushall", "flushdb"] {
        assert!(!commands.contains(forbidden), "{commands:?}");
    }
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut connection)
        .await
        .unwrap();
    let [key] = keys.as_slice() else {
        panic!("{keys:?}")
    };
    let digest = key.strip_prefix("corp:dedup:{").unwrap();
    assert_eq!(digest.strip_suffix('}').unwrap().len(), 64);
    let expiry: i64 = redis::cmd("PTTL")
        .arg(key)
        .query_async(&mut connection)
        .await
        .unwrap();
    assert!(expiry > 7_100_000 && expiry <= 7_200_000, "{expiry} ms");
}

#[tokio::test]
async fn scripts_are_sent_again_after_redis_has_lost_them() {
    let server = RedisServer::start();
    let replica = Replica::of(&server).await;
    replica.send("lin").await;
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let _: () = redis::cmd("SCRIPT")
        .arg("FLUSH")
        .query_async(&mut connection)
        .await
        .unwrap();
    replica.send("mei").await;
    assert_eq!(replica.last(), DedupOutcome::Committed);
}

/// A finished callback stays finished, even if its answer cannot be read. For a value of another
/// origin it is unknown whether the callback has run.
#[tokio::test]
async fn a_foreign_value_is_an_error_and_a_corrupt_answer_becomes_the_acknowledgement() {
    let server = RedisServer::start();
    let store = RedisStore::connect(server.url()).await.unwrap();
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    for (number, value) in [
        b"x".as_slice(),
        b"",
        b"f",
        b"fz",
        b"ft\xff",
        b"fa, and more",
    ]
    .into_iter()
    .enumerate()
    {
        let key = DedupKey::from_bytes([u8::try_from(number).unwrap(); 32]);
        let _: () = redis::cmd("SET")
            .arg(format!("tower-wecom:dedup:{{{key}}}"))
            .arg(value)
            .query_async(&mut connection)
            .await
            .unwrap();
        let claim = store.claim(key, ClaimToken::new(1), MINUTE).await.ok();
        let expected = match value {
            [b'f', ..] => Some(Claim::Finished(KeptAnswer::ack())),
            _ => None,
        };
        assert_eq!(claim, expected, "{value:?}");
    }
}

/// Redis is killed and starts again on the same port. Callbacks without protection are counted, and
/// nothing has to be restarted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callbacks_are_processed_while_redis_is_down_and_protected_when_it_is_back() {
    let mut server = RedisServer::start();
    let replica = Replica::of(&server).await;
    let careful = Replica::with(
        DedupLayer::new(RedisStore::connect(server.url()).await.unwrap())
            .on_store_error(OnStoreError::Reject),
    );
    replica.send("before").await;
    careful.send("before").await;
    server.stop();
    let down = Instant::now();
    let mut number = 0;
    while down.elapsed() < Duration::from_secs(10) {
        let member = format!("meanwhile {number}");
        let (start, calls) = (Instant::now(), replica.calls());
        assert_eq!(replica.send(&member).await.0, StatusCode::OK);
        assert_eq!(
            (replica.last(), replica.calls()),
            (DedupOutcome::Unprotected, calls + 1)
        );
        assert_eq!(
            careful.send(&member).await.0,
            StatusCode::SERVICE_UNAVAILABLE
        );
        assert!(start.elapsed() < Duration::from_secs(3));
        number += 1;
    }
    assert_eq!(careful.calls(), 0);
    server.resume();
    let back = Instant::now();
    for replica in [&replica, &careful] {
        let mut number = 0;
        loop {
            replica.send(&format!("after {number}")).await;
            if replica.last() == DedupOutcome::Committed {
                break;
            }
            number += 1;
            assert!(back.elapsed() < Duration::from_secs(5), "no recovery");
        }
    }
    println!(
        "{number} callbacks while Redis was down, back after {:?}",
        back.elapsed()
    );
}

/// A server that accepts the connection and never answers is worse than one that is down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_on_a_redis_that_hangs_times_out() {
    let server = RedisServer::start();
    let replica = Replica::of(&server).await;
    server.freeze();
    let start = Instant::now();
    assert_eq!(replica.send("lin").await.0, StatusCode::OK);
    assert!(
        start.elapsed() < Duration::from_millis(900),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(replica.last(), DedupOutcome::Unprotected);
    server.thaw();
    let start = Instant::now();
    while replica.last() != DedupOutcome::Committed {
        replica.send(&format!("{:?}", start.elapsed())).await;
        assert!(start.elapsed() < Duration::from_secs(5), "no recovery");
    }
}

/// The crate redis has its own response timeout of 500 ms.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timeout_above_half_a_second_holds() {
    let server = RedisServer::start();
    let store = RedisStore::connect(server.url()).await.unwrap();
    let store = store.timeout(Duration::from_millis(1500));
    let key = DedupKey::from_bytes([0; 32]);
    store.claim(key, ClaimToken::new(1), MINUTE).await.unwrap();
    server.freeze();
    let start = Instant::now();
    let timed_out = store.claim(key, ClaimToken::new(1), MINUTE).await;
    server.thaw();
    assert!(timed_out.unwrap_err().is_timeout());
    assert!(
        start.elapsed() > Duration::from_millis(1400),
        "{:?}",
        start.elapsed()
    );
}

/// The peer of the connection is gone without an error. A new connection would work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_stops_answering_is_replaced() {
    let server = RedisServer::start();
    let dead = Arc::new(AtomicUsize::new(0));
    let store = RedisStore::connect(proxy(&server, Arc::clone(&dead)))
        .await
        .unwrap();
    let claim = async |number: u8| {
        let key = DedupKey::from_bytes([number; 32]);
        store.claim(key, ClaimToken::new(1), MINUTE).await
    };
    claim(0).await.unwrap();
    // The first connection accepts writes and forwards nothing.
    dead.store(1, Ordering::Relaxed);
    let start = Instant::now();
    let mut number = 1;
    while claim(number).await.is_err() {
        number += 1;
        assert!(start.elapsed() < Duration::from_secs(8), "no recovery");
    }
    assert!(number > 1, "the connection was not dead");
}

/// A proxy to the server. Its first `dead` connections forward nothing to the server.
fn proxy(server: &RedisServer, dead: Arc<AtomicUsize>) -> String {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let address = server.url();
    let address = address.trim_start_matches("redis://").trim_end_matches('/');
    let address = address.to_owned();
    let pass = |mut from: TcpStream, mut to: TcpStream, is_dead: Box<dyn Fn() -> bool + Send>| {
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = from.read(&mut bytes) {
                if !is_dead() && to.write_all(&bytes[..read]).is_err() {
                    return;
                }
            }
        });
    };
    std::thread::spawn(move || {
        for (number, client) in listener.incoming().enumerate() {
            let (client, server) = (client.unwrap(), TcpStream::connect(&address).unwrap());
            let (to_client, from_server) =
                (client.try_clone().unwrap(), server.try_clone().unwrap());
            let dead = Arc::clone(&dead);
            let is_dead = move || number < dead.load(Ordering::Relaxed);
            pass(client, server, Box::new(is_dead));
            pass(from_server, to_client, Box::new(|| false));
        }
    });
    url
}

/// A process has died while it held the claim. WeCom's next attempt reaches another replica.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_replica_takes_over_from_one_that_has_died() {
    let server = RedisServer::start();
    let store = RedisStore::connect(server.url()).await.unwrap();
    let payload = "<xml><Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>lin</UserID></xml>";
    let mut digest = Vec::new();
    for part in ["head office", "ww1a2b3c", payload] {
        digest.extend(u64::try_from(part.len()).unwrap().to_be_bytes());
        digest.extend(part.as_bytes());
    }
    let key = DedupKey::from_bytes(sha256(&digest));
    let dead = store.claim(key, ClaimToken::new(1), Duration::from_secs(1));
    assert_eq!(dead.await.unwrap(), Claim::Granted);
    let replica = Replica::of(&server).await;
    let start = Instant::now();
    assert_eq!(replica.send("lin").await.0, StatusCode::OK);
    assert_eq!(
        (replica.calls(), replica.last()),
        (1, DedupOutcome::Committed)
    );
    assert!(
        start.elapsed() > Duration::from_millis(600),
        "{:?}",
        start.elapsed()
    );
}

/// Computes the digest with another implementation than the crate's.
fn sha256(bytes: &[u8]) -> [u8; 32] {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("sha256sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    let hex = std::str::from_utf8(&output.stdout).unwrap();
    std::array::from_fn(|index| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).unwrap())
}

#[tokio::test]
async fn the_password_is_in_no_debug_output_and_no_error() {
    let server = RedisServer::start();
    let url = server.url().replace("redis://", "redis://:hunter2@");
    let error = RedisStore::connect(url.clone()).await.unwrap_err();
    let store = RedisStore::connect_lazily(url).unwrap();
    let late = store
        .claim(DedupKey::from_bytes([1; 32]), ClaimToken::new(1), MINUTE)
        .await
        .unwrap_err();
    for shown in [
        format!("{error} {error:?}"),
        format!("{store:?}"),
        format!("{late} {late:?}"),
    ] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
