//! The configurations of the guide about proxies, with a program of the guides behind them.
//!
//! Needs Debian's packages nginx and haproxy. A test that misses one fails with its name.
#![cfg(unix)]

#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "programs/support.rs"]
mod support;

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{fs, io};

use support::{BOUND, Client, Program, folder};

const PROGRAM: &str = env!("CARGO_BIN_EXE_production");

#[test]
fn callbacks_pass_nginx_and_nothing_else_does() {
    let folder = folder("nginx");
    let program = Program::start(PROGRAM, &folder, &[]);
    let port = free_port();
    configure(
        &folder,
        "nginx.conf",
        &[("3000", &port_of(&program)), ("8080", &port)],
    );
    let prefix = folder.to_str().unwrap();
    let arguments = ["-p", prefix, "-e", "stderr", "-c", "nginx.conf"];
    let _proxy = Proxy::start("nginx", &arguments, &folder, &port);
    passes_callbacks_alone(&program, &port);
}

#[test]
fn callbacks_pass_haproxy_while_one_of_two_replicas_is_away() {
    let folder = folder("haproxy");
    let program = Program::start(PROGRAM, &folder, &[]);
    let port = free_port();
    let ports = [
        ("3000", port_of(&program)),
        ("3001", free_port()),
        ("8081", port.clone()),
    ];
    let ports = ports.each_ref().map(|(old, new)| (*old, new.as_str()));
    configure(&folder, "haproxy.cfg", &ports);
    let _proxy = Proxy::start("haproxy", &["-f", "haproxy.cfg"], &folder, &port);
    let proxied = through(&port);
    // It notices the absent replica by its health checks.
    let start = Instant::now();
    while !(0..4).all(|_| proxied.get("/wecom").0 == "200") {
        assert!(
            start.elapsed() < BOUND,
            "haproxy sends requests to a replica that is away"
        );
        sleep(Duration::from_millis(200));
    }
    passes_callbacks_alone(&program, &port);
}

fn passes_callbacks_alone(program: &Program, port: &str) {
    let proxied = through(port);
    // Each has another ciphertext, and most of them contain a plus sign.
    for echo in ["1", "12", "123", "1234", "12345"] {
        let (status, body) = proxied.send(&proxied.wecom().url_check(echo).unwrap());
        assert_eq!((status.as_str(), body.as_str()), ("200", echo));
    }
    proxied.deliver("change_contact/create_user", &[("UserID", "lin")]);
    assert!(program.line().starts_with("change_contact/create_user "));
    let long = "x".repeat(150 * 1024);
    proxied.deliver(
        "change_contact/create_user",
        &[("UserID", "long"), ("Name", &long)],
    );
    assert!(program.line().starts_with("change_contact/create_user "));
    assert_eq!(proxied.get("/wecom").0, "200");
    assert_eq!(proxied.get("/metrics").0, "404");
    assert_eq!(program.get("/metrics").0, "200");
}

fn through(port: &str) -> Client {
    Client {
        url: format!("http://127.0.0.1:{port}/wecom"),
    }
}

fn configure(folder: &Path, file: &str, ports: &[(&str, &str)]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("proxies")
        .join(file);
    let mut text = fs::read_to_string(path).unwrap();
    for (old, new) in ports {
        let (old, new) = (format!("127.0.0.1:{old}"), format!("127.0.0.1:{new}"));
        assert!(text.contains(&old), "{file} has no {old}");
        text = text.replace(&old, &new);
    }
    fs::write(folder.join(file), text).unwrap();
}

struct Proxy(Child);

impl Proxy {
    fn start(package: &str, arguments: &[&str], folder: &Path, port: &str) -> Self {
        let path = format!("/usr/sbin/{package}");
        let child = Command::new(&path)
            .args(arguments)
            .current_dir(folder)
            .stdout(Stdio::null())
            .spawn();
        let child = match child {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                panic!("`{path}` is missing: apt-get install {package}")
            }
            child => child.unwrap(),
        };
        let proxy = Self(child);
        let start = Instant::now();
        while TcpStream::connect(format!("127.0.0.1:{port}")).is_err() {
            assert!(start.elapsed() < BOUND, "{package} does not start");
            sleep(Duration::from_millis(50));
        }
        proxy
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // SIGTERM, so that nginx ends its workers too.
        drop(Command::new("kill").arg(self.0.id().to_string()).status());
        drop(self.0.wait());
    }
}

fn port_of(program: &Program) -> String {
    let address = program.url.split('/').nth(2).unwrap();
    address.split(':').nth(1).unwrap().to_owned()
}

fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}
