//! What only the server's administrator can change.

use std::collections::HashMap;

use redis::aio::MultiplexedConnection;

use crate::error::InboxError;

/// A setting, what it should be, and what happens otherwise.
const WANTED: [(&str, &str, &str); 3] = [
    (
        "appendonly",
        "yes",
        "a restart of Redis loses what was acknowledged. Set it while Redis runs: CONFIG SET appendonly yes, wait until \
         INFO persistence shows aof_rewrite_in_progress:0, then CONFIG REWRITE. A restart with an edited file starts EMPTY",
    ),
    (
        "appendfsync",
        "always",
        "a power cut loses up to a second or two of what was acknowledged: CONFIG SET appendfsync always, then CONFIG REWRITE",
    ),
    (
        "maxmemory-policy",
        "noeviction",
        "Redis may evict what was acknowledged: CONFIG SET maxmemory-policy noeviction, then CONFIG REWRITE",
    ),
];

/// Warns of each setting that puts the promise in danger, and of each that cannot be known.
pub(super) async fn warn(connection: &mut MultiplexedConnection) {
    let mut info = String::new();
    for section in ["persistence", "memory"] {
        let found: Result<String, _> = redis::cmd("INFO")
            .arg(section)
            .query_async(connection)
            .await;
        info.push_str(&found.unwrap_or_default());
    }
    for (name, wanted, otherwise) in WANTED {
        let found = match config(connection, name).await {
            Some(found) => Some(found),
            None => from_info(&info, name),
        };
        match found {
            Some(found) if found == wanted => {}
            Some(_) => tracing::warn!("Redis does not run with {name} {wanted}: {otherwise}"),
            None => tracing::warn!(
                "Redis does not show its {name}: whether it is {wanted} cannot be known"
            ),
        }
    }
}

/// By RESP2 and RESP3. `None` where the command is forbidden or renamed.
async fn config(connection: &mut MultiplexedConnection, name: &str) -> Option<String> {
    let found: Result<HashMap<String, String>, _> = redis::cmd("CONFIG")
        .arg("GET")
        .arg(name)
        .query_async(connection)
        .await;
    found.ok()?.remove(name)
}

/// `INFO` shows two of the three.
fn from_info(info: &str, name: &str) -> Option<String> {
    match name {
        "appendonly" => {
            let is_on = field(info, "aof_enabled")? == "1";
            Some(if is_on { "yes" } else { "no" }.to_owned())
        }
        "maxmemory-policy" => field(info, "maxmemory_policy").map(str::to_owned),
        _ => None,
    }
}

/// Whether the append-only file may not have the data yet.
///
/// A replica that has read all data of its master writes it into a new file afterwards. Until that
/// is done, its next start reads the old file. So a replica that was promoted in between loses what
/// it has stored, also with `appendfsync always`.
///
/// Each later rewrite of a promoted server's file looks the same. New connections wait for that too.
pub(super) fn is_file_missing(info: &str) -> bool {
    let is = |name, value| field(info, name) == Some(value);
    let was_promoted = field(info, "second_repl_offset").is_some_and(|offset| offset != "-1");
    let is_under_way = is("aof_rewrite_in_progress", "1") || is("aof_rewrite_scheduled", "1");
    let has_failed = is("aof_last_bgrewrite_status", "err");
    was_promoted && is("aof_enabled", "1") && (is_under_way || has_failed)
}

/// The nodes of a cluster have a part of the keys each.
pub(super) async fn refuse_cluster(
    connection: &mut MultiplexedConnection,
) -> Result<(), InboxError> {
    let info: Result<String, _> = redis::cmd("INFO")
        .arg("cluster")
        .query_async(connection)
        .await;
    if info.is_ok_and(|info| field(&info, "cluster_enabled") == Some("1")) {
        return Err(InboxError::setup(
            "the Redis server is a node of a cluster: the inbox needs a server of its own, with replicas and Sentinel if need be",
        ));
    }
    Ok(())
}

pub(super) fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = info.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(value.trim())
}

/// Whether more than so many percent of `maxmemory` are in use.
pub(super) fn is_over(info: &str, percent: u8) -> Option<bool> {
    let bytes = |name| field(info, name)?.parse::<u128>().ok();
    let (used, most) = (bytes("used_memory")?, bytes("maxmemory")?);
    let limit = most.saturating_mul(u128::from(percent));
    Some(most > 0 && used.saturating_mul(100) > limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_memory_is_a_limit_and_no_memory_limit_is_none() {
        let info = |used: u64, most: u64| {
            format!("# Memory\r\nused_memory:{used}\r\nused_memory_human:x\r\nmaxmemory:{most}\r\n")
        };
        for (used, most, over) in [(80, 100, false), (81, 100, true), (81, 0, false)] {
            assert_eq!(is_over(&info(used, most), 80), Some(over), "{used} {most}");
        }
        assert_eq!(is_over("used_memory:1\r\n", 80), None);
    }
}
