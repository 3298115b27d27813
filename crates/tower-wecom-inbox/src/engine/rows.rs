//! What SQLite and PostgreSQL read and write in the same form.

use serde_json::{Value, json};

use super::backend::{Claimed, Counts, DeadRow, Disposition, Finished};
use super::limits::millis;
use crate::{clock, key};

/// id, key, nonce, tenant, body, attempts, deferrals, crashes.
pub(super) type ClaimedRow = (
    i64,
    Vec<u8>,
    Option<String>,
    Vec<u8>,
    Vec<u8>,
    i64,
    i64,
    i64,
);

pub(super) fn claimed(row: ClaimedRow) -> Claimed {
    let (id, key, nonce, tenant, body, attempts, deferrals, crashes) = row;
    Claimed {
        id: id.to_string(),
        key: key::to_text(&key) + &nonce.unwrap_or_default(),
        tenant: text(&tenant),
        body,
        attempts: count(attempts),
        deferrals: count(deferrals),
        crashes: count(crashes),
    }
}

/// id, body, attempts, reason, since when.
pub(super) type DeadTuple = (i64, Vec<u8>, i64, Vec<u8>, i64);

pub(super) fn dead((id, body, attempts, reason, died_at): DeadTuple) -> DeadRow {
    DeadRow {
        id: id.to_string(),
        body,
        attempts: count(attempts),
        reason: text(&reason),
        died_at,
    }
}

/// The ids of what is done, and what failed.
pub(super) fn by_end(finished: Vec<Finished>) -> (Vec<i64>, Vec<Finished>) {
    let is_done = |it: &Finished| matches!(it.disposition, Disposition::Done);
    let (done, failed): (Vec<_>, Vec<_>) = finished.into_iter().partition(is_done);
    (done.iter().map(|it| id(&it.id)).collect(), failed)
}

pub(super) fn id(text: &str) -> i64 {
    text.parse().unwrap_or_default()
}

/// A list of objects, one for each entry. `pause` is in milliseconds from now.
pub(super) fn finished(finished: &[Finished]) -> String {
    finished
        .iter()
        .map(finished_row)
        .collect::<Value>()
        .to_string()
}

fn finished_row(Finished { id, disposition }: &Finished) -> Value {
    match disposition {
        // Done is a list of ids alone.
        Disposition::Done => Value::Null,
        Disposition::Retry { attempts, pause } => {
            json!({"id": id, "state": "delayed", "pause": millis(*pause), "attempts": attempts, "deferrals": 0})
        }
        Disposition::Defer { pause } => {
            json!({"id": id, "state": "delayed", "pause": millis(*pause), "deferrals": 1})
        }
        Disposition::Dead { attempts, reason } => {
            // PostgreSQL stores no NUL.
            let reason = reason.replace('\0', "");
            json!({"id": id, "state": "dead", "pause": 0, "attempts": attempts, "deferrals": 0, "reason": reason})
        }
    }
}

/// state, count, first and last time.
pub(super) type StateRow = (String, i64, i64, i64);

pub(super) fn counts(rows: &[StateRow], now: i64) -> Counts {
    let row = |state: &str| rows.iter().find(|row| row.0 == state);
    let number = |state: &str| row(state).map_or(0, |row| u64::try_from(row.1).unwrap_or_default());
    let (ready, delayed) = (row("ready"), row("delayed"));
    let due = delayed.map(|row| row.2).filter(|first| *first <= now);
    // A clock that was ahead has stored it: it is due since now.
    let first = ready.map(|row| row.2.min(now)).into_iter().chain(due).min();
    let claimed = number("claimed").saturating_add(number("alone"));
    let open = [
        number("ready"),
        number("delayed"),
        claimed,
        number("suspect"),
    ];
    Counts {
        waiting: open.iter().sum(),
        delayed: number("delayed"),
        claimed,
        suspect: number("suspect"),
        dead: number("dead"),
        due_since: first.and_then(clock::at),
        last_due: delayed.and_then(|row| clock::at(row.3)),
    }
}

pub(super) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
