//! kill -9 of the broker, the receiver and the consumer: what was acknowledged is delivered, and
//! nothing more often than the ledger explains.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::app::{App, runs};
use crate::broker::{Broker, Nats, Rabbit};
use crate::sender::{Sender, random};

const CONNECTIONS: usize = 64;
/// `concurrency` of the example's consumer.
const SLOTS: usize = 32;

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ledger_of_nothing_lost_on_rabbitmq() {
    run(Rabbit::start()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ledger_of_nothing_lost_on_jetstream() {
    run(Nats::start()).await;
}

async fn run(mut broker: impl Broker) {
    let callbacks = setting("PUBLISH_CALLBACKS", 2_000);
    let kills = setting("PUBLISH_KILLS", 1);
    let dir = tempfile::tempdir().unwrap();
    let members = dir.path().join("members.log");
    let mut receiver = App::receiver(&broker.url(), &members);
    let mut consumer = App::consumer(&broker.url(), &members);
    // A queue that is killed while it is being declared is never ready again.
    tokio::time::sleep(Duration::from_secs(5)).await;

    let sender = Sender::new(&receiver.address(), callbacks, Duration::ZERO);
    let begun = Instant::now();
    let sending = tokio::spawn({
        let sender = sender.clone();
        async move { sender.run(CONNECTIONS).await }
    });
    let mut moments: Vec<_> = (0..3 * kills).map(|_| random(callbacks)).collect();
    moments.sort_unstable();
    for (victim, moment) in moments.into_iter().enumerate() {
        while sender.ledger.acknowledged.load(Ordering::SeqCst) < moment {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::task::block_in_place(|| match victim % 3 {
            0 => {
                broker.kill();
                broker.go_on();
            }
            1 => receiver.kill_and_start(),
            _ => consumer.kill_and_start(),
        });
    }
    sending.await.unwrap();
    let sent = begun.elapsed();
    let runs = runs(&members, callbacks).await;

    let ledger = &sender.ledger;
    let load = |counter: &std::sync::atomic::AtomicU64| {
        usize::try_from(counter.load(Ordering::SeqCst)).unwrap()
    };
    let acknowledged = ledger.acknowledged.load(Ordering::SeqCst);
    let repeated = ledger.repeated.load(Ordering::SeqCst);
    let (refused, broken) = (load(&ledger.refused), load(&ledger.broken));
    let all: usize = runs.values().sum();
    println!(
        "{}: {acknowledged} of {callbacks} acknowledged over {CONNECTIONS} connections in \
         {sent:.1?} ({:.0}/s), {repeated} of them sent again; kill -9 of the broker, the receiver \
         and the consumer, {kills} times each; {refused} answers of 503, {} others, {broken} \
         requests without an answer; {} delivered, {all} runs",
        broker.name(),
        acknowledged as f64 / sent.as_secs_f64(),
        load(&ledger.others),
        runs.len(),
    );
    assert_eq!(acknowledged, callbacks);
    assert_eq!(load(&ledger.others), 0);
    assert_eq!(
        runs.len(),
        callbacks,
        "what was acknowledged was not delivered"
    );
    // A request that was not answered 200 may be in the broker all the same. What a consumer held
    // when it or the broker was killed comes again.
    let most = callbacks + repeated + refused + broken + 2 * kills * SLOTS;
    assert!(all <= most, "{all} runs, and the ledger explains {most}");
}
