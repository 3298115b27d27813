//! The files in messages.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tower_wecom_aibot::{Bot, DownloadError, Media};

const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2A";

/// A server that answers each request so, and its URL.
async fn server(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/file?sign=x", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 1024];
            drop(tokio::io::AsyncReadExt::read(&mut stream, &mut head).await);
            drop(stream.write_all(&answer).await);
        }
    });
    url
}

fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn media() -> Media {
    let bot = Bot::new("aib", "secret".parse().unwrap());
    bot.media().unwrap().dangerous_http()
}

#[tokio::test]
async fn a_file_is_downloaded_and_opened_with_the_key_beside_its_url() {
    let url = server(ok(&encrypted())).await;
    for key in [KEY.to_owned(), format!("{KEY}=")] {
        assert_eq!(media().download(&url, &key).await.unwrap(), b"a short file");
    }
    let other = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt";
    let error = media().download(&url, other).await.unwrap_err();
    assert!(matches!(error, DownloadError::Decrypt(_)), "{error}");
}

#[tokio::test]
async fn a_file_has_a_limit_and_a_time() {
    let url = server(ok(&[0; 128])).await;
    let error = media().max_size(64).download(&url, KEY).await.unwrap_err();
    assert!(matches!(error, DownloadError::TooLarge), "{error}");
    let url = server(b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\nx".to_vec()).await;
    let error = media().download(&url, KEY).await.unwrap_err();
    assert!(matches!(error, DownloadError::Failed(_)), "{error}");
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let media = media().timeout(Duration::from_millis(100));
    let error = media.download(&url, KEY).await.unwrap_err();
    assert!(matches!(error, DownloadError::TimedOut), "{error}");
}

#[tokio::test]
async fn other_urls_and_other_answers_are_errors_without_the_url() {
    let moved =
        server(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n".to_vec()).await;
    let error = media().download(&moved, KEY).await.unwrap_err();
    assert!(
        matches!(&error, DownloadError::Status(status) if status.as_u16() == 302),
        "{error}"
    );
    let bot = Bot::new("aib", "secret".parse().unwrap());
    for url in [moved.as_str(), "file:///etc/passwd", "nonsense", ""] {
        let error = bot.media().unwrap().download(url, KEY).await.unwrap_err();
        assert!(matches!(error, DownloadError::Url), "{error}");
    }
}

/// As in the documentation of `open_media_with`.
fn encrypted() -> Vec<u8> {
    STANDARD
        .decode("Oj04MAlomNYrVS6wK6aoTK/aDE9YyaNnZPrXUPVMoLo=")
        .unwrap()
}
