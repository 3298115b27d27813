//! The handlers. None of them waits for anything but the database.

use std::future::ready;
use std::io::{self, Write, stdout};
use std::sync::Arc;

use serde_json::json;
use tokio::sync::Notify;
use tower_wecom::event::{
    CancelAuth, ChangeAuth, ContactEvent, CreateAuth, ResetPermanentCode, SuiteTicket,
};
use tower_wecom::router::BoxError;
use tower_wecom::tickets::SuiteTickets;
use tower_wecom::{Callback, Clock, EventRouter, Next, On, Origin, Outcome, SystemClock};

use crate::api::Hidden;
use crate::database::{Database, Task};

/// What the handlers share, and the worker with them.
#[derive(Clone, Debug)]
pub(crate) struct Notices {
    pub(crate) database: Database,
    pub(crate) tickets: SuiteTickets<Database>,
    pub(crate) suite_id: Arc<str>,
    /// Rings when there is something for the worker.
    pub(crate) bell: Arc<Notify>,
}

impl Notices {
    pub(crate) fn new(database: Database, suite_id: &str) -> Self {
        Self {
            tickets: SuiteTickets::new(database.clone(), [suite_id]),
            database,
            suite_id: suite_id.into(),
            bell: Arc::default(),
        }
    }

    /// The tickets, the life of an authorisation, and the address books of the corps.
    pub(crate) fn of_the_command_url(&self) -> EventRouter {
        let [created, changed, cancelled, reset, ticketed] = [(); 5].map(|()| self.clone());
        EventRouter::new()
            .on(async |callback: Callback, next: Next| say("command", callback, next).await)
            .on(self.tickets.handler())
            // Behind the one above, when the ticket is stored: jobs that wait for one can go on.
            .on(move |_: SuiteTicket| {
                ticketed.bell.notify_one();
                ready(())
            })
            .on(move |auth| created.clone().create_auth(auth))
            .on(move |auth| changed.clone().change_auth(auth))
            .on(move |auth| cancelled.clone().cancel_auth(auth))
            .on(move |code| reset.clone().reset_permanent_code(code))
            .merge(self.address_books())
    }

    /// The same handlers of the address books; messages and the rest would have theirs here.
    pub(crate) fn of_the_data_url(&self) -> EventRouter {
        EventRouter::new()
            .on(async |callback: Callback, next: Next| say("data", callback, next).await)
            .merge(self.address_books())
    }

    fn address_books(&self) -> EventRouter {
        let notices = self.clone();
        EventRouter::new().on(move |event| notices.clone().contact_changed(event))
    }

    /// A corp has authorised the suite. Which one, the API tells for the code.
    async fn create_auth(self, auth: On<CreateAuth>) -> Result<(), BoxError> {
        let code = Hidden::new(auth.auth_code.expose());
        self.ask(Task::PermanentCode(code), auth.callback()).await
    }

    async fn reset_permanent_code(self, reset: On<ResetPermanentCode>) -> Result<(), BoxError> {
        let Some(code) = &reset.auth_code else {
            // Nothing here can be fetched, and to send it again would not help.
            tracing::error!(
                corp = corp_of(reset.callback()),
                "a new permanent code without the code to fetch it: let the corp authorise the app again"
            );
            return Ok(());
        };
        let code = Hidden::new(code.expose());
        self.ask(Task::PermanentCode(code), reset.callback()).await
    }

    /// The notice does not say what has changed.
    async fn change_auth(self, auth: On<ChangeAuth>) -> Result<(), BoxError> {
        let corp_id = corp_of(auth.callback()).ok_or("the notice names no corp")?;
        let task = Task::AuthInfo(corp_id.to_owned());
        self.ask(task, auth.callback()).await
    }

    async fn cancel_auth(self, auth: On<CancelAuth>) -> Result<(), BoxError> {
        let corp_id = corp_of(auth.callback()).ok_or("the notice names no corp")?;
        let noticed_at = time_of(auth.callback());
        Ok(self.database.cancel(corp_id, noticed_at).await?)
    }

    /// One handler for `InfoType` on the command URL and `Event` on the data URL. As events come in no order, a real service
    /// reads the member through the API where it matters.
    async fn contact_changed(self, event: On<ContactEvent>) -> Result<(), BoxError> {
        let corp_id = corp_of(event.callback()).ok_or("the notice names no corp")?;
        let database = &self.database;
        match &*event {
            ContactEvent::CreateUser(user) => {
                let name = user.name.as_deref();
                database.put_member(corp_id, &user.user_id, name).await?;
            }
            ContactEvent::UpdateUser(user) => {
                let mut user_id = &user.user_id;
                if let Some(new) = &user.new_user_id {
                    database.rename_member(corp_id, user_id, new).await?;
                    user_id = new;
                }
                let name = user.name.as_deref();
                database.put_member(corp_id, user_id, name).await?;
            }
            ContactEvent::DeleteUser(user) => {
                database.delete_member(corp_id, &user.user_id).await?;
            }
            // Departments and tags are for who keeps them.
            _ => {}
        }
        Ok(())
    }

    /// Writes down what is to be asked of the API, and rings. 200 is said once it is written.
    async fn ask(&self, task: Task, callback: &Callback) -> Result<(), BoxError> {
        self.database.add_job(&task, time_of(callback)).await?;
        self.bell.notify_one();
        Ok(())
    }
}

/// One line of JSON for each callback that was handled, without its content: tickets and codes are secrets. WeCom is told that
/// it is safe once the line is out.
async fn say(url: &str, callback: Callback, next: Next) -> Result<Outcome, io::Error> {
    let outcome = next.run().await;
    if outcome.error().is_none() {
        let line = json!({"url": url, "kind": callback.kind(), "corp": corp_of(&callback)});
        writeln!(stdout(), "{line}")?;
    }
    Ok(outcome)
}

/// The corp that a callback is about. A notice names it in its text; what comes to the data URL is encrypted for it.
fn corp_of(callback: &Callback) -> Option<&str> {
    match callback.origin() {
        Origin::Suite(suite) => suite.auth_corp_id.as_deref(),
        _ => Some(callback.receive_id()),
    }
}

/// When WeCom made the notice; its place in time among the others of the corp.
fn time_of(callback: &Callback) -> u64 {
    let now = SystemClock::default().unix_seconds();
    callback.header().create_time.map_or(now, |it| it.min(now))
}
