//! A third-party app (第三方应用) that many corps authorise: its command URL and its data URL in one
//! axum app.
//!
//! | URL | callbacks | receive id |
//! |---|---|---|
//! | [`COMMAND_PATH`], 指令回调URL | tickets, authorisations, changes of address books | the suite |
//! | [`DATA_PATH`], 数据回调URL | messages and events of the corps | the corp |
//!
//! WeCom waits one second for the answer to a notice (document 90613), but the data of a notice has
//! to be fetched from the API. So a handler only stores a job, and a background task does the rest:
//!
//! ```text
//! suite_ticket            ─► table suite_ticket (SuiteTickets, a handler of the crate)
//! create_auth             ─► table job ─► API: permanent code, corp ─► table tenant
//! reset_permanent_code    ─► the same
//! change_auth             ─► table job ─► API: what is authorised  ─► table tenant
//! cancel_auth             ─► table tenant: clears the row, deletes the members of the corp
//! change_contact, both URLs ─► table member
//! ```
//!
//! Callbacks come in any order. Some come more than once, some never, and an attacker who has
//! captured one may replay it. Therefore:
//!
//! - **A row contains the time of its notice.** An older notice does not change it. A deleted row
//!   leaves its id and the time, so that an old notice does not create it again. A notice without a
//!   time gets a 500.
//! - **A one-time code** is stored only while it is valid, for ten minutes. An older notice is
//!   acknowledged and traced.
//! - **A repeated `change_auth`** makes another call to the API, which returns the current state.
//!
//! The credentials of the suite are valid for all corps, including those in no table. The app
//! trusts a notice if it is encrypted for the suite and contains the suite's id. It trusts an event
//! for the corp that it is encrypted for. It stores members only of corps whose permanent code it
//! has. `create_auth` does not contain the corp, so events before the code is fetched are dropped
//! too. A real service reads the whole address book after it has created the row. It has to do so
//! anyway, because no callback reports the existing members.

mod api;
mod database;
mod events;
#[path = "../../serve.rs"]
mod serve;
mod worker;

use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use tower_wecom::{Config, EncodingAesKey, Token, WeComLayer};

pub use api::{Api, ApiError, Authorisation, FakeApi, Hidden};
pub use database::{Database, Tenant};
use events::Notices;
use worker::Worker;

/// The path for notices to the suite.
pub const COMMAND_PATH: &str = "/wecom/command";

/// The path for events of the corps.
///
/// The console also accepts a URL with `$CORPID$`. This app does not need that, because each
/// delivery is encrypted for its corp.
pub const DATA_PATH: &str = "/wecom/data";

/// How long the running job may take after the last connection is closed.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// The credentials of the suite in the console of the provider.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "an example has no next release")]
pub struct Suite {
    /// The Token of both URLs.
    pub token: Token,
    /// The EncodingAESKey of both URLs.
    pub key: EncodingAesKey,
    /// The corp id of the provider: the receive id of the URL check. It must not be empty. The
    /// callbacks to the suite of an individual have no receive id, and this app would trust none of
    /// them.
    pub provider_corp: String,
    /// The suite's id.
    pub id: String,
}

/// Serves until `stop` completes, and then until the last request is answered and the running job
/// has ended, or their grace periods are over.
pub async fn serve<A: Api>(
    listener: TcpListener,
    suite: Suite,
    database: Database,
    api: A,
    stop: impl Future<Output = ()>,
) {
    let notices = Notices::new(database, &suite.id);
    // Dropping the sender stops the worker.
    let (running, stopped) = watch::channel(());
    let worker = tokio::spawn(Worker::new(notices.clone(), api).run(stopped));
    let stop = async move {
        stop.await;
        drop(running);
    };
    serve::serve(listener, app(suite, &notices), stop).await;
    // A code is used up as soon as it is sent to the API, so the worker waits for the response.
    let _ = timeout(SHUTDOWN_GRACE, worker).await;
}

/// The app with both URLs. They share the Token and the key, and have different receive ids.
fn app(suite: Suite, notices: &Notices) -> Router {
    let Suite {
        token,
        key,
        provider_corp,
        id,
    } = suite;
    let command = Config::suite_command(token.clone(), key.clone(), provider_corp.clone(), &id);
    let data = Config::suite_data(token, key, provider_corp, &id);
    let command = WeComLayer::new(command).layer(notices.command_router());
    let data = WeComLayer::new(data).layer(notices.data_router());
    Router::new()
        .route_service(COMMAND_PATH, command)
        .route_service(DATA_PATH, data)
}
