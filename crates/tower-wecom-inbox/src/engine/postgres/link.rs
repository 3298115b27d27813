use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgQueryResult, PgRow};
use sqlx::{ConnectOptions, Connection, FromRow, Postgres};
use tokio::time::timeout;

use super::server::is_without_cache;
use super::statements as sql;
use crate::engine::slot::{Lease, Slot};
use crate::error::InboxError;

/// PostgreSQL's codes for a table and a schema that are not there.
const MISSING: [&str; 2] = ["42P01", "3F000"];
/// Its code for a role that may not do that.
const FORBIDDEN: &str = "42501";
/// Its code while it starts or ends.
const NOT_NOW: &str = "57P03";

pub(super) type Query<'q> = sqlx::query::Query<'q, Postgres, sqlx::postgres::PgArguments>;
pub(super) type QueryAs<'q, T> = sqlx::query::QueryAs<'q, Postgres, T, sqlx::postgres::PgArguments>;

/// How to reach the server that is no standby.
pub(super) struct Link {
    servers: Vec<PgConnectOptions>,
    patience: Duration,
    /// Each statement is put between BEGIN and COMMIT: it is unnamed and a pooler must not change
    /// the server's connection within it, or the default isolation is stricter than the statement
    /// can bear.
    is_guarded: bool,
}

impl Link {
    /// Makes the tables if they are not there.
    pub(super) async fn open(
        servers: Vec<PgConnectOptions>,
        patience: Duration,
    ) -> Result<Self, InboxError> {
        let is_without_cache = servers.iter().any(is_without_cache);
        let mut link = Self {
            servers,
            patience,
            is_guarded: is_without_cache,
        };
        let mut connection = link.dial().await?;
        link.is_guarded |=
            text(&mut connection, "SHOW transaction_isolation").await? != "read committed";
        set_up(&mut connection).await?;
        if text(&mut connection, "SHOW fsync").await? != "on" {
            tracing::warn!(
                "PostgreSQL runs with fsync = off: a power cut may lose what was acknowledged"
            );
        }
        let _ = connection.close().await;
        Ok(link)
    }

    /// The first server that takes writes.
    async fn dial(&self) -> Result<PgConnection, InboxError> {
        let mut last = InboxError::setup("no PostgreSQL server is given");
        for server in &self.servers {
            match timeout(self.patience, primary(server)).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) => last = error,
                Err(_) => last = InboxError::timed_out(),
            }
        }
        Err(last)
    }

    async fn begin<'a>(
        &self,
        slot: &'a Slot<PgConnection>,
    ) -> Result<Lease<'a, PgConnection>, InboxError> {
        let mut lease = slot.lease(self.dial()).await?;
        if self.is_guarded {
            run(
                &mut lease.connection,
                "BEGIN ISOLATION LEVEL READ COMMITTED",
            )
            .await?;
        }
        Ok(lease)
    }

    async fn commit(&self, mut lease: Lease<'_, PgConnection>) -> Result<(), InboxError> {
        if self.is_guarded {
            run(&mut lease.connection, "COMMIT").await?;
        }
        lease.keep();
        Ok(())
    }

    pub(super) async fn execute(
        &self,
        slot: &Slot<PgConnection>,
        query: Query<'_>,
    ) -> Result<PgQueryResult, InboxError> {
        let mut lease = self.begin(slot).await?;
        let query = query.persistent(!self.is_guarded);
        let done = query.execute(&mut lease.connection).await;
        let done = done.map_err(InboxError::storage)?;
        self.commit(lease).await?;
        Ok(done)
    }

    pub(super) async fn fetch<'q, T>(
        &self,
        slot: &Slot<PgConnection>,
        query: QueryAs<'q, T>,
    ) -> Result<Vec<T>, InboxError>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin + 'q,
    {
        let mut lease = self.begin(slot).await?;
        let query = query.persistent(!self.is_guarded);
        let rows = query.fetch_all(&mut lease.connection).await;
        let rows = rows.map_err(InboxError::storage)?;
        self.commit(lease).await?;
        Ok(rows)
    }
}

/// Whether the server is not there yet, or still recovers.
pub(super) fn is_starting(error: &InboxError) -> bool {
    match error.source().and_then(|error| error.downcast_ref()) {
        Some(sqlx::Error::Io(error)) => error.kind() == ErrorKind::ConnectionRefused,
        Some(error) => code(error).is_some_and(|code| code == NOT_NOW),
        None => false,
    }
}

async fn primary(server: &PgConnectOptions) -> Result<PgConnection, InboxError> {
    let mut connection = server.connect().await.map_err(InboxError::storage)?;
    if text(&mut connection, "SELECT pg_is_in_recovery()::text").await? == "true" {
        return Err(InboxError::setup("the PostgreSQL server is a standby"));
    }
    Ok(connection)
}

/// By the simple protocol, which every pooler passes on.
async fn text(connection: &mut PgConnection, query: &'static str) -> Result<String, InboxError> {
    use sqlx::Row;

    let row = sqlx::raw_sql(query).fetch_one(connection).await;
    row.and_then(|row| row.try_get(0))
        .map_err(InboxError::storage)
}

async fn run(connection: &mut PgConnection, query: &'static str) -> Result<(), InboxError> {
    let done = sqlx::raw_sql(query).execute(connection).await;
    done.map(drop).map_err(InboxError::storage)
}

/// An older program goes on with a newer schema.
async fn set_up(connection: &mut PgConnection) -> Result<(), InboxError> {
    let Err(error) = sqlx::raw_sql(sql::VERSION)
        .fetch_optional(&mut *connection)
        .await
    else {
        return Ok(());
    };
    if !code(&error).is_some_and(|code| MISSING.contains(&code.as_str())) {
        return Err(InboxError::storage(error));
    }
    // One message is one transaction.
    let script = format!("{};\n{}", sql::LOCK, sql::SCHEMA);
    let made = sqlx::raw_sql(sqlx::AssertSqlSafe(script))
        .execute(connection)
        .await;
    made.map(drop).map_err(|error| {
        if code(&error).is_some_and(|code| code == FORBIDDEN) {
            return InboxError::setup(
                "the role may not create the tables of the inbox: let the owner of the database run sql/postgres.sql",
            );
        }
        InboxError::storage(error)
    })
}

fn code(error: &sqlx::Error) -> Option<String> {
    let code = error.as_database_error()?.code()?;
    Some(code.into_owned())
}
