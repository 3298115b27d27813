//! A WAF in front: the OWASP CRS under ModSecurity refuses genuine callbacks, and the rule
//! exclusions of `docs/operations.md` let all of them pass.
//!
//! Needs Debian's packages libnginx-mod-http-modsecurity and modsecurity-crs. A test that misses
//! one fails with its name.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "these are tests"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use http::Request;
use tower_wecom::protocol::{self, Received};
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId, Reply};

const MODULE: &str = "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so";
const RULES: &str = "/usr/share/modsecurity-crs/rules";

/// What `modsecurity.conf-recommended` has about requests.
const RECOMMENDED: &str = r#"
SecRuleEngine On
SecRequestBodyAccess On
SecRule REQUEST_HEADERS:Content-Type "(?:application(?:/soap\+|/)|text/)xml" \
    "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "^application/json" \
    "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRequestBodyLimit 13107200
SecRequestBodyNoFilesLimit 131072
SecRequestBodyLimitAction Reject
SecRule REQBODY_ERROR "!@eq 0" "id:200002,phase:2,t:none,log,deny,status:400"
SecPcreMatchLimit 100000
SecPcreMatchLimitRecursion 100000
SecAuditEngine Off
"#;

fn config() -> Config {
    let (token, key) = ("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C");
    let receive_id = ReceiveId::exact("ww1a2b3c");
    Config::new(token.parse().unwrap(), key.parse().unwrap(), receive_id)
}

/// The first block of code behind this line of the page.
fn block(line: &str) -> String {
    let page = include_str!("../../../docs/operations.md");
    let (_, after) = page.split_once(line).expect("the page has this line");
    let (_, after) = after.split_once("```apache\n").unwrap();
    after.split_once("```").unwrap().0.to_owned()
}

/// An nginx with ModSecurity and the CRS, in front of a receiver. It stops when the value is
/// dropped.
struct Waf {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Waf {
    fn start(level: u8, exclusions: &str) -> Self {
        for (path, package) in [
            (MODULE, "libnginx-mod-http-modsecurity"),
            (RULES, "modsecurity-crs"),
        ] {
            let is_there = Path::new(path).exists();
            assert!(is_there, "`{path}` is missing: apt-get install {package}");
        }
        let (port, upstream) = (free_port(), receiver());
        let folder = std::env::temp_dir().join(format!("tower-wecom-waf-{port}"));
        fs::create_dir_all(&folder).unwrap();
        let at = folder.display().to_string();
        fs::write(folder.join("rules.conf"), rules(&at, level, exclusions)).unwrap();
        let nginx = format!(
            "load_module {MODULE};\ndaemon off;\nworker_processes 1;\nerror_log {at}/error.log;\n\
             pid {at}/pid;\nevents {{}}\nhttp {{\naccess_log off;\nclient_max_body_size 1m;\n\
             client_body_buffer_size 1m;\nclient_body_temp_path {at}/b;\nproxy_temp_path {at}/p;\n\
             fastcgi_temp_path {at}/f;\nuwsgi_temp_path {at}/u;\nscgi_temp_path {at}/s;\n\
             server {{\nlisten 127.0.0.1:{port};\nmodsecurity on;\n\
             modsecurity_rules_file {at}/rules.conf;\n\
             location / {{ proxy_pass http://127.0.0.1:{upstream}; }}\n}}\n}}\n"
        );
        fs::write(folder.join("nginx.conf"), nginx).unwrap();
        let child = Command::new("/usr/sbin/nginx")
            .args(["-p", &at, "-c", &format!("{at}/nginx.conf")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("`/usr/sbin/nginx` is missing: apt-get install nginx");
        let waf = Self {
            child,
            port,
            folder,
        };
        waf.wait();
        waf
    }

    /// Reading the rules takes some seconds.
    fn wait(&self) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = fs::read_to_string(self.folder.join("error.log")).unwrap_or_default();
            let waited = start.elapsed();
            assert!(
                waited < Duration::from_secs(60),
                "nginx does not start: {log}"
            );
            sleep(Duration::from_millis(50));
        }
    }

    /// The status of a request with the headers that WeCom sends, and with these.
    fn send(&self, request: &Request<String>, headers: &str) -> u16 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let timeout = Some(Duration::from_secs(60));
        stream.set_read_timeout(timeout).unwrap();
        let (method, uri, body) = (request.method(), request.uri(), request.body());
        let length = body.len();
        let head = format!(
            "{method} {uri} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}"
        );
        let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.split_ascii_whitespace().nth(1);
        status.unwrap().parse().unwrap()
    }
}

impl Drop for Waf {
    fn drop(&mut self) {
        // On SIGTERM nginx stops its workers too.
        let id = self.child.id().to_string();
        drop(Command::new("kill").args(["-TERM", &id]).status());
        drop(self.child.wait());
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// The recommended settings and the CRS at this level, with the exclusions between them.
fn rules(at: &str, level: u8, exclusions: &str) -> String {
    format!(
        "{RECOMMENDED}SecTmpDir {at}\nSecDataDir {at}\n\
         SecAction \"id:900000,phase:1,nolog,pass,t:none,setvar:tx.paranoia_level={level}\"\n\
         {exclusions}\nInclude /etc/modsecurity/crs/crs-setup.conf\nInclude {RULES}/*.conf\n"
    )
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A receiver behind the WAF. It verifies each request, so 200 means that it arrived unchanged.
fn receiver() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let status = status(&mut BufReader::new(&stream));
            let answer = format!("HTTP/1.0 {status}\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

fn status(reader: &mut impl BufRead) -> u16 {
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().unwrap();
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap_or_default());
    let query = target.split_once('?').unwrap_or_default().1;
    match protocol::receive(&config(), method, query, body) {
        Received::Callback(callback) => protocol::respond(&callback, &Reply::ack()).status(),
        Received::Answer(response) => response.status(),
    }
    .as_u16()
}

fn xml(length: usize) -> Request<String> {
    let content = "客户".repeat(length / 6);
    let payload = format!(
        "<xml><ToUserName>ww1a2b3c</ToUserName><FromUserName>lin</FromUserName><CreateTime>1</CreateTime>\
         <MsgType>text</MsgType><Content>{content}</Content><MsgId>1</MsgId><AgentID>1</AgentID></xml>"
    );
    Platform::new(&config()).deliver_xml(payload).unwrap()
}

fn json(length: usize) -> Request<String> {
    let content = "客户".repeat(length / 6);
    let payload = format!(r#"{{"msgtype":"text","text":{{"content":"{content}"}}}}"#);
    Platform::new(&config()).deliver_json(payload).unwrap()
}

/// The headers of WeCom's requests.
const XML: &str = "Host: callback.example.com\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\n\
    Content-Type: text/xml\r\n";
const JSON: &str = "Host: callback.example.com\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\n\
    Content-Type: application/json\r\n";
const FORM: &str = "Host: callback.example.com\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\n\
    Content-Type: application/x-www-form-urlencoded\r\n";
const CHECK: &str = "Host: callback.example.com\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\n";
const BARE: &str = "Host: 127.0.0.1:8080\r\nContent-Type: text/xml\r\n";

/// Sends long callbacks until one is refused. Their ciphertexts are random, and at level 2 about
/// two in five are.
fn refused(waf: &Waf, headers: &str, make: fn(usize) -> Request<String>) -> Request<String> {
    for _ in 0..200 {
        let request = make(60_000);
        if waf.send(&request, headers) == 403 {
            return request;
        }
    }
    panic!("200 long callbacks have passed");
}

#[test]
fn the_rule_exclusions_of_the_page_let_each_genuine_callback_pass() {
    let exclusions = block("### Behind ModSecurity and the OWASP CRS");
    let strict = Waf::start(2, "");
    let (long, long_json) = (refused(&strict, XML, xml), refused(&strict, JSON, json));
    // Requests that are refused without the exclusions, and the status.
    let cases = [
        ("a long XML callback, by chance", &long, XML, 403),
        ("the same bytes again", &long, XML, 403),
        ("a long JSON callback, by chance", &long_json, JSON, 403),
        ("more than 128 KiB", &xml(150_000), XML, 400),
        ("the content type of a form", &xml(100), FORM, 403),
        ("no Accept, and an address as host", &xml(100), BARE, 403),
    ];
    for (name, request, headers, status) in &cases {
        assert_eq!(strict.send(request, headers), *status, "{name}");
    }
    drop(strict);

    for level in [1, 2] {
        let waf = Waf::start(level, &exclusions);
        for (name, request, headers, _) in &cases {
            assert_eq!(waf.send(request, headers), 200, "level {level}: {name}");
        }
        for number in 0..100 {
            let check = Platform::new(&config()).url_check(&number.to_string());
            assert_eq!(waf.send(&check.unwrap(), CHECK), 200, "level {level}");
            assert_eq!(waf.send(&xml(500), XML), 200, "level {level}");
        }
        // The WAF still guards what is not exempt: other parameters, and other paths.
        let get = |uri: &str| Request::get(uri).body(String::new()).unwrap();
        let attack = "?q=%3Cscript%3Ealert(1)%3C/script%3E";
        for path in ["/wecom", "/other"] {
            let request = get(&format!("{path}{attack}"));
            assert_eq!(waf.send(&request, CHECK), 403, "level {level}: {path}");
        }
        let mut other = xml(100);
        *other.uri_mut() = "/other".parse().unwrap();
        assert_eq!(waf.send(&other, FORM), 403, "level {level}");
    }
}
