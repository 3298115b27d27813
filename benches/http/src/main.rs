//! The server of `benches/http/run`, and the maker of its callbacks.
//!
//! - `bench-http callbacks FILE`: writes 10,000 distinct callbacks, one a line: the path with its query, a tab, the body.
//! - `bench-http serve ADDRESS`: serves `/ceiling`, whose handler only reads the body, `/wecom`, behind the layer, and
//!   `/foreign`, which a layer for another path passes on, on one thread.

#![allow(clippy::unwrap_used, reason = "a bench, whose input is its own")]

use std::fs::File;
use std::io::{BufWriter, Write};

use axum::Router;
use axum::routing::{any, post};
use bytes::Bytes;
use tower_wecom::event::ContactEvent;
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId, Reply, WeComLayer};

const CREATE_USER: &str =
    include_str!("../../../tests/data/samples/self_built/change_contact_create_user.xml");
const CALLBACKS: usize = 10_000;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["callbacks", file] => write_callbacks(file).unwrap(),
        ["serve", address] => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(serve(address))
            .unwrap(),
        _ => std::process::exit(2),
    }
}

fn config() -> Config {
    Config::new(
        "QDG6eK".parse().unwrap(),
        "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
            .parse()
            .unwrap(),
        ReceiveId::exact("ww1"),
    )
}

fn write_callbacks(file: &str) -> std::io::Result<()> {
    let platform = Platform::new(&config());
    let mut lines = BufWriter::new(File::create(file)?);
    for number in 0..CALLBACKS {
        let xml = CREATE_USER.replace("lin.mei]]", &format!("lin.mei.{number}]]"));
        let request = platform.deliver_xml(&xml).unwrap();
        write!(lines, "?{}\t", request.uri().query().unwrap())?;
        lines.write_all(request.body().as_ref())?;
        lines.write_all(b"\n")?;
    }
    lines.flush()
}

async fn serve(address: &str) -> std::io::Result<()> {
    let layer = WeComLayer::new(config());
    let wecom = any(contact_changed).layer(layer.clone());
    let foreign = Router::new()
        .route("/foreign", post(read_body))
        .layer(layer.at("/elsewhere"));
    let app = Router::new()
        .route("/ceiling", post(read_body))
        .route("/wecom", wecom)
        .merge(foreign);
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, app).await
}

async fn read_body(body: Bytes) -> &'static str {
    if body.is_empty() { "empty" } else { "" }
}

async fn contact_changed(event: ContactEvent) -> Reply {
    assert!(matches!(event, ContactEvent::CreateUser(_)));
    Reply::ack()
}
