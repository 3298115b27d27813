//! The way to the server: settings that are wrong, and proxies.

use std::env;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tower_wecom_aibot::test_util::StandIn;
use tower_wecom_aibot::{Bot, ServeError};

use crate::support::{echo, next, quick, serve, soon, text};

#[tokio::test]
async fn a_setting_that_is_wrong_is_an_error_without_its_text() {
    let bot = || Bot::new("aib", "s-e-c-r-e-t".parse().unwrap());
    let bots = [
        bot().url("https://a.example"),
        bot().url("nonsense"),
        bot().url("https://li:s-e-c-r-e-t@a.example"),
        bot().proxy("https://li:s-e-c-r-e-t@proxy"),
        bot().proxy("socks5://li:s-e-c-r-e-t@proxy"),
    ];
    for bot in bots {
        let shown = format!("{bot:?}");
        let error = soon(bot.serve(echo())).await.unwrap_err();
        assert!(matches!(error, ServeError::Setting(_)), "{error}");
        assert!(
            !format!("{error} {error:?} {shown}").contains("s-e-c"),
            "{error}"
        );
    }
    assert!(bot().root_certificates("no PEM").is_err());
    // A key instead of a certificate, with its line breaks lost.
    let key = r"-----BEGIN PRIVATE KEY-----\ns-e-c-r-e-t\n-----END PRIVATE KEY-----\n";
    let error = bot().root_certificates(key).unwrap_err();
    let shown = format!("{error} {error:?}");
    let bytes = "115, 45, 101, 45, 99";
    assert!(
        !shown.contains("s-e-c") && !shown.contains(bytes),
        "{shown}"
    );
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_with_the_password() {
    let mut stand_in = StandIn::start().await.unwrap();
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://li:p%40ss@{}", proxy.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        let mut answers = ["HTTP/1.1 503 busy\r\n\r\n", "nonsense\r\n\r\n"].into_iter();
        loop {
            let (mut client, _) = proxy.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            seen.lock().unwrap().clone_from(&head);
            if let Some(answer) = answers.next() {
                client.write_all(answer.as_bytes()).await.unwrap();
                continue;
            }
            let server = head.split(' ').nth(1).unwrap();
            let mut server = TcpStream::connect(server).await.unwrap();
            client
                .write_all(b"HTTP/1.1 200 OK\r\nX: y\r\n\r\n")
                .await
                .unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        }
    });
    serve(quick(&stand_in).proxy(url), echo());
    stand_in.send(&text("m", "u", "a")).await;
    assert_eq!(
        next(&mut stand_in).await.body["stream"]["content"],
        "bot/text"
    );
    let head = asked.lock().unwrap().clone();
    assert!(head.starts_with("CONNECT 127.0.0.1:"), "{head}");
    // `li:p@ss`
    assert!(
        head.contains("\r\nProxy-Authorization: Basic bGk6cEBzcw==\r\n"),
        "{head}"
    );
}

/// The URL of the server, for the bot in a child process.
const URL: &str = "TOWER_WECOM_AIBOT_TEST_URL";

/// Serves a bot in a child process of the next test, whose environment is its own. Does nothing
/// elsewhere.
#[tokio::test]
async fn a_bot_in_a_child_process() {
    if let Ok(url) = env::var(URL) {
        let bot = Bot::new("aib", "secret".parse().unwrap()).url(url);
        bot.serve(echo()).await.unwrap();
    }
}

/// Names and values.
type Variables<'a> = &'a [(&'a str, &'a str)];

fn child(url: &str, variables: Variables<'_>) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    for name in ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"] {
        command.env_remove(name);
    }
    command.args(["--exact", "ways::a_bot_in_a_child_process"]);
    command.env(URL, url).envs(variables.iter().copied());
    command.stdout(Stdio::null());
    command.spawn().unwrap()
}

#[tokio::test]
async fn the_environment_names_the_proxy_and_the_hosts_without_one() {
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let there = &*format!("http://{}", proxy.local_addr().unwrap());
    let address = server.local_addr().unwrap();
    let (tls, plain) = (format!("wss://{address}"), format!("ws://{address}"));
    let rows: [(&str, Variables<'_>, bool); 10] = [
        (&tls, &[("HTTPS_PROXY", there)], true),
        (&tls, &[("https_proxy", there)], true),
        (&tls, &[], false),
        (&tls, &[("HTTPS_PROXY", "")], false),
        (&plain, &[("HTTPS_PROXY", there)], false),
        (
            &tls,
            &[("HTTPS_PROXY", there), ("NO_PROXY", "127.0.0.1")],
            false,
        ),
        (
            &tls,
            &[("HTTPS_PROXY", there), ("no_proxy", "a.corp, 127.0.0.1")],
            false,
        ),
        (&tls, &[("https_proxy", there), ("NO_PROXY", "*")], false),
        (
            &tls,
            &[("https_proxy", there), ("no_proxy", "127.0.0.1")],
            false,
        ),
        (
            &tls,
            &[("https_proxy", there), ("no_proxy", "a.corp")],
            true,
        ),
    ];
    for (url, variables, is_proxied) in rows {
        let mut child = child(url, variables);
        let mut stream = soon(async {
            tokio::select! {
                accepted = proxy.accept() => { assert!(is_proxied, "{variables:?}"); accepted }
                accepted = server.accept() => { assert!(!is_proxied, "{variables:?}"); accepted }
            }
        })
        .await
        .unwrap()
        .0;
        let mut head = [0; 7];
        soon(stream.read_exact(&mut head)).await.unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(&head == b"CONNECT", is_proxied, "{variables:?}");
    }
}
