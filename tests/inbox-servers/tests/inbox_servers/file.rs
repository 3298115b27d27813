//! The place of the file of an SQLite inbox, and its permissions.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tower_wecom_inbox::Inbox;

use crate::redis_setups::Trace;

async fn warnings(path: &Path) -> String {
    let trace = Trace::default();
    let guard = trace.catch();
    let _inbox = Inbox::sqlite(path).await.unwrap();
    drop(guard);
    trace.text()
}

/// A folder that a restart keeps. The repository itself may be in `/tmp`.
fn lasting() -> tempfile::TempDir {
    let home = std::env::var("HOME").unwrap_or_default();
    let folders = [&*home, "/var/lib", env!("CARGO_MANIFEST_DIR")];
    let lasts = |folder: &&str| !folder.is_empty() && !folder.contains("/tmp");
    let folder = folders.into_iter().find(lasts).unwrap();
    tempfile::tempdir_in(folder).unwrap()
}

fn open_to_others(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
}

#[tokio::test]
async fn a_file_that_does_not_last_or_that_others_may_read_is_warned_of() {
    let lasting = lasting();
    let path = lasting.path().join("inbox.db");
    assert_eq!(warnings(&path).await, "");
    open_to_others(&path);
    let found = warnings(&path).await;
    assert!(found.contains("open to others"), "{found}");

    let temporary = tempfile::tempdir_in("/tmp").unwrap();
    let found = warnings(&temporary.path().join("inbox.db")).await;
    assert!(found.contains("may be gone after a restart"), "{found}");
}

#[tokio::test]
async fn the_log_of_a_private_file_is_closed_to_others() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("inbox.db");
    let first = Inbox::sqlite(&path).await.unwrap();
    let ends = ["-wal", "-shm"].map(|end| format!("{}{end}", path.display()));
    for file in &ends {
        open_to_others(file.as_ref());
    }
    let _second = Inbox::sqlite(&path).await.unwrap();
    for file in &ends {
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
    drop(first);
}
