//! The file and where it is.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::InboxError;

/// Makes the file for its owner alone, because it will contain personal data. SQLite gives its log
/// and its index the same rights.
pub(super) fn prepare(path: &Path) -> Result<(), InboxError> {
    if let Some(text) = path.to_str()
        && (text.starts_with("sqlite:") || text.starts_with("file:"))
    {
        return Err(InboxError::setup(
            "the inbox wants the path of a file, such as inbox.db or /var/lib/app/inbox.db, and no URL",
        ));
    }
    let mut options = OpenOptions::new();
    // A file that is there is not opened: closing it would give up the locks that SQLite holds on
    // it in this process.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(InboxError::storage(error)),
        _ => Ok(()),
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

pub(super) fn log_length(path: &Path) -> u64 {
    std::fs::metadata(beside(path, "-wal")).map_or(0, |found| found.len())
}

/// What distinguishes a file from another one at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    #[cfg(unix)]
    pub(super) fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;

        let found = std::fs::metadata(path).ok()?;
        Some(Self {
            device: found.dev(),
            inode: found.ino(),
        })
    }

    #[cfg(not(unix))]
    pub(super) fn of(_: &Path) -> Option<Self> {
        None
    }
}

/// Whether the path no longer leads to the file that was opened, or its log has lost its name.
pub(super) fn is_replaced(path: &Path, opened: Option<Identity>) -> bool {
    opened.is_some() && Identity::of(path) != opened
}

/// The free space of the file system, if it can be known.
#[cfg(unix)]
pub(super) fn free(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

#[cfg(not(unix))]
pub(super) fn free(_: &Path) -> Option<u64> {
    None
}

/// Closes the log and the index to others, and warns of what puts the promise in danger.
#[cfg(unix)]
pub(super) fn inspect(path: &Path) -> Result<(), InboxError> {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let is_open = |path: &Path| {
        let mode = metadata(path).map(|found| found.permissions().mode());
        mode.is_ok_and(|mode| mode & 0o077 != 0)
    };
    if is_open(path) {
        tracing::warn!(
            path = %path.display(),
            "the file of the inbox is open to others, and it contains personal data: chmod 600"
        );
    } else {
        for file in [beside(path, "-wal"), beside(path, "-shm")] {
            if is_open(&file) {
                set_permissions(&file, Permissions::from_mode(0o600))
                    .map_err(InboxError::storage)?;
            }
        }
    }
    if let Some(place) = short_lived(path) {
        tracing::warn!(
            path = %path.display(),
            "the file of the inbox is in {place}: what was acknowledged may be gone after a restart"
        );
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn inspect(_: &Path) -> Result<(), InboxError> {
    Ok(())
}

/// Where files do not last.
#[cfg(unix)]
fn short_lived(path: &Path) -> Option<&'static str> {
    #[cfg(target_os = "linux")]
    {
        const MEMORY: [i64; 2] = [0x0102_1994, 0x8584_58f6]; // tmpfs, ramfs
        let kind = rustix::fs::statfs(path).map(|found| found.f_type);
        if kind.is_ok_and(|kind| MEMORY.contains(&kind)) {
            return Some("a file system in memory");
        }
    }
    let path = path.canonicalize().ok()?;
    let temporary = ["/tmp", "/var/tmp", "/private/tmp"];
    temporary
        .iter()
        .any(|folder| path.starts_with(folder))
        .then_some("a folder for temporary files")
}
