//! Starts the app on a real port, and plays WeCom.

use std::future::pending;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use example_isv::{
    Api, ApiError, Authorisation, COMMAND_PATH, DATA_PATH, Database, FakeApi, Hidden, Suite,
    Tenant, serve,
};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tower_wecom::test_util::Platform;
use tower_wecom::tickets::StoredTicket;
use tower_wecom::{Clock, Config, SystemClock};

const TOKEN: &str = "QDG6eK";
const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const PROVIDER: &str = "ww7be02f51d9c3a846";
/// The suite and the corp of the samples.
pub(crate) const SUITE: &str = "ww81d0e4c7a95b2f36";
pub(crate) const CORP: &str = "wpMd8KCQAAx3v0Jq7hTzLr5nYbEwPaUg";
pub(crate) const OTHER_CORP: &str = "wpMd8KCQAA0000000000000000000002";

/// Shorter than the pause before a failed job is tried again, longer than the timeout of an API
/// call.
const TIMEOUT: Duration = Duration::from_millis(4500);

/// The app on a real port, with access to its tables and the fake API.
pub(crate) struct Life {
    pub(crate) address: SocketAddr,
    pub(crate) database: Database,
    pub(crate) api: FakeApi,
    pub(crate) api_is_open: watch::Sender<bool>,
    pub(crate) now: u64,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Life {
    pub(crate) async fn begin() -> Self {
        let corps = [
            ("code-1", CORP, "North Depot", "permanent-1"),
            ("code-2", OTHER_CORP, "South Depot", "permanent-2"),
            (
                "ac_Yt5Re2Wq9Po1Iu7Lk4Jh",
                CORP,
                "North Depot",
                "permanent-3",
            ),
            ("code-3", CORP, "North Depot", "permanent-4"),
            ("code-4", CORP, "North Depot", "permanent-5"),
        ];
        let mut api = FakeApi::default();
        for (code, corp_id, corp_name, permanent_code) in corps {
            let authorisation = Authorisation {
                corp_id: corp_id.to_owned(),
                corp_name: corp_name.to_owned(),
                permanent_code: Hidden::new(permanent_code),
            };
            api = api.with_code(code, authorisation);
        }
        let (api_is_open, is_open) = watch::channel(true);
        let gate = Gate {
            api: api.clone(),
            is_open,
        };
        let database = Database::open("sqlite::memory:").await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { drop(stopped.await) };
        Self {
            address,
            api,
            api_is_open,
            now: SystemClock::default().unix_seconds(),
            stop,
            ended: tokio::spawn(serve(listener, suite(), database.clone(), gate, stopped)),
            database,
        }
    }

    /// Starts the app with a ticket and a corp that has authorised the suite.
    pub(crate) async fn with_a_tenant() -> Self {
        let life = Self::begin().await;
        life.notify(&life.sample("suite_ticket", 70)).await;
        life.notify(&life.create_auth("code-1", 60)).await;
        let tenant = tenant(CORP, "North Depot", "permanent-1", None);
        life.tenants_become(&[tenant]).await;
        life
    }

    pub(crate) async fn end(self) {
        self.stop.send(()).unwrap();
        let ended = timeout(Duration::from_secs(5), self.ended).await;
        ended.expect("in time").unwrap();
    }

    /// WeCom, for one of the two URLs.
    pub(crate) fn platform(&self, path: &str) -> Platform {
        let config = match path {
            DATA_PATH => Config::suite_data(TOKEN.parse().unwrap(), key(), PROVIDER, SUITE),
            _ => command(TOKEN),
        };
        Platform::new(&config).path(format!("http://{}{path}", self.address))
    }

    /// Sends a request. Returns status and body. WeCom waits one second, so the response must come
    /// within one.
    pub(crate) async fn send(&self, request: axum::http::Request<String>) -> (u16, String) {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = async {
            let response = client.request(request).await.unwrap();
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            (status, String::from_utf8(body.to_vec()).unwrap())
        };
        timeout(Duration::from_secs(1), answer)
            .await
            .expect("within the second")
    }

    pub(crate) async fn deliver(&self, path: &str, payload: &str) -> (u16, String) {
        self.send(self.platform(path).deliver_xml(payload).unwrap())
            .await
    }

    /// Sends a notice to the command URL, which answers `success`.
    pub(crate) async fn notify(&self, payload: &str) {
        let answer = self.deliver(COMMAND_PATH, payload).await;
        assert_eq!(answer, (200, "success".to_owned()), "{payload}");
    }

    /// Sends an event of a corp to the data URL. It was created `age` seconds before the test.
    pub(crate) async fn event_of(&self, corp: &str, change: &str, age: u64, content: &str) {
        let time = self.now - age;
        let payload = format!(
            "<xml><ToUserName>{corp}</ToUserName><FromUserName>sys</FromUserName><CreateTime>{time}</CreateTime>\
             <MsgType>event</MsgType><Event>change_contact</Event><ChangeType>{change}</ChangeType>{content}</xml>"
        );
        let platform = self.platform(DATA_PATH).receive_id(corp);
        let answer = self.send(platform.deliver_xml(payload).unwrap()).await;
        assert_eq!(answer, (200, String::new()));
    }

    /// A sample notice that was created `age` seconds before the test.
    pub(crate) fn sample(&self, kind: &str, age: u64) -> String {
        sample(kind, self.now - age)
    }

    pub(crate) fn create_auth(&self, code: &str, age: u64) -> String {
        self.sample("create_auth", age)
            .replace("ac_Yt5Re2Wq9Po1Iu7Lk4Jh", code)
    }

    pub(crate) async fn members(&self, corp: &str) -> Vec<String> {
        let members = self.database.members(corp).await.unwrap();
        let line = |(id, name): (String, Option<String>)| format!("{id} {}", name.unwrap());
        members.into_iter().map(line).collect()
    }

    /// Waits until the background task has changed the table to `expected`.
    pub(crate) async fn tenants_become(&self, expected: &[Tenant]) {
        let start = Instant::now();
        loop {
            let tenants = self.database.tenants().await.unwrap();
            if tenants == expected {
                return;
            }
            assert!(start.elapsed() < TIMEOUT, "{tenants:?}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn jobs_end(&self) {
        let start = Instant::now();
        while self.database.open_jobs().await.unwrap() > 0 {
            assert!(start.elapsed() < TIMEOUT, "in time");
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// An API that answers only while its gate is open, and never for the code `hangs`.
struct Gate {
    api: FakeApi,
    is_open: watch::Receiver<bool>,
}

impl Gate {
    async fn pass(&self) {
        let mut is_open = self.is_open.clone();
        is_open.wait_for(|is_open| *is_open).await.unwrap();
    }
}

impl Api for Gate {
    async fn permanent_code(
        &self,
        ticket: &StoredTicket,
        auth_code: &Hidden,
    ) -> Result<Authorisation, ApiError> {
        self.pass().await;
        if auth_code.expose() == "hangs" {
            pending::<()>().await;
        }
        self.api.permanent_code(ticket, auth_code).await
    }

    async fn auth_info(
        &self,
        ticket: &StoredTicket,
        corp_id: &str,
        permanent_code: &Hidden,
    ) -> Result<String, ApiError> {
        self.pass().await;
        self.api.auth_info(ticket, corp_id, permanent_code).await
    }
}

fn key() -> tower_wecom::EncodingAesKey {
    KEY.parse().unwrap()
}

fn suite() -> Suite {
    Suite {
        token: TOKEN.parse().unwrap(),
        key: key(),
        provider_corp: PROVIDER.to_owned(),
        id: SUITE.to_owned(),
    }
}

pub(crate) fn command(token: &str) -> Config {
    Config::suite_command(token.parse().unwrap(), key(), PROVIDER, SUITE)
}

pub(crate) fn tenant(corp_id: &str, corp_name: &str, code: &str, scope: Option<&str>) -> Tenant {
    Tenant {
        corp_id: corp_id.to_owned(),
        corp_name: Some(corp_name.to_owned()),
        permanent_code: Some(Hidden::new(code)),
        scope: scope.map(str::to_owned),
    }
}

/// A sample notice that was created at this time.
fn sample(kind: &str, unix_seconds: u64) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/samples");
    let path = folder.join(format!("third_party_info/info_{kind}.xml"));
    let sample = std::fs::read_to_string(path).unwrap();
    sample.replace("1767225612", &unix_seconds.to_string())
}
