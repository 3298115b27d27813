//! `doctor --request` and `open`: genuine requests out of logs, pages, chats and tables.

use http::Request;
use tower_wecom::ReceiveId;
use tower_wecom::test_util::Platform;

use crate::support::{ID, KEY, Ran, TOKEN, Wecom, config_of, profiles};

const PAYLOAD: &str = "<xml><MsgType>event</MsgType><Event>enter_agent</Event></xml>";

fn platform(token: &str) -> Platform {
    Platform::new(&config_of(token, KEY, ReceiveId::exact(ID)))
}

/// The parts of a URL check, as they are in the URL.
struct Check {
    query: String,
    signature: String,
    time: String,
    nonce: String,
    echostr: String,
}

/// A URL check whose ciphertext has a plus sign, a slash and padding.
fn check(token: &str) -> Check {
    loop {
        let request = platform(token).url_check("1616140317555161061").unwrap();
        let query = request.uri().query().unwrap().to_owned();
        if query.contains("%2B") && query.contains("%2F") && query.ends_with("%3D") {
            let values: Vec<_> = query
                .split('&')
                .map(|pair| pair.split_once('=').unwrap().1.to_owned())
                .collect();
            let [signature, time, nonce, echostr] = values.try_into().unwrap();
            return Check {
                query,
                signature,
                time,
                nonce,
                echostr,
            };
        }
    }
}

fn delivery(token: &str) -> Request<String> {
    platform(token).deliver_xml(PAYLOAD).unwrap()
}

fn plain(echostr: &str) -> String {
    echostr
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=")
}

fn run(text: impl Into<Vec<u8>>, args: &[&str]) -> Ran {
    let wecom = Wecom::new().file("wecom.toml", profiles()).stdin(text);
    wecom.run(args)
}

fn doctor(text: impl Into<Vec<u8>>) -> Ran {
    run(text, &["doctor", "--json", "--request", "-"])
}

/// The request is found, and it opens in both commands.
fn opens(text: &str, payload: &str) {
    let ran = doctor(text);
    assert_eq!(ran.code, 0, "{text}\n{ran:?}");
    assert_eq!(ran.codes("ok"), ["opens"], "{text}\n{ran:?}");
    let ran = run(text, &["open", "-"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, payload),
        "{text}\n{ran:?}"
    );
}

fn each_check_opens(rows: impl Fn(&Check) -> Vec<String>) {
    for row in rows(&check(TOKEN)) {
        opens(&row, "1616140317555161061");
    }
}

#[test]
fn a_url_in_the_line_of_a_log() {
    each_check_opens(|check| {
        let u = &check.query;
        vec![
            format!("GET /wecom?{u} 403 1.234 ms - 9"),
            format!(
                "DEBUG request{{method=GET uri=/wecom?{u} version=HTTP/1.1}}: tower_http::trace: started"
            ),
            format!("Started GET \"/wecom?{u}\" for 203.0.113.7 at 2026-11-28 14:00:00 +0000"),
            format!(
                "[GIN] 2026/11/28 - 14:00:00 | 403 | 1.2ms | 203.0.113.7 | GET      \"/wecom?{u}\""
            ),
            format!("INFO:     203.0.113.7:0 - \"GET /wecom?{u} HTTP/1.1\" 403 Forbidden"),
            format!(
                "203.0.113.7 - - [22/Nov/2026:21:53:37 +0000] \"GET /wecom?{u} HTTP/1.1\" 403 9 \"-\" \"Mozilla/4.0\""
            ),
            format!(
                "https 2026-11-28T14:00:00.000000Z app/lb/50dc 203.0.113.7:40 10.0.0.1:80 0.000 0.001 0.000 403 403 34 366 \"GET https://depot.example:443/wecom?{u} HTTP/1.1\" \"Mozilla/4.0\" - -"
            ),
            format!(
                "203.0.113.7 - - [28/Nov/2026:14:00:00 +0000] \"GET /wecom?{u} HTTP/1.1\" 403 9 \"-\" \"-\" 7 \"wecom@docker\" \"http://10.0.0.1:80\" 2ms"
            ),
            format!(
                "2026/11/28 14:00:00 [error] 7#7: *1 upstream timed out while reading, client: 203.0.113.7, server: depot.example, request: \"GET /wecom?{u} HTTP/1.1\", upstream: \"http://10.0.0.1:80/wecom?{u}\", host: \"depot.example\""
            ),
            format!(
                "Nov 28 14:00:00 lb haproxy[7]: 203.0.113.7:40 [28/Nov/2026:14:00:00.000] in~ app/one 0/0/0/1/1 403 9 - - ---- 1/1/0/0/0 0/0 \"GET /wecom?{u} HTTP/1.1\""
            ),
            format!("at=info method=GET path=\"/wecom?{u}\" host=depot.example status=403"),
            format!("level=info ts=2026-11-28T14:00:00Z method=GET uri=/wecom?{u} status=403"),
            format!("10.0.0.1 GET /wecom?{u}; 403"),
            format!("GET https://depot.example/wecom?{u}, 403 in 3 ms"),
            format!(
                "2026-11-28 14:00:00 W3SVC1 10.0.0.1 GET /wecom {u} 443 - 203.0.113.7 Mozilla/4.0 - 403 0 0 3"
            ),
        ]
    });
}

#[test]
fn a_url_in_json() {
    each_check_opens(|check| {
        let u = &check.query;
        let escaped = u.replace('&', "\\u0026");
        let access = format!("203.0.113.7 \"GET /wecom?{u} HTTP/1.1\" 403\n");
        vec![
            format!("{{\"request\":{{\"method\":\"GET\",\"uri\":\"/wecom?{u}\",\"headers\":{{}}}},\"status\":403}}"),
            format!("{{\"request\":{{\"method\":\"GET\",\"uri\":\"/wecom?{escaped}\",\"headers\":{{}}}},\"status\":403}}"),
            format!("{{\"time\":\"2026-11-28T14:00:00Z\",\"method\":\"GET\",\"uri\":\"/wecom?{u}\",\"status\":404, \"bytes_out\":23}}"),
            format!("{{\"url\":\"https:\\/\\/depot.example\\/wecom?{}\"}}", u.replace('/', "\\/")),
            format!("{{\"timestamp\":1700000000,\"level\":\"info\",\"uri\":\"/wecom?{escaped}\"}}"),
            format!("{{\"timestamp\":\"2026-11-28T14:00:00Z\",\"fields\":{{\"nonce\":\"x\",\"uri\":\"/wecom?{u}\"}}}}"),
            serde_json::json!({"log": access, "stream": "stdout"}).to_string(),
            serde_json::json!({"message": serde_json::json!({"uri": format!("/wecom?{escaped}")}).to_string()}).to_string(),
            serde_json::json!({"queryStringParameters": {
                "msg_signature": check.signature, "timestamp": check.time, "nonce": check.nonce,
                "echostr": plain(&check.echostr)}}).to_string(),
            serde_json::to_string_pretty(&serde_json::json!({"query": {
                "echostr": plain(&check.echostr), "nonce": check.nonce, "timestamp": check.time,
                "msg_signature": check.signature}})).unwrap(),
            serde_json::json!({"multiValueQueryStringParameters": {
                "msg_signature": [check.signature], "timestamp": [check.time],
                "nonce": [check.nonce], "echostr": [check.echostr]}}).to_string(),
            serde_json::json!({"method": "GET", "url": format!("https://depot.example/wecom?{u}")}).to_string(),
        ]
    });
}

#[test]
fn a_url_in_prose_or_markup() {
    each_check_opens(|check| {
        let u = &check.query;
        let html = u.replace('&', "&amp;");
        let encoded = format!("https://depot.example/wecom?{u}")
            .replace('%', "%25")
            .replace(':', "%3A")
            .replace('/', "%2F")
            .replace('?', "%3F")
            .replace('=', "%3D")
            .replace('&', "%26");
        vec![
            format!("[x](https://depot.example/wecom?{u})"),
            format!("see <https://depot.example/wecom?{u}>."),
            format!("`https://depot.example/wecom?{u}`"),
            format!("**https://depot.example/wecom?{u}**"),
            format!("https://depot.example/wecom?{u}."),
            format!("the URL (https://depot.example/wecom?{u}), which failed"),
            format!("请求 https://depot.example/wecom?{u}，返回 403。"),
            format!("「https://depot.example/wecom?{u}」"),
            format!("<a href=\"https://depot.example/wecom?{html}\">x</a>"),
            format!("<code>GET /wecom?{html}</code>"),
            format!("/wecom?{}", u.replace('&', "&#38;")),
            format!("/wecom?{}", u.replace('&', "&#x26;").replace('=', "&#61;")),
            format!("/wecom?{}", u.replace('&', "&amp;amp;")),
            format!(
                "https\\://depot.example/wecom\\?{}",
                u.replace('=', "\\=").replace('&', "\\&")
            ),
            format!("https://depot.example/wecom?{}", u.replace('_', "\\_")),
            format!("302 https://login.example/?next={encoded}"),
            format!(
                "302 https://login.example/?next={}",
                encoded.replace('%', "%25")
            ),
            format!(
                "https://depot.example/wecom?{}",
                u.replace('=', "=3D").replace("&nonce", "&no=\r\nnce")
            ),
            format!(
                "https://depot.example/wecom?{}",
                u.replace('&', "\u{200b}&")
            ),
            format!("\u{1b}]8;;https://depot.example/wecom?{u}\u{1b}\\link\u{1b}]8;;\u{1b}\\"),
            format!("$url = 'https://depot.example/wecom?{u}';"),
        ]
    });
}

#[test]
fn parameters_that_are_listed() {
    each_check_opens(|check| {
        let Check {
            signature: s,
            time: t,
            nonce: n,
            ..
        } = check;
        let e = plain(&check.echostr);
        vec![
            format!("收到验证请求: echostr={e}, msg_signature={s}, timestamp={t}, nonce={n}"),
            format!("收到验证请求：msg_signature：{s}，timestamp：{t}，nonce：{n}，echostr：{e}。"),
            format!("msg_signature: {s}\ntimestamp: {t}\nnonce: {n}\nechostr: {e}\n"),
            format!(
                "time=\"2026-11-28\" msg_signature={s} timestamp={t} nonce={n} echostr={e} status=403"
            ),
            format!(
                "{{'msg_signature': '{s}', 'timestamp': '{t}', 'nonce': '{n}', 'echostr': '{e}'}}"
            ),
            format!(
                "{{'msg_signature': ['{s}'], 'timestamp': ['{t}'], 'nonce': ['{n}'], 'echostr': ['{e}']}}"
            ),
            format!(
                "ImmutableMultiDict([('msg_signature', '{s}'), ('timestamp', '{t}'), ('nonce', '{n}'), ('echostr', '{e}')])"
            ),
            format!("map[echostr:[{e}] msg_signature:[{s}] nonce:[{n}] timestamp:[{t}]]"),
            format!("{{MsgSignature:{s} Timestamp:{t} Nonce:{n} EchoStr:{e}}}"),
            format!("VerifyRequest(msgSignature={s}, timestamp={t}, nonce={n}, echostr={e})"),
            format!(
                "Query {{ msg_signature: \"{s}\", timestamp: {t}, nonce: \"{n}\", echostr: Some(\"{e}\") }}"
            ),
            format!(
                "{{\"msg_signature\"=>\"{s}\", \"timestamp\"=>\"{t}\", \"nonce\"=>\"{n}\", \"echostr\"=>\"{e}\"}}"
            ),
            format!(
                "Array\n(\n    [msg_signature] => {s}\n    [timestamp] => {t}\n    [nonce] => {n}\n    [echostr] => {e}\n)\n"
            ),
            format!(
                "array(4) {{\n  [\"msg_signature\"]=>\n  string(40) \"{s}\"\n  [\"timestamp\"]=>\n  string(10) \"{t}\"\n  [\"nonce\"]=>\n  string(9) \"{n}\"\n  [\"echostr\"]=>\n  string(88) \"{e}\"\n}}\n"
            ),
            format!(
                "接收到来自微信服务器的认证消息：signature = [{s}], timestamp = [{t}], nonce = [{n}], echostr = [{e}]"
            ),
            format!("msg_signature\ttimestamp\tnonce\techostr\n{s}\t{t}\t{n}\t{e}\n"),
            format!(
                "time,msg_signature,timestamp,nonce,echostr,status\n2026-11-28,{s},{t},{n},{e},403\n"
            ),
            format!(
                "| msg_signature | timestamp | nonce | echostr |\n|---|---|---|---|\n| {s} | {t} | {n} | {e} |\n"
            ),
            format!(
                "<td>msg_signature</td><td>{s}</td><td>timestamp</td><td>{t}</td><td>nonce</td><td>{n}</td><td>echostr</td><td>{e}</td>"
            ),
        ]
    });
}

#[test]
fn a_line_that_was_cut_or_coloured_or_split() {
    each_check_opens(|check| {
        let u = &check.query;
        let (before, after) = u.split_at(u.len() - 20);
        let coloured = u
            .replace('&', "\u{1b}[33m&\u{1b}[0m")
            .replace('=', "\u{1b}[2m=\u{1b}[0m");
        vec![
            format!("com?{u} HTTP/1.1\" 403 9 \"-\""),
            format!("{u} HTTP/1.1\" 403 9"),
            format!("nature={} 403", u.split_once('=').unwrap().1),
            format!("…={} 403", u.split_once('=').unwrap().1),
            u.split_once('=').unwrap().1.to_owned(),
            format!("\u{1b}[32mGET\u{1b}[0m \u{1b}[4m/wecom?{u}\u{1b}[0m \u{1b}[31m403\u{1b}[0m"),
            format!("GET /wecom?{coloured}\u{1b}[0m 403"),
            format!("#033[32mGET /wecom?{u}#033[0m 403"),
            format!("\\u001b[32mGET /wecom?{u}\\u001b[0m 403"),
            format!("^[[32mGET /wecom?{u}^[[0m 403"),
            format!("/wecom\t{u}"),
            format!("GET\t/wecom\t{u}\t403"),
            format!("GET,/wecom,{u},403"),
            format!("\"GET\",\"/wecom\",\"{u}\",\"403\""),
            format!("GET|/wecom|{u}|403"),
            format!("GET /wecom?{before}\n    {after} 403 9"),
            format!("> GET /wecom?{before}\n{after}"),
        ]
    });
}

#[test]
fn a_file_of_powershell_is_utf_16() {
    let text = format!("GET /wecom?{} 403\r\n", check(TOKEN).query);
    for bytes in [
        [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect(),
        [0xfe, 0xff]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_be_bytes))
            .collect::<Vec<u8>>(),
    ] {
        assert_eq!(doctor(bytes).codes("ok"), ["opens"]);
    }
}

#[test]
fn a_line_with_a_body_behind_it() {
    let request = delivery(TOKEN);
    let (u, body) = (request.uri().query().unwrap(), request.body().as_str());
    let cipher = body.split("<Encrypt><![CDATA[").nth(1).unwrap();
    let cipher = cipher.split("]]>").next().unwrap();
    let json = serde_json::json!({"encrypt": cipher}).to_string();
    let lines = body.replace("><", ">\n<");
    let hexed = lines.replace('\n', "\\x0A").replace('"', "\\x22");
    let html = body.replace('<', "&lt;").replace('>', "&gt;");
    let reply = format!(
        "<xml><Encrypt><![CDATA[{cipher}x]]></Encrypt><MsgSignature>{}</MsgSignature><TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>",
        "0".repeat(40)
    );
    let rows = [
        format!("POST /wecom?{u} 403 1.2 ms - 9 {body}"),
        format!("POST /wecom?{u} 403 1.2 ms - 9\n{body}"),
        format!("POST /wecom?{u} 403 1.2 ms - 9\n\n{lines}\n"),
        format!("2026-11-28 INFO body={body} query={u}"),
        format!(
            "203.0.113.7 - - [22/Nov/2026:21:53:37 +0000] \"POST /wecom?{u} HTTP/1.1\" 403 9 \"{hexed}\""
        ),
        format!("POST /wecom?{u} 403 {json}"),
        serde_json::json!({"method": "POST", "uri": format!("/wecom?{u}"), "body": body})
            .to_string(),
        serde_json::json!({"method": "POST", "uri": format!("/wecom?{u}"), "body": json})
            .to_string(),
        serde_json::json!({"log": format!("POST /wecom?{u} {lines}")})
            .to_string()
            .replace('&', "\\u0026")
            .replace('<', "\\u003c"),
        format!("<pre>POST /wecom?{} {html}</pre>", u.replace('&', "&amp;")),
        format!("b'{}' POST /wecom?{u}", lines.replace('\n', "\\n")),
        format!("req POST /wecom?{u} {body} res 200 {reply}"),
        format!("POST /wecom?{u} <Encrypt>{cipher}</Encrypt>"),
        format!(
            "接收微信请求：[msg_signature=[{}], encType=[aes], timestamp=[{}], nonce=[{}], requestBody=[\n{lines}\n] ",
            value(u, "msg_signature="),
            value(u, "timestamp="),
            value(u, "nonce=")
        ),
        format!(
            "{{'Encrypt': '{cipher}', 'msg_signature': '{}', 'timestamp': '{}', 'nonce': '{}'}}",
            value(u, "msg_signature="),
            value(u, "timestamp="),
            value(u, "nonce=")
        ),
    ];
    for row in rows {
        opens(&row, PAYLOAD);
    }
}

fn value<'a>(query: &'a str, name: &str) -> &'a str {
    let mut pairs = query.split('&');
    pairs.find_map(|pair| pair.strip_prefix(name)).unwrap()
}

/// A finding names what is odd, and no finding blames the Token.
fn odd(text: &str, words: &str) {
    let ran = doctor(text);
    assert_eq!(ran.code, 1, "{text}\n{ran:?}");
    let failures = ran.failures();
    assert!(
        !failures.contains(&"wrong_token".to_owned()),
        "{text}\n{ran:?}"
    );
    assert!(!ran.out.contains("became a space"), "{text}\n{ran:?}");
    assert!(ran.out.contains(words), "no `{words}`: {text}\n{ran:?}");
}

#[test]
fn a_capture_that_is_not_clean_never_means_a_wrong_token() {
    let check = check(TOKEN);
    let Check {
        query: u,
        signature: s,
        time: t,
        nonce: n,
        echostr: e,
    } = &check;
    let short = &u[..u.len() - 30];
    let rows = [
        // A logger that ends long lines.
        (format!("GET /wecom?{short}"), "echostr is cut off"),
        (format!("GET /wecom?{short}..."), "echostr is cut off"),
        (format!("GET /wecom?{short}…"), "echostr is cut off"),
        (
            format!("GET /wecom?{short} HTTP/1.1\r\nhost: a\r\n\r\n"),
            "echostr is cut off",
        ),
        (
            format!(
                "GET /wecom?msg_signature={s}&timestamp={t}&nonce={}",
                &n[..n.len() - 1]
            ),
            "nonce",
        ),
        (
            format!(
                "echostr={e} msg_signature={s} timestamp={t} nonce={}",
                &n[..n.len() - 1]
            ),
            "nonce may be cut off",
        ),
        (
            format!(
                "GET /wecom?msg_signature={}&timestamp={t}&nonce={n}&echostr={e} 403",
                &s[..39]
            ),
            "msg_signature has 39",
        ),
        (
            format!("GET /wecom?msg_signature={s}0&timestamp={t}&nonce={n}&echostr={e} 403"),
            "msg_signature has 41",
        ),
        (
            format!(
                "GET /wecom?msg_signature={s}&timestamp={}&nonce={n}&echostr={e} 403",
                &t[..9]
            ),
            "timestamp has 9",
        ),
        (
            format!("GET /wecom?msg_signature={s}&timestamp={t}000&nonce={n}&echostr={e} 403"),
            "timestamp has 13",
        ),
        // A logger that hides secrets.
        (
            format!("GET /wecom?msg_signature=[FILTERED]&timestamp={t}&nonce={n}&echostr={e} 403"),
            "msg_signature is hidden",
        ),
        (
            format!("GET /wecom?msg_signature=***&timestamp={t}&nonce={n}&echostr={e} 403"),
            "msg_signature is hidden",
        ),
        (
            format!("GET /wecom?msg_signature={s}&timestamp={t}&nonce=REDACTED&echostr={e} 403"),
            "nonce is hidden",
        ),
        (
            format!("GET /wecom?msg_signature={s}&timestamp={t}&nonce={n}&echostr=**** 403"),
            "echostr is hidden",
        ),
        // Something that writes in one case.
        (format!("GET /wecom?{} 403", u.to_lowercase()), "lower case"),
        (
            format!("GET /wecom?{} HTTP/1.1", u.to_lowercase()),
            "lower case",
        ),
        (
            format!(
                "GET /wecom?{} 403",
                u.to_uppercase().replace("MSG_SIGNATURE", "msg_signature")
            ),
            "upper case",
        ),
        // Characters that were lost.
        (
            format!("GET /wecom?{} 403", u.replace("%2B", "")),
            "echostr",
        ),
        (
            format!("GET /wecom?{} 403", u.replace("%2B", "?")),
            "echostr",
        ),
        (
            format!("GET /wecom?{} 403", u.replace("%3D", "")),
            "echostr is cut off",
        ),
    ];
    for (text, words) in rows {
        odd(&text, words);
    }
}

#[test]
fn a_body_that_is_not_clean_never_means_a_wrong_token() {
    let request = delivery(TOKEN);
    let (u, body) = (request.uri().query().unwrap(), request.body());
    let at = body.find("<Encrypt>").unwrap() + 60;
    let rows = [
        (
            format!("POST /wecom?{u} 403 {}", &body[..at]),
            "Encrypt is cut off",
        ),
        (
            format!("POST /wecom?{u} 403 {}...", &body[..at]),
            "Encrypt is cut off",
        ),
        (
            format!(
                "POST /wecom?{u} HTTP/1.1\r\n\r\n{}</Encrypt></xml>",
                &body[..at]
            ),
            "envelope",
        ),
        (
            format!(
                "POST /wecom?{u} HTTP/1.1\r\n\r\n{}]]></Encrypt></xml>",
                &body[..at]
            ),
            "Encrypt is cut off",
        ),
        (
            format!("POST /wecom?{u} 403 {}", body.to_lowercase()),
            "lower case",
        ),
        (format!("POST /wecom?{u} 403"), "no body"),
    ];
    for (text, words) in rows {
        odd(&text, words);
    }
}

#[test]
fn several_requests_in_a_text_are_each_tried() {
    let (one, other) = (check("nobodys"), check(TOKEN));
    let text = format!(
        "GET /wecom?{} 403\nGET /wecom?{} 403\n",
        one.query, other.query
    );
    opens(&text, "1616140317555161061");
    let text = format!(
        "GET /wecom?{} 403\nGET /wecom?{} 403\n",
        one.query,
        check("others").query
    );
    let ran = doctor(text);
    assert_eq!(ran.failures(), ["wrong_token"], "{ran:?}");
    assert!(ran.out.contains("2 requests"), "{ran:?}");
}

#[test]
fn a_long_log_is_read_in_time() {
    let lines: String = (0..3000)
        .map(|number| {
            let signature = format!("{number:040}");
            format!("GET /wecom?msg_signature={signature}&timestamp=1700000000&nonce=1&echostr={} 403\n", "A".repeat(128))
        })
        .collect();
    let start = std::time::Instant::now();
    let ran = doctor(format!("GET /wecom?{} 403\n{lines}", check(TOKEN).query));
    assert_eq!(ran.codes("ok"), ["opens"], "{ran:?}");
    assert!(start.elapsed().as_secs() < 20);
}

#[test]
fn a_clean_line_of_a_log_can_still_have_the_wrong_token() {
    let check = check("nobodys");
    for text in [
        format!("GET /wecom?{} 403 1.234 ms - 9", check.query),
        format!("\"GET /wecom?{} HTTP/1.1\" 403", check.query),
        format!("GET /wecom?{} HTTP/1.1\r\n\r\n", check.query),
    ] {
        assert_eq!(doctor(text).failures(), ["wrong_token"]);
    }
}

#[test]
fn what_was_undone_is_a_note() {
    let u = check(TOKEN).query;
    let ran = doctor(format!("\"uri\":\"/wecom?{}\"", u.replace('&', "\\u0026")));
    assert_eq!(ran.codes("note"), ["unescaped"], "{ran:?}");
    let ran = doctor(format!("GET /wecom?{u} 403 9"));
    assert!(ran.codes("note").is_empty(), "{ran:?}");
}
