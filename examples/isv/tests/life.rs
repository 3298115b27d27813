//! A suite's whole life over HTTP, with a look at the tables after each step.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy.toml allows them in test functions and not in what these call"
)]

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
use tower_wecom::tickets::{StoredTicket, SuiteTicketStore};
use tower_wecom::{Clock, Config, SystemClock};

const TOKEN: &str = "QDG6eK";
const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const PROVIDER: &str = "ww7be02f51d9c3a846";
/// The suite and the corp of the samples, and another corp.
const SUITE: &str = "ww81d0e4c7a95b2f36";
const CORP: &str = "wpMd8KCQAAx3v0Jq7hTzLr5nYbEwPaUg";
const OTHER_CORP: &str = "wpMd8KCQAA0000000000000000000002";

/// Shorter than the time after which a job is tried again by itself.
const PATIENCE: Duration = Duration::from_secs(3);

#[tokio::test]
async fn the_life_of_a_suite_from_the_url_checks_to_the_last_corp() {
    let mut life = Life::begin().await;
    life.both_urls_are_checked_for_the_provider().await;
    life.an_authorisation_waits_for_the_first_ticket().await;
    life.a_ticket_of_another_suite_is_refused().await;
    life.the_ticket_makes_the_tenant().await;
    life.a_late_retry_replaces_no_ticket().await;
    life.a_second_corp_authorises_while_the_api_is_slow().await;
    life.changes_of_both_address_books_reach_the_same_handler()
        .await;
    life.a_change_of_the_authorisation_is_fetched().await;
    life.a_reset_brings_a_new_permanent_code().await;
    life.a_corp_that_leaves_is_deleted().await;
    life.what_comes_late_does_not_bring_it_back().await;
    life.it_may_authorise_again().await;
    life.a_stranger_reaches_no_table().await;
    life.end().await;
}

impl Life {
    async fn both_urls_are_checked_for_the_provider(&self) {
        for path in [COMMAND_PATH, DATA_PATH] {
            let platform = self.platform(path);
            let answer = self.send(platform.url_check("1616140317555161061").unwrap());
            assert_eq!(answer.await, (200, "1616140317555161061".to_owned()));
            let for_the_suite = platform.receive_id(SUITE).url_check("1").unwrap();
            assert_eq!(self.send(for_the_suite).await.0, 403);
        }
    }

    async fn an_authorisation_waits_for_the_first_ticket(&mut self) {
        let created = self.create_auth("code-1", 60);
        self.notify(&created).await;
        // WeCom sends it again.
        self.notify(&created).await;
        assert_eq!(self.database.open_jobs().await.unwrap(), 1);
        assert_eq!(self.database.tenants().await.unwrap(), []);
    }

    async fn a_ticket_of_another_suite_is_refused(&self) {
        for other in ["<SuiteId>ww0000000000000009</SuiteId>", ""] {
            let notice = self.sample("suite_ticket", 30);
            let of_ours = format!("<SuiteId><![CDATA[{SUITE}]]></SuiteId>");
            assert!(notice.contains(&of_ours));
            let answer = self
                .deliver(COMMAND_PATH, &notice.replace(&of_ours, other))
                .await;
            assert_eq!(answer, (500, String::new()));
        }
        assert_eq!(self.database.get(SUITE).await.unwrap(), None);
    }

    async fn the_ticket_makes_the_tenant(&mut self) {
        let ticket = self.sample("suite_ticket", 30);
        self.notify(&ticket).await;
        let stored = self.database.get(SUITE).await.unwrap().unwrap();
        let expected = StoredTicket::new("stk_mB4v7Xc1Zq0Lw9Np3Ty6Rd8", self.now - 30);
        assert_eq!(stored, expected);
        let tenant = tenant(CORP, "North Depot", "permanent-1", None);
        self.tenants_become(&[tenant]).await;
        assert_eq!(self.database.open_jobs().await.unwrap(), 0);

        // The code is spent, and a retry that comes now is not tried.
        self.notify(&self.create_auth("code-1", 60)).await;
        assert_eq!(self.database.open_jobs().await.unwrap(), 0);
    }

    async fn a_late_retry_replaces_no_ticket(&self) {
        let late = self.sample("suite_ticket", 630).replace("stk_", "old_");
        self.notify(&late).await;
        let stored = self.database.get(SUITE).await.unwrap().unwrap();
        assert_eq!(stored.unix_seconds(), self.now - 30);
        assert!(stored.expose().starts_with("stk_"));
    }

    async fn a_second_corp_authorises_while_the_api_is_slow(&mut self) {
        self.api_is_open.send_replace(false);
        self.notify(&self.create_auth("code-2", 25)).await;
        // Other notices are answered meanwhile, and change nothing that they should not.
        self.notify(&self.sample("suite_ticket", 20)).await;
        assert_eq!(self.database.tenants().await.unwrap().len(), 1);
        self.api_is_open.send_replace(true);
        let expected = [
            tenant(OTHER_CORP, "South Depot", "permanent-2", None),
            tenant(CORP, "North Depot", "permanent-1", None),
        ];
        self.tenants_become(&expected).await;
    }

    async fn changes_of_both_address_books_reach_the_same_handler(&self) {
        let created = self.sample("change_contact_create_user", 19);
        self.notify(&created).await;
        self.notify(&created.replace(CORP, OTHER_CORP)).await;
        assert_eq!(self.members(CORP).await, ["lin.mei Lin Mei"]);
        assert_eq!(self.members(OTHER_CORP).await, ["lin.mei Lin Mei"]);

        // On the data URL the corp is the one that the delivery is encrypted for.
        let chen = "<UserID>chen.bo</UserID><Name>Chen Bo</Name>";
        self.event_of(CORP, "create_user", chen).await;
        let renamed = "<UserID>lin.mei</UserID><NewUserID>mei.lin</NewUserID>";
        self.event_of(OTHER_CORP, "update_user", renamed).await;
        assert_eq!(
            self.members(CORP).await,
            ["chen.bo Chen Bo", "lin.mei Lin Mei"]
        );
        assert_eq!(self.members(OTHER_CORP).await, ["mei.lin Lin Mei"]);

        let deleted = self.sample("change_contact_delete_user", 18);
        assert!(deleted.contains("lin.mei"));
        self.notify(&deleted).await;
        self.event_of(OTHER_CORP, "delete_user", "<UserID>nobody</UserID>")
            .await;
        for kind in ["delete_party", "update_tag"] {
            self.notify(&self.sample(&format!("change_contact_{kind}"), 18))
                .await;
        }
        assert_eq!(self.members(CORP).await, ["chen.bo Chen Bo"]);
        assert_eq!(self.members(OTHER_CORP).await, ["mei.lin Lin Mei"]);
    }

    async fn a_change_of_the_authorisation_is_fetched(&mut self) {
        self.api.set_scope(CORP, "departments 7 and 12");
        self.notify(&self.sample("change_auth", 17)).await;
        let expected = [
            tenant(OTHER_CORP, "South Depot", "permanent-2", None),
            tenant(
                CORP,
                "North Depot",
                "permanent-1",
                Some("departments 7 and 12"),
            ),
        ];
        self.tenants_become(&expected).await;
        // The same corp again: another job, and not the one that has ended.
        self.api.set_scope(CORP, "all");
        self.notify(&self.sample("change_auth", 16)).await;
        let expected = [
            tenant(OTHER_CORP, "South Depot", "permanent-2", None),
            tenant(CORP, "North Depot", "permanent-1", Some("all")),
        ];
        self.tenants_become(&expected).await;
    }

    async fn a_reset_brings_a_new_permanent_code(&mut self) {
        let reset = self.sample("reset_permanent_code", 15);
        self.notify(&reset).await;
        let expected = [
            tenant(OTHER_CORP, "South Depot", "permanent-2", None),
            tenant(CORP, "North Depot", "permanent-3", Some("all")),
        ];
        self.tenants_become(&expected).await;
    }

    async fn a_corp_that_leaves_is_deleted(&mut self) {
        self.notify(&self.sample("cancel_auth", 10)).await;
        let gone = Tenant {
            corp_id: CORP.to_owned(),
            corp_name: None,
            permanent_code: None,
            scope: None,
        };
        let stays = tenant(OTHER_CORP, "South Depot", "permanent-2", None);
        self.tenants_become(&[stays, gone]).await;
        assert_eq!(self.members(CORP).await, [""; 0]);
        assert_eq!(self.members(OTHER_CORP).await, ["mei.lin Lin Mei"]);
    }

    async fn what_comes_late_does_not_bring_it_back(&self) {
        let before = self.database.tenants().await.unwrap();
        self.notify(&self.sample("change_contact_create_user", 19))
            .await;
        self.notify(&self.sample("change_auth", 16)).await;
        // Its code came before it left, and is exchanged only now.
        self.notify(&self.create_auth("code-3", 12)).await;
        self.jobs_end().await;
        assert_eq!(self.database.tenants().await.unwrap(), before);
        assert_eq!(self.members(CORP).await, [""; 0]);
    }

    async fn it_may_authorise_again(&mut self) {
        self.notify(&self.create_auth("code-4", 5)).await;
        let expected = [
            tenant(OTHER_CORP, "South Depot", "permanent-2", None),
            tenant(CORP, "North Depot", "permanent-5", None),
        ];
        self.tenants_become(&expected).await;
        // The retry of the old cancellation is too late.
        self.notify(&self.sample("cancel_auth", 10)).await;
        self.tenants_become(&expected).await;
    }

    async fn a_stranger_reaches_no_table(&self) {
        let before = self.database.tenants().await.unwrap();
        let cancelled = self.sample("cancel_auth", 0);
        let url = |path| format!("http://{}{path}", self.address);
        let stranger = Platform::new(&command("SomebodyElse")).path(url(COMMAND_PATH));
        let of_another_suite = self.platform(COMMAND_PATH).receive_id("ww9");
        for platform in [stranger, of_another_suite] {
            let request = platform.deliver_xml(&cancelled).unwrap();
            assert_eq!(self.send(request).await.0, 403);
        }
        // An authorisation is not cancelled on the data URL, whatever is sent there.
        let data = self.platform(DATA_PATH).receive_id(OTHER_CORP);
        let request = data.deliver_xml(&cancelled).unwrap();
        assert_eq!(self.send(request).await, (200, "success".to_owned()));
        assert_eq!(self.database.tenants().await.unwrap(), before);
    }
}

/// The app behind a real port, with its tables and the API in hand.
struct Life {
    address: SocketAddr,
    database: Database,
    api: FakeApi,
    api_is_open: watch::Sender<bool>,
    now: u64,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

impl Life {
    async fn begin() -> Self {
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

    async fn end(self) {
        self.stop.send(()).unwrap();
        let ended = timeout(Duration::from_secs(5), self.ended).await;
        ended.expect("in time").unwrap().unwrap();
    }

    /// WeCom at one of the two URLs.
    fn platform(&self, path: &str) -> Platform {
        let config = match path {
            DATA_PATH => Config::suite_data(TOKEN.parse().unwrap(), key(), PROVIDER, SUITE),
            _ => command(TOKEN),
        };
        Platform::new(&config).path(format!("http://{}{path}", self.address))
    }

    /// Status and body; each answer has to come within the second that WeCom waits.
    async fn send(&self, request: axum::http::Request<String>) -> (u16, String) {
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

    async fn deliver(&self, path: &str, payload: &str) -> (u16, String) {
        self.send(self.platform(path).deliver_xml(payload).unwrap())
            .await
    }

    /// A notice on the command URL, which is answered `success`.
    async fn notify(&self, payload: &str) {
        let answer = self.deliver(COMMAND_PATH, payload).await;
        assert_eq!(answer, (200, "success".to_owned()), "{payload}");
    }

    /// An event of a corp on the data URL.
    async fn event_of(&self, corp: &str, change: &str, content: &str) {
        let payload = format!(
            "<xml><ToUserName>{corp}</ToUserName><FromUserName>sys</FromUserName><MsgType>event</MsgType>\
             <Event>change_contact</Event><ChangeType>{change}</ChangeType>{content}</xml>"
        );
        let platform = self.platform(DATA_PATH).receive_id(corp);
        let answer = self.send(platform.deliver_xml(payload).unwrap()).await;
        assert_eq!(answer, (200, String::new()));
    }

    /// A notice of the catalogue that was made so many seconds before the test.
    fn sample(&self, kind: &str, age: u64) -> String {
        sample(kind, self.now - age)
    }

    fn create_auth(&self, code: &str, age: u64) -> String {
        self.sample("create_auth", age)
            .replace("ac_Yt5Re2Wq9Po1Iu7Lk4Jh", code)
    }

    async fn members(&self, corp: &str) -> Vec<String> {
        let members = self.database.members(corp).await.unwrap();
        let line = |(id, name): (String, Option<String>)| format!("{id} {}", name.unwrap());
        members.into_iter().map(line).collect()
    }

    /// Waits until the background task has made the table so.
    async fn tenants_become(&self, expected: &[Tenant]) {
        let start = Instant::now();
        loop {
            let tenants = self.database.tenants().await.unwrap();
            if tenants == expected {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{tenants:?}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    async fn jobs_end(&self) {
        let start = Instant::now();
        while self.database.open_jobs().await.unwrap() > 0 {
            assert!(start.elapsed() < PATIENCE, "in time");
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// An API that answers only while its gate is open.
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

fn command(token: &str) -> Config {
    Config::suite_command(token.parse().unwrap(), key(), PROVIDER, SUITE)
}

fn tenant(corp_id: &str, corp_name: &str, code: &str, scope: Option<&str>) -> Tenant {
    Tenant {
        corp_id: corp_id.to_owned(),
        corp_name: Some(corp_name.to_owned()),
        permanent_code: Some(Hidden::new(code)),
        scope: scope.map(str::to_owned),
    }
}

/// A notice of the catalogue that was made at this time.
fn sample(kind: &str, unix_seconds: u64) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/samples");
    let path = folder.join(format!("third_party_info/info_{kind}.xml"));
    let sample = std::fs::read_to_string(path).unwrap();
    sample.replace("1767225612", &unix_seconds.to_string())
}
