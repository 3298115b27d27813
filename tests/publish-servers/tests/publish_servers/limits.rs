//! A broker without room for more, and one that is not there: 503, and afterwards all is well.

use std::time::{Duration, Instant};

use http::{Response, StatusCode};
use tower::{Layer, ServiceExt, service_fn};
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId, RequestBody, WeComLayer};
use tower_wecom_publish::{JetStream, PublishLayer, Publisher, RabbitMq};

use crate::broker::{Broker, Nats, Rabbit};

/// The status that WeCom gets for a member that has joined.
pub async fn deliver(broker: &(impl Publisher + Clone), user: &str) -> StatusCode {
    let config = config();
    let inner = service_fn(|_: http::Request<RequestBody<String>>| async {
        let mut response = Response::new(String::new());
        *response.status_mut() = StatusCode::IM_A_TEAPOT;
        Ok::<_, &'static str>(response)
    });
    let layer = PublishLayer::new(broker.clone());
    let service = WeComLayer::new(config.clone()).layer(layer.layer(inner));
    let request = Platform::new(&config).deliver_xml(payload(user)).unwrap();
    service.oneshot(request).await.unwrap().status()
}

pub fn config() -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let (token, key) = ("QDG6eK".parse().unwrap(), key.parse().unwrap());
    Config::new(token, key, ReceiveId::exact("ww1a2b3c")).name("head office")
}

pub fn payload(user: &str) -> String {
    format!(
        "<xml><ToUserName>ww1a2b3c</ToUserName><FromUserName>sys</FromUserName>\
         <CreateTime>1767225605</CreateTime><MsgType>event</MsgType><Event>change_contact</Event>\
         <ChangeType>create_user</ChangeType><UserID>{user}</UserID></xml>"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rabbitmq_short_of_memory_or_disk_is_503_until_it_has_room() {
    let server = Rabbit::start();
    let broker = RabbitMq::connect(&server.url()).await.unwrap();
    assert_eq!(deliver(&broker, "a").await, StatusCode::OK);
    for (tight, wide) in [
        (
            ["set_vm_memory_high_watermark", "0.0001"],
            ["set_vm_memory_high_watermark", "0.9"],
        ),
        (
            ["set_disk_free_limit", "1000GB"],
            ["set_disk_free_limit", "1MB"],
        ),
    ] {
        server.control(&tight);
        // The first one finds it out by waiting, the next ones know it at once.
        assert_eq!(deliver(&broker, "b").await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(deliver(&broker, "c").await, StatusCode::SERVICE_UNAVAILABLE);
        server.control(&wide);
        until_well(&broker).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_stream_of_jetstream_is_503() {
    let server = Nats::start();
    let builder = JetStream::builder().max_bytes(2_000);
    let broker = builder.connect(&server.url()).await.unwrap();
    let mut statuses = Vec::new();
    for user in ["a", "b", "c", "d", "e"] {
        statuses.push(deliver(&broker, user).await);
    }
    assert_eq!(statuses.first(), Some(&StatusCode::OK));
    assert_eq!(statuses.last(), Some(&StatusCode::SERVICE_UNAVAILABLE));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_of_jetstream_is_503() {
    let server = Nats::start_with("max_file_store: 2000", |_| String::new());
    let broker = JetStream::connect(&server.url()).await.unwrap();
    let mut statuses = Vec::new();
    for user in ["a", "b", "c", "d", "e"] {
        statuses.push(deliver(&broker, user).await);
    }
    assert_eq!(statuses.first(), Some(&StatusCode::OK));
    assert_eq!(statuses.last(), Some(&StatusCode::SERVICE_UNAVAILABLE));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_away_is_503_until_it_is_back() {
    let mut rabbit = Rabbit::start();
    let broker = RabbitMq::connect(&rabbit.url()).await.unwrap();
    // The queue has its leader.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(deliver(&broker, "a").await, StatusCode::OK);
    rabbit.kill();
    assert_eq!(deliver(&broker, "b").await, StatusCode::SERVICE_UNAVAILABLE);
    rabbit.go_on();
    until_well(&broker).await;

    let mut nats = Nats::start();
    let broker = JetStream::connect(&nats.url()).await.unwrap();
    assert_eq!(deliver(&broker, "a").await, StatusCode::OK);
    nats.kill();
    assert_eq!(deliver(&broker, "b").await, StatusCode::SERVICE_UNAVAILABLE);
    nats.go_on();
    until_well(&broker).await;
}

/// After a restart a quorum queue elects its leader first.
async fn until_well(broker: &(impl Publisher + Clone)) {
    let begun = Instant::now();
    while deliver(broker, "d").await != StatusCode::OK {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "the broker is well again, and callbacks are refused"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
