//! A third-party app (第三方应用) that many corps authorise: its command URL and its data URL in one axum app.
//!
//! | URL | what comes there | receive id |
//! |---|---|---|
//! | [`COMMAND_PATH`], 指令回调URL | tickets, authorisations, changes of the corps' address books | the suite |
//! | [`DATA_PATH`], 数据回调URL | messages and events of the corps | the corp |
//!
//! WeCom wants an answer to each notice within a second (document 90613), and what a notice brings has to be fetched from the
//! API. So a handler writes down what came and returns, and a background task does the rest:
//!
//! ```text
//! suite_ticket            ─► table suite_ticket                         SuiteTickets, a handler of the crate
//! create_auth             ─► table job ─► API: permanent code, corp ─► table tenant
//! reset_permanent_code    ─► the same
//! change_auth             ─► table job ─► API: what is authorised   ─► table tenant
//! cancel_auth             ─► table tenant: the row is emptied, the corp's members are deleted
//! change_contact, both URLs ─► table member
//! ```
//!
//! Callbacks come in no order, more than once, and some never; and whoever has captured one may send it again.
//!
//! - **Rows carry the time of the notice** that they come from, and an older one does not change them. What is deleted leaves id
//!   and time, so that it is not made again. A notice without a time gets a 500.
//! - **A one-time code** is written down while it is good, ten minutes. An older notice is acknowledged and traced.
//! - **`change_auth` again** asks the API again, which tells what is so now.
//!
//! The suite's pair speaks for all corps, those in no table among them. A notice is believed if it is encrypted for the suite
//! and names it, an event for the corp that it is encrypted for. Members are kept of corps whose permanent code the app
//! has, and of no other. `create_auth` does not name its corp, so what happens before the code is fetched is dropped as well: a
//! real service reads the whole address book once the row is there, and needs to, as nobody tells it who is in it already.

mod api;
mod database;
mod events;
mod worker;

use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::select;
use tokio::sync::watch;
use tokio::time::sleep;
use tower_wecom::{Config, EncodingAesKey, Token, WeComLayer};

pub use api::{Api, ApiError, Authorisation, FakeApi, Hidden};
pub use database::{Database, Tenant};
use events::Notices;
use worker::Worker;

/// Where notices to the suite go.
pub const COMMAND_PATH: &str = "/wecom/command";

/// Where the events of the corps go. The console also takes a URL with `$CORPID$` in it; this app does not need it, because
/// each delivery is encrypted for its corp.
pub const DATA_PATH: &str = "/wecom/data";

/// How long a connection may take to close when the server stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// The suite, as the provider's console shows it.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "an example has no next release")]
pub struct Suite {
    /// The Token of both URLs.
    pub token: Token,
    /// The EncodingAESKey of both URLs.
    pub key: EncodingAesKey,
    /// The provider's corp id, which the console's check of a URL is for. Not empty: what comes for an individual's suite is
    /// encrypted for nobody, and this app would believe none of it.
    pub provider_corp: String,
    /// The suite's id.
    pub id: String,
}

/// Serves until `stop` ends, and then until the last request is answered or has had its time for that.
///
/// # Errors
///
/// If the listener fails.
pub async fn serve<A: Api>(
    listener: TcpListener,
    suite: Suite,
    database: Database,
    api: A,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let notices = Notices::new(database, &suite.id);
    // The sender is dropped when the server is to stop.
    let (running, mut stopped) = watch::channel(());
    let worker = tokio::spawn(Worker::new(notices.clone(), api).run(stopped.clone()));
    let stop = async move {
        stop.await;
        drop(running);
    };
    let served = axum::serve(listener, app(suite, &notices)).with_graceful_shutdown(stop);
    let ended = async {
        let served = served.await;
        // A code that was sent to the API is spent, so the answer is waited for.
        let _ = worker.await;
        served
    };
    let overdue = async {
        while stopped.changed().await.is_ok() {}
        sleep(SHUTDOWN_GRACE).await;
    };
    select! {
        served = ended => served,
        () = overdue => Ok(()),
    }
}

/// Both URLs. They share the Token and the key; for whom a callback must be is what differs.
fn app(suite: Suite, notices: &Notices) -> Router {
    let Suite {
        token,
        key,
        provider_corp,
        id,
    } = suite;
    let command = Config::suite_command(token.clone(), key.clone(), provider_corp.clone(), &id);
    let data = Config::suite_data(token, key, provider_corp, &id);
    let command = WeComLayer::new(command).layer(notices.of_the_command_url());
    let data = WeComLayer::new(data).layer(notices.of_the_data_url());
    Router::new()
        .route_service(COMMAND_PATH, command)
        .route_service(DATA_PATH, data)
}
