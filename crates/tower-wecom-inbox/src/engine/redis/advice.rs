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
         INFO persistence shows aof_rewrite_in_progress:0 and aof_rewrite_scheduled:0, then CONFIG REWRITE. A restart with an edited file starts EMPTY",
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

/// Whether the append-only file may lack the data of this master.
///
/// A replica that has read all data of its master writes it into a new file afterwards. Until that
/// is done, its next start reads the old file. So a replica that was promoted in between loses what
/// it has stored, also with `appendfsync always`. It is the same after `CONFIG SET appendonly yes`.
///
/// Other rewrites can look the same: each one of a promoted server, and the first one of a server
/// that has never been started with a file. If a rewrite fails, the next one is scheduled at once
/// as long as the data is missing.
pub(super) fn may_lack_data(info: &str) -> bool {
    let is = |name, value| field(info, name) == Some(value);
    let was_promoted = field(info, "second_repl_offset").is_some_and(|offset| offset != "-1");
    let is_under_way = is("aof_rewrite_in_progress", "1") || is("aof_rewrite_scheduled", "1");
    is("aof_enabled", "1") && is_under_way && (was_promoted || is("aof_base_size", "0"))
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

    #[test]
    fn a_file_may_lack_data_while_it_is_written_for_the_first_time_or_after_a_promotion() {
        let info = |[enabled, running, scheduled, base, offset]: [&str; 5]| {
            format!(
                "# Persistence\r\naof_enabled:{enabled}\r\naof_rewrite_in_progress:{running}\r\n\
                 aof_rewrite_scheduled:{scheduled}\r\naof_last_bgrewrite_status:err\r\n\
                 aof_base_size:{base}\r\n# Replication\r\nsecond_repl_offset:{offset}\r\n"
            )
        };
        let rows = [
            (["1", "1", "0", "0", "-1"], true),
            (["1", "0", "1", "0", "-1"], true),
            (["1", "1", "0", "88", "113"], true),
            (["1", "0", "1", "88", "113"], true),
            (["1", "1", "0", "88", "-1"], false),
            (["1", "0", "0", "88", "113"], false),
            (["1", "0", "0", "0", "-1"], false),
            (["0", "1", "0", "0", "113"], false),
        ];
        for (fields, expected) in rows {
            assert_eq!(may_lack_data(&info(fields)), expected, "{fields:?}");
        }
        assert!(!may_lack_data(""));
    }
}
