//! Calls the API in the background, after the callback was answered.

use std::error::Error;
use std::time::Duration;

use tokio::select;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tower_wecom::{Clock, SystemClock};

use crate::api::Api;
use crate::database::{Job, Task};
use crate::events::{CODE_LIFETIME, Notices};

/// The pause before a failed job is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// How long a call may take. A call that hangs must not delay the other codes until they expire.
const CALL_TIMEOUT: Duration = Duration::from_secs(3);

/// How long ended jobs are kept, in seconds: longer than the lifetime of a code.
const KEEP_ENDED_JOBS: u64 = 3600;

/// Runs the jobs one after the other.
pub(crate) struct Worker<A> {
    notices: Notices,
    api: A,
}

impl<A: Api> Worker<A> {
    pub(crate) const fn new(notices: Notices, api: A) -> Self {
        Self { notices, api }
    }

    /// Starts with the jobs that an earlier process has left. Ends between two jobs when the sender
    /// is dropped.
    pub(crate) async fn run(self, mut running: watch::Receiver<()>) {
        while running.has_changed().is_ok() {
            if let Err(error) = self.run_jobs(&running).await {
                tracing::error!(%error, "the jobs cannot be read");
            }
            select! {
                () = self.notices.new_job.notified() => {}
                () = sleep(RETRY) => {}
                _ = running.changed() => {}
            }
        }
    }

    async fn run_jobs(&self, running: &watch::Receiver<()>) -> Result<(), sqlx::Error> {
        let database = &self.notices.database;
        let now = SystemClock::default().unix_seconds();
        database
            .forget_jobs(now.saturating_sub(KEEP_ENDED_JOBS))
            .await?;
        for job in database.jobs().await? {
            if running.has_changed().is_err() {
                break;
            }
            let age = now.saturating_sub(job.noticed_at);
            match self.run_job(&job).await {
                Ok(()) => database.end_job(&job).await?,
                Err(error) if age > CODE_LIFETIME => {
                    tracing::error!(%error, task = ?job.task, age, "a job has failed for the last time");
                    database.end_job(&job).await?;
                }
                Err(error) => {
                    tracing::warn!(%error, task = ?job.task, age, "a job has failed and will be tried again");
                }
            }
        }
        Ok(())
    }

    async fn run_job(&self, job: &Job) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Notices {
            database, tickets, ..
        } = &self.notices;
        let ticket = tickets.current(&self.notices.suite_id).await?;
        match &job.task {
            Task::PermanentCode(code) => {
                // A code is valid once. If the process crashes between these two lines, or the
                // response comes too late, the corp has to authorise the app again.
                let authorisation = self.api.permanent_code(&ticket, code);
                let authorisation = timeout(CALL_TIMEOUT, authorisation).await??;
                database.authorise(&authorisation, job.noticed_at).await?;
                tracing::info!(corp = authorisation.corp_id, "authorised");
            }
            Task::AuthInfo(corp_id) => {
                let Some(code) = database.permanent_code(corp_id).await? else {
                    tracing::info!(corp = corp_id, "the corp is not a tenant, or has left");
                    return Ok(());
                };
                let scope = self.api.auth_info(&ticket, corp_id, &code);
                let scope = timeout(CALL_TIMEOUT, scope).await??;
                database.set_scope(corp_id, &scope).await?;
                tracing::info!(corp = corp_id, "the authorisation has changed");
            }
        }
        Ok(())
    }
}
