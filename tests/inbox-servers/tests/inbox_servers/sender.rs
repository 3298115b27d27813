//! Plays WeCom: sends each callback until it is acknowledged, some twice, and keeps a ledger.
//!
//! The callbacks are `create_user`. A copy of this kind is always a repetition, so the entries of
//! the storage can be counted by key.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::StatusCode;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId};

/// What happened to the callbacks that were sent.
#[derive(Debug, Default)]
pub struct Ledger {
    next: AtomicUsize,
    /// Callbacks that were answered 200, each counted once.
    pub acknowledged: AtomicUsize,
    /// Of these, how many were sent again after that.
    pub repeated: AtomicUsize,
    /// Answers of 503.
    pub refused: AtomicU64,
    /// Other answers.
    pub others: AtomicU64,
    /// Requests without an answer.
    pub broken: AtomicU64,
}

#[derive(Clone)]
pub struct Sender {
    pub ledger: Arc<Ledger>,
    platform: Platform,
    callbacks: usize,
    pause: Duration,
}

pub fn user(number: usize) -> String {
    format!("user-{number:07}")
}

pub fn random(below: usize) -> usize {
    usize::try_from(RandomState::new().build_hasher().finish() >> 1).unwrap() % below.max(1)
}

fn config() -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let (token, key) = ("QDG6eK".parse().unwrap(), key.parse().unwrap());
    Config::new(token, key, ReceiveId::exact("wx5823bf96d3bd56c7"))
}

impl Sender {
    /// Sends that many callbacks to an address, and pauses for a time before each.
    pub fn new(address: &str, callbacks: usize, pause: Duration) -> Self {
        Self {
            ledger: Arc::default(),
            platform: Platform::new(&config()).path(address),
            callbacks,
            pause,
        }
    }

    /// Over so many connections, until all are acknowledged.
    pub async fn run(&self, connections: usize) {
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            tasks.spawn(self.clone().one_connection());
        }
        tasks.join_all().await;
    }

    async fn one_connection(self) {
        let client: Client<HttpConnector, String> =
            Client::builder(TokioExecutor::new()).build_http();
        loop {
            let number = self.ledger.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.callbacks {
                return;
            }
            if !self.pause.is_zero() {
                sleep(self.pause).await;
            }
            self.until_acknowledged(&client, number).await;
            self.ledger.acknowledged.fetch_add(1, Ordering::SeqCst);
            if number.is_multiple_of(100) {
                self.until_acknowledged(&client, number).await;
                self.ledger.repeated.fetch_add(1, Ordering::SeqCst);
            }
        }
    }

    /// Sends each of these once over so many connections. Returns those that were acknowledged.
    pub async fn once(&self, numbers: std::ops::Range<usize>, connections: usize) -> Vec<usize> {
        let mut tasks = JoinSet::new();
        for first in 0..connections {
            let (this, numbers) = (self.clone(), numbers.clone());
            tasks.spawn(async move {
                let client: Client<HttpConnector, String> =
                    Client::builder(TokioExecutor::new()).build_http();
                let mut acknowledged = Vec::new();
                for number in numbers.skip(first).step_by(connections) {
                    if this.is_acknowledged(&client, number).await {
                        acknowledged.push(number);
                    }
                }
                acknowledged
            });
        }
        tasks.join_all().await.into_iter().flatten().collect()
    }

    /// Sends one after the other over so many connections until the time is over, each until it is
    /// acknowledged. Returns those that were.
    pub async fn for_a_time(&self, connections: usize, time: Duration) -> Vec<usize> {
        let mut tasks = JoinSet::new();
        let end = Instant::now() + time;
        for _ in 0..connections {
            let this = self.clone();
            tasks.spawn(async move {
                let client: Client<HttpConnector, String> =
                    Client::builder(TokioExecutor::new()).build_http();
                let mut acknowledged = Vec::new();
                while Instant::now() < end {
                    let number = this.ledger.next.fetch_add(1, Ordering::Relaxed);
                    while Instant::now() < end {
                        sleep(this.pause).await;
                        if this.is_acknowledged(&client, number).await {
                            acknowledged.push(number);
                            break;
                        }
                    }
                }
                acknowledged
            });
        }
        tasks.join_all().await.into_iter().flatten().collect()
    }

    async fn until_acknowledged(&self, client: &Client<HttpConnector, String>, number: usize) {
        while !self.is_acknowledged(client, number).await {
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn is_acknowledged(&self, client: &Client<HttpConnector, String>, number: usize) -> bool {
        let payload = format!(
            "<xml><ToUserName>wx5823bf96d3bd56c7</ToUserName><FromUserName>sys</FromUserName>\
             <CreateTime>1767225605</CreateTime><MsgType>event</MsgType><Event>change_contact</Event>\
             <ChangeType>create_user</ChangeType><UserID>{}</UserID><Name>Lin Mei</Name>\
             <Department>1,2,3</Department><Position>Engineer</Position></xml>",
            user(number)
        );
        // Another nonce each time, as WeCom does.
        let request = self.platform.deliver_xml(&payload).unwrap();
        let counter = match timeout(Duration::from_secs(5), client.request(request)).await {
            Ok(Ok(response)) if response.status() == StatusCode::OK => return true,
            Ok(Ok(response)) if response.status() == StatusCode::SERVICE_UNAVAILABLE => {
                &self.ledger.refused
            }
            Ok(Ok(_)) => &self.ledger.others,
            Ok(Err(_)) | Err(_) => &self.ledger.broken,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        false
    }
}
