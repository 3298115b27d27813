//! Users of a broker that may do no more than their part of the program needs.

use std::fs;
use std::path::Path;

use http::StatusCode;
use serde_json::{Value, json};
use tower_wecom_publish::{Consumer, JetStream, Publisher, RabbitMq};

use crate::broker::{Nats, Rabbit};
use crate::consumer::{Runs, handle_all, handlers, until};
use crate::limits::deliver;
use crate::ports::free_port;

/// A receiver that may only write, and a consumer that may not declare.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_of_rabbitmq_need_few_permissions() {
    let port = free_port();
    let _server = Rabbit::start_with(|dir| {
        let users = [
            ("admin", [".*", ".*", ".*"]),
            ("receiver", ["^$", "^office$", "^$"]),
            // Failed callbacks go through the default exchange into the queues for pauses.
            ("consumer", ["^$", r"^amq\.default$", "^office$"]),
        ];
        format!(
            "listeners.tcp.2 = 127.0.0.1:{port}\nload_definitions = {}",
            definitions(dir, &users)
        )
    });
    let connect = |user: &str, declares| {
        let builder = RabbitMq::builder().name("office").declares(declares);
        let url = format!("amqp://{user}:s3cret@127.0.0.1:{port}/%2f");
        async move { builder.connect(&url).await }
    };
    connect("receiver", true).await.unwrap_err();
    let admin = connect("admin", true).await.unwrap();
    let receiver = connect("receiver", false).await.unwrap();
    let consumer = connect("consumer", false).await.unwrap().consumer();
    run(receiver, consumer, admin.consumer()).await;
}

fn definitions(dir: &Path, users: &[(&str, [&str; 3])]) -> String {
    let logins: Vec<_> = users.iter().map(|(name, _)| login(name)).collect();
    let permissions = users.iter().map(|(name, [configure, write, read])| {
        json!({"user": name, "vhost": "/", "configure": configure, "write": write, "read": read})
    });
    let permissions: Vec<_> = permissions.collect();
    let definitions =
        json!({"users": logins, "vhosts": [{"name": "/"}], "permissions": permissions});
    let path = dir.join("definitions.json");
    fs::write(&path, definitions.to_string()).unwrap();
    path.display().to_string()
}

fn login(name: &str) -> Value {
    json!({
        "name": name, "tags": "",
        // The salt 1, 2, 3, 4 and the digest of it and of `s3cret`.
        "password_hash": "AQIDBLq/hWyT4GNQ5SjFtltSvLoQIZIQIckdYAqRUvj04Npv",
        "hashing_algorithm": "rabbit_password_hashing_sha256",
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_of_jetstream_need_few_permissions() {
    let server = Nats::start_with("", |_| {
        let consumer = [
            "$JS.API.STREAM.INFO.office",
            "$JS.API.STREAM.INFO.office-dead",
            "$JS.API.CONSUMER.INFO.office.handlers",
            "$JS.API.CONSUMER.MSG.NEXT.office.handlers",
            "$JS.ACK.office.handlers.>",
            "office-dead.>",
        ];
        let makes_streams = ["$JS.API.STREAM.INFO.*", "$JS.API.STREAM.CREATE.*"];
        format!(
            "authorization {{ users: [\n{{ user: admin, password: s3cret }},\n{},\n{},\n{}\n] }}",
            user("maker", &makes_streams),
            user("receiver", &["office.>"]),
            user("consumer", &consumer)
        )
    });
    let connect = |user: &str, declares| {
        let builder = JetStream::builder().name("office").declares(declares);
        let url = format!("nats://{user}:s3cret@127.0.0.1:{}", server.port());
        async move { builder.connect(&url).await }
    };
    let error = connect("receiver", true).await.unwrap_err();
    assert!(error.to_string().contains("timed out"), "{error}");
    connect("maker", true).await.unwrap();
    let receiver = connect("receiver", false).await.unwrap();
    let admin = connect("admin", false).await.unwrap().consumer();
    // The durable consumer is made by the first run of a program that may make it.
    assert_eq!(deliver(&receiver, "first").await, StatusCode::OK);
    handle_all(&admin).await;
    let consumer = connect("consumer", false).await.unwrap().consumer();
    run(receiver, consumer, admin).await;
}

fn user(name: &str, publishes: &[&str]) -> String {
    format!(
        "{{ user: {name}, password: s3cret, \
         permissions: {{ publish: {publishes:?}, subscribe: [\"_INBOX.>\"] }} }}"
    )
}

/// Success, failure and dead letter.
async fn run(receiver: impl Publisher + Clone, consumer: Consumer, admin: Consumer) {
    for user in ["well", "once", "never"] {
        assert_eq!(deliver(&receiver, user).await, StatusCode::OK);
    }
    until(&consumer, |it| it.waiting == 3).await;
    let runs = Runs::default();
    let serving = tokio::spawn(consumer.clone().attempts(2).serve(handlers(runs.clone())));
    until(&admin, |it| (it.waiting, it.delayed, it.dead) == (0, 0, 1)).await;
    assert_eq!(consumer.counts().await.unwrap().dead, 1);
    serving.abort();
    assert_eq!(runs.lock().unwrap().len(), 5);
}
