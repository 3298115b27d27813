//! Tenants that share the places of a worker.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::{Request, Response};
use tokio::time::{sleep, timeout};
use tower::service_fn;
use tower_wecom::{Callback, RequestBody, protocol};
use tower_wecom_inbox::{Inbox, InboxBuilder, NoBody};

use crate::servers::{Postgres, Redis};

const PLACES: usize = 8;
const ROUNDS: usize = 20;
const WORK: Duration = Duration::from_millis(50);
const HANGS: Duration = Duration::from_secs(20);

fn callback(tenant: &str, number: usize) -> Callback {
    let payload = format!(
        "<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>1767225605</CreateTime>\
         <MsgType>event</MsgType><Event>change_contact</Event><ChangeType>delete_user</ChangeType>\
         <UserID>{number}</UserID></xml>"
    );
    protocol::restore(payload.into(), "ww1", Some(tenant.to_owned()), 0)
}

async fn store(inbox: &Inbox, tenant: &str, callbacks: usize) {
    for fifty in (0..callbacks).step_by(50) {
        let numbers = fifty..callbacks.min(fifty + 50);
        let stored = numbers.map(async |number| inbox.store(&callback(tenant, number), "/").await);
        for stored in futures_util::future::join_all(stored).await {
            stored.unwrap();
        }
    }
}

/// Callbacks of each tenant.
#[derive(Default)]
struct Seen {
    running: HashMap<String, usize>,
    most: HashMap<String, usize>,
    done: HashMap<String, usize>,
}

/// The handler of the tenant `flood` hangs.
fn work(inbox: &Inbox) -> (Arc<Mutex<Seen>>, tokio::task::JoinHandle<()>) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let all = Arc::clone(&seen);
    let service = service_fn(move |request: Request<RequestBody<NoBody>>| {
        let callback = request.extensions().get::<Callback>().unwrap();
        let tenant = callback.tenant().unwrap().to_owned();
        let all = Arc::clone(&all);
        async move {
            begins(&mut all.lock().unwrap(), &tenant);
            sleep(if tenant == "flood" { HANGS } else { WORK }).await;
            ends(&mut all.lock().unwrap(), &tenant);
            Ok::<_, Infallible>(Response::new(()))
        }
    });
    let worker = inbox.worker(service).concurrency(PLACES);
    (seen, tokio::spawn(worker.run_until(pending())))
}

fn begins(seen: &mut Seen, tenant: &str) {
    let running = seen.running.entry(tenant.to_owned()).or_default();
    *running += 1;
    let most = seen.most.entry(tenant.to_owned()).or_default();
    *most = (*most).max(*running);
}

fn ends(seen: &mut Seen, tenant: &str) {
    *seen.running.get_mut(tenant).unwrap() -= 1;
    *seen.done.entry(tenant.to_owned()).or_default() += 1;
}

/// How long it takes until each of nine tenants has all its callbacks done.
async fn nine(inbox: &Inbox) -> (Duration, Arc<Mutex<Seen>>) {
    let tenants: Vec<String> = (0..9).map(|number| format!("tenant-{number}")).collect();
    for tenant in &tenants {
        store(inbox, tenant, ROUNDS).await;
    }
    let begun = Instant::now();
    let (seen, running) = work(inbox);
    let all_done = async {
        let is_done = |tenant: &String| seen.lock().unwrap().done.get(tenant) == Some(&ROUNDS);
        while !tenants.iter().all(is_done) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(60), all_done)
        .await
        .expect("the flood holds all places");
    let took = begun.elapsed();
    running.abort();
    (took, seen)
}

async fn tenants_take_turns(open: impl AsyncFn(InboxBuilder) -> Inbox) {
    let (without, _) = nine(&open(Inbox::builder().queue("without")).await).await;
    let inbox = open(Inbox::builder().queue("with")).await;
    store(&inbox, "flood", 500).await;
    let (with, seen) = nine(&inbox).await;
    println!(
        "nine tenants took {without:.1?}, and {with:.1?} beside a tenant that floods and hangs"
    );
    assert!(with < 2 * without + Duration::from_secs(3), "{with:?}");
    assert!(seen.lock().unwrap().most["flood"] <= PLACES / 2);

    let inbox = open(Inbox::builder().queue("alone")).await;
    store(&inbox, "flood", 50).await;
    let (seen, running) = work(&inbox);
    let all = async {
        while seen.lock().unwrap().most.get("flood") != Some(&PLACES) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), all)
        .await
        .expect("a tenant that is alone may have all places");
    running.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_take_turns_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("inbox.db");
    tenants_take_turns(async |builder: InboxBuilder| builder.sqlite(&path).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_take_turns_on_redis() {
    let redis = Redis::start();
    tenants_take_turns(async |builder: InboxBuilder| builder.redis(&redis.url()).await.unwrap())
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_take_turns_on_postgres() {
    let postgres = Postgres::start();
    let url = postgres.url();
    tenants_take_turns(async |builder: InboxBuilder| builder.postgres(&url).await.unwrap()).await;
}
