//! `doctor` behind a real proxy: nginx, with a typical configuration and one fault per test.
//!
//! Needs Debian's packages nginx and openssl. A test that misses one fails with its name.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "these are tests"
)]

#[path = "it/support.rs"]
mod support;

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use support::{App, Ran, Wecom, config, strict};

/// Replaces one plus sign of the query, encoded or not, by a space.
const PLUS_TO_SPACE: &str = "if ($args ~ \"^(.*)(?:%2B|\\+)(.*)$\") { set $args \"$1%20$2\"; }\n";

/// An nginx with its own folder. It stops when the value is dropped.
struct Nginx {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Nginx {
    /// Starts an nginx with these lines in its `server` block.
    fn start(server: &str) -> Self {
        Self::listening("", server)
    }

    fn listening(listen: &str, server: &str) -> Self {
        let server = format!(
            "server {{\nlisten 127.0.0.1:{{port}} {listen};\n{server}\n}}\naccess_log off;\n"
        );
        Self::configured(&server, !listen.is_empty())
    }

    /// Starts an nginx with these lines in its `http` block. `{at}` is its folder.
    fn configured(http: &str, has_tls: bool) -> Self {
        let folder = TempDir::new().unwrap();
        let port = free_port();
        let at = folder.path().display();
        let configuration = format!(
            "daemon off;\nworker_processes 1;\nerror_log {at}/error.log;\npid {at}/pid;\nevents {{}}\nhttp {{\n\
             client_body_buffer_size 1m;\nclient_body_temp_path {at}/body;\nproxy_temp_path {at}/proxy;\nfastcgi_temp_path {at}/f;\n\
             uwsgi_temp_path {at}/u;\nscgi_temp_path {at}/s;\n\
             {}\n}}\n",
            http.replace("{at}", &at.to_string())
                .replace("{port}", &port.to_string())
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration).unwrap();
        if has_tls {
            certificate(&folder);
        }
        let child = Command::new("/usr/sbin/nginx")
            .args(["-p", &at.to_string(), "-c", file.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = match child {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                panic!("`/usr/sbin/nginx` is missing: apt-get install nginx")
            }
            child => child.unwrap(),
        };
        let nginx = Self {
            child,
            port,
            folder,
        };
        nginx.wait();
        nginx
    }

    fn wait(&self) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default();
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "nginx does not start: {log}"
            );
            sleep(Duration::from_millis(20));
        }
    }

    fn doctor(&self) -> Ran {
        Wecom::new().run(&[
            "doctor",
            "--json",
            "--to",
            &format!("http://127.0.0.1:{}/wecom", self.port),
        ])
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // On SIGTERM nginx stops its workers too.
        let id = self.child.id().to_string();
        drop(Command::new("kill").args(["-TERM", &id]).status());
        drop(self.child.wait());
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn certificate(folder: &TempDir) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args([
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
            "-subj",
            "/CN=localhost",
        ])
        .args([
            "-addext",
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .current_dir(folder.path())
        .output();
    let made = made.expect("`openssl` is missing: apt-get install openssl");
    assert!(made.status.success(), "{made:?}");
}

fn proxied(app: &App, before: &str) -> Nginx {
    Nginx::start(&format!(
        "location / {{\n{before}\nproxy_pass {};\n}}",
        app.origin()
    ))
}

/// The block of `docs/operations.md`, for a service at this address.
fn documented(service: &str) -> Nginx {
    let page = include_str!("../../../docs/operations.md");
    let block = page.split("```nginx\n").nth(1).unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let places = [
        ("127.0.0.1:3000", service),
        ("listen 443 ssl http2", "listen 127.0.0.1:{port} ssl http2"),
        ("/etc/nginx/tls/fullchain.pem", "{at}/cert.pem"),
        ("/etc/nginx/tls/privkey.pem", "{at}/key.pem"),
        ("/var/log/nginx/wecom.log", "{at}/wecom.log"),
    ];
    let http = places
        .into_iter()
        .fold(block.to_owned(), |http, (from, to)| {
            assert!(http.contains(from), "{from}");
            http.replace(from, to)
        });
    Nginx::configured(&http, true)
}

#[test]
fn the_documented_block_is_fine() {
    let app = App::tower_wecom(config());
    let nginx = documented(app.origin().strip_prefix("http://").unwrap());
    let url = format!("https://localhost:{}/wecom", nginx.port);
    let certificate = nginx.folder.path().join("cert.pem");
    let trusting = Wecom::new().env("SSL_CERT_FILE", certificate.to_str().unwrap());
    let ran = trusting.run(&["doctor", "--json", "--to", &url]);
    assert_eq!((ran.code, ran.failures()), (0, vec![]), "{ran:?}");
}

#[test]
fn the_documented_block_closes_an_idle_connection_before_the_examples_do() {
    // Takes the place of an example, and never closes a connection.
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let nginx = documented(&service.local_addr().unwrap().to_string());
    let url = format!("https://localhost:{}/wecom", nginx.port);
    let asked = Command::new("curl")
        .args(["-sk", "--max-time", "20", &url])
        .stdout(Stdio::null())
        .spawn();
    let (mut connection, _) = service.accept().unwrap();
    let mut head = BufReader::new(connection.try_clone().unwrap()).lines();
    while !head.next().unwrap().unwrap().is_empty() {}
    connection
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        .unwrap();
    assert!(asked.unwrap().wait().unwrap().success());

    for example in [
        include_str!("../../../examples/serve.rs"),
        include_str!("../../../examples/hyper.rs"),
    ] {
        assert!(example.contains("HEADER_READ_TIMEOUT: Duration = Duration::from_secs(5);"));
    }
    let idle = Duration::from_secs(5);
    connection.set_read_timeout(Some(idle)).unwrap();
    let closed = connection.read(&mut [0]);
    assert_eq!(closed.expect("closed within 5 s"), 0);
}

#[test]
fn a_proxy_that_passes_the_url_unchanged_is_fine() {
    let app = App::tower_wecom(config());
    let ran = proxied(&app, "").doctor();
    assert_eq!((ran.code, ran.failures()), (0, vec![]), "{ran:?}");
}

#[test]
fn a_proxy_that_turns_plus_into_space() {
    let app = App::start(strict());
    let ran = proxied(&app, &PLUS_TO_SPACE.repeat(12)).doctor();
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["plus_became_space".to_owned()]),
        "{ran:?}"
    );
    // tower-wecom repairs it.
    let app = App::tower_wecom(config());
    let ran = proxied(&app, &PLUS_TO_SPACE.repeat(12)).doctor();
    assert_eq!((ran.code, ran.failures()), (0, vec![]), "{ran:?}");
}

#[test]
fn an_application_that_is_down_behind_a_proxy() {
    let ran = Nginx::start("location / { proxy_pass http://127.0.0.1:1; }").doctor();
    assert_eq!(ran.code, 1);
    assert_eq!(ran.failures()[0], "gateway");
    assert!(ran.out.contains("an HTML page of nginx"), "{}", ran.out);
}

#[test]
fn a_page_instead_of_the_application() {
    let page = "location / { default_type text/html; return 200 '<html><head><title>Welcome to \
                nginx!</title></head></html>'; }";
    let ran = Nginx::start(page).doctor();
    assert_eq!(ran.code, 1);
    assert_eq!(ran.failures()[0], "html");
    assert!(ran.out.contains("Welcome to nginx!"), "{}", ran.out);
}

#[test]
fn a_redirect_from_http_to_https() {
    let ran = Nginx::start("return 301 https://$host$request_uri;").doctor();
    assert_eq!((ran.code, ran.failures()[0].as_str()), (1, "redirect"));
}

#[test]
fn a_proxy_that_allows_get_only() {
    let app = App::tower_wecom(config());
    let ran = proxied(&app, "if ($request_method = POST) { return 405; }").doctor();
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["method_not_routed".to_owned()])
    );
}

#[test]
fn a_proxy_with_a_body_limit_below_what_wecom_sends() {
    let app = App::tower_wecom(config());
    let ran = proxied(&app, "client_max_body_size 64k;").doctor();
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["too_large".to_owned()])
    );
}

#[test]
fn a_path_that_the_proxy_does_not_have() {
    let ran =
        Nginx::start("location /elsewhere { return 200; }\nlocation / { return 404; }").doctor();
    assert_eq!((ran.code, ran.failures()[0].as_str()), (1, "not_found"));
}

#[test]
fn https_works_and_an_untrusted_certificate_has_its_code() {
    let app = App::tower_wecom(config());
    let server = format!(
        "ssl_certificate {{at}}/cert.pem;\nssl_certificate_key {{at}}/key.pem;\nlocation / {{ proxy_pass {}; }}",
        app.origin()
    );
    let nginx = Nginx::listening("ssl", &server);
    let url = format!("https://localhost:{}/wecom", nginx.port);

    let ran = Wecom::new().run(&["doctor", "--json", "--to", &url]);
    assert_eq!(
        (ran.code, ran.failures()),
        (3, vec!["tls".to_owned()]),
        "{ran:?}"
    );
    assert!(
        ran.out.contains("certificate is not trusted"),
        "{}",
        ran.out
    );

    let certificate = nginx.folder.path().join("cert.pem");
    let trusting = Wecom::new().env("SSL_CERT_FILE", certificate.to_str().unwrap());
    let ran = trusting.run(&["doctor", "--json", "--to", &url]);
    assert_eq!((ran.code, ran.failures()), (0, vec![]), "{ran:?}");
    let ran = trusting.run(&[
        "trigger",
        "message/text",
        "--to",
        &url,
        "--repeat",
        "20",
        "--concurrency",
        "2",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    // The certificate does not contain this address.
    let ran = trusting.run(&[
        "doctor",
        "--json",
        "--to",
        &url.replace("localhost", "127.0.0.1"),
    ]);
    assert_eq!((ran.code, ran.failures()), (3, vec!["tls".to_owned()]));
    let ran = trusting.run(&["doctor", "--json", "--to", &url.replace("https:", "http:")]);
    assert_eq!(ran.code, 1, "{ran:?}");
}
