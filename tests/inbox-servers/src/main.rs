//! `examples/inbox`, for the tests to kill. With `INBOX_TASKS` it writes the number of its tasks
//! into this file, each second.

use std::error::Error;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if let Some(path) = std::env::var_os("INBOX_TASKS") {
        tokio::spawn(async move {
            loop {
                let metrics = tokio::runtime::Handle::current().metrics();
                let _ = std::fs::write(&path, metrics.num_alive_tasks().to_string());
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
    }
    example_inbox::run().await
}
