//! The tables, in SQLite. The statements are valid in PostgreSQL too, except for the type of `id`.

use std::time::Duration;

use sqlx::Connection;
use sqlx::sqlite::{SqliteExecutor, SqlitePool, SqlitePoolOptions};
use tower_wecom::tickets::{StoredTicket, SuiteTicketStore};

use crate::api::{Authorisation, Hidden};

const SCHEMA: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS suite_ticket (
        suite_id TEXT PRIMARY KEY, ticket TEXT NOT NULL, unix_seconds BIGINT NOT NULL)",
    // When a corp withdraws its authorisation, its id and the time stay. So no late notice brings
    // the corp back, nor its old members after it has authorised the app again.
    "CREATE TABLE IF NOT EXISTS tenant (
        corp_id TEXT PRIMARY KEY, corp_name TEXT, permanent_code TEXT, scope TEXT, changed_at BIGINT NOT NULL,
        left_at BIGINT NOT NULL DEFAULT -1)",
    // The id of a deleted member and the time stay too, as long as the corp is a tenant.
    "CREATE TABLE IF NOT EXISTS member (
        corp_id TEXT NOT NULL, user_id TEXT NOT NULL, name TEXT, is_member BOOLEAN NOT NULL, changed_at BIGINT NOT NULL,
        PRIMARY KEY (corp_id, user_id))",
    // `subject` is a one-time code or a corp. `times` counts how often the job was requested. Ended
    // jobs are kept for a while, so that a repeated notice does not use its code again.
    "CREATE TABLE IF NOT EXISTS job (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, noticed_at BIGINT NOT NULL,
        times BIGINT NOT NULL DEFAULT 1, is_open BOOLEAN NOT NULL DEFAULT TRUE, UNIQUE (kind, subject))",
];

/// How long a statement may wait for the connection. WeCom waits one second for the answer to a
/// notice.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(500);

/// The tables of the app.
#[derive(Clone, Debug)]
pub struct Database {
    pool: SqlitePool,
}

/// A corp in the tenant table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "an example has no next release")]
pub struct Tenant {
    /// The corp.
    pub corp_id: String,
    /// Its name.
    pub corp_name: Option<String>,
    /// The credential for its data. `None` after the corp has withdrawn its authorisation.
    pub permanent_code: Option<Hidden>,
    /// What it has authorised, once the API has returned it.
    pub scope: Option<String>,
}

/// A pending call to the API.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) task: Task,
    pub(crate) noticed_at: u64,
    times: i64,
}

#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// Exchange a one-time code for a permanent code.
    PermanentCode(Hidden),
    /// Fetch what a corp has authorised.
    AuthInfo(String),
}

impl Task {
    fn columns(&self) -> (&'static str, &str) {
        match self {
            Self::PermanentCode(code) => ("permanent_code", code.expose()),
            Self::AuthInfo(corp_id) => ("auth_info", corp_id),
        }
    }
}

impl Database {
    /// Opens a database, such as `sqlite::memory:` or `sqlite:isv.db?mode=rwc`, and creates the
    /// missing tables.
    ///
    /// # Errors
    ///
    /// If the database cannot be opened.
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        // A database in memory belongs to its connection, so there is one connection, and it must
        // not close.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // SQLite ends a transaction by itself when it cannot write. sqlx counts on, and a
            // connection like that would commit nothing any more.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect(url)
            .await?;
        for table in SCHEMA {
            sqlx::query(table).execute(&pool).await?;
        }
        Ok(Self { pool })
    }

    /// All tenants, including those that have left.
    ///
    /// # Errors
    ///
    /// If the database failed.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, sqlx::Error> {
        type Row = (String, Option<String>, Option<String>, Option<String>);
        let sql = "SELECT corp_id, corp_name, permanent_code, scope FROM tenant ORDER BY corp_id";
        let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(&self.pool).await?;
        let tenant = |(corp_id, corp_name, permanent_code, scope): Row| Tenant {
            corp_id,
            corp_name,
            permanent_code: permanent_code.map(Hidden::new),
            scope,
        };
        Ok(rows.into_iter().map(tenant).collect())
    }

    /// The UserIDs and names of the members of a corp, as far as callbacks have reported them.
    ///
    /// # Errors
    ///
    /// If the database failed.
    pub async fn members(
        &self,
        corp_id: &str,
    ) -> Result<Vec<(String, Option<String>)>, sqlx::Error> {
        let sql =
            "SELECT user_id, name FROM member WHERE corp_id = $1 AND is_member ORDER BY user_id";
        let members = sqlx::query_as(sql).bind(corp_id);
        members.fetch_all(&self.pool).await
    }

    /// The number of open jobs.
    ///
    /// # Errors
    ///
    /// If the database failed.
    pub async fn open_jobs(&self) -> Result<usize, sqlx::Error> {
        Ok(self.jobs().await?.len())
    }

    pub(crate) async fn add_job(&self, task: &Task, noticed_at: u64) -> Result<(), sqlx::Error> {
        let (kind, subject) = task.columns();
        let sql = "INSERT INTO job (kind, subject, noticed_at) VALUES ($1, $2, $3)
            ON CONFLICT (kind, subject) DO UPDATE SET times = times + 1, is_open = is_open OR kind = 'auth_info',
                noticed_at = max(noticed_at, excluded.noticed_at)";
        let job = sqlx::query(sql)
            .bind(kind)
            .bind(subject)
            .bind(signed(noticed_at));
        job.execute(&self.pool).await.map(drop)
    }

    pub(crate) async fn jobs(&self) -> Result<Vec<Job>, sqlx::Error> {
        type Row = (i64, String, String, i64, i64);
        let sql = "SELECT id, kind, subject, noticed_at, times FROM job WHERE is_open ORDER BY id";
        let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(&self.pool).await?;
        let job = |(id, kind, subject, noticed_at, times): Row| Job {
            id,
            task: match kind.as_str() {
                "permanent_code" => Task::PermanentCode(Hidden::new(subject)),
                _ => Task::AuthInfo(subject),
            },
            noticed_at: unsigned(noticed_at),
            times,
        };
        Ok(rows.into_iter().map(job).collect())
    }

    /// Ends a job, unless it was requested again in the meantime.
    pub(crate) async fn end_job(&self, job: &Job) -> Result<(), sqlx::Error> {
        let sql = "UPDATE job SET is_open = FALSE WHERE id = $1 AND times = $2";
        let job = sqlx::query(sql).bind(job.id).bind(job.times);
        job.execute(&self.pool).await.map(drop)
    }

    /// Deletes ended jobs whose notice is older than `before`.
    pub(crate) async fn forget_jobs(&self, before: u64) -> Result<(), sqlx::Error> {
        let sql = "DELETE FROM job WHERE NOT is_open AND noticed_at < $1";
        let jobs = sqlx::query(sql).bind(signed(before));
        jobs.execute(&self.pool).await.map(drop)
    }

    /// Stores a permanent code. Changes nothing if the corp has left in the meantime.
    pub(crate) async fn authorise(
        &self,
        authorisation: &Authorisation,
        noticed_at: u64,
    ) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO tenant (corp_id, corp_name, permanent_code, changed_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (corp_id) DO UPDATE SET corp_name = excluded.corp_name,
                permanent_code = excluded.permanent_code, changed_at = excluded.changed_at
            WHERE excluded.changed_at >= tenant.changed_at";
        let tenant = sqlx::query(sql)
            .bind(&authorisation.corp_id)
            .bind(&authorisation.corp_name)
            .bind(authorisation.permanent_code.expose())
            .bind(signed(noticed_at));
        tenant.execute(&self.pool).await.map(drop)
    }

    /// The permanent code of a corp. `None` if the corp is not a tenant.
    pub(crate) async fn permanent_code(
        &self,
        corp_id: &str,
    ) -> Result<Option<Hidden>, sqlx::Error> {
        let sql = "SELECT permanent_code FROM tenant WHERE corp_id = $1";
        let code = sqlx::query_scalar(sql).bind(corp_id);
        let code: Option<Option<String>> = code.fetch_optional(&self.pool).await?;
        Ok(code.flatten().map(Hidden::new))
    }

    pub(crate) async fn set_scope(&self, corp_id: &str, scope: &str) -> Result<(), sqlx::Error> {
        let sql = "UPDATE tenant SET scope = $2 WHERE corp_id = $1 AND permanent_code IS NOT NULL";
        let tenant = sqlx::query(sql).bind(corp_id).bind(scope);
        tenant.execute(&self.pool).await.map(drop)
    }

    /// Deletes a corp that has left: WeCom requires the provider to delete all data of the corp. A
    /// late retry of an old notice changes nothing.
    pub(crate) async fn cancel(&self, corp_id: &str, noticed_at: u64) -> Result<(), sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let sql = "INSERT INTO tenant (corp_id, changed_at, left_at) VALUES ($1, $2, $2)
            ON CONFLICT (corp_id) DO UPDATE SET corp_name = NULL, permanent_code = NULL, scope = NULL,
                changed_at = excluded.changed_at, left_at = excluded.left_at
            WHERE excluded.changed_at >= tenant.changed_at";
        let tenant = sqlx::query(sql).bind(corp_id).bind(signed(noticed_at));
        if tenant.execute(&mut *transaction).await?.rows_affected() > 0 {
            let members = sqlx::query("DELETE FROM member WHERE corp_id = $1").bind(corp_id);
            members.execute(&mut *transaction).await?;
        }
        transaction.commit().await
    }

    /// Stores that a member was created, changed or deleted. Returns `false` and stores nothing if
    /// the event is late or the corp is not a tenant.
    pub(crate) async fn put_member(&self, member: &Member<'_>) -> Result<bool, sqlx::Error> {
        member.put(&self.pool).await
    }

    /// Changes the UserID of a member. The old one counts as deleted.
    pub(crate) async fn rename_member(
        &self,
        old: &str,
        member: &Member<'_>,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let sql =
            "SELECT name FROM member WHERE corp_id = $1 AND user_id = $2 AND changed_at <= $3";
        let name = sqlx::query_scalar(sql)
            .bind(member.corp_id)
            .bind(old)
            .bind(signed(member.changed_at));
        let name: Option<Option<String>> = name.fetch_optional(&mut *transaction).await?;
        let renamed = Member {
            name: member.name.or(name.as_ref().and_then(Option::as_deref)),
            ..*member
        };
        let is_new = renamed.put(&mut *transaction).await?;
        let gone = Member {
            user_id: old,
            name: None,
            is_member: false,
            ..*member
        };
        gone.put(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(is_new)
    }
}

/// The state of a member according to an event.
#[derive(Clone, Copy)]
pub(crate) struct Member<'a> {
    pub(crate) corp_id: &'a str,
    pub(crate) user_id: &'a str,
    /// `None` if the name has not changed.
    pub(crate) name: Option<&'a str>,
    pub(crate) is_member: bool,
    pub(crate) changed_at: u64,
}

impl Member<'_> {
    /// Changes nothing if the event is older than the stored row. Times are whole seconds: within
    /// the same second, a deletion wins.
    async fn put(&self, executor: impl SqliteExecutor<'_>) -> Result<bool, sqlx::Error> {
        let sql = "INSERT INTO member (corp_id, user_id, name, is_member, changed_at) SELECT $1, $2, $3, $4, $5
            WHERE EXISTS (SELECT 1 FROM tenant WHERE corp_id = $1 AND permanent_code IS NOT NULL AND left_at < $5)
            ON CONFLICT (corp_id, user_id) DO UPDATE SET is_member = excluded.is_member, changed_at = excluded.changed_at,
                name = CASE WHEN excluded.is_member THEN coalesce(excluded.name, member.name) END
            WHERE excluded.changed_at > member.changed_at
                OR (excluded.changed_at = member.changed_at AND (member.is_member OR NOT excluded.is_member))";
        let member = sqlx::query(sql)
            .bind(self.corp_id)
            .bind(self.user_id)
            .bind(self.name)
            .bind(self.is_member)
            .bind(signed(self.changed_at));
        Ok(member.execute(executor).await?.rows_affected() > 0)
    }
}

/// Stores suite tickets in a table, which all replicas share.
impl SuiteTicketStore for Database {
    type Error = sqlx::Error;

    async fn put(&self, suite_id: &str, ticket: StoredTicket) -> Result<(), sqlx::Error> {
        // One statement compares and replaces, because a late retry must not replace a newer
        // ticket.
        let sql = "INSERT INTO suite_ticket (suite_id, ticket, unix_seconds) VALUES ($1, $2, $3)
            ON CONFLICT (suite_id) DO UPDATE SET ticket = excluded.ticket, unix_seconds = excluded.unix_seconds
            WHERE excluded.unix_seconds >= suite_ticket.unix_seconds";
        let row = sqlx::query(sql)
            .bind(suite_id)
            .bind(ticket.expose())
            .bind(signed(ticket.unix_seconds()));
        row.execute(&self.pool).await.map(drop)
    }

    async fn get(&self, suite_id: &str) -> Result<Option<StoredTicket>, sqlx::Error> {
        let sql = "SELECT ticket, unix_seconds FROM suite_ticket WHERE suite_id = $1";
        let row = sqlx::query_as(sql).bind(suite_id);
        let row: Option<(String, i64)> = row.fetch_optional(&self.pool).await?;
        Ok(row.map(|(ticket, time)| StoredTicket::new(&ticket, unsigned(time))))
    }
}

/// SQL integers are signed. No real time reaches the limit of either type.
fn signed(unix_seconds: u64) -> i64 {
    i64::try_from(unix_seconds).unwrap_or(i64::MAX)
}

fn unsigned(unix_seconds: i64) -> u64 {
    u64::try_from(unix_seconds).unwrap_or_default()
}
