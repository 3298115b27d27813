use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use redis::aio::ConnectionManager;
use tokio::time::sleep;

const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Whether Redis is so full that nothing more is stored. Known beforehand, and asked for once a second.
pub(super) struct Memory(Arc<AtomicBool>);

impl Memory {
    /// At most so many percent of `maxmemory`; 100 and more is no limit.
    pub(super) async fn watch(connection: ConnectionManager, percent: u8) -> Self {
        let is_full = Arc::new(AtomicBool::new(false));
        if percent < 100 {
            look(&connection, percent, &Arc::downgrade(&is_full)).await;
            let watched = Arc::downgrade(&is_full);
            tokio::spawn(async move {
                while watched.strong_count() > 0 {
                    sleep(LOOK_AGAIN).await;
                    look(&connection, percent, &watched).await;
                }
            });
        }
        Self(is_full)
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A server that does not tell has no limit here; one that does not answer now takes nothing anyway.
async fn look(connection: &ConnectionManager, percent: u8, is_full: &Weak<AtomicBool>) {
    let mut connection = connection.clone();
    let mut ask = redis::cmd("INFO");
    let info: Result<String, _> = ask.arg("memory").query_async(&mut connection).await;
    let found = info.ok().and_then(|info| is_over(&info, percent));
    let (Some(found), Some(is_full)) = (found, is_full.upgrade()) else {
        return;
    };
    if is_full.swap(found, Ordering::Relaxed) != found {
        if found {
            tracing::warn!(
                percent,
                "Redis is nearly full: callbacks are answered 503 until there is room"
            );
        } else {
            tracing::info!("Redis has room again: callbacks are stored");
        }
    }
}

fn is_over(info: &str, percent: u8) -> Option<bool> {
    let field = |name: &str| {
        let mut lines = info.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        value.trim().parse::<u128>().ok()
    };
    let (used, most) = (field("used_memory")?, field("maxmemory")?);
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
