//! The handlers. They wait for the database only, never for the API.

use std::future::ready;
use std::io::{self, Write, stdout};
use std::sync::Arc;

use serde_json::json;
use tokio::sync::Notify;
use tower_wecom::event::{
    CancelAuth, ChangeAuth, ContactEvent, CreateAuth, ResetPermanentCode, SuiteOrigin, SuiteTicket,
};
use tower_wecom::router::BoxError;
use tower_wecom::tickets::SuiteTickets;
use tower_wecom::{Callback, Clock, EventRouter, Next, On, Origin, Outcome, SystemClock};

use crate::api::Hidden;
use crate::database::{Database, Member, Task};

/// How long a one-time code is valid, in seconds.
pub(crate) const CODE_LIFETIME: u64 = 600;

/// The state that the handlers and the worker share.
#[derive(Clone, Debug)]
pub(crate) struct Notices {
    pub(crate) database: Database,
    pub(crate) tickets: SuiteTickets<Database>,
    pub(crate) suite_id: Arc<str>,
    /// Wakes the worker when there is a job.
    pub(crate) new_job: Arc<Notify>,
}

impl Notices {
    pub(crate) fn new(database: Database, suite_id: &str) -> Self {
        Self {
            tickets: SuiteTickets::new(database.clone(), [suite_id]),
            database,
            suite_id: suite_id.into(),
            new_job: Arc::default(),
        }
    }

    /// The handlers of the command URL: tickets, authorisations and address books.
    pub(crate) fn command_router(&self) -> EventRouter {
        let [printed, created, changed, cancelled, reset, ticketed] =
            [(); 6].map(|()| self.clone());
        EventRouter::new()
            .on(move |callback, next| printed.clone().print("command", callback, next))
            .on(self.tickets.handler())
            // After the handler above has stored the ticket, jobs that wait for one can run.
            .on(move |_: SuiteTicket| {
                ticketed.new_job.notify_one();
                ready(())
            })
            .on(move |auth| created.clone().create_auth(auth))
            .on(move |auth| changed.clone().change_auth(auth))
            .on(move |auth| cancelled.clone().cancel_auth(auth))
            .on(move |code| reset.clone().reset_permanent_code(code))
            .merge(self.address_books())
    }

    /// The handlers of the data URL: address books. Add handlers for messages and other events
    /// here.
    pub(crate) fn data_router(&self) -> EventRouter {
        let printed = self.clone();
        EventRouter::new()
            .on(move |callback, next| printed.clone().print("data", callback, next))
            .merge(self.address_books())
    }

    fn address_books(&self) -> EventRouter {
        let notices = self.clone();
        EventRouter::new().on(move |event| notices.clone().contact_changed(event))
    }

    /// Prints one line of JSON for each handled callback, without its content, because tickets and
    /// codes are secrets. The acknowledgement follows after the line is printed.
    async fn print(
        self,
        url: &'static str,
        callback: Callback,
        next: Next,
    ) -> Result<Outcome, io::Error> {
        let outcome = next.run().await;
        if outcome.error().is_none() {
            let corp = self.corp_of(&callback);
            let line = json!({"url": url, "kind": callback.kind(), "corp": corp});
            writeln!(stdout(), "{line}")?;
        }
        Ok(outcome)
    }

    /// A corp has authorised the suite. The API returns which one, in exchange for the code.
    async fn create_auth(self, auth: On<CreateAuth>) -> Result<(), BoxError> {
        let code = Hidden::new(auth.auth_code.expose());
        self.enqueue(Task::PermanentCode(code), auth.callback())
            .await
    }

    async fn reset_permanent_code(self, reset: On<ResetPermanentCode>) -> Result<(), BoxError> {
        let Some(code) = &reset.auth_code else {
            // Without a code nothing can be fetched, and a retry of the notice would not help.
            tracing::error!(
                corp = self.corp_of(reset.callback()),
                "the notice of a new permanent code has no code: let the corp authorise the app again"
            );
            return Ok(());
        };
        let code = Hidden::new(code.expose());
        self.enqueue(Task::PermanentCode(code), reset.callback())
            .await
    }

    /// The notice does not contain the change, so the API has to return it.
    async fn change_auth(self, auth: On<ChangeAuth>) -> Result<(), BoxError> {
        let corp_id = self
            .corp_of(auth.callback())
            .ok_or("the notice names no corp")?;
        let task = Task::AuthInfo(corp_id.to_owned());
        self.enqueue(task, auth.callback()).await
    }

    async fn cancel_auth(self, auth: On<CancelAuth>) -> Result<(), BoxError> {
        let corp_id = self
            .corp_of(auth.callback())
            .ok_or("the notice names no corp")?;
        let noticed_at = time_of(auth.callback())?;
        Ok(self.database.cancel(corp_id, noticed_at).await?)
    }

    /// Handles changes of the address book: `InfoType` on the command URL and `Event` on the data
    /// URL.
    ///
    /// Events come in any order and contain only what has changed. A real service reads the member
    /// through the API where it matters.
    async fn contact_changed(self, event: On<ContactEvent>) -> Result<(), BoxError> {
        let corp_id = self
            .corp_of(event.callback())
            .ok_or("the notice names no corp")?;
        let changed_at = time_of(event.callback())?;
        let member = |user_id, name, is_member| Member {
            corp_id,
            user_id,
            name,
            is_member,
            changed_at,
        };
        let database = &self.database;
        let is_stored = match &*event {
            ContactEvent::CreateUser(user) => {
                let member = member(&user.user_id, user.name.as_deref(), true);
                database.put_member(&member).await?
            }
            ContactEvent::UpdateUser(user) => {
                let user_id = user.new_user_id.as_ref().unwrap_or(&user.user_id);
                let member = member(user_id, user.name.as_deref(), true);
                if *user_id == user.user_id {
                    database.put_member(&member).await?
                } else {
                    database.rename_member(&user.user_id, &member).await?
                }
            }
            ContactEvent::DeleteUser(user) => {
                let member = member(&user.user_id, None, false);
                database.put_member(&member).await?
            }
            // This example does not store departments and tags.
            _ => return Ok(()),
        };
        if !is_stored {
            tracing::info!(
                corp = corp_id,
                kind = %event.callback().kind(),
                "not stored: the event is late, or the corp has not authorised the app"
            );
        }
        Ok(())
    }

    /// The corp of a callback. An event on the data URL is encrypted for its corp. A notice
    /// contains the id of its corp.
    fn corp_of<'a>(&self, callback: &'a Callback) -> Option<&'a str> {
        match callback.origin() {
            Origin::App => Some(callback.receive_id()),
            _ => self.suite_of(callback)?.auth_corp_id.as_deref(),
        }
    }

    /// The origin of a notice, if it is encrypted for this suite. The check is necessary because
    /// the data URL accepts every receive id.
    fn suite_of<'a>(&self, callback: &'a Callback) -> Option<&'a SuiteOrigin> {
        callback.verified_suite(&self.suite_id)
    }

    /// Stores a job and wakes the worker. The acknowledgement follows after the job is stored.
    async fn enqueue(&self, task: Task, callback: &Callback) -> Result<(), BoxError> {
        if self.suite_of(callback).is_none() {
            return Err("the notice is not encrypted for the suite".into());
        }
        let noticed_at = time_of(callback)?;
        let age = SystemClock::default()
            .unix_seconds()
            .saturating_sub(noticed_at);
        // A replay of an old notice, long after its job was deleted.
        if matches!(task, Task::PermanentCode(_)) && age > CODE_LIFETIME {
            tracing::warn!(age, "the code of this notice is too old to be exchanged");
            return Ok(());
        }
        self.database.add_job(&task, noticed_at).await?;
        self.new_job.notify_one();
        Ok(())
    }
}

/// When WeCom created the notice. It orders the notices of a corp.
///
/// The time is in the decrypted text. The `timestamp` in the URL is no substitute: an attacker can
/// move digits between `timestamp` and `nonce` without breaking the signature.
fn time_of(callback: &Callback) -> Result<u64, &'static str> {
    let time = callback.header().create_time;
    time.ok_or("the notice has no time, so its order is unknown")
}
