//! Tests the server over a real port, with requests of WeCom and of gRPC clients.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "clippy.toml allows them in test functions and not in what these call"
)]

use std::fmt::Debug;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::HttpBody;
use axum::http::{HeaderMap, Request, Response, StatusCode, Version};
use example_tonic::proto::contact_change::Subject;
use example_tonic::proto::contacts_client::ContactsClient;
use example_tonic::proto::contacts_server::ContactsServer;
use example_tonic::proto::{ContactChange, WatchRequest};
use example_tonic::{Changes, Contacts, PATH, app, routes};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId, WeComLayer};

const CREATE_USER: &str = "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\
    <FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1767225605</CreateTime>\
    <MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_contact]]></Event>\
    <ChangeType>create_user</ChangeType><UserID><![CDATA[lin.mei]]></UserID></xml>";

const UPDATE_TAG: &str = "<xml><Event>change_contact</Event><ChangeType>update_tag</ChangeType>\
    <TagId>7</TagId></xml>";

const DELETE_PARTY: &str = "<xml><Event>change_contact</Event>\
    <ChangeType>delete_party</ChangeType><Id>3</Id></xml>";

const BATCH_JOB: &str =
    "<xml><Event>batch_job_result</Event><BatchJob><JobId>j1</JobId></BatchJob></xml>";

#[tokio::test]
async fn every_subscriber_receives_the_change_that_wecom_sends() {
    let server = Running::start().await;
    let mut subscribers = [server.watch().await, server.watch().await];

    let answer = server
        .wecom(|platform| platform.deliver_xml(CREATE_USER))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.version, Version::HTTP_11);
    assert_eq!(answer.body, "");

    for subscriber in &mut subscribers {
        let change = next(subscriber).await.unwrap();
        assert_eq!(change.kind, "change_contact/create_user");
        assert_eq!(change.subject, Some(Subject::UserId("lin.mei".to_owned())));
        let event: serde_json::Value = serde_json::from_str(&change.json).unwrap();
        assert_eq!(event["kind"], "change_contact/create_user");
        assert_eq!(event["user_id"], "lin.mei");
    }
}

#[tokio::test]
async fn departments_and_tags_have_their_ids_and_the_order_is_kept() {
    let server = Running::start().await;
    let mut subscriber = server.watch().await;
    for payload in [UPDATE_TAG, DELETE_PARTY] {
        let answer = server.wecom(|platform| platform.deliver_xml(payload)).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let subjects = [
        next(&mut subscriber).await.unwrap().subject,
        next(&mut subscriber).await.unwrap().subject,
    ];
    assert_eq!(
        subjects,
        [Some(Subject::TagId(7)), Some(Subject::DepartmentId(3))]
    );
}

#[tokio::test]
async fn a_callback_of_another_family_is_acknowledged_and_not_published() {
    let server = Running::start().await;
    let mut subscriber = server.watch().await;
    let answer = server
        .wecom(|platform| platform.deliver_xml(BATCH_JOB))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, "");

    server.stop().await;
    assert_eq!(next(&mut subscriber).await, None);
}

#[tokio::test]
async fn a_forged_callback_reaches_no_subscriber() {
    let server = Running::start().await;
    let mut subscriber = server.watch().await;
    let stranger = config("SomebodyElse");
    let forged = Platform::new(&stranger)
        .path(server.url())
        .deliver_xml(CREATE_USER)
        .unwrap();
    assert_eq!(http1(forged).await.status, StatusCode::FORBIDDEN);

    server.stop().await;
    assert_eq!(next(&mut subscriber).await, None);
}

#[tokio::test]
async fn a_url_check_through_the_same_port_is_answered_with_the_bare_echo() {
    let server = Running::start().await;
    let answer = server
        .wecom(|platform| platform.url_check("1616140317555161061"))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(answer.body, "1616140317555161061");
}

#[tokio::test]
async fn a_stream_passes_through_the_layer_untouched() {
    let changes = [Changes::new(1), Changes::new(1)];
    let with_layer = app(config(TOKEN), &changes[0]);
    let without_layer = Server::builder().add_routes(routes(&changes[1]));
    let addresses = [
        listen(|incoming| with_layer.serve_with_incoming(incoming)).await,
        listen(|incoming| without_layer.serve_with_incoming(incoming)).await,
    ];

    let mut answers = Vec::new();
    for (address, changes) in addresses.into_iter().zip(changes) {
        let answer = grpc(address, "/contacts.v1.Contacts/Watch").await;
        let change = ContactChange {
            kind: "change_contact/create_user".to_owned(),
            ..Default::default()
        };
        changes.send(change).unwrap();
        // Now the stream ends, with trailers.
        drop(changes);
        answers.push(collect(answer).await);
    }
    assert_eq!(answers[0].headers["content-type"], "application/grpc");
    assert_eq!(answers[0].trailers["grpc-status"], "0");
    assert!(answers[0].body.ends_with("change_contact/create_user"));
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_method_that_does_not_exist_is_answered_as_without_the_layer() {
    let changes = Changes::new(1);
    let with_layer = app(config(TOKEN), &changes);
    let without_layer = Server::builder().add_routes(routes(&changes));
    let addresses = [
        listen(|incoming| with_layer.serve_with_incoming(incoming)).await,
        listen(|incoming| without_layer.serve_with_incoming(incoming)).await,
    ];

    let mut answers = Vec::new();
    for address in addresses {
        answers.push(collect(grpc(address, "/contacts.v1.Contacts/Unwatch").await).await);
    }
    assert_eq!(answers[0].headers["grpc-status"], "12");
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn other_paths_are_404_and_those_of_grpc_clients_are_unimplemented() {
    let server = Running::start().await;
    let watch = "/contacts.v1.Contacts/Watch";
    for path in ["/", "/health", "/wecom/", "/wecom/x", watch, "/a.B/C"] {
        for content_type in ["text/xml", "application/json", "text/application/grpc"] {
            let request = Request::post(format!("http://{}{path}", server.address))
                .header("content-type", content_type)
                .body(String::new());
            let answer = http1(request.unwrap()).await;
            assert_eq!(
                answer.status,
                StatusCode::NOT_FOUND,
                "{path} {content_type}"
            );
            assert!(!answer.headers.contains_key("grpc-status"), "{path}");
        }
        let request = Request::get(format!("http://{}{path}", server.address));
        let answer = http1(request.body(String::new()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/a.B/C", "/contacts.v1.Contacts/Unwatch"] {
        let answer = collect(grpc(server.address, path).await).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.headers["grpc-status"], "12", "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_callback_for_which_tonic_has_no_route_is_a_failure_and_not_an_acknowledgement() {
    let contacts = ContactsServer::new(Contacts::new(&Changes::new(1)));
    let server = || Server::builder().accept_http1(true);
    let layer = WeComLayer::new(config(TOKEN)).at(PATH);
    let with_layer = server().layer(layer).add_service(contacts.clone());
    let without_layer = server().add_service(contacts);

    let address = listen(|incoming| with_layer.serve_with_incoming(incoming)).await;
    let answer = http1(platform(address).deliver_xml(CREATE_USER).unwrap()).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "")
    );

    // The reason: tonic's own answer would look like an acknowledgement.
    let address = listen(|incoming| without_layer.serve_with_incoming(incoming)).await;
    let answer = http1(platform(address).deliver_xml(CREATE_USER).unwrap()).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn a_callback_that_comes_while_the_server_stops_is_not_acknowledged() {
    let changes = Changes::new(1);
    let app = app(config(TOKEN), &changes);
    let address = listen(|incoming| app.serve_with_incoming(incoming)).await;
    drop(changes);
    let answer = http1(platform(address).deliver_xml(CREATE_USER).unwrap()).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_stopping_server_ends_its_streams_after_the_last_change() {
    let server = Running::start().await;
    let mut subscriber = server.watch().await;
    server
        .wecom(|platform| platform.deliver_xml(CREATE_USER))
        .await;
    server.stop().await;
    assert!(next(&mut subscriber).await.is_some());
    assert_eq!(next(&mut subscriber).await, None);
}

const TOKEN: &str = "QDG6eK";

fn config(token: &str) -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        .parse()
        .unwrap();
    Config::new(
        token.parse().unwrap(),
        key,
        ReceiveId::exact("wx5823bf96d3bd56c7"),
    )
}

fn platform(address: SocketAddr) -> Platform {
    Platform::new(&config(TOKEN)).path(format!("http://{address}{PATH}"))
}

/// The server, started as in `main`.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), tonic::transport::Error>>,
}

impl Running {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { drop(stopped.await) };
        let ended = tokio::spawn(example_tonic::serve(listener, config(TOKEN), stopped));
        Self {
            address,
            stop,
            ended,
        }
    }

    fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    async fn watch(&self) -> tonic::Streaming<ContactChange> {
        let client = ContactsClient::connect(format!("http://{}", self.address)).await;
        client
            .unwrap()
            .watch(WatchRequest {})
            .await
            .unwrap()
            .into_inner()
    }

    async fn wecom<E: Debug>(
        &self,
        request: impl FnOnce(Platform) -> Result<Request<String>, E>,
    ) -> Answer {
        http1(request(platform(self.address)).unwrap()).await
    }

    /// Asks the server to stop. It must stop even if there are subscribers.
    async fn stop(self) {
        self.stop.send(()).unwrap();
        within(self.ended).await.unwrap().unwrap();
    }
}

/// Serves until the test ends.
async fn listen<F>(serve: impl FnOnce(TcpIncoming) -> F) -> SocketAddr
where
    F: Future<Output = Result<(), tonic::transport::Error>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener.into()));
    address
}

/// A whole response, including the trailers.
#[derive(Debug, PartialEq)]
struct Answer {
    status: StatusCode,
    version: Version,
    headers: HeaderMap,
    body: String,
    trailers: HeaderMap,
}

async fn collect(response: Response<impl HttpBody<Error: Debug>>) -> Answer {
    let (mut parts, body) = response.into_parts();
    let body = within(body.collect()).await.unwrap();
    let trailers = body.trailers().cloned().unwrap_or_default();
    // Two responses may have different dates.
    parts.headers.remove("date");
    Answer {
        status: parts.status,
        version: parts.version,
        headers: parts.headers,
        body: String::from_utf8(body.to_bytes().into()).unwrap(),
        trailers,
    }
}

/// Sends a request over HTTP/1.1, as WeCom does.
async fn http1(request: Request<String>) -> Answer {
    let client = Client::builder(TokioExecutor::new()).build_http();
    collect(within(client.request(request)).await.unwrap()).await
}

/// Calls a method with an empty message, and waits for the headers of the response.
async fn grpc(address: SocketAddr, method: &str) -> Response<impl HttpBody<Error: Debug>> {
    let request = Request::post(format!("http://{address}{method}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body("\0\0\0\0\0".to_owned())
        .unwrap();
    let client = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http();
    within(client.request(request)).await.unwrap()
}

async fn next(subscriber: &mut tonic::Streaming<ContactChange>) -> Option<ContactChange> {
    within(subscriber.message()).await.unwrap()
}

/// Makes a test fail instead of hang. Shorter than the grace period of `serve`.
async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(5), future)
        .await
        .expect("in time")
}
