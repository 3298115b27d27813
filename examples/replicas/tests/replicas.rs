//! Runs two processes of the example with one Redis. Each callback comes three times, each time to
//! a random process, and one handler call in ten fails.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "clippy.toml allows them in test functions and not in what these call"
)]

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::body::Body;
use http::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use server_tests::RedisServer;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId};

type Ledger = Arc<Mutex<HashMap<String, usize>>>;
type Http = Client<HttpConnector, Body>;

/// A process of the example. The ledger counts the lines `processed …` that it prints.
struct Replica {
    child: Child,
    url: String,
    reader: Option<JoinHandle<()>>,
}

impl Replica {
    fn start(server: &RedisServer, ledger: &Ledger) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_example-replicas"))
            .env("REDIS_URL", server.url())
            .env("WECOM_LISTEN", "127.0.0.1:0")
            .env("FAIL_ONE_IN", "10")
            .env("WORK_MS", "40")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let url = first.trim().strip_prefix("listening on ").unwrap();
        let ledger = Arc::clone(ledger);
        Self {
            child,
            url: url.to_owned(),
            reader: Some(std::thread::spawn(move || count(lines, &ledger))),
        }
    }

    /// Kills it with SIGKILL: it releases no claim and closes no connection.
    fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }

    /// Sends SIGTERM and waits until the process has ended by itself.
    fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        self.kill();
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
    }
}

fn count(lines: BufReader<ChildStdout>, ledger: &Ledger) {
    for line in lines.lines().map_while(Result::ok) {
        if let Some(member) = line.strip_prefix("processed ") {
            let member = member.trim_matches('"').to_owned();
            *ledger.lock().unwrap().entry(member).or_default() += 1;
        }
    }
}

fn random_below(limit: u64) -> u64 {
    RandomState::new().hash_one("random") % limit
}

/// Plays WeCom: sends each request to a random URL.
#[derive(Clone)]
struct Sender {
    platform: Platform,
    urls: Arc<Vec<String>>,
    http: Http,
    connections: Arc<Semaphore>,
}

impl Sender {
    fn to(replicas: &[Replica]) -> Self {
        let config = Config::new(
            "QDG6eK".parse().unwrap(),
            "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
                .parse()
                .unwrap(),
            ReceiveId::exact("wx5823bf96d3bd56c7"),
        );
        Self {
            platform: Platform::new(&config),
            urls: Arc::new(replicas.iter().map(|replica| replica.url.clone()).collect()),
            http: Client::builder(TokioExecutor::new()).build_http(),
            connections: Arc::new(Semaphore::new(64)),
        }
    }

    /// Makes one attempt. Returns `None` if there was no answer.
    async fn send(&self, member: &str) -> Option<StatusCode> {
        let _permit = self.connections.acquire().await.unwrap();
        let index = usize::try_from(random_below(self.urls.len().try_into().unwrap())).unwrap();
        let payload = format!(
            "<xml><FromUserName>sys</FromUserName><CreateTime>1767225605</CreateTime><Event>change_contact</Event>\
             <ChangeType>create_user</ChangeType><UserID>{member}</UserID></xml>"
        );
        let platform = self.platform.clone().path(&self.urls[index]);
        let request: Request<String> = platform.deliver_xml(payload).unwrap();
        let answer = self.http.request(request.map(Body::from)).await;
        answer.ok().map(|answer| answer.status())
    }

    /// Makes three attempts at about the same time, and more until one was answered 200. Counts the
    /// answers.
    async fn deliver(self, member: String) -> HashMap<Option<StatusCode>, usize> {
        let mut attempts = JoinSet::new();
        for _ in 0..3 {
            let (sender, member) = (self.clone(), member.clone());
            attempts.spawn(async move {
                sleep(Duration::from_millis(random_below(60))).await;
                sender.send(&member).await
            });
        }
        let mut answers = HashMap::new();
        for answer in attempts.join_all().await {
            *answers.entry(answer).or_default() += 1;
        }
        while !answers.contains_key(&Some(StatusCode::OK)) {
            sleep(Duration::from_millis(20)).await;
            *answers.entry(self.send(&member).await).or_default() += 1;
        }
        answers
    }

    async fn deliver_all(&self, callbacks: usize) -> HashMap<Option<StatusCode>, usize> {
        let mut deliveries = JoinSet::new();
        for number in 0..callbacks {
            deliveries.spawn(self.clone().deliver(format!("u{number}")));
        }
        let mut sum = HashMap::new();
        for (answer, count) in deliveries.join_all().await.into_iter().flatten() {
            *sum.entry(answer).or_default() += count;
        }
        sum
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_callback_is_processed_once_and_none_is_lost() {
    let (server, ledger) = (RedisServer::start(), Ledger::default());
    let replicas = [(); 2].map(|()| Replica::start(&server, &ledger));
    let start = Instant::now();
    let answers = Sender::to(&replicas).deliver_all(3000).await;
    println!("3000 callbacks in {:?}: {answers:?}", start.elapsed());
    replicas.into_iter().for_each(Replica::stop);
    let ledger = ledger.lock().unwrap();
    assert_eq!(ledger.len(), 3000);
    assert!(ledger.values().all(|count| *count == 1), "{ledger:?}");
    assert!(answers.contains_key(&Some(StatusCode::INTERNAL_SERVER_ERROR)));
    assert!(!answers.contains_key(&None));
}

/// The claims of the killed replica are free again when their leases expire. Callbacks that it had
/// processed but not yet committed run twice: the guarantee is at-least-once, and none is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_killed_loses_nothing() {
    let (server, ledger) = (RedisServer::start(), Ledger::default());
    let mut replicas = [(); 2].map(|()| Replica::start(&server, &ledger));
    let sender = Sender::to(&replicas);
    let deliveries = tokio::spawn(async move { sender.deliver_all(1000).await });
    sleep(Duration::from_millis(300)).await;
    replicas[0].kill();
    let answers = deliveries.await.unwrap();
    let [_, other] = replicas;
    other.stop();
    let ledger = ledger.lock().unwrap();
    let twice = ledger.values().filter(|count| **count > 1).count();
    println!("1000 callbacks, a replica killed: {answers:?}, processed twice: {twice}");
    assert_eq!(ledger.len(), 1000);
}
