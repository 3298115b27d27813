//! Many messages over a connection that is cut again and again.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::time::timeout;
use tower::ServiceBuilder;
use tower_wecom::{Callback, DedupLayer, EventRouter};
use tower_wecom_aibot::Limits;
use tower_wecom_aibot::test_util::{StandIn, StandInEvent};

use crate::support::{Reports, answer, quick, soon, text};

/// What became of the messages.
#[derive(Debug, Default)]
struct Ledger {
    answers: HashMap<String, usize>,
    under_way: usize,
}

impl Ledger {
    fn record(&mut self, event: &StandInEvent) {
        let StandInEvent::Frame(frame) = event else {
            return;
        };
        self.under_way = self.under_way.saturating_sub(1);
        if frame.errcode == 0 {
            let id = frame.body["stream"]["content"].as_str().unwrap();
            *self.answers.entry(id.to_owned()).or_default() += 1;
        }
    }
}

/// Up to 2.55 ms.
fn random_pause() -> Duration {
    let random = RandomState::new().hash_one(0).to_le_bytes()[0];
    Duration::from_micros(10 * u64::from(random))
}

/// Sends messages over 64 chats, 64 at once, and cuts the connection in between. Each message that
/// reached the bot must be answered once or be reported.
async fn storm(messages: usize, cuts: usize) {
    let begun = Instant::now();
    let runs: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
    let events = {
        let runs = Arc::clone(&runs);
        EventRouter::new().on(move |callback: Callback| {
            let id = callback.get("msgid").unwrap().to_owned();
            *runs.lock().unwrap().entry(id.clone()).or_default() += 1;
            async move {
                tokio::time::sleep(Duration::from_micros(500)).await;
                answer(&id)
            }
        })
    };
    let service = ServiceBuilder::new()
        .layer(DedupLayer::default())
        .service(events);
    let reports = Reports::default();
    let mut stand_in = StandIn::start().await.unwrap();
    let bot = quick(&stand_in)
        .limits(Limits::none())
        .max_callbacks(64, messages)
        .reconnect_pauses(Duration::from_millis(1), Duration::from_millis(2))
        .on_unanswered(reports.hook());
    let handle = bot.handle();
    let served = tokio::spawn(bot.serve(service));
    let every = messages / (cuts + 1);
    let mut ledger = Ledger::default();
    let mut half_way = 0;
    for number in 0..messages {
        let (id, user) = (format!("m-{number}"), format!("u-{}", number % 64));
        stand_in.send(&text(&id, &user, "a")).await;
        ledger.under_way += 1;
        while ledger.under_way >= 64 {
            let event = soon(stand_in.next_event()).await;
            ledger.record(&event);
        }
        if number % every == every - 1 && number / every < cuts {
            // Up to 64 messages are on their way, in both directions.
            let before = stand_in.subscriptions();
            tokio::time::sleep(random_pause()).await;
            stand_in.cut();
            soon(async {
                while stand_in.subscriptions() == before {
                    tokio::time::sleep(Duration::from_micros(200)).await;
                }
            })
            .await;
            while let Ok(event) = timeout(Duration::ZERO, stand_in.next_event()).await {
                ledger.record(&event);
            }
            ledger.under_way = 0;
        }
        if number == messages / 2 {
            half_way = memory();
        }
    }
    let end = memory();
    handle.shutdown();
    timeout(Duration::from_secs(120), served)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    drop(handle);
    while let Ok(event) = timeout(Duration::from_millis(200), stand_in.next_event()).await {
        ledger.record(&event);
    }
    let runs = runs.lock().unwrap();
    let mut reported: HashMap<String, usize> = HashMap::new();
    for (id, _) in reports.0.lock().unwrap().iter() {
        *reported.entry(id.clone()).or_default() += 1;
    }
    assert!(
        runs.values().all(|count| *count == 1),
        "a handler ran twice"
    );
    assert!(
        ledger.answers.values().all(|count| *count == 1),
        "a message was answered twice"
    );
    let mut lost_on_the_way = 0;
    let mut unsure = 0;
    for number in 0..messages {
        let id = format!("m-{number}");
        let (ran, answered) = (runs.contains_key(&id), ledger.answers.contains_key(&id));
        let is_reported = reported.contains_key(&id);
        if !ran && !is_reported {
            // The bot has never had it: it was in the connection that was cut.
            lost_on_the_way += 1;
            continue;
        }
        assert!(
            answered || is_reported,
            "{id} is neither answered nor reported"
        );
        unsure += usize::from(answered && is_reported);
    }
    println!(
        "{messages} messages, {} subscriptions, {:?}: {} answered, {} reported as not answered \
         (of them {unsure} answered, their ack was lost), {lost_on_the_way} were lost before the bot",
        stand_in.subscriptions(),
        begun.elapsed(),
        ledger.answers.len(),
        reported.len(),
    );
    println!("memory: {half_way} MiB after a half of the messages, {end} MiB after all");
    assert!(end < half_way + 32, "the memory grows");
    assert_eq!(stand_in.subscriptions(), cuts + 1);
    assert!(ledger.answers.len() > messages / 2);
}

/// The memory of this process in MiB; 0 where there is no `/proc`.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_10_000_messages_is_answered_once_or_reported_while_the_connection_is_cut_50_times()
{
    storm(10_000, 50).await;
}
