//! The servers of the examples, with clients that do only half of what others do.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use http::Request;
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId};

use super::Example;
use crate::support::{CORP, CREATE_USER, KEY, TOKEN};

/// All that are servers.
const SERVERS: [&str; 6] = [
    "approval_card",
    "axum",
    "axum_paths",
    "bot",
    "hyper",
    "router",
];

/// Longer than the grace period of each example.
const BOUND: Duration = Duration::from_secs(20);

fn platform(name: &str, url: &str) -> Platform {
    let receive_id = match name {
        "bot" => ReceiveId::empty(),
        _ => ReceiveId::exact(CORP),
    };
    let (token, key) = (TOKEN.parse().unwrap(), KEY.parse().unwrap());
    Platform::new(&Config::new(token, key, receive_id)).path(url)
}

/// The bytes of the request without a body, and the body.
fn on_the_wire(request: &Request<String>) -> (String, String) {
    let (uri, body) = (request.uri(), request.body());
    let (host, target) = (uri.host().unwrap(), uri.path_and_query().unwrap());
    let (method, length) = (request.method(), body.len());
    let head =
        format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n");
    (head, body.clone())
}

fn connect(example: &Example) -> TcpStream {
    let authority = example.url.split('/').nth(2).unwrap();
    let stream = TcpStream::connect(authority).unwrap();
    stream.set_read_timeout(Some(BOUND)).unwrap();
    stream
}

#[test]
fn a_client_that_closes_its_sending_side_gets_its_answer() {
    let without_answer = SERVERS.map(|name| {
        let example = Example::start(name, &[]);
        let request = platform(name, &example.url)
            .deliver_xml(CREATE_USER)
            .unwrap();
        let (head, body) = on_the_wire(&request);
        let (first, rest) = body.split_at(100);
        let mut stream = connect(&example);
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(first.as_bytes()).unwrap();
        sleep(Duration::from_millis(50));
        stream.write_all(rest.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        (!answer.starts_with("HTTP/1.1 200 OK\r\n")).then_some(name)
    });
    assert_eq!(without_answer, SERVERS.map(|_| None));
}

#[test]
#[cfg(unix)]
fn a_client_that_has_sent_half_a_head_does_not_keep_a_server_from_its_end() {
    let running = SERVERS.map(|name| {
        let example = Example::start(name, &[]);
        let mut streams = [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /we",
            "",
            "P",
            "POST /wecom HTTP/1.1\r\nHost: a\r\n",
        ]
        .map(|sent| {
            let mut stream = connect(&example);
            stream.write_all(sent.as_bytes()).unwrap();
            stream
        });
        // The first has its answer, and the others have arrived before it.
        let mut answer = [0; 12];
        streams[0].read_exact(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 "));
        example.signal("-TERM");
        (name, example, streams)
    });
    let start = Instant::now();
    let still_running = running.map(|(name, mut example, streams)| {
        while start.elapsed() < BOUND {
            if let Some(status) = example.child.try_wait().unwrap() {
                assert!(status.success(), "{name}: {status}");
                return None;
            }
            sleep(Duration::from_millis(50));
        }
        drop(streams);
        Some(name)
    });
    assert_eq!(still_running, SERVERS.map(|_| None));
}

/// The time in a line of the nginx block of `docs/operations.md`, such as `keepalive_timeout 3s;`.
fn documented(directive: &str) -> Duration {
    let page = include_str!("../../../docs/operations.md");
    let mut lines = page.lines().map(str::trim_start);
    let time = lines.find_map(|line| line.strip_prefix(directive)?.trim_start().split_once("s;"));
    Duration::from_secs(time.expect(directive).0.parse().unwrap())
}

#[test]
fn a_server_keeps_an_idle_connection_longer_than_the_documented_proxy() {
    let time = documented("keepalive_timeout");
    let mut running = SERVERS.map(|name| {
        let example = Example::start(name, &[]);
        let stream = connect(&example);
        (name, example, stream)
    });
    let mut ask = |when: &str| {
        for (name, _, stream) in &mut running {
            stream
                .write_all(b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
                .unwrap();
            let mut answer = [0; 4096];
            let length = stream.read(&mut answer).unwrap();
            let answer = str::from_utf8(&answer[..length]).unwrap();
            assert!(
                answer.starts_with("HTTP/1.1 404 "),
                "{name} {when}: {answer}"
            );
        }
    };
    ask("at first");
    sleep(time);
    ask("at last");
}
