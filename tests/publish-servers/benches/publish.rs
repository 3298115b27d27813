//! Callbacks a second through `WeComLayer` and `PublishLayer`, beside a bare loop that publishes
//! the same messages with the same confirmation and as many in flight.
//!
//! ```not_rust
//! cargo bench -p publish-server-tests --bench publish
//! ```

#![allow(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a bench may"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use async_nats::jetstream::Context;
use async_nats::jetstream::message::PublishMessage;
use http::{Request, Response, StatusCode};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::protocol::BasicProperties;
use lapin::{Channel, Connection, ConnectionProperties};
use tokio::task::JoinSet;
use tower::{Layer, ServiceExt, service_fn};
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId, RequestBody, WeComLayer, protocol};
use tower_wecom_publish::{CloudEvent, JetStream, PublishLayer, Publisher, RabbitMq};

#[path = "../tests/publish_servers/broker.rs"]
mod broker;
#[path = "../tests/publish_servers/ports.rs"]
mod ports;

use broker::{Broker, Nats, Rabbit};

const CALLBACKS: usize = 5_000;
const IN_FLIGHT: usize = 64;
const ROUNDS: usize = 5;

#[tokio::main(worker_threads = 2)]
async fn main() {
    // `cargo test` runs benches once, for the inputs.
    let is_test = !std::env::args().any(|argument| argument == "--bench");
    let (callbacks, rounds) = if is_test {
        (50, 1)
    } else {
        (CALLBACKS, ROUNDS)
    };

    let server = Rabbit::start();
    let broker = RabbitMq::connect(&server.url()).await.unwrap();
    let bare = BareRabbit::connect(&server.url()).await;
    compare("RabbitMQ", &broker, &bare, callbacks, rounds).await;
    drop((server, broker));

    let server = Nats::start();
    let broker = JetStream::connect(&server.url()).await.unwrap();
    let client = async_nats::connect(server.url()).await.unwrap();
    let bare = BareNats(async_nats::jetstream::new(client));
    compare("NATS JetStream", &broker, &bare, callbacks, rounds).await;
}

async fn compare<P, B>(name: &str, publisher: &P, bare: &B, callbacks: usize, rounds: usize)
where
    P: Publisher + Clone,
    B: Bare,
{
    let (mut layers, mut loops) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let loop_of = bare_loop(bare, round, callbacks).await;
        let layer_of = layer(publisher, round, callbacks).await;
        // The first round is to warm up.
        if round > 0 || rounds == 1 {
            loops.push(loop_of);
            layers.push(layer_of);
        }
    }
    let (layer, bare) = (median(layers), median(loops));
    println!(
        "{name}: {layer:.0} callbacks/s through the layers, {bare:.0} messages/s in a bare loop, \
         {IN_FLIGHT} in flight each: {:.2}",
        layer / bare
    );
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn payload(round: usize, number: usize) -> String {
    format!(
        "<xml><ToUserName>ww1a2b3c</ToUserName><FromUserName>sys</FromUserName>\
         <CreateTime>1767225605</CreateTime><MsgType>event</MsgType><Event>change_contact</Event>\
         <ChangeType>create_user</ChangeType><UserID>user-{round}-{number}</UserID>\
         <Name>Lin Mei</Name><Department>1,2,3</Department><Position>Engineer</Position></xml>"
    )
}

/// Deliveries are verified, opened, published and acknowledged.
async fn layer(publisher: &(impl Publisher + Clone), round: usize, callbacks: usize) -> f64 {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let (token, key) = ("QDG6eK".parse().unwrap(), key.parse().unwrap());
    let config = Config::new(token, key, ReceiveId::exact("ww1a2b3c"));
    let platform = Platform::new(&config);
    let requests: Vec<_> = (0..callbacks)
        .map(|number| platform.deliver_xml(payload(round, number)).unwrap())
        .map(std::sync::Mutex::new)
        .collect();
    let inner = service_fn(|_: Request<RequestBody<String>>| async {
        let mut response = Response::new(String::new());
        *response.status_mut() = StatusCode::IM_A_TEAPOT;
        Ok::<_, &'static str>(response)
    });
    let service = WeComLayer::new(config).layer(PublishLayer::new(publisher.clone()).layer(inner));
    rate(callbacks, Arc::new(requests), move |requests, number| {
        let request = std::mem::take(&mut *requests[number].lock().unwrap());
        let service = service.clone();
        async move {
            let response = service.oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
        }
    })
    .await
}

async fn bare_loop<B: Bare>(bare: &B, round: usize, callbacks: usize) -> f64 {
    let messages: Vec<_> = (0..callbacks)
        .map(|number| {
            // As unique as those of the layers, and not the same.
            let payload = payload(1_000 + round, number);
            let callback = protocol::restore(payload.into(), "ww1a2b3c", None, 0);
            let event = CloudEvent::new(&callback, "/wecom");
            (event.id().to_owned(), event.to_json())
        })
        .collect();
    let bare = bare.clone();
    rate(callbacks, Arc::new(messages), move |messages, number| {
        let (bare, messages) = (bare.clone(), Arc::clone(messages));
        async move {
            let (id, body) = &messages[number];
            bare.publish(id, body).await;
        }
    })
    .await
}

/// Runs for each number, so many at the same time. Returns how many a second.
async fn rate<T, F, Fut>(count: usize, input: Arc<T>, run: F) -> f64
where
    T: Send + Sync + 'static,
    F: Fn(&Arc<T>, usize) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..IN_FLIGHT {
        let (next, input, run) = (Arc::clone(&next), Arc::clone(&input), run.clone());
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return;
                }
                run(&input, number).await;
            }
        });
    }
    tasks.join_all().await;
    count as f64 / begun.elapsed().as_secs_f64()
}

/// A client of the broker without any of our code.
trait Bare: Clone + Send + Sync + 'static {
    fn publish(&self, id: &str, body: &[u8]) -> impl Future<Output = ()> + Send;
}

#[derive(Clone)]
struct BareRabbit(Arc<Connection>, Channel);

impl BareRabbit {
    async fn connect(url: &str) -> Self {
        let connection = Connection::connect(url, ConnectionProperties::default());
        let connection = connection.await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let options = ConfirmSelectOptions::default();
        channel.confirm_select(options).await.unwrap();
        Self(Arc::new(connection), channel)
    }
}

impl Bare for BareRabbit {
    async fn publish(&self, id: &str, body: &[u8]) {
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_message_id(id.into());
        let mandatory = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let key = "change_contact.create_user";
        let sent = self
            .1
            .basic_publish("wecom".into(), key.into(), mandatory, body, properties);
        assert!(sent.await.unwrap().await.unwrap().is_ack());
    }
}

#[derive(Clone)]
struct BareNats(Context);

impl Bare for BareNats {
    async fn publish(&self, id: &str, body: &[u8]) {
        let message = PublishMessage::build()
            .payload(body.to_vec().into())
            .message_id(id);
        let sent = self
            .0
            .send_publish("wecom.change_contact.create_user", message);
        sent.await.unwrap().await.unwrap();
    }
}
