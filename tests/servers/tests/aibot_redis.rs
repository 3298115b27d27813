//! Tests the lease of a bot's long connection with a real Redis.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "these are tests"
)]

use std::time::{Duration, Instant};

use server_tests::RedisServer;
use tokio::task::JoinHandle;
use tower_wecom::EventRouter;
use tower_wecom_aibot::test_util::{StandIn, lease_contract};
use tower_wecom_aibot::{BotHandle, ConnectionState, ServeError};
use tower_wecom_redis::RedisLease;

const LEASE: Duration = Duration::from_secs(3);

/// A process of the bot, with its own connection to Redis.
struct Process {
    handle: BotHandle,
    served: JoinHandle<Result<(), ServeError>>,
}

impl Process {
    async fn start(stand_in: &StandIn, redis: &RedisServer) -> Self {
        let lease = RedisLease::connect(redis.url()).await.unwrap();
        let pause = Duration::from_millis(50);
        let bot = stand_in
            .bot()
            .lease_for(lease, LEASE)
            .reconnect_pauses(pause, pause);
        let handle = bot.handle();
        let served = tokio::spawn(bot.serve(EventRouter::new()));
        Self { handle, served }
    }

    async fn connected(&self) {
        self.reach(ConnectionState::Connected).await;
    }

    async fn reach(&self, state: ConnectionState) {
        let begun = Instant::now();
        while self.handle.state() != state {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "{state:?} is not reached"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test]
async fn redis_keeps_the_contract_of_a_lease() {
    let redis = RedisServer::start();
    lease_contract(&RedisLease::connect(redis.url()).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_holder_is_replaced_and_a_living_one_is_not_displaced() {
    let redis = RedisServer::start();
    let stand_in = StandIn::start().await.unwrap();
    let first = Process::start(&stand_in, &redis).await;
    first.connected().await;
    let second = Process::start(&stand_in, &redis).await;
    let third = Process::start(&stand_in, &redis).await;
    tokio::time::sleep(LEASE * 2).await;
    assert_eq!(stand_in.subscriptions(), 1);
    first.served.abort();
    let died = Instant::now();
    while !second.handle.is_connected() && !third.handle.is_connected() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    println!(
        "a dead holder was replaced after {:?}, lease {LEASE:?}",
        died.elapsed()
    );
    assert!(died.elapsed() <= LEASE + Duration::from_secs(2));
    tokio::time::sleep(LEASE * 2).await;
    assert_eq!(stand_in.subscriptions(), 2);
    assert!(!second.served.is_finished() && !third.served.is_finished());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_holder_without_redis_leaves_before_its_lease_ends_and_returns() {
    let mut redis = RedisServer::start();
    let stand_in = StandIn::start().await.unwrap();
    let process = Process::start(&stand_in, &redis).await;
    process.connected().await;
    redis.stop();
    let stopped = Instant::now();
    process.reach(ConnectionState::Waiting).await;
    println!(
        "left {:?} after Redis had stopped, lease {LEASE:?}",
        stopped.elapsed()
    );
    assert!(stopped.elapsed() <= LEASE);
    redis.resume();
    process.connected().await;
    assert!(!process.served.is_finished());
}
