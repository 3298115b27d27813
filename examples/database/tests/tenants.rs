//! Tests the app over a real port, with access to its database.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "clippy.toml allows them in test functions and not in what these call"
)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::http::Request;
use example_database::{Directory, Settings, Tenant, app};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId};

const KEYS: [&str; 2] = [
    "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt",
];
const CREATE_USER: &str = "<xml><ToUserName>a</ToUserName><Event>change_contact</Event>\
    <ChangeType>create_user</ChangeType><UserID>lin.mei</UserID></xml>";

/// A cache that keeps its entries for longer than a test takes.
const LONG: Settings = Settings {
    capacity: 100,
    tenant_ttl: Duration::from_secs(600),
    ids_ttl: Duration::from_secs(600),
    timeout: Duration::from_secs(5),
};

/// A cache whose entries expire during a test.
const SHORT: Settings = Settings {
    tenant_ttl: Duration::from_millis(500),
    ids_ttl: Duration::from_millis(500),
    ..LONG
};

#[tokio::test]
async fn each_tenant_is_opened_with_its_own_pair() {
    let server = Server::start(LONG).await;
    let first = tenant("ww1", 7, "first", KEYS[0]);
    let second = tenant("ww1", 8, "second", KEYS[1]);
    let third = tenant("ww2", 7, "third", KEYS[0]);
    for tenant in [&first, &second, &third] {
        server.directory.put(tenant).await.unwrap();
    }
    for tenant in [&first, &second, &third] {
        let platform = server.platform(tenant, &path(tenant));
        let check = platform.url_check("1616140317555161061").unwrap();
        let answer = send(check).await;
        assert_eq!(answer, (200, "1616140317555161061".to_owned()));
        assert_eq!(server.deliver(tenant).await, (200, String::new()));
        // A callback of another tenant at this path.
        let there = server.platform(tenant, "/wecom/ww2/7");
        let status = send(there.deliver_xml(CREATE_USER).unwrap()).await.0;
        let own = path(tenant) == "/wecom/ww2/7";
        assert_eq!(status, if own { 200 } else { 403 });
    }
    assert_eq!(
        server.directory.queries(),
        4,
        "once for each, and once which there are"
    );
}

#[tokio::test]
async fn an_unknown_tenant_is_a_404_like_an_unknown_path() {
    let server = Server::start(LONG).await;
    let tenant = tenant("ww1", 7, "first", KEYS[0]);
    let deliver = async |path: &str| {
        let platform = server.platform(&tenant, path);
        send(platform.deliver_xml(CREATE_USER).unwrap()).await
    };
    for _ in 0..3 {
        assert_eq!(deliver("/wecom/ww1/7").await.0, 404);
    }
    assert_eq!(server.directory.queries(), 1, "which there are");

    let long = format!("/wecom/{}/7", "w".repeat(65));
    let strange = [
        "/wecom/ww1/x",
        "/wecom/ww1/07",
        "/wecom/ww1/00",
        "/wecom/ww1/+7",
        "/wecom/ww1/",
        "/wecom/w%201/7",
        "/wecom/ww1/99999999999",
        long.as_str(),
    ];
    for path in strange {
        assert_eq!(deliver(path).await.0, 404, "{path}");
    }
    assert_eq!(
        server.directory.queries(),
        1,
        "what cannot be one is not asked for"
    );
}

#[tokio::test]
async fn a_new_tenant_is_found_at_once_or_when_the_cache_expires() {
    let server = Server::start(LONG).await;
    let mut tenant = tenant("ww1", 7, "first", KEYS[0]);
    assert_eq!(server.deliver(&tenant).await.0, 404);
    server.directory.put(&tenant).await.unwrap();
    assert_eq!(server.deliver(&tenant).await.0, 200);

    let server = Server::start(SHORT).await;
    assert_eq!(server.deliver(&tenant).await.0, 404);
    server.put_as_another_program(&tenant).await;
    assert_eq!(server.deliver(&tenant).await.0, 404, "it is remembered");
    sleep(Duration::from_millis(700)).await;
    assert_eq!(server.deliver(&tenant).await.0, 200);
    tenant.agent = 8;
    assert_eq!(server.deliver(&tenant).await.0, 404);
}

#[tokio::test]
async fn a_changed_secret_applies_at_once_or_when_the_cache_expires() {
    let old = tenant("ww1", 7, "old", KEYS[0]);
    let new = tenant("ww1", 7, "new", KEYS[1]);

    let server = Server::start(LONG).await;
    server.directory.put(&old).await.unwrap();
    assert_eq!(server.deliver(&old).await.0, 200);
    server.put_as_another_program(&new).await;
    assert_eq!(server.deliver(&new).await.0, 403);
    server.directory.forget("ww1", 7).await;
    assert_eq!(server.deliver(&new).await.0, 200);
    assert_eq!(server.deliver(&old).await.0, 403);

    let server = Server::start(SHORT).await;
    server.directory.put(&old).await.unwrap();
    assert_eq!(server.deliver(&old).await.0, 200);
    server.put_as_another_program(&new).await;
    sleep(Duration::from_millis(700)).await;
    assert_eq!(server.deliver(&new).await.0, 200);
}

#[tokio::test]
async fn during_a_rotation_both_pairs_are_valid() {
    let server = Server::start(LONG).await;
    let old = tenant("ww1", 7, "old", KEYS[0]);
    server.directory.put(&old).await.unwrap();
    let mut new = tenant("ww1", 7, "new", KEYS[1]);
    new.previous = Some((old.token.clone(), old.key.clone()));
    server.directory.put(&new).await.unwrap();
    for tenant in [&old, &new] {
        assert_eq!(server.deliver(tenant).await.0, 200);
    }
}

#[tokio::test]
async fn a_failed_query_is_a_503_and_is_repeated() {
    let server = Server::start(LONG).await;
    let known = tenant("ww1", 7, "first", KEYS[0]);
    let other = tenant("ww2", 7, "second", KEYS[1]);
    let third = tenant("ww3", 7, "third", KEYS[0]);
    for tenant in [&known, &other, &third] {
        server.directory.put(tenant).await.unwrap();
    }
    assert_eq!(server.deliver(&known).await.0, 200);

    server.sql("ALTER TABLE tenant RENAME TO gone").await;
    for _ in 0..2 {
        let (status, body) = server.deliver(&other).await;
        assert_eq!(status, 503);
        assert!(!body.contains("tenant") && !body.contains("ww2"), "{body}");
        // Now the list of tenants is not cached either.
        server.directory.forget("ww2", 7).await;
    }
    assert_eq!(
        server.deliver(&known).await.0,
        200,
        "it is remembered all the while"
    );
    server.sql("ALTER TABLE gone RENAME TO tenant").await;
    assert_eq!(server.deliver(&other).await.0, 200);

    server.directory.pool().close().await;
    assert_eq!(server.deliver(&third).await.0, 503);
}

#[tokio::test]
async fn a_query_that_hangs_is_a_503_after_the_timeout() {
    let settings = Settings {
        timeout: Duration::from_millis(200),
        ..LONG
    };
    let server = Server::start(settings).await;
    let tenant = tenant("ww1", 7, "first", KEYS[0]);
    server.directory.put(&tenant).await.unwrap();
    let busy = server.directory.pool().acquire().await.unwrap();
    let start = Instant::now();
    assert_eq!(server.deliver(&tenant).await.0, 503);
    assert!(start.elapsed() < Duration::from_secs(3));
    drop(busy);
    assert_eq!(server.deliver(&tenant).await.0, 200);
}

#[tokio::test]
async fn an_invalid_row_is_a_503_whose_error_names_the_tenant_and_no_secret() {
    let server = Server::start(LONG).await;
    let mut tenant = tenant("ww1", 7, "first", KEYS[0]);
    let good = tenant.clone();
    tenant.key = "secretButTooShort123".to_owned();
    server.directory.put(&tenant).await.unwrap();
    assert_eq!(server.deliver(&good).await.0, 503);

    let error = server.directory.find("/wecom/ww1/7").await.unwrap_err();
    let source = std::error::Error::source(&*error).unwrap();
    let text = format!("{error}: {source} {error:?} {tenant:?}");
    assert!(text.contains("the row of ww1/7"), "{text}");
    assert!(text.contains("EncodingAESKey has 20 characters"), "{text}");
    assert!(
        !text.contains("secretBut") && !text.contains("first"),
        "{text}"
    );
}

#[tokio::test]
async fn concurrent_callbacks_share_one_query() {
    let server = Server::start(LONG).await;
    let tenant = tenant("ww1", 7, "first", KEYS[0]);
    server.directory.put(&tenant).await.unwrap();
    // The only connection is in use, so all of them wait for it.
    let busy = server.directory.pool().acquire().await.unwrap();
    let find = || {
        let directory = server.directory.clone();
        tokio::spawn(async move { directory.find("/wecom/ww1/7").await.unwrap().is_some() })
    };
    let waiting: Vec<_> = (0..64).map(|_| find()).collect();
    sleep(Duration::from_millis(50)).await;
    drop(busy);
    for found in waiting {
        assert!(found.await.unwrap());
    }
    assert_eq!(
        server.directory.queries(),
        2,
        "one query for the list, and one for the tenant"
    );
}

#[tokio::test]
async fn an_invented_id_causes_no_query() {
    let settings = Settings {
        timeout: Duration::from_millis(200),
        ..LONG
    };
    let server = Server::start(settings).await;
    let [first, second] = [7, 8].map(|agent| tenant("ww1", agent, "first", KEYS[0]));
    for tenant in [&first, &second] {
        server.directory.put(tenant).await.unwrap();
    }
    assert_eq!(server.deliver(&first).await.0, 200);
    let queries = server.directory.queries();
    for number in 0..1000 {
        let path = format!("/wecom/made-up-{number}/7");
        assert!(server.directory.find(&path).await.unwrap().is_none());
    }
    assert_eq!(server.directory.queries(), queries);

    // An invented id does not wait for a connection that is in use.
    let busy = server.directory.pool().acquire().await.unwrap();
    let found = server.directory.find("/wecom/made-up/7");
    assert!(found.await.unwrap().is_none());
    drop(busy);
    assert_eq!(server.deliver(&second).await.0, 200);
}

#[tokio::test]
async fn an_app_may_have_the_number_0() {
    let server = Server::start(LONG).await;
    let tenant = tenant("ww1", 0, "first", KEYS[0]);
    server.directory.put(&tenant).await.unwrap();
    assert_eq!(server.deliver(&tenant).await.0, 200);
}

#[tokio::test]
async fn a_database_that_ignores_case_finds_no_other_corp() {
    let server = Server::start(LONG).await;
    server.sql("DROP TABLE tenant").await;
    let table =
        "CREATE TABLE tenant (corp TEXT COLLATE NOCASE, agent BIGINT, token TEXT, aes_key TEXT,
        previous_token TEXT, previous_aes_key TEXT, PRIMARY KEY (corp, agent))";
    server.sql(table).await;
    let real = tenant("ww1", 7, "first", KEYS[0]);
    server.directory.put(&real).await.unwrap();
    let other = tenant("WW1", 7, "first", KEYS[0]);
    assert_eq!(server.deliver(&other).await.0, 404);
    assert_eq!(server.deliver(&real).await.0, 200);
}

#[tokio::test]
async fn a_row_with_an_invalid_number_hides_no_tenant() {
    let server = Server::start(LONG).await;
    server
        .sql("INSERT INTO tenant (corp, agent, token, aes_key) VALUES ('ww1', -1, '', '')")
        .await;
    let tenant = tenant("ww1", 7, "first", KEYS[0]);
    server.directory.put(&tenant).await.unwrap();
    assert_eq!(server.deliver(&tenant).await.0, 200);
}

/// The app and its directory.
struct Server {
    address: SocketAddr,
    directory: Directory,
}

impl Server {
    async fn start(settings: Settings) -> Self {
        let directory = Directory::open("sqlite::memory:", settings).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, app(directory.clone())).into_future());
        Self { address, directory }
    }

    /// WeCom, with the credentials of a tenant.
    fn platform(&self, tenant: &Tenant, path: &str) -> Platform {
        let (token, key) = (tenant.token.parse().unwrap(), tenant.key.parse().unwrap());
        let config = Config::new(token, key, ReceiveId::exact(&tenant.corp));
        Platform::new(&config).path(format!("http://{}{path}", self.address))
    }

    async fn deliver(&self, tenant: &Tenant) -> (u16, String) {
        let platform = self.platform(tenant, &path(tenant));
        send(platform.deliver_xml(CREATE_USER).unwrap()).await
    }

    /// Changes a row like another program.
    async fn put_as_another_program(&self, tenant: &Tenant) {
        let sql =
            "INSERT OR REPLACE INTO tenant (corp, agent, token, aes_key) VALUES ($1, $2, $3, $4)";
        let row = sqlx::query(sql).bind(&tenant.corp).bind(tenant.agent);
        let row = row.bind(&tenant.token).bind(&tenant.key);
        row.execute(self.directory.pool()).await.unwrap();
    }

    async fn sql(&self, sql: &'static str) {
        let statement = sqlx::query(sql);
        statement.execute(self.directory.pool()).await.unwrap();
    }
}

fn tenant(corp: &str, agent: u32, token: &str, key: &str) -> Tenant {
    Tenant {
        corp: corp.to_owned(),
        agent,
        token: token.to_owned(),
        key: key.to_owned(),
        previous: None,
    }
}

fn path(tenant: &Tenant) -> String {
    format!("/wecom/{}/{}", tenant.corp, tenant.agent)
}

async fn send(request: Request<String>) -> (u16, String) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}
