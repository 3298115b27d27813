//! Runs the servers as processes.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::ledger::Ledger;

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) path: &'static str,
}

impl Server {
    /// `examples/axum.rs` as a release build. Its log has the warnings, and goes to `/dev/null`.
    pub(crate) fn example(binary: &str, ledger: &Arc<Ledger>) -> Self {
        let mut child = Command::new(binary)
            .env_clear()
            .env("WECOM_LISTEN", "127.0.0.1:0")
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("LOAD_EXAMPLE starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let first = lines.next().expect("a first line").expect("a first line");
        let address = first
            .trim_start_matches("listening on http://")
            .trim_end_matches("/wecom");
        let ledger = Arc::clone(ledger);
        let address = address.parse().expect("an address");
        thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .for_each(|line| ledger.line(&line))
        });
        Self {
            child,
            address,
            path: "/wecom",
        }
    }

    /// The handler of `benches/http` that only reads the body.
    pub(crate) fn ceiling(binary: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let child = Command::new(binary)
            .args(["serve", &address.to_string(), "127.0.0.1:0"])
            .stdout(Stdio::null())
            .spawn()
            .expect("LOAD_CEILING starts");
        let accepts = (0..100).any(|_| {
            thread::sleep(Duration::from_millis(50));
            TcpStream::connect(address).is_ok()
        });
        assert!(accepts, "LOAD_CEILING accepts nothing");
        Self {
            child,
            address,
            path: "/ceiling",
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
