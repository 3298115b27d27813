//! Keeps a table of members in sync with the address book of a corp.

use std::env;
use std::error::Error;
use std::time::{Duration, SystemTime};

use axum::Router;
use serde::Deserialize;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::net::TcpListener;
use tower_wecom::{Config, ContactEvent, EventRouter, ReceiveId, State, WeComLayer};

type BoxError = Box<dyn Error + Send + Sync>;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const AGAIN: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct Member {
    userid: String,
    name: String,
    department: Vec<u64>,
}

/// A fake of WeCom's API: it reads the file `directory.json`. Replace the bodies by requests.
struct Api;

impl Api {
    /// Every member: `user/list_id` (document 96067), then `user/get` for each.
    async fn members() -> Result<Vec<Member>, BoxError> {
        Ok(serde_json::from_slice(
            &tokio::fs::read("directory.json").await?,
        )?)
    }

    /// One member: `user/get` (document 90196). `None` for the error 60111.
    async fn member(user_id: &str) -> Result<Option<Member>, BoxError> {
        let members = Self::members().await?;
        Ok(members.into_iter().find(|member| member.userid == user_id))
    }
}

#[derive(Clone)]
struct Directory(SqlitePool);

impl Directory {
    async fn open() -> Result<Self, BoxError> {
        let options = SqliteConnectOptions::new()
            .filename("members.db")
            .create_if_missing(true);
        let pool = SqlitePool::connect_with(options).await?;
        // Runs the migrations that the database has not had yet.
        sqlx::migrate!().run(&pool).await?;
        Ok(Self(pool))
    }

    /// Asks the API for the present state of one member.
    async fn refresh(&self, user_id: &str) -> Result<(), BoxError> {
        let asked_at = now()?;
        let member = Api::member(user_id).await?;
        let mut connection = self.0.acquire().await?;
        match member {
            Some(member) => store(&mut connection, &member, asked_at).await?,
            None => leave(&mut connection, user_id, asked_at).await?,
        }
        println!("refreshed {user_id}");
        Ok(())
    }

    /// Asks the API for all members. A member that is not among them has left.
    async fn pull(&self) -> Result<usize, BoxError> {
        let asked_at = now()?;
        let members = Api::members().await?;
        if members.is_empty() {
            return Err(
                "the API returned no member: rather a wrong permission than an empty corp".into(),
            );
        }
        let mut transaction = self.0.begin().await?;
        for member in &members {
            store(&mut transaction, member, asked_at).await?;
        }
        // A row that a callback has refreshed since is newer, and stays.
        let sql = "UPDATE member SET is_member = FALSE, asked_at = $1 WHERE asked_at < $1";
        sqlx::query(sql)
            .bind(asked_at)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(members.len())
    }

    /// Pulls at the start, each day, and again soon after a failure.
    async fn keep_pulling(self) {
        loop {
            let pause = match self.pull().await {
                Ok(count) => {
                    println!("pulled {count} members");
                    DAY
                }
                Err(error) => {
                    eprintln!("the pull has failed: {error}");
                    AGAIN
                }
            };
            tokio::time::sleep(pause).await;
        }
    }
}

/// Writes a member, unless the row has an answer that was asked for later.
async fn store(db: &mut SqliteConnection, member: &Member, asked_at: i64) -> Result<(), BoxError> {
    let sql = "INSERT INTO member (user_id, name, departments, is_member, asked_at)
        VALUES ($1, $2, $3, TRUE, $4)
        ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, departments = excluded.departments,
            is_member = TRUE, asked_at = excluded.asked_at
        WHERE excluded.asked_at >= member.asked_at";
    let departments = serde_json::to_string(&member.department)?;
    let row = sqlx::query(sql)
        .bind(&member.userid)
        .bind(&member.name)
        .bind(departments);
    row.bind(asked_at).execute(db).await?;
    Ok(())
}

async fn leave(db: &mut SqliteConnection, user_id: &str, asked_at: i64) -> Result<(), BoxError> {
    let sql = "INSERT INTO member (user_id, is_member, asked_at) VALUES ($1, FALSE, $2)
        ON CONFLICT (user_id) DO UPDATE SET is_member = FALSE, asked_at = excluded.asked_at
        WHERE excluded.asked_at >= member.asked_at";
    sqlx::query(sql)
        .bind(user_id)
        .bind(asked_at)
        .execute(db)
        .await?;
    Ok(())
}

/// Microseconds since 1970.
fn now() -> Result<i64, BoxError> {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(since_1970.as_micros().try_into()?)
}

/// An event contains little more than the UserID, and events come in any order. So the handler asks
/// the API for the present state. It may do that twice, so it needs no deduplication.
async fn changed(State(directory): State<Directory>, event: ContactEvent) -> Result<(), BoxError> {
    match event {
        ContactEvent::CreateUser(user) => directory.refresh(&user.user_id).await,
        ContactEvent::DeleteUser(user) => directory.refresh(&user.user_id).await,
        ContactEvent::UpdateUser(user) => {
            if let Some(new_user_id) = &user.new_user_id {
                directory.refresh(new_user_id).await?;
            }
            directory.refresh(&user.user_id).await
        }
        // Departments and tags have tables of their own, in the same way.
        _ => Ok(()),
    }
}

fn config() -> Result<Config, BoxError> {
    let variable = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    Ok(Config::new(
        variable("WECOM_TOKEN")?.parse()?,
        variable("WECOM_ENCODING_AES_KEY")?.parse()?,
        ReceiveId::exact(variable("WECOM_RECEIVE_ID")?),
    ))
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let directory = Directory::open().await?;
    tokio::spawn(directory.clone().keep_pulling());

    let events = EventRouter::new().on(changed).with_state(directory);
    let app = Router::new().route_service("/wecom", WeComLayer::new(config()?).layer(events));
    let address = env::var("WECOM_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}/wecom", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
