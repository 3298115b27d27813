//! `DedupLayer` under any sequence of copies, failures, panics, hang-ups and pauses.
//!
//! This compares the claims of `docs/delivery.md` with the events of a run. No two copies run at
//! the same time. No copy runs as long as a success is kept. A failed copy runs again. An
//! acknowledged copy has run with success.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Future, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use proptest::prelude::*;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep, timeout};
use tower_wecom::dedup::{Claim, ClaimToken, DedupKey, KeptAnswer, MemoryStore, Store};
use tower_wecom::{Callback, DedupLayer, Reply, RequestBody, WeComLayer};

use super::{holds, runtime};
use crate::dedup::about;
use crate::support::{answer, config, platform};

const MEMBERS: [&str; 2] = ["lin", "mei"];
/// The default time for which a copy waits for another one.
const WAIT: Duration = Duration::from_secs(4);
/// The possible delay of a waiting copy. A store without notifications is polled every 250 ms.
const LATE: Duration = Duration::from_millis(300);

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Succeed,
    Fail,
    Panic,
}

/// One copy of a callback.
#[derive(Clone, Debug)]
struct Copy {
    member: &'static str,
    /// The time of its arrival, after the copy before it.
    after: Duration,
    /// How its run ends, if it causes one, and how long the run takes.
    end: End,
    takes: Duration,
    /// After this time the peer closes the connection, unless there is a response.
    patience: Option<Duration>,
}

fn copies() -> impl Strategy<Value = Vec<Copy>> {
    let millis = |most: u64| (0..=most).prop_map(Duration::from_millis);
    let after = prop_oneof![3 => Just(Duration::ZERO), 3 => millis(3_000), 1 => millis(15_000)];
    let takes = prop_oneof![2 => Just(Duration::ZERO), 3 => millis(2_000), 2 => millis(9_000)];
    let end = prop_oneof![3 => Just(End::Succeed), 2 => Just(End::Fail), 1 => Just(End::Panic)];
    let patience = prop_oneof![3 => Just(None), 1 => millis(6_000).prop_map(Some)];
    let member = prop::sample::select(MEMBERS.as_slice());
    let copy =
        (member, after, end, takes, patience).prop_map(|(member, after, end, takes, patience)| {
            Copy {
                member,
                after,
                end,
                takes,
                patience,
            }
        });
    prop::collection::vec(copy, 1..=12)
}

/// A run: its copy, its beginning and its end.
#[derive(Clone, Debug)]
struct Ran {
    member: &'static str,
    copy: usize,
    begun: Instant,
    /// `None` while it runs. It is no success if the peer has closed the connection before.
    ended: Option<(Instant, bool)>,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Ran>>>);

impl Log {
    /// Begins a run. Its end is recorded when the value is dropped, for any reason.
    fn begin(&self, member: &'static str, copy: usize) -> Running {
        let mut all = self.0.lock().unwrap();
        all.push(Ran {
            member,
            copy,
            begun: Instant::now(),
            ended: None,
        });
        Running {
            log: self.clone(),
            index: all.len() - 1,
            is_success: false,
        }
    }
}

struct Running {
    log: Log,
    index: usize,
    is_success: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        let ended = Some((Instant::now(), self.is_success));
        self.log.0.lock().unwrap()[self.index].ended = ended;
    }
}

/// The number of the copy in a request.
#[derive(Clone, Copy)]
struct Number(usize);

/// The response to a copy.
#[derive(Clone, Debug)]
struct Told {
    asked: Instant,
    /// The time, the status and the reply. `None` if the peer has closed the connection, or the
    /// handler has panicked.
    answered: Option<(Instant, StatusCode, Option<String>)>,
}

/// Sends all copies, each at its time, and waits until all have ended.
async fn send_all<S: Store>(layer: DedupLayer<S>, copies: &[Copy]) -> (Vec<Ran>, Vec<Told>) {
    let log = Log::default();
    let (noted, plan) = (log.clone(), Arc::new(copies.to_vec()));
    let handler = tower::service_fn(move |request: Request<RequestBody<String>>| {
        let Number(index) = *request.extensions().get().unwrap();
        assert!(request.extensions().get::<Callback>().is_some());
        let (log, copy) = (noted.clone(), plan[index].clone());
        async move {
            let mut running = log.begin(copy.member, index);
            if !copy.takes.is_zero() {
                sleep(copy.takes).await;
            }
            let mut response = Response::new(String::new());
            match copy.end {
                End::Succeed => {
                    running.is_success = true;
                    let reply = Reply::raw(format!("copy {index}"));
                    response.extensions_mut().insert(reply);
                }
                End::Fail => *response.status_mut() = StatusCode::BAD_GATEWAY,
                End::Panic => std::panic::resume_unwind(Box::new("as it was told")),
            }
            Ok::<_, Infallible>(response)
        }
    });
    let service = WeComLayer::new(config()).layer(layer.layer(handler));
    let mut tasks = Vec::new();
    for (index, copy) in copies.iter().enumerate() {
        sleep(copy.after).await;
        let mut request = about(copy.member);
        request.extensions_mut().insert(Number(index));
        let answered = answer(service.clone(), request);
        let patience = copy.patience.unwrap_or(Duration::from_secs(3_600));
        let task = tokio::task::spawn_local(async move {
            let answer = timeout(patience, answered).await.ok()?;
            let sealed = (!answer.body.is_empty()).then_some(answer.body);
            let reply = sealed.map(|body| platform().open_reply(&body).unwrap().text);
            Some((Instant::now(), answer.status, reply))
        });
        tasks.push((Instant::now(), task));
    }
    let mut told = Vec::new();
    for (asked, task) in tasks {
        // A task that panicked has no response either.
        let answered = task.await.ok().flatten();
        told.push(Told { asked, answered });
    }
    let ran = log.0.lock().unwrap().clone();
    (ran, told)
}

/// Compares the runs and the responses with the claims. `keep` is how long a success is remembered.
fn assert_claims(copies: &[Copy], ran: &[Ran], told: &[Told], keep: Duration) {
    for member in MEMBERS {
        let runs: Vec<_> = ran.iter().filter(|run| run.member == member).collect();
        for pair in runs.windows(2) {
            let [run, next] = pair else { continue };
            let (ended, is_success) = run.ended.expect("all have ended");
            assert!(ended <= next.begun, "two runs at once: {run:?} {next:?}");
            assert!(
                !is_success || next.begun >= ended + keep,
                "a run behind a success: {run:?} {next:?}"
            );
        }
    }
    for (index, (copy, told)) in copies.iter().zip(told).enumerate() {
        let own = ran
            .iter()
            .filter(|run| run.copy == index)
            .collect::<Vec<_>>();
        assert!(own.len() <= 1, "copy {index} ran twice");
        let of_member = || ran.iter().filter(|run| run.member == copy.member);
        let Some((at, status, reply)) = &told.answered else {
            let is_gone = copy.patience.is_some() || !own.is_empty() && copy.end == End::Panic;
            assert!(is_gone, "copy {index} has no answer");
            continue;
        };
        let waited = *at - told.asked;
        match (own.first(), *status) {
            // It ran, and the response has its outcome.
            (Some(run), status) => {
                let is_success = run.ended.expect("it has ended").1;
                assert_eq!(is_success, status == StatusCode::OK);
                assert!(is_success || status == StatusCode::BAD_GATEWAY);
                assert!(run.begun - told.asked <= WAIT);
                assert_eq!(reply.is_some(), is_success);
            }
            // A run before it, or a run that it has waited for, was a success. This is its reply.
            (None, StatusCode::OK) => {
                let says = |run: &Ran| reply.as_deref() == Some(&*format!("copy {}", run.copy));
                let run = of_member().find(|run| says(run)).expect("somebody said so");
                let (ended, is_success) = run.ended.expect("it has ended");
                assert!(is_success && ended <= *at && *at <= ended + keep);
                assert!(waited <= WAIT);
            }
            // Another copy ran for as long as this one could wait.
            (None, StatusCode::SERVICE_UNAVAILABLE) => {
                let is_running = |run: &Ran| {
                    run.begun <= *at && run.ended.is_some_and(|(ended, _)| ended + LATE >= *at)
                };
                assert!(of_member().any(is_running), "503 and nobody runs");
                assert!(waited <= WAIT, "{waited:?}");
            }
            (None, status) => panic!("copy {index} did not run and got {status}"),
        }
    }
}

/// A failed callback runs again: a copy runs if no other copy runs and no success is kept.
fn assert_attempts(copies: &[Copy], ran: &[Ran], told: &[Told], keep: Duration) {
    for (index, (copy, told)) in copies.iter().zip(told).enumerate() {
        let holds_up = |run: &&Ran| {
            let (ended, is_success) = run.ended.expect("all have ended");
            let until = if is_success { ended + keep } else { ended };
            run.copy != index && run.begun <= told.asked && until + LATE >= told.asked
        };
        let of_member = || ran.iter().filter(|run| run.member == copy.member);
        // Copies that arrive at the same moment have no order.
        let is_alone = |run: &&Ran| run.copy != index && run.begun >= told.asked;
        if of_member().any(|run| holds_up(&run)) {
            continue;
        }
        let own = of_member().find(|run| run.copy == index);
        let same_moment = of_member()
            .find(is_alone)
            .is_some_and(|run| run.begun == told.asked);
        let hung_up_at_once = copy.patience.is_some_and(|patience| patience.is_zero());
        assert!(
            own.is_some() || same_moment || hung_up_at_once,
            "copy {index} came alone and did not run"
        );
    }
}

fn assert_all<S: Store>(layer: DedupLayer<S>, copies: &[Copy], keep: Duration) {
    let (ran, told) = LocalSet::new().block_on(&runtime(), send_all(layer, copies));
    assert_claims(copies, &ran, &told, keep);
    assert_attempts(copies, &ran, &told, keep);
}

#[test]
fn the_memory_keeps_the_claims_of_the_layer() {
    holds(150, &copies(), |copies| {
        // The real limit is two hours by the clock of the machine. A test takes less.
        let forever = Duration::from_secs(1_000_000);
        // A lease must not end because the machine is busy.
        let layer = DedupLayer::new(MemoryStore::new()).lease(forever);
        assert_all(layer, &copies, forever);
        Ok(())
    });
}

/// The same with successes that expire, in a store whose clock belongs to the test.
#[test]
fn a_success_is_known_for_as_long_as_it_is_kept_and_no_longer() {
    let inputs = (copies(), (0..20_000_u64).prop_map(Duration::from_millis));
    holds(150, &inputs, |(copies, keep)| {
        let layer = DedupLayer::new(MapStore::default()).keep(keep);
        assert_all(layer, &copies, keep);
        Ok(())
    });
}

/// The contract of a store in a few lines: a plain map, and the clock of the test.
#[derive(Clone, Default)]
struct MapStore(Arc<Mutex<HashMap<DedupKey, (Instant, State)>>>);

#[derive(Clone)]
enum State {
    Running(ClaimToken),
    Finished(KeptAnswer),
}

impl MapStore {
    /// Sets a state, if the key is free, has expired or belongs to this token.
    fn put(&self, key: DedupKey, token: ClaimToken, time: Duration, state: State) -> Claim {
        let mut map = self.0.lock().unwrap();
        match map.get(&key).filter(|(until, _)| *until > Instant::now()) {
            Some((_, State::Finished(answer))) => return Claim::Finished(answer.clone()),
            Some((_, State::Running(by))) if *by != token => return Claim::Running,
            _ => {}
        }
        map.insert(key, (Instant::now() + time, state));
        Claim::Granted
    }
}

impl Store for MapStore {
    type Error = Infallible;

    fn claim(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> impl Future<Output = Result<Claim, Infallible>> + Send {
        ready(Ok(self.put(key, token, lease, State::Running(token))))
    }

    fn renew(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> impl Future<Output = Result<bool, Infallible>> + Send {
        let renewed = self.put(key, token, lease, State::Running(token));
        ready(Ok(renewed == Claim::Granted))
    }

    fn commit(
        &self,
        key: DedupKey,
        token: ClaimToken,
        answer: KeptAnswer,
        keep: Duration,
    ) -> impl Future<Output = Result<bool, Infallible>> + Send {
        let committed = self.put(key, token, keep, State::Finished(answer));
        ready(Ok(committed == Claim::Granted))
    }

    fn release(
        &self,
        key: DedupKey,
        token: ClaimToken,
    ) -> impl Future<Output = Result<(), Infallible>> + Send {
        let mut map = self.0.lock().unwrap();
        if matches!(map.get(&key), Some((_, State::Running(by))) if *by == token) {
            map.remove(&key);
        }
        ready(Ok(()))
    }
}
