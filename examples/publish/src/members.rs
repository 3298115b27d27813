use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio::sync::Mutex;
use tower_wecom::ContactEvent;

/// What the handlers leave: a line for each run.
#[derive(Clone, Debug)]
pub(crate) struct Members(Arc<Mutex<File>>);

impl Members {
    /// Opens the file, and makes it if it is not there.
    pub(crate) async fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(path).await?;
        Ok(Self(Arc::new(Mutex::new(file))))
    }

    /// A line with the member and the key of the callback. A program with a database commits the
    /// key together with its change, and does nothing if the key is there: see `examples/inbox`.
    pub(crate) async fn apply(&self, key: &str, event: &ContactEvent) -> io::Result<()> {
        let user_id = match event {
            ContactEvent::CreateUser(user) => &user.user_id,
            ContactEvent::UpdateUser(user) => &user.user_id,
            ContactEvent::DeleteUser(user) => &user.user_id,
            _ => return Ok(()),
        };
        let line = format!("{user_id} {key}\n");
        let mut file = self.0.lock().await;
        file.write_all(line.as_bytes()).await?;
        file.flush().await
    }
}
