//! The way to the server: settings that are wrong, and proxies.

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
