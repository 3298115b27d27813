//! What a consumer does with a callback that fails, and what the broker shows of it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::pull::Config;
use http::StatusCode;
use tower_wecom::event::CreateUser;
use tower_wecom::extensions::Attempt;
use tower_wecom::{EventRouter, On};
use tower_wecom_publish::{Consumer, Counts, JetStream, Publisher, RabbitMq};

use crate::broker::{Broker, Nats, Rabbit};
use crate::limits::deliver;

pub type Runs = Arc<Mutex<Vec<(String, Attempt)>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_that_fails_comes_again_and_becomes_a_dead_letter_of_rabbitmq() {
    let server = Rabbit::start();
    let broker = RabbitMq::connect(&server.url()).await.unwrap();
    let consumer = broker.consumer();
    run(broker, consumer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_that_fails_comes_again_and_becomes_a_dead_letter_of_jetstream() {
    let server = Nats::start();
    let broker = JetStream::connect(&server.url()).await.unwrap();
    let consumer = broker.consumer();
    run(broker, consumer).await;
}

/// A work queue has one consumer. A receiver leaves the choice to a program in another language.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_makes_no_consumer_of_jetstream() {
    let server = Nats::start();
    let broker = JetStream::connect(&server.url()).await.unwrap();
    assert_eq!(deliver(&broker, "well").await, StatusCode::OK);
    let counts = broker.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.delayed, counts.dead), (1, 0, 0));

    let client = async_nats::connect(server.url()).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let stream = jetstream.get_stream("wecom").await.unwrap();
    let other = || Config {
        durable_name: Some("other".to_owned()),
        ..Config::default()
    };
    stream.create_consumer(other()).await.unwrap();
    stream.delete_consumer("other").await.unwrap();

    handle_all(&broker.consumer()).await;
    stream.get_consumer::<Config>("handlers").await.unwrap();
    let error = stream.create_consumer(other()).await.unwrap_err();
    assert!(error.to_string().contains("10099"), "{error}");
}

/// `once` fails the first time, `never` each time, `panics` in another way; `well` does not fail.
async fn run(broker: impl Publisher + Clone, consumer: Consumer) {
    for user in ["well", "once", "never", "panics"] {
        assert_eq!(deliver(&broker, user).await, StatusCode::OK);
    }
    assert_eq!(until(&consumer, |counts| counts.waiting == 4).await.dead, 0);

    let runs = Runs::default();
    let second = Duration::from_secs(1);
    let serving = consumer.clone().attempts(2).back_off(second, second);
    let serving = tokio::spawn(serving.serve(handlers(Arc::clone(&runs))));
    let counts = until(&consumer, |counts| counts.dead == 2).await;
    assert_eq!((counts.waiting, counts.delayed), (0, 0));
    serving.abort();

    let runs = runs.lock().unwrap();
    for (user, times) in [("well", 1), ("once", 2), ("never", 2), ("panics", 2)] {
        let of_user: Vec<_> = runs.iter().filter(|(name, _)| name == user).collect();
        let attempts: Vec<_> = of_user.iter().map(|(_, it)| it.attempt).collect();
        assert_eq!(attempts, (1..=times).collect::<Vec<_>>(), "{user}");
        let key = &of_user[0].1.key;
        assert!(of_user.iter().all(|(_, it)| it.key == *key), "{user}");
    }
}

pub fn handlers(runs: Runs) -> EventRouter {
    EventRouter::new().on(move |user: On<CreateUser>| {
        let attempt = user.extension::<Attempt>().unwrap().clone();
        let (name, number) = (user.user_id.clone(), attempt.attempt);
        runs.lock().unwrap().push((name.clone(), attempt));
        async move {
            match name.as_str() {
                "once" if number == 1 => Err("not yet"),
                "never" => Err("not at all"),
                "panics" => panic!("as a handler may"),
                _ => Ok(()),
            }
        }
    })
}

pub async fn handle_all(consumer: &Consumer) {
    let done = async {
        until(consumer, |it| (it.waiting, it.delayed) == (0, 0)).await;
    };
    let serving = consumer.clone();
    serving.serve_until(handlers(Runs::default()), done).await;
}

pub async fn until(consumer: &Consumer, is_so: impl Fn(&Counts) -> bool) -> Counts {
    let begun = Instant::now();
    loop {
        let counts = consumer.counts().await.unwrap();
        if is_so(&counts) {
            return counts;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{counts:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
