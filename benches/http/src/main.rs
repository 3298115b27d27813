//! The server of `benches/http/run`, and the generator of its callbacks.
//!
//! - `bench-http callbacks FILE` writes 10,000 distinct callbacks, one a line: the path with its
//!   query, a tab, the body.
//! - `bench-http serve ADDRESS OTHER` serves on one thread. The handler of `/ceiling` only reads
//!   the body. `/wecom` is behind the layer. `/foreign` is the handler of `/ceiling` behind a layer
//!   for another path, and `/nothing` is the same handler behind a layer that does nothing. At the
//!   address OTHER the layer for another path wraps all of that.

#![allow(clippy::unwrap_used, reason = "a bench, whose input is its own")]

use std::fs::File;
use std::io::{BufWriter, Write};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{any, post};
use axum::{Router, ServiceExt};
use bytes::Bytes;
use tokio::net::TcpListener;
use tower::layer::util::Identity;
use tower::util::MapResponse;
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
        ["serve", address, other] => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(serve(address, other))
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

async fn serve(address: &str, other: &str) -> std::io::Result<()> {
    let layer = WeComLayer::new(config());
    let elsewhere = layer.clone().at("/elsewhere");
    let foreign = Router::new()
        .route("/foreign", post(read_body))
        .layer(elsewhere.clone());
    let nothing = Router::new()
        .route("/nothing", post(read_body))
        .layer(Identity::new());
    let app = Router::new()
        .route("/ceiling", post(read_body))
        .route("/wecom", any(contact_changed).layer(layer))
        .merge(foreign)
        .merge(nothing);
    let around = MapResponse::new(elsewhere.layer(app.clone()), |response: Response<_>| {
        response.map(Body::new)
    });
    let around = ServiceExt::<Request>::into_make_service(around);
    let (app, around) = tokio::join!(
        axum::serve(TcpListener::bind(address).await?, app).into_future(),
        axum::serve(TcpListener::bind(other).await?, around).into_future(),
    );
    app.and(around)
}

async fn read_body(body: Bytes) -> &'static str {
    if body.is_empty() { "empty" } else { "" }
}

async fn contact_changed(event: ContactEvent) -> Reply {
    assert!(matches!(event, ContactEvent::CreateUser(_)));
    Reply::ack()
}
