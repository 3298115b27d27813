//! Ports and processes of the tests that start servers.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// A port that is free now, from outside of the range that the system takes ports from. While a
/// server is down, a client that tries again and again would otherwise get this port for its own end,
/// connect to itself, and keep the server from coming up.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + std::process::id() % 10_000;
    loop {
        let port = u16::try_from(first).unwrap() + NEXT.fetch_add(1, Ordering::Relaxed) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Waits until a server listens.
pub fn until_open(port: u16, what: &str) {
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(90),
            "{what} does not come up at port {port}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Starts a server. A test fails if it is missing, and names the package.
pub fn spawn(command: &mut Command, package: &str) -> Child {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match quiet.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("{command:?} is not there: apt-get install {package}")
        }
        Err(error) => panic!("{command:?}: {error}"),
    }
}
