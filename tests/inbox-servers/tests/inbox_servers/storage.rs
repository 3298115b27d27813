//! A look into what the inbox has written, past the inbox.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, PgConnection};
use tokio::time::sleep;

use crate::servers::{Postgres, Redis};

pub enum Storage<'a> {
    Sqlite(PathBuf),
    Redis(&'a Redis),
    Postgres(&'a Postgres),
}

#[derive(Clone, Copy, Debug)]
pub struct Entries {
    /// Those that are not done, dead letters included.
    pub left: usize,
    /// Keys that are known: of those that are done, and of those that are left.
    pub keys: usize,
}

impl Storage<'_> {
    pub async fn entries(&self) -> Entries {
        let number = |count: i64| usize::try_from(count).unwrap();
        match self {
            Self::Sqlite(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .busy_timeout(Duration::from_secs(30));
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                let text = "SELECT (SELECT COUNT(*) FROM wecom_inbox_entries), \
                    (SELECT COUNT(*) FROM wecom_inbox_done)";
                let found: (i64, i64) = sqlx::query_as(text)
                    .fetch_one(&mut connection)
                    .await
                    .unwrap();
                connection.close().await.unwrap();
                let (left, done) = (number(found.0), number(found.1));
                let keys = left + done;
                Entries { left, keys }
            }
            Self::Postgres(postgres) => {
                let mut connection = PgConnection::connect(&postgres.url()).await.unwrap();
                let text = "SELECT (SELECT COUNT(*) FROM tower_wecom_inbox.entries), \
                    (SELECT COUNT(*) FROM tower_wecom_inbox.done)";
                let found: (i64, i64) = sqlx::query_as(text)
                    .fetch_one(&mut connection)
                    .await
                    .unwrap();
                connection.close().await.unwrap();
                let (left, done) = (number(found.0), number(found.1));
                let keys = left + done;
                Entries { left, keys }
            }
            Self::Redis(redis) => {
                let script = "local left, all = 0, redis.call('KEYS', ARGV[1])
                              for _, key in ipairs(all) do
                                if redis.call('STRLEN', key) > 0 then left = left + 1 end
                              end
                              return left .. ' ' .. #all";
                let found = redis.ask(&["EVAL", script, "0", "wecom-inbox:{wecom-inbox}:e:*"]);
                let (left, keys) = found.split_once(' ').unwrap();
                Entries {
                    left: left.parse().unwrap(),
                    keys: keys.parse().unwrap(),
                }
            }
        }
    }

    pub async fn until_all_done(&self, at_most: Duration) -> Entries {
        let begun = Instant::now();
        loop {
            let entries = self.entries().await;
            if entries.left == 0 || begun.elapsed() > at_most {
                return entries;
            }
            sleep(Duration::from_millis(200)).await;
        }
    }
}
