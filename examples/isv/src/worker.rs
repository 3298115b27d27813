//! What is to be asked of the API, asked after WeCom had its answer.

use std::error::Error;
use std::time::Duration;

use tokio::select;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tower_wecom::{Clock, SystemClock};

use crate::api::Api;
use crate::database::{Job, Task};
use crate::events::{CODE_IS_GOOD_FOR, Notices};

/// When a job that failed is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// How long a call may take. One that hangs must not keep the other codes waiting until they are good no more.
const CALL: Duration = Duration::from_secs(3);

/// How long a job that has ended is remembered, in seconds: longer than its code is good.
const REMEMBERED: u64 = 3600;

/// Works off the jobs, one after the other.
pub(crate) struct Worker<A> {
    notices: Notices,
    api: A,
}

impl<A: Api> Worker<A> {
    pub(crate) const fn new(notices: Notices, api: A) -> Self {
        Self { notices, api }
    }

    /// Begins with what the last run has left, and ends, between two jobs, when nobody holds the sender any more.
    pub(crate) async fn run(self, mut running: watch::Receiver<()>) {
        while running.has_changed().is_ok() {
            if let Err(error) = self.work_off(&running).await {
                tracing::error!(%error, "the jobs cannot be read");
            }
            select! {
                () = self.notices.bell.notified() => {}
                () = sleep(RETRY) => {}
                _ = running.changed() => {}
            }
        }
    }

    async fn work_off(&self, running: &watch::Receiver<()>) -> Result<(), sqlx::Error> {
        let database = &self.notices.database;
        let now = SystemClock::default().unix_seconds();
        database.forget_jobs(now.saturating_sub(REMEMBERED)).await?;
        for job in database.jobs().await? {
            if running.has_changed().is_err() {
                break;
            }
            let age = now.saturating_sub(job.noticed_at);
            match self.work(&job).await {
                Ok(()) => database.end_job(&job).await?,
                Err(error) if age > CODE_IS_GOOD_FOR => {
                    tracing::error!(%error, task = ?job.task, age, "a job is given up");
                    database.end_job(&job).await?;
                }
                Err(error) => {
                    tracing::warn!(%error, task = ?job.task, age, "a job has failed; it will be tried again");
                }
            }
        }
        Ok(())
    }

    async fn work(&self, job: &Job) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Notices {
            database, tickets, ..
        } = &self.notices;
        let ticket = tickets.current(&self.notices.suite_id).await?;
        match &job.task {
            Task::PermanentCode(code) => {
                // The code is good once: whoever crashes between these two lines has to ask the corp to authorise again, and
                // so has whoever gets the answer too late.
                let authorisation = self.api.permanent_code(&ticket, code);
                let authorisation = timeout(CALL, authorisation).await??;
                database.authorise(&authorisation, job.noticed_at).await?;
                tracing::info!(corp = authorisation.corp_id, "authorised");
            }
            Task::AuthInfo(corp_id) => {
                let Some(code) = database.permanent_code(corp_id).await? else {
                    tracing::info!(corp = corp_id, "no tenant, or not any more");
                    return Ok(());
                };
                let scope = self.api.auth_info(&ticket, corp_id, &code);
                let scope = timeout(CALL, scope).await??;
                database.set_scope(corp_id, &scope).await?;
                tracing::info!(corp = corp_id, "what is authorised has changed");
            }
        }
        Ok(())
    }
}
