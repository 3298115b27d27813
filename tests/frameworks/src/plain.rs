use std::io::{BufRead, BufReader, Error, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tower_wecom::protocol::{self, DEFAULT_MAX_BODY_SIZE, Received};
use tower_wecom::{Config, Reply};

/// One request for each connection, one thread for each request, behind a proxy such as nginx.
pub fn serve(listener: &TcpListener, config: &Config) -> Result<(), Error> {
    loop {
        let (stream, _) = listener.accept()?;
        let config = config.clone();
        std::thread::spawn(move || answer(stream, &config));
    }
}

fn answer(mut stream: TcpStream, config: &Config) -> Result<(), Error> {
    stream.set_read_timeout(Some(Duration::from_secs(4)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let (line, length) = head(&mut reader)?;
    // `GET /wecom?msg_signature=… HTTP/1.1`
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let (_path, query) = target.split_once('?').unwrap_or((target, ""));
    // One byte more than the limit, so that a longer body is rejected and not cut off.
    let mut body = vec![0; length.min(DEFAULT_MAX_BODY_SIZE + 1)];
    reader.read_exact(&mut body)?;
    let response = match protocol::receive(config, method, query, body) {
        Received::Answer(response) => response,
        Received::Callback(callback) => {
            println!("{} arrived", callback.kind());
            protocol::respond(&callback, &Reply::ack())
        }
    };
    stream.write_all(&written(&response))
}

/// The first line, and the length of the body.
fn head(reader: &mut impl BufRead) -> Result<(String, usize), Error> {
    let mut reader = reader.take(16 * 1024);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok((first, length));
        }
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(Error::other)?;
            }
            _ => {}
        }
    }
}

fn written(response: &Response<Bytes>) -> Vec<u8> {
    let (status, body) = (response.status(), response.body());
    let mut bytes = format!("HTTP/1.1 {status}\r\nConnection: close\r\n").into_bytes();
    if !response.headers().contains_key("content-length") {
        bytes.extend(format!("Content-Length: {}\r\n", body.len()).into_bytes());
    }
    for (name, value) in response.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}
