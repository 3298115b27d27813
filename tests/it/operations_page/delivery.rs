//! The lines of `DedupLayer` and `DeadlineLayer` that the page quotes, and its alerts for them.

use std::time::Duration;

use http::{Request, Response, StatusCode};
use tokio::time::{sleep, timeout};
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_wecom::deadline::LateOutcome;
use tower_wecom::dedup::{
    Claim, ClaimToken, DedupKey, DedupOutcome, KeptAnswer, MemoryStore, OnStoreError, Store,
};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{
    Config, DeadlineLayer, DedupLayer, Lookup, ReceiveId, Reply, RequestBody, WeComLayer,
};

use super::{fits, page};
use crate::support::{CORP, CREATE_USER, KEY, NOW, Trace, answer, config, delivery, message, ok};

const SECOND: Duration = Duration::from_secs(1);

type Made = Result<Response<String>, &'static str>;

/// A failed store. `DedupLayer` writes its text into the trace.
#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

/// A store in memory that fails at one step.
#[derive(Clone)]
struct Broken {
    memory: MemoryStore,
    at: &'static str,
}

impl Broken {
    fn at(at: &'static str) -> Self {
        Self {
            memory: MemoryStore::new(),
            at,
        }
    }

    /// It has no room for a reply.
    fn small() -> Self {
        Self {
            memory: MemoryStore::with_capacity(8),
            at: "nothing",
        }
    }

    fn step(&self, name: &str) -> Result<(), Down> {
        if self.at == name { Err(Down) } else { Ok(()) }
    }
}

impl Store for Broken {
    type Error = Down;

    async fn claim(&self, key: DedupKey, by: ClaimToken, lease: Duration) -> Result<Claim, Down> {
        self.step("claim")?;
        let Ok(claim) = self.memory.claim(key, by, lease).await;
        match claim {
            Claim::Finished(_) if self.at == "answer" => {
                Ok(Claim::Finished(KeptAnswer::from_bytes_or_ack(key, b"z")))
            }
            claim => Ok(claim),
        }
    }

    async fn renew(&self, key: DedupKey, by: ClaimToken, lease: Duration) -> Result<bool, Down> {
        self.step("renewal")?;
        let Ok(renewed) = self.memory.renew(key, by, lease).await;
        Ok(renewed && self.at != "claim of another")
    }

    async fn commit(
        &self,
        key: DedupKey,
        by: ClaimToken,
        answer: KeptAnswer,
        keep: Duration,
    ) -> Result<bool, Down> {
        self.step("commit")?;
        let Ok(committed) = self.memory.commit(key, by, answer, keep).await;
        Ok(committed)
    }

    async fn release(&self, key: DedupKey, by: ClaimToken) -> Result<(), Down> {
        self.step("release")?;
        let Ok(()) = self.memory.release(key, by).await;
        Ok(())
    }
}

fn content() -> Made {
    Ok(Response::new(String::new()))
}

fn replied() -> Made {
    let mut response = Response::new(String::new());
    let reply = Reply::text("Hello").unwrap();
    response.extensions_mut().insert(reply);
    Ok(response)
}

fn failed() -> Made {
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    Ok(response)
}

/// Sends two copies of a callback through these layers, the second one 2 seconds later.
async fn twice(
    deadline: DeadlineLayer,
    dedup: DedupLayer<Broken>,
    takes: Duration,
    made: fn() -> Made,
) {
    let background = deadline.handle();
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config()))
        .layer(deadline)
        .layer(dedup)
        .service(tower::service_fn(
            move |_: Request<RequestBody<String>>| async move {
                sleep(takes).await;
                made()
            },
        ));
    let copy = async {
        sleep(2 * SECOND).await;
        answer(service.clone(), message()).await
    };
    tokio::join!(answer(service.clone(), message()), copy);
    timeout(60 * SECOND, background.drain()).await.unwrap();
}

/// A service between the two layers is slow.
async fn held_between_the_layers() {
    let deadline = DeadlineLayer::new();
    let dedup =
        DedupLayer::default().layer(tower::service_fn(|_: Request<RequestBody<String>>| async {
            sleep(20 * SECOND).await;
            content()
        }));
    let held = tower::service_fn(move |request| {
        let mut dedup = dedup.clone();
        async move {
            sleep(5 * SECOND).await;
            dedup.ready().await?.call(request).await
        }
    });
    let service = WeComLayer::new(config()).layer(deadline.layer(held));
    tokio::join!(
        answer(service.clone(), message()),
        answer(service.clone(), message())
    );
    timeout(60 * SECOND, deadline.handle().drain())
        .await
        .unwrap();
}

/// Two apps of one corp have no names. Each gets a copy of an event.
async fn two_apps_without_names() {
    let token = "another".parse().unwrap();
    let second = Config::new(token, KEY.parse().unwrap(), ReceiveId::exact(CORP));
    let second = second.clock(FixedClock::at(NOW));
    let of_second = Platform::new(&second).deliver_xml(CREATE_USER).unwrap();
    let apps = move |_: Lookup| std::future::ready(vec![config(), second.clone()]);
    let dedup = DedupLayer::default().layer(tower::service_fn(ok::<String>));
    let service = WeComLayer::new(apps).layer(dedup);
    answer(service.clone(), delivery()).await;
    answer(service, of_second).await;
}

/// The trace of all failures, and of what goes well.
async fn all() -> String {
    let trace = Trace::start();
    let at = |step| DedupLayer::new(Broken::at(step));
    let in_time = DeadlineLayer::new;
    let none = Duration::ZERO;
    for (dedup, takes, made) in [
        (at("nothing"), none, content as fn() -> Made),
        (at("nothing"), none, failed),
        (at("claim"), none, content),
        (at("commit"), none, content),
        (
            at("claim").on_store_error(OnStoreError::Reject),
            none,
            content,
        ),
        (at("renewal").lease(SECOND), SECOND, content),
        (at("claim of another").lease(SECOND), SECOND, content),
        (at("release"), none, failed),
        (at("answer"), none, content),
        (
            at("nothing").on_outcome(|_, _| panic!("a hook")),
            none,
            content,
        ),
        (DedupLayer::new(Broken::small()), none, replied),
        // These are late.
        (at("nothing"), 10 * SECOND, content),
        (at("nothing"), 10 * SECOND, replied),
        (at("nothing"), 10 * SECOND, failed),
        (at("nothing"), 10 * SECOND, || panic!("as it was told")),
    ] {
        twice(in_time(), dedup, takes, made).await;
    }
    let no_room = in_time().max_background(0);
    twice(no_room, at("nothing"), 10 * SECOND, content).await;
    held_between_the_layers().await;
    two_apps_without_names().await;
    trace.text()
}

/// The lines in the `text` blocks of the section.
fn quotes() -> Vec<String> {
    let page = page();
    let section = page.split_once("\n### The layers inside").unwrap().1;
    let section = section.split_once("\n### ").unwrap().0;
    let blocks = section.split("```text\n").skip(1);
    let lines = blocks.flat_map(|block| block.split_once("\n```").unwrap().0.lines());
    lines.map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn what_the_page_quotes_of_the_layers_is_said_and_nothing_else_is() {
    let (quotes, trace) = (quotes(), all().await);
    for quote in &quotes {
        let is_said = trace.lines().any(|line| fits(quote, line));
        assert!(is_said, "{quote}\nis not in\n{trace}");
    }
    let of_layers =
        |line: &&str| line.contains("key=") || line.contains("late") || line.contains("hook");
    let events = trace
        .lines()
        .filter(|line| !line.contains("}: tower_wecom: close"));
    for line in events.filter(of_layers) {
        let is_quoted = quotes.iter().any(|quote| fits(quote, line));
        assert!(is_quoted, "the page does not quote\n{line}");
    }
}

#[test]
fn the_page_says_what_to_do_about_each_outcome_that_is_bad() {
    let page = page();
    let alerts = page.split_once("### What to alert on").unwrap().1;
    use DedupOutcome::{Busy, NotKept, Rejected, Unprotected};
    for outcome in [Busy, NotKept, Rejected, Unprotected] {
        assert!(alerts.contains(&format!("{outcome:?}`")), "{outcome:?}");
    }
    use LateOutcome::{Aborted, Failed, NoRoom, ReplyDropped};
    for outcome in [Aborted, Failed, NoRoom, ReplyDropped, LateOutcome::Busy] {
        assert!(alerts.contains(&format!("{outcome:?}`")), "{outcome:?}");
    }
}
