//! The layer in its usual places: in axum in four ways, and on a bare hyper-util server.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{Route, any, get, post};
use axum::{Extension, Router};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::limit::{ConcurrencyLimitLayer, GlobalConcurrencyLimitLayer};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_wecom::CallbackRejection;
use tower_wecom::event::{CreateUser, Message, Text};
use tower_wecom::{
    BatchJobResult, Callback, ContactEvent, Event, Reply, RequestBody, UnknownEvent, WeComLayer,
};

use crate::support::{CREATE_USER, MESSAGE, Recorder, config, delivery, message, platform};

const JOB: &str = "<xml><Event>batch_job_result</Event><BatchJob><JobId>j</JobId></BatchJob></xml>";

async fn send(app: Router, request: Request<String>) -> (StatusCode, String) {
    let response = app.oneshot(request.map(Body::from)).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn xml(payload: &str) -> Request<String> {
    platform().deliver_xml(payload).unwrap()
}

async fn greet(State(greeting): State<&'static str>, message: Message) -> Reply {
    match message {
        Message::Text(text) => Reply::text(format!("{greeting}, {}", text.from_user_name)).unwrap(),
        _ => Reply::ack(),
    }
}

/// The app works in the same way in each place of the layer.
async fn assert_works(app: Router) {
    let (status, echo) = send(app.clone(), platform().url_check("12345").unwrap()).await;
    assert_eq!((status, echo.as_str()), (StatusCode::OK, "12345"));
    let (status, body) = send(app.clone(), message()).await;
    assert_eq!(status, StatusCode::OK);
    let reply = platform().open_reply(body.as_bytes()).unwrap();
    assert!(
        reply.text.contains("<![CDATA[Hello, lin.mei]]>"),
        "{}",
        reply.text
    );
    let forged = message().map(|body| body.replacen("CDATA[", "CDATA[A", 2));
    assert_eq!(send(app.clone(), forged).await.0, StatusCode::FORBIDDEN);
    assert_eq!(
        send(app, Request::get("/wecom").body(String::new()).unwrap())
            .await
            .0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn around_a_handler_in_axum() {
    let layer = WeComLayer::new(config());
    assert_works(
        Router::new()
            .route("/wecom", any(greet).layer(layer))
            .with_state("Hello"),
    )
    .await;
}

#[tokio::test]
async fn around_a_whole_router_with_a_path() {
    let app = Router::new()
        .route("/wecom", any(greet))
        .route("/health", get(async || "fine"))
        .route("/echo", post(async |body: String| body))
        .layer(WeComLayer::new(config()).at("/wecom"))
        .with_state("Hello");
    assert_works(app.clone()).await;
    let (status, body) = send(
        app.clone(),
        Request::get("/health").body(String::new()).unwrap(),
    )
    .await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "fine"));
    let request = Request::post("/echo?timestamp=1")
        .body("hello".to_owned())
        .unwrap();
    assert_eq!(
        send(app.clone(), request).await,
        (StatusCode::OK, "hello".to_owned())
    );
    let nowhere = Request::get("/nowhere").body(String::new()).unwrap();
    assert_eq!(send(app, nowhere).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn as_a_service_of_a_route() {
    let handlers = Router::new().fallback(greet).with_state("Hello");
    let service = WeComLayer::new(config()).layer(handlers);
    assert_works(Router::new().route_service("/wecom", service)).await;
}

#[tokio::test]
async fn in_a_service_builder_with_other_layers() {
    let stack = ServiceBuilder::new()
        .layer(tower_http::limit::RequestBodyLimitLayer::new(1_000_000))
        .layer(WeComLayer::new(config()));
    assert_works(
        Router::new()
            .route("/wecom", any(greet).layer(stack))
            .with_state("Hello"),
    )
    .await;
}

#[tokio::test]
async fn an_app_with_one_handler_answers_200_to_every_other_callback() {
    let app = Router::new().route(
        "/wecom",
        any(async |_: BatchJobResult| Reply::text("done").unwrap())
            .layer(WeComLayer::new(config())),
    );
    let others = [
        CREATE_USER,
        "<xml><Event>brand_new</Event></xml>",
        "<xml><MsgType>text</MsgType><Content>hi</Content></xml>",
        "<xml><Event>batch_job_result</Event></xml>",
        "{\"msgtype\":\"text\"}",
        "neither",
        "",
    ];
    for payload in others {
        assert_eq!(
            send(app.clone(), xml(payload)).await,
            (StatusCode::OK, String::new()),
            "{payload}"
        );
    }
    let notice = "<xml><InfoType>suite_ticket</InfoType></xml>";
    assert_eq!(
        send(app, xml(notice)).await,
        (StatusCode::OK, "success".to_owned())
    );
}

#[tokio::test]
async fn extractors_give_what_is_there() {
    async fn show(
        callback: Callback,
        event: Event,
        contact: Option<ContactEvent>,
        job: Option<BatchJobResult>,
        unknown: Option<UnknownEvent>,
        Extension(by_extension): Extension<Callback>,
        (maybe, any_event): (Option<Callback>, Option<Event>),
    ) -> impl IntoResponse {
        assert_eq!(callback.kind(), event.kind());
        assert_eq!(by_extension.payload(), callback.payload());
        assert!(maybe.is_some() && any_event == Some(event));
        let found = format!(
            "{} {} {}",
            contact.is_some(),
            job.is_some(),
            unknown.is_some()
        );
        // The layer passes a response with this status on, with its body.
        (StatusCode::IM_A_TEAPOT, found)
    }
    let app = Router::new().route("/wecom", any(show).layer(WeComLayer::new(config())));
    for (payload, found) in [
        (CREATE_USER, "true false false"),
        (JOB, "false true false"),
        ("<xml><Event>new</Event></xml>", "false false true"),
    ] {
        assert_eq!(send(app.clone(), xml(payload)).await.1, found, "{payload}");
    }
}

#[tokio::test]
async fn the_struct_of_a_kind_is_an_extractor() {
    async fn created(user: CreateUser, maybe: Option<Text>) -> impl IntoResponse {
        (
            StatusCode::IM_A_TEAPOT,
            format!("{} {}", user.user_id, maybe.is_some()),
        )
    }
    let app = Router::new().route("/wecom", any(created).layer(WeComLayer::new(config())));
    let (status, body) = send(app.clone(), xml(CREATE_USER)).await;
    assert_eq!((status, &*body), (StatusCode::IM_A_TEAPOT, "lin.mei false"));
    for another in [JOB, "<xml><Event>new</Event></xml>"] {
        let answer = send(app.clone(), xml(another)).await;
        assert_eq!(answer, (StatusCode::OK, String::new()), "{another}");
    }
}

#[tokio::test]
async fn an_extension_of_a_family_is_absent_for_the_others() {
    let app = |handler| Router::new().route("/wecom", handler);
    let layer = WeComLayer::new(config());
    let careless = any(async |_: Extension<ContactEvent>| {}).layer(layer.clone());
    let careful = any(async |_: Option<Extension<ContactEvent>>| {}).layer(layer.clone());
    let extractor = any(async |_: ContactEvent| {}).layer(layer);
    assert_eq!(send(app(careless), xml(JOB)).await.0, 500);
    assert_eq!(send(app(careful), xml(JOB)).await.0, 200);
    assert_eq!(send(app(extractor), xml(JOB)).await.0, 200);
}

#[tokio::test]
async fn a_missing_layer_is_told_in_plain_words() {
    let app = Router::new()
        .route("/a", any(async |_: ContactEvent| {}))
        .route("/b", any(async |_: Callback| {}))
        .route("/c", any(async |_: Event| {}))
        .route("/d", any(async |_: Option<BatchJobResult>| {}))
        .route("/f", any(async |_: CreateUser| {}))
        .route("/g", any(async |_: Option<CreateUser>| {}))
        .route(
            "/e",
            any(async |callback: Option<Callback>, event: Option<Event>| {
                assert!(callback.is_none() && event.is_none());
            }),
        );
    for path in ["/a", "/b", "/c", "/d", "/f", "/g"] {
        let (status, body) = send(
            app.clone(),
            Request::post(path).body(String::new()).unwrap(),
        )
        .await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(
            body.contains("Is `WeComLayer` around this handler, and does its `.at`"),
            "{body}"
        );
    }
    assert_eq!(
        send(app, Request::post("/e").body(String::new()).unwrap())
            .await
            .0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_rejection_says_of_itself_what_it_is() {
    let app = Router::new().route(
        "/wecom",
        any(async |event: Result<BatchJobResult, CallbackRejection>| {
            let rejection = event.unwrap_err();
            assert_eq!(
                (rejection.status(), rejection.body_text()),
                (StatusCode::OK, String::new())
            );
            assert!(rejection.to_string().contains("another event"));
        })
        .layer(WeComLayer::new(config())),
    );
    assert_eq!(send(app, delivery()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_failed_handler_is_no_acknowledgement() {
    let fail = async |_: ContactEvent| Err::<Reply, _>((StatusCode::SERVICE_UNAVAILABLE, "later"));
    let app = Router::new().route("/wecom", any(fail).layer(WeComLayer::new(config())));
    assert_eq!(
        send(app, delivery()).await,
        (StatusCode::SERVICE_UNAVAILABLE, "later".to_owned())
    );

    let too_long = async |_: ContactEvent| Reply::text("x".repeat(2_049));
    let app = Router::new().route("/wecom", any(too_long).layer(WeComLayer::new(config())));
    assert_eq!(
        send(app, delivery()).await.0,
        StatusCode::INTERNAL_SERVER_ERROR
    );
}

#[tokio::test]
async fn under_nest_the_path_is_what_is_left_of_it() {
    let inner = Router::new()
        .route("/wecom", any(greet))
        .layer(WeComLayer::new(config()).at("/wecom"))
        .with_state("Hello");
    let app = Router::new().nest("/api", inner);
    let request = platform().path("/api/wecom").deliver_xml(MESSAGE).unwrap();
    let (status, body) = send(app, request).await;
    assert_eq!(status, StatusCode::OK);
    assert!(platform().open_reply(body.as_bytes()).is_ok());
}

#[tokio::test]
async fn on_a_bare_hyper_server_with_http_1_and_2() {
    let recorder = Recorder::replying(Reply::text("hello").unwrap());
    let inner = recorder.clone();
    let service = service_fn(
        move |request: Request<RequestBody<hyper::body::Incoming>>| {
            let inner = inner.clone();
            async move {
                if request.uri().path() != "/wecom" {
                    let length = request
                        .into_body()
                        .collect()
                        .await
                        .unwrap()
                        .to_bytes()
                        .len();
                    return Ok::<_, Infallible>(Response::new(format!("{length} bytes")));
                }
                inner.serve(request).await
            }
        },
    );
    let service = WeComLayer::new(config()).at("/wecom").layer(service);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                server
                    .serve_connection(TokioIo::new(stream), service)
                    .await
                    .unwrap();
            });
        }
    });

    for http2 in [false, true] {
        let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .http2_only(http2)
            .build_http::<String>();
        let base = format!("http://{address}/wecom");
        let callback = platform().path(&base).deliver_xml(MESSAGE).unwrap();
        let response = client.request(callback).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let length = response.headers()["content-length"]
            .to_str()
            .unwrap()
            .to_owned();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(length, body.len().to_string());
        assert!(platform().open_reply(&body).unwrap().text.contains("hello"));

        let check = client
            .request(platform().path(&base).url_check("678").unwrap())
            .await
            .unwrap();
        assert_eq!(check.into_body().collect().await.unwrap().to_bytes(), "678");

        let head = Request::head(&base).body(String::new()).unwrap();
        let head = client.request(head).await.unwrap();
        assert_eq!(head.status(), StatusCode::OK);
        assert!(
            head.into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .is_empty()
        );

        let other = Request::post(format!("http://{address}/x"))
            .body("y".repeat(100_000))
            .unwrap();
        let other = client.request(other).await.unwrap();
        assert_eq!(
            other.into_body().collect().await.unwrap().to_bytes(),
            "100000 bytes"
        );

        let large = Request::post(format!("{base}?{}", delivery().uri().query().unwrap()));
        let large = client
            .request(large.body("y".repeat(300_000)).unwrap())
            .await;
        match large {
            Ok(large) => assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE),
            // In HTTP/1.1 the server may close the connection before the whole body is sent.
            Err(error) => assert!(!http2, "{error}"),
        }
    }
    assert_eq!(recorder.count(), 2);
}

/// The largest number of handlers that ran at a time, of callbacks on connections of their own.
async fn most_at_a_time<L>(limit: L) -> usize
where
    L: Layer<Route> + Clone + Send + Sync + 'static,
    L::Service: Service<Request<Body>, Response: IntoResponse, Error: Into<Infallible>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    let running = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let counted = Arc::clone(&running);
    let handler = async move || {
        let (now, most) = &*counted;
        most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
        tokio::time::sleep(Duration::from_millis(200)).await;
        now.fetch_sub(1, SeqCst);
    };
    let app = Router::new().route("/", any(handler).layer(limit));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let request = async || {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        stream.write_all(head).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    };
    tokio::join!(request(), request(), request());
    running.1.load(SeqCst)
}

/// The reason for the limit of docs/tower-http.md.
#[tokio::test]
async fn axum_makes_the_layers_of_a_route_anew_for_each_connection() {
    assert!(most_at_a_time(ConcurrencyLimitLayer::new(1)).await > 1);
    assert_eq!(most_at_a_time(GlobalConcurrencyLimitLayer::new(1)).await, 1);
}
