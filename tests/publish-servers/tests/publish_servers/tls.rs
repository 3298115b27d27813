//! TLS with a root of one's own, and passwords.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use http::StatusCode;
use tower_wecom_publish::{JetStream, PublishError, RabbitMq};

use crate::broker::{Nats, Rabbit};
use crate::limits::deliver;
use crate::ports::{free_port, until_open};

/// A root and a certificate for 127.0.0.1, in files.
fn make_certificates(dir: &Path) {
    let run = |arguments: &str| {
        let status = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(dir)
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "openssl {arguments}");
    };
    fs::write(
        dir.join("names"),
        "subjectAltName=IP:127.0.0.1,DNS:localhost",
    )
    .unwrap();
    run("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=root");
    run("req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=localhost");
    run(
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem \
         -days 2 -extfile names",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rabbitmq_over_tls_with_a_root_of_its_own() {
    let port = free_port();
    let mut root = String::new();
    let _server = Rabbit::start_with(|dir| {
        make_certificates(dir);
        root = fs::read_to_string(dir.join("ca.pem")).unwrap();
        let dir = dir.display();
        format!(
            "listeners.ssl.1 = 127.0.0.1:{port}\nssl_options.cacertfile = {dir}/ca.pem\n\
             ssl_options.certfile = {dir}/cert.pem\nssl_options.keyfile = {dir}/key.pem"
        )
    });
    until_open(port, "RabbitMQ with TLS");
    let url = format!("amqps://guest:guest@localhost:{port}/%2f");
    let trusting = RabbitMq::builder().root_certificates(root);
    let broker = trusting.clone().connect(&url).await.unwrap();
    assert_eq!(deliver(&broker, "a").await, StatusCode::OK);

    shows_no_secret(&RabbitMq::connect(&url).await.unwrap_err());
    let wrong = format!("amqps://guest:s3cret@localhost:{port}/%2f");
    shows_no_secret(&trusting.connect(&wrong).await.unwrap_err());
    shows_no_secret(
        &RabbitMq::connect("amqp://guest:s3cret@[::/")
            .await
            .unwrap_err(),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jetstream_over_tls_with_a_root_of_its_own_and_a_password() {
    let mut root = Default::default();
    let server = Nats::start_with("", |dir| {
        make_certificates(dir);
        root = dir.join("ca.pem");
        let dir = dir.display();
        format!(
            "tls {{ cert_file: \"{dir}/cert.pem\", key_file: \"{dir}/key.pem\" }}\n\
             authorization {{ user: wecom, password: \"s3cret/\" }}"
        )
    });
    let url = |password: &str| format!("tls://wecom:{password}@localhost:{}", server.port());
    let trusting = JetStream::builder().root_certificates(&root);
    let broker = trusting.clone().connect(&url("s3cret%2f")).await.unwrap();
    assert_eq!(deliver(&broker, "a").await, StatusCode::OK);

    shows_no_secret(&JetStream::connect(&url("s3cret%2f")).await.unwrap_err());
    shows_no_secret(&trusting.connect(&url("s3cret-not")).await.unwrap_err());
    shows_no_secret(
        &JetStream::connect("nats://wecom:s3cret@[::")
            .await
            .unwrap_err(),
    );
}

fn shows_no_secret(error: &PublishError) {
    let source = std::error::Error::source(error);
    let shown = format!("{error} {error:?} {source:?}");
    assert!(
        !shown.contains("s3cret") && !shown.contains("guest"),
        "{shown}"
    );
}
