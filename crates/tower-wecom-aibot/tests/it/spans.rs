//! The span of a callback, beside that of the same callback over HTTP.

use std::cell::RefCell;
use std::convert::Infallible;
use std::sync::Once;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tower::{ServiceExt, service_fn};
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, Reply, RequestBody, Unhandled, WeComLayer};
use tower_wecom_aibot::test_util::StandIn;
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::support::{answer, quick, soon, text};

thread_local! {
    static WRITTEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What was traced in this thread, which is that of the test and all of its tasks.
#[derive(Clone, Copy)]
struct Written;

impl Written {
    /// The subscriber is the process's: those of single threads disturb each other.
    fn start() -> Self {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            tracing_subscriber::fmt()
                .with_max_level(Level::INFO)
                .with_ansi(false)
                // Writes a line for each span at its end, with all of its fields.
                .with_span_events(FmtSpan::CLOSE)
                .with_writer(|| Self)
                .init();
        });
        WRITTEN.with_borrow_mut(Vec::clear);
        Self
    }

    fn text(self) -> String {
        WRITTEN.with_borrow(|written| String::from_utf8(written.clone()).unwrap())
    }

    /// The line of the span that has closed, without its time.
    fn closed(self) -> Option<String> {
        let text = self.text();
        let line = text.lines().find(|line| line.contains("close time.busy"))?;
        let (_, line) = line.split_once("wecom.callback{").unwrap();
        Some(line.split_once('}').unwrap().0.to_owned())
    }
}

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        WRITTEN.with_borrow_mut(|written| written.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

type Answers = fn(&mut Response<String>);

/// The line of a callback over HTTP, and the trace's text.
async fn over_http(body: &str, answers: Answers) -> (String, String) {
    let written = Written::start();
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let config = Config::bot("QDG6eK".parse().unwrap(), key.parse().unwrap()).name("a bot");
    let request = Platform::new(&config).path("/").deliver_json(body).unwrap();
    let layer = WeComLayer::new(config);
    let inner = service_fn(move |_: Request<RequestBody<String>>| respond(answers));
    drop(layer.layer(inner).oneshot(request).await);
    (written.closed().unwrap(), written.text())
}

/// The same over a long connection.
async fn live(body: &str, answers: Answers) -> (String, String) {
    let written = Written::start();
    let stand_in = StandIn::start().await.unwrap();
    let service = service_fn(move |_: Request<RequestBody<String>>| respond(answers));
    let serve = quick(&stand_in).name("a bot").serve(service);
    let served = tokio::spawn(serve);
    stand_in.send(body).await;
    let line = soon(async {
        loop {
            if let Some(line) = written.closed() {
                return line;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
    served.abort();
    (line, written.text())
}

async fn respond(answers: Answers) -> Result<Response<String>, Infallible> {
    let mut response = Response::new(String::new());
    answers(&mut response);
    Ok(response)
}

/// The fields of a line that do not depend on the time or the way.
fn fields(line: &str) -> Vec<String> {
    let names = [
        "url.path=",
        "wecom.tenant=",
        "wecom.kind=",
        "wecom.agent_id=",
        "wecom.size=",
        "wecom.unreadable=",
        "wecom.outcome=",
        "error.type=",
        "otel.status_code=",
    ];
    // A value in quotes can contain a blank.
    let mut fields = Vec::new();
    for name in names {
        let Some((_, rest)) = line.split_once(name) else {
            continue;
        };
        let value = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => rest
                .split(" http.")
                .next()
                .and_then(|it| it.split(" wecom.").next()),
        };
        fields.push(format!("{name}{}", value.unwrap_or_default()));
    }
    fields
}

#[tokio::test]
async fn a_live_callback_has_the_fields_and_values_of_one_over_http() {
    let rows: [(&str, Answers); 6] = [
        ("acknowledged", |_| {}),
        ("replied", |response| {
            drop(response.extensions_mut().insert(answer("a").unwrap()));
        }),
        ("unhandled", |response| {
            response.extensions_mut().insert(Unhandled::new());
        }),
        ("failed", |response| {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }),
        ("acknowledged", |response| {
            drop(response.extensions_mut().insert(Reply::ack()));
        }),
        ("failed", |response| {
            *response.status_mut() = StatusCode::NOT_FOUND;
        }),
    ];
    for (outcome, answers) in rows {
        let body = text("m-1", "u", "SECRET-TEXT");
        let (http, _) = over_http(&body, answers).await;
        let (live, trace) = live(&body, answers).await;
        assert!(
            live.contains(&format!("wecom.outcome=\"{outcome}\"")),
            "{live}"
        );
        let of_http = fields(&http);
        assert!(of_http.len() >= 5, "{http}");
        assert!(live.contains("wecom.duration_us="), "{live}");
        // Over HTTP a status that is not ours to mend, such as 404, is no error. Here it leaves a
        // member without an answer.
        let mut of_live = fields(&live);
        if http.contains("status_code=404") {
            assert_eq!(of_live.pop().as_deref(), Some("otel.status_code=ERROR"));
        }
        assert_eq!(of_live, of_http);
        let line = if outcome == "failed" {
            "WARN wecom.callback"
        } else {
            "a callback was answered"
        };
        assert!(trace.contains(line), "{trace}");
        assert!(!trace.contains("SECRET-TEXT"), "{trace}");
    }
}

#[tokio::test]
async fn a_live_callback_that_cannot_be_read_has_the_reason_in_its_span() {
    let (open, close) = ("[".repeat(100), "]".repeat(100));
    let body = format!(r#"{{"msgtype":"text","text":{open}{close}}}"#);
    let (http, _) = over_http(&body, |_| {}).await;
    let (live, _) = live(&body, |_| {}).await;
    assert!(http.contains("wecom.unreadable="), "{http}");
    assert_eq!(fields(&live), fields(&http));
}
