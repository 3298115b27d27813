//! TLS with a root of one's own, passwords, and client certificates.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use http::StatusCode;
use tower_wecom_publish::{JetStream, PublishError, RabbitMq};

use crate::broker::{Nats, Rabbit};
use crate::limits::deliver;
use crate::ports::{free_port, until_open};

/// A root, a certificate for 127.0.0.1, and one for a client with the name of RabbitMQ's user
/// `guest`, in files.
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
    for (name, common_name) in [("cert", "localhost"), ("client", "guest")] {
        run(&format!(
            "req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={common_name}"
        ));
        run(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out {name}.pem \
             -days 2 -extfile names"
        ));
    }
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
             ssl_options.certfile = {dir}/cert.pem\nssl_options.keyfile = {dir}/cert.key"
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
            "tls {{ cert_file: \"{dir}/cert.pem\", key_file: \"{dir}/cert.key\" }}\n\
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rabbitmq_takes_a_client_certificate_also_in_place_of_a_password() {
    let port = free_port();
    let [mut root, mut certificate, mut key] = [const { String::new() }; 3];
    let _server = Rabbit::start_with(|dir| {
        make_certificates(dir);
        let read = |name| fs::read_to_string(dir.join(name)).unwrap();
        (root, certificate, key) = (read("ca.pem"), read("client.pem"), read("client.key"));
        fs::write(dir.join("plugins"), "[rabbitmq_auth_mechanism_ssl].").unwrap();
        let dir = dir.display();
        format!(
            "listeners.ssl.1 = 127.0.0.1:{port}\nssl_options.cacertfile = {dir}/ca.pem\n\
             ssl_options.certfile = {dir}/cert.pem\nssl_options.keyfile = {dir}/cert.key\n\
             ssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = true\n\
             auth_mechanisms.1 = PLAIN\nauth_mechanisms.2 = EXTERNAL\n\
             ssl_cert_login_from = common_name"
        )
    });
    until_open(port, "RabbitMQ with TLS");
    let url = |password: &str| format!("amqps://guest:{password}@localhost:{port}/%2f");
    let without = RabbitMq::builder().root_certificates(root);
    let with = |key: &str| without.clone().client_certificate(&*certificate, key);

    shows_no_secret(&without.clone().connect(&url("guest")).await.unwrap_err());
    let broker = with(&key).connect(&url("guest")).await.unwrap();
    assert_eq!(deliver(&broker, "a").await, StatusCode::OK);

    let wrong = url("s3cret");
    shows_no_secret(&with(&key).connect(&wrong).await.unwrap_err());
    let external = format!("{wrong}?auth_mechanism=external");
    let broker = with(&key).connect(&external).await.unwrap();
    assert_eq!(deliver(&broker, "b").await, StatusCode::OK);

    // Its line breaks are lost, as in a variable of the environment.
    for broken in [key.replace('\n', "\\n"), key.replace('\n', " ")] {
        let error = with(&broken).connect(&external).await.unwrap_err();
        shows_nothing_of(&error, &broken);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jetstream_takes_a_client_certificate() {
    let mut files = PathBuf::new();
    let server = Nats::start_with("", |dir| {
        make_certificates(dir);
        files = dir.to_owned();
        let dir = dir.display();
        format!(
            "tls {{ cert_file: \"{dir}/cert.pem\", key_file: \"{dir}/cert.key\", \
             ca_file: \"{dir}/ca.pem\", verify: true }}"
        )
    });
    let url = format!("tls://localhost:{}", server.port());
    let without = JetStream::builder().root_certificates(files.join("ca.pem"));
    let with = |key| {
        let (certificate, key) = (files.join("client.pem"), files.join(key));
        without.clone().client_certificate(certificate, key)
    };
    without.clone().connect(&url).await.unwrap_err();
    let broker = with("client.key").connect(&url).await.unwrap();
    assert_eq!(deliver(&broker, "a").await, StatusCode::OK);

    let key = fs::read_to_string(files.join("client.key")).unwrap();
    for broken in [key.replace('\n', "\\n"), key.replace('\n', " ")] {
        fs::write(files.join("broken.key"), &broken).unwrap();
        let error = with("broken.key").connect(&url).await.unwrap_err();
        shows_nothing_of(&error, &broken);
    }
    with("absent.key").connect(&url).await.unwrap_err();
}

/// A client may show bytes as a list of numbers.
fn shows_nothing_of(error: &PublishError, key: &str) {
    let (shown, part) = (shown(error), key.get(40..60).unwrap());
    let numbers = format!("{:?}", part.as_bytes());
    let numbers = numbers.trim_matches(['[', ']']);
    let is_hidden = !shown.contains(part) && !shown.contains(numbers);
    assert!(is_hidden, "the error shows the key");
}

fn shows_no_secret(error: &PublishError) {
    let shown = shown(error);
    assert!(
        !shown.contains("s3cret") && !shown.contains("guest"),
        "{shown}"
    );
}

/// All that an error shows.
pub fn shown(error: &PublishError) -> String {
    let mut shown = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        shown.push_str(&format!(" {error} {error:?}"));
        source = error.source();
    }
    shown
}
