//! The handlers. None of them waits for anything but the database.

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

/// How long the API takes a one-time code, in seconds.
pub(crate) const CODE_IS_GOOD_FOR: u64 = 600;

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
        let [said, created, changed, cancelled, reset, ticketed] = [(); 6].map(|()| self.clone());
        EventRouter::new()
            .on(move |callback, next| said.clone().say("command", callback, next))
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
        let said = self.clone();
        EventRouter::new()
            .on(move |callback, next| said.clone().say("data", callback, next))
            .merge(self.address_books())
    }

    fn address_books(&self) -> EventRouter {
        let notices = self.clone();
        EventRouter::new().on(move |event| notices.clone().contact_changed(event))
    }

    /// One line of JSON for each callback that was handled, without its content: tickets and codes are secrets. WeCom is told
    /// that it is safe once the line is out.
    async fn say(
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

    /// A corp has authorised the suite. Which one, the API tells for the code.
    async fn create_auth(self, auth: On<CreateAuth>) -> Result<(), BoxError> {
        let code = Hidden::new(auth.auth_code.expose());
        self.ask(Task::PermanentCode(code), auth.callback()).await
    }

    async fn reset_permanent_code(self, reset: On<ResetPermanentCode>) -> Result<(), BoxError> {
        let Some(code) = &reset.auth_code else {
            // Nothing here can be fetched, and to send it again would not help.
            tracing::error!(
                corp = self.corp_of(reset.callback()),
                "a new permanent code without the code to fetch it: let the corp authorise the app again"
            );
            return Ok(());
        };
        let code = Hidden::new(code.expose());
        self.ask(Task::PermanentCode(code), reset.callback()).await
    }

    /// The notice does not say what has changed.
    async fn change_auth(self, auth: On<ChangeAuth>) -> Result<(), BoxError> {
        let corp_id = self
            .corp_of(auth.callback())
            .ok_or("the notice names no corp")?;
        let task = Task::AuthInfo(corp_id.to_owned());
        self.ask(task, auth.callback()).await
    }

    async fn cancel_auth(self, auth: On<CancelAuth>) -> Result<(), BoxError> {
        let corp_id = self
            .corp_of(auth.callback())
            .ok_or("the notice names no corp")?;
        let noticed_at = time_of(auth.callback())?;
        Ok(self.database.cancel(corp_id, noticed_at).await?)
    }

    /// One handler for `InfoType` on the command URL and `Event` on the data URL. As events come in no order and tell only
    /// what has changed, a real service reads the member through the API where it matters.
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
        let is_kept = match &*event {
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
            // Departments and tags are for who keeps them.
            _ => return Ok(()),
        };
        if !is_kept {
            tracing::info!(
                corp = corp_id,
                kind = %event.callback().kind(),
                "this came late, or is of a corp that has not authorised the app: nothing of it is kept"
            );
        }
        Ok(())
    }

    /// The corp that a callback is about. What comes to the data URL is encrypted for it. A notice names it in its text.
    fn corp_of<'a>(&self, callback: &'a Callback) -> Option<&'a str> {
        match callback.origin() {
            Origin::App => Some(callback.receive_id()),
            _ => self.suite_of(callback)?.auth_corp_id.as_deref(),
        }
    }

    /// Whom a notice is about, if it is encrypted for this suite: the data URL takes what is encrypted for anybody.
    fn suite_of<'a>(&self, callback: &'a Callback) -> Option<&'a SuiteOrigin> {
        callback.verified_suite(&self.suite_id)
    }

    /// Writes down what is to be asked of the API, and rings. 200 is said once it is written.
    async fn ask(&self, task: Task, callback: &Callback) -> Result<(), BoxError> {
        if self.suite_of(callback).is_none() {
            return Err("the notice is not encrypted for the suite".into());
        }
        let noticed_at = time_of(callback)?;
        let age = SystemClock::default()
            .unix_seconds()
            .saturating_sub(noticed_at);
        // Somebody sends an old one again, long after the job was forgotten.
        if matches!(task, Task::PermanentCode(_)) && age > CODE_IS_GOOD_FOR {
            tracing::warn!(age, "the code of this notice is too old to be exchanged");
            return Ok(());
        }
        self.database.add_job(&task, noticed_at).await?;
        self.bell.notify_one();
        Ok(())
    }
}

/// When WeCom made the notice; its place in time among the others of the corp. It stands in the decrypted text. The time in the
/// URL is no substitute: its digits can be moved.
fn time_of(callback: &Callback) -> Result<u64, &'static str> {
    let time = callback.header().create_time;
    time.ok_or("the notice has no time, so nobody knows what it comes after")
}
