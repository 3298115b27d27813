//! The span of each message that a consumer runs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::{Arc, Once};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tokio::sync::Notify;
use tower::service_fn;
use tower_wecom::RequestBody;
use tower_wecom_publish::JetStream;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::broker::{Broker, Nats};
use crate::consumer::{Runs, handlers, until};
use crate::limits::deliver;

thread_local! {
    static CLOSED: RefCell<Vec<Fields>> = const { RefCell::new(Vec::new()) };
}

type Fields = BTreeMap<&'static str, String>;

/// Keeps the fields of the consumers' spans that end in this thread, which is that of the test and
/// of all its tasks.
struct Spans;

impl Spans {
    /// The subscriber is the process's: those of single threads disturb each other.
    fn start() {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            tracing::subscriber::set_global_default(Registry::default().with(Self)).unwrap();
        });
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.name() == "wecom.consume"
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        assert_eq!(metadata.target(), "tower_wecom");
        assert_eq!(*metadata.level(), Level::INFO);
        let mut fields = Fields::new();
        attributes.record(&mut Visitor(&mut fields));
        let span = context.span(id).unwrap();
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(&mut Visitor(fields));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        if let Some(fields) = span.extensions_mut().remove::<Fields>() {
            CLOSED.with_borrow_mut(|closed| closed.push(fields));
        }
    }
}

struct Visitor<'a>(&'a mut Fields);

impl Visit for Visitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

#[tokio::test]
async fn each_run_of_a_consumer_has_a_span_with_its_outcome() {
    Spans::start();
    let server = Nats::start();
    let broker = JetStream::connect(&server.url()).await.unwrap();
    for user in ["well", "once", "never"] {
        assert_eq!(deliver(&broker, user).await, StatusCode::OK);
    }
    let other_program = async_nats::connect(server.url()).await.unwrap();
    let no_event = other_program.publish("wecom.other", "not a CloudEvent".into());
    no_event.await.unwrap();
    // Written by hand, so it does not contain when the callback arrived.
    let by_hand = r#"{"specversion": "1.0", "id": "by hand", "source": "/",
        "type": "com.tencent.wecom.a.b", "data": "<xml><Event>a</Event></xml>"}"#;
    let published = other_program.publish("wecom.other", by_hand.into());
    published.await.unwrap();
    other_program.flush().await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;

    let runs = Runs::default();
    let consumer = broker.consumer();
    let pause = Duration::from_millis(200);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = consumer.clone().attempts(2).back_off(pause, pause);
    let serving = serving.serve_until(handlers(runs.clone()), async { drop(stopped.await) });
    let serving = tokio::spawn(serving);
    until(&consumer, |it| {
        it.dead == 2 && it.waiting == 0 && it.delayed == 0
    })
    .await;
    drop(stop);
    serving.await.unwrap();

    let spans = CLOSED.take();
    let mut seen = Vec::new();
    let runs = runs.lock().unwrap();
    for (user, attempt) in runs.iter() {
        let number = attempt.attempt.to_string();
        let is_this = |span: &&Fields| {
            span.get("wecom.key") == Some(&attempt.key)
                && span.get("wecom.attempt") == Some(&number)
        };
        let span = spans.iter().find(is_this).unwrap();
        assert_eq!(span["wecom.tenant"], "head office");
        // As in the span of the callback, `wecom.callback`.
        assert_eq!(span["wecom.kind"], "change_contact/create_user");
        let lag: u64 = span["wecom.lag_ms"].parse().unwrap();
        let waited = 300 + 200 * u64::from(attempt.attempt - 1);
        assert!((waited..600_000).contains(&lag), "{user}: {lag}");
        assert_eq!(span.len(), 6, "{span:?}");
        seen.push((
            user.as_str(),
            attempt.attempt,
            span["wecom.outcome"].as_str(),
        ));
    }
    seen.sort_unstable();
    let expected = [
        ("never", 1, "failed"),
        ("never", 2, "dead_letter"),
        ("once", 1, "failed"),
        ("once", 2, "handled"),
        ("well", 1, "handled"),
    ];
    assert_eq!(seen, expected);

    let others = spans
        .iter()
        .filter(|span| !span.contains_key("wecom.tenant"));
    let others: Vec<_> = others.cloned().collect();
    let handled = [
        ("wecom.attempt", "1"),
        ("wecom.key", "by hand"),
        ("wecom.kind", "a/b"),
        ("wecom.outcome", "handled"),
    ];
    let buried = [("wecom.attempt", "1"), ("wecom.outcome", "dead_letter")];
    assert_eq!(others.len(), 2, "{others:?}");
    assert!(others.contains(&fields(&handled)), "{others:?}");
    assert!(others.contains(&fields(&buried)), "{others:?}");
}

#[tokio::test]
async fn a_consumer_that_is_stopped_finishes_within_its_grace_or_records_no_outcome() {
    Spans::start();
    let server = Nats::start();
    let broker = JetStream::connect(&server.url()).await.unwrap();
    for (user, seconds, outcome, delayed) in
        [("long", 60, Some("handled"), 0), ("short", 0, None, 1)]
    {
        assert_eq!(deliver(&broker, user).await, StatusCode::OK);
        let begun = Arc::new(Notify::new());
        let begins = Arc::clone(&begun);
        let service = service_fn(move |_: Request<RequestBody<String>>| {
            begins.notify_one();
            async {
                tokio::time::sleep(Duration::from_millis(500)).await;
                Ok::<_, Infallible>(Response::new(String::new()))
            }
        });
        let consumer = broker.consumer().grace(Duration::from_secs(seconds));
        let serving = consumer.clone();
        serving.serve_with_body(service, begun.notified()).await;
        let counts = consumer.counts().await.unwrap();
        let left = (counts.waiting, counts.delayed, counts.dead);
        assert_eq!(left, (0, delayed, 0), "{user}");

        let spans = CLOSED.take();
        assert_eq!(spans.len(), 1, "{spans:?}");
        let found = spans[0].get("wecom.outcome").map(String::as_str);
        assert_eq!(found, outcome, "{user}");
    }
}

fn fields(pairs: &[(&'static str, &str)]) -> Fields {
    pairs
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}
