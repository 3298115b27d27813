use std::fmt;

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

use crate::error::InboxError;

/// Where PostgreSQL is.
///
/// A URL, `postgres://[user:password@]host[:port][,host[:port]…]/database`, or sqlx's options. With
/// several hosts, the inbox uses the first one that is not a standby.
#[derive(Clone)]
pub struct PostgresServer(Given);

#[derive(Clone)]
enum Given {
    Url(String),
    Options(Vec<PgConnectOptions>),
}

impl PostgresServer {
    /// One for each host.
    pub(super) fn options(self) -> Result<Vec<PgConnectOptions>, InboxError> {
        let options = match self.0 {
            Given::Options(options) => options,
            Given::Url(url) => one_for_each_host(&url)
                .iter()
                .map(|url| url.parse::<PgConnectOptions>().map_err(InboxError::storage))
                .collect::<Result<_, _>>()?,
        };
        if options.is_empty() {
            return Err(InboxError::setup("no PostgreSQL server is given"));
        }
        // A pooler does not know this parameter, and the inbox has no fractions.
        let plain = |options: PgConnectOptions| options.extra_float_digits(None);
        Ok(options.into_iter().map(plain).collect())
    }
}

/// Whether named statements are unwanted, because a pooler shares the server's connections.
pub(super) fn is_without_cache(options: &PgConnectOptions) -> bool {
    let url = options.to_url_lossy();
    let mut pairs = url.query_pairs();
    pairs.any(|(name, value)| name == "statement-cache-capacity" && value == "0")
}

pub(super) fn names(servers: &[PgConnectOptions]) -> String {
    let name = |one: &PgConnectOptions| format!("{}:{}", one.get_host(), one.get_port());
    servers.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn one_for_each_host(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return vec![url.to_owned()];
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (format!("{user}@"), hosts),
        None => (String::new(), authority),
    };
    let one = |host| format!("{scheme}://{user}{host}{path}");
    hosts.split(',').map(one).collect()
}

impl From<&str> for PostgresServer {
    fn from(url: &str) -> Self {
        Self(Given::Url(url.to_owned()))
    }
}

impl From<String> for PostgresServer {
    fn from(url: String) -> Self {
        Self(Given::Url(url))
    }
}

impl From<&String> for PostgresServer {
    fn from(url: &String) -> Self {
        Self(Given::Url(url.clone()))
    }
}

impl From<PgConnectOptions> for PostgresServer {
    fn from(options: PgConnectOptions) -> Self {
        Self(Given::Options(vec![options]))
    }
}

/// One for each host.
impl From<Vec<PgConnectOptions>> for PostgresServer {
    fn from(options: Vec<PgConnectOptions>) -> Self {
        Self(Given::Options(options))
    }
}

impl fmt::Debug for PostgresServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It contains the password.
        f.debug_struct("PostgresServer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_of_a_url_gets_a_url_of_its_own() {
        let urls = one_for_each_host("postgres://u:p@one:1,two:2/db?sslmode=disable");
        assert_eq!(
            urls,
            [
                "postgres://u:p@one:1/db?sslmode=disable",
                "postgres://u:p@two:2/db?sslmode=disable"
            ]
        );
        assert_eq!(one_for_each_host("postgres://h"), ["postgres://h"]);
        assert_eq!(one_for_each_host("nonsense"), ["nonsense"]);
    }
}
