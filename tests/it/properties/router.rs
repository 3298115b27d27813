//! `EventRouter` compared with a model: a list of handlers that are tried in order.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use http::{Request, StatusCode};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tower::ServiceExt;
use tower_wecom::event::{
    BatchJobResult, BotEvent, BotText, ContactEvent, CreateUser, DeleteUser, Message, Subscribe,
    SuiteEvent, SuiteTicket, Text, UnknownEvent, known_kinds,
};
use tower_wecom::protocol::restore;
use tower_wecom::router::{Argument, FromCallback};
use tower_wecom::test_util::Sample;
use tower_wecom::{Callback, Event, EventRouter, Next, On, Outcome, Reply, Unhandled};

use super::{holds, runtime};

/// The callbacks that a handler takes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Matcher {
    Struct(&'static str),
    Family(&'static str),
    /// By name, with an argument for any callback.
    Kind(&'static str),
    All,
    /// All, with `Event` as the argument.
    Event,
}

/// What a handler does. One that can call the handlers behind it has the argument `Next`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Acknowledge,
    Reply,
    Fail,
    PassOn,
    /// Answers by itself if no handler behind it does.
    Catch,
    /// Calls the others and replies with something else.
    Replace,
    /// Calls the others and fails.
    FailBehind,
    /// Does not call the others.
    Skip,
}

impl Act {
    fn is_last(self) -> bool {
        matches!(self, Self::Acknowledge | Self::Reply | Self::Fail)
    }
}

#[derive(Clone, Copy, Debug)]
struct Handler {
    matcher: Matcher,
    act: Act,
    /// Whether it takes `On<…>`.
    is_on: bool,
}

/// The outcome of a callback.
#[derive(Clone, Debug, PartialEq)]
enum End {
    Acknowledged,
    Replied(usize),
    Failed(usize),
    Unhandled,
}

#[derive(Debug)]
struct Failure(usize);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "handler {}", self.0)
    }
}

impl std::error::Error for Failure {}

fn reply(index: usize) -> Reply {
    Reply::raw(format!("handler {index}"))
}

/// The numbers of the called handlers.
type Called = Arc<Mutex<Vec<usize>>>;

/// The expected behaviour of the router, in a dozen lines.
fn model(handlers: &[(usize, Handler)], callback: Known, called: &mut Vec<usize>) -> End {
    let found = handlers
        .iter()
        .position(|(_, it)| callback.is_for(it.matcher));
    let Some(((index, handler), rest)) = found.and_then(|at| handlers[at..].split_first()) else {
        return End::Unhandled;
    };
    called.push(*index);
    match handler.act {
        Act::Acknowledge => End::Acknowledged,
        Act::Reply | Act::Skip => End::Replied(*index),
        Act::Fail => End::Failed(*index),
        Act::PassOn => model(rest, callback, called),
        Act::Catch => match model(rest, callback, called) {
            End::Unhandled => End::Replied(*index),
            end => end,
        },
        Act::Replace => {
            model(rest, callback, called);
            End::Replied(*index)
        }
        Act::FailBehind => {
            model(rest, callback, called);
            End::Failed(*index)
        }
    }
}

/// The properties of a callback that the model needs.
#[derive(Clone, Copy, Debug)]
struct Known {
    kind: &'static str,
    family: &'static str,
    /// Whether it was read as the struct of its kind.
    is_read: bool,
}

impl Known {
    fn is_for(self, matcher: Matcher) -> bool {
        match matcher {
            Matcher::Struct(kind) => self.is_read && self.kind == kind,
            Matcher::Family(family) => self.family == family,
            Matcher::Kind(kind) => self.kind == kind,
            Matcher::All | Matcher::Event => true,
        }
    }
}

/// Every sample, and for each family here a new kind and, if it has kinds, an unreadable callback.
fn callbacks() -> Vec<(Known, Callback)> {
    let samples = Sample::all().map(|sample| {
        let row = known_kinds().find(|row| row.kind == sample.kind());
        let family = row.map_or("UnknownEvent", |row| row.family);
        (sample.payload(), sample.kind(), family, row.is_some())
    });
    let odd = [
        (
            "<xml><Event>change_contact</Event><ChangeType>teleport_user</ChangeType></xml>",
            "change_contact/teleport_user",
            "ContactEvent",
        ),
        (
            "<xml><Event>change_contact</Event><ChangeType>create_user</ChangeType></xml>",
            "change_contact/create_user",
            "ContactEvent",
        ),
        (
            "<xml><Event>change_contact</Event><ChangeType>delete_user</ChangeType></xml>",
            "change_contact/delete_user",
            "ContactEvent",
        ),
        (
            "<xml><MsgType>hologram</MsgType><MsgId>1</MsgId></xml>",
            "message/hologram",
            "Message",
        ),
        (
            "<xml><Event>batch_job_result</Event></xml>",
            "batch_job_result",
            "UnknownEvent",
        ),
        (
            "<xml><Event>some_new_event</Event></xml>",
            "some_new_event",
            "UnknownEvent",
        ),
        ("junk", "unreadable", "UnknownEvent"),
    ];
    let odd = odd.map(|(payload, kind, family)| (payload, kind, family, false));
    let of = |(payload, kind, family, is_read): (&'static str, _, _, _)| {
        let known = Known {
            kind,
            family,
            is_read,
        };
        (known, restore(payload.into(), "ww1", None, 0))
    };
    samples.chain(odd).map(of).collect()
}

/// All possible callbacks: those above, and an unreadable one of each kind.
fn universe() -> Vec<Known> {
    let unread = |known: Known| {
        let family = match known.family {
            // This family is a single struct, so an unreadable callback is not in it.
            "BatchJobResult" => "UnknownEvent",
            family => family,
        };
        [
            known,
            Known {
                family,
                is_read: false,
                ..known
            },
        ]
    };
    callbacks()
        .into_iter()
        .flat_map(|(known, _)| unread(known))
        .collect()
}

/// Adds a handler. `is_on` and `act` decide which of the four forms it has.
fn add<E>(router: EventRouter, index: usize, handler: Handler, called: &Called) -> EventRouter
where
    E: FromCallback + Argument,
    On<E>: Argument,
{
    let (act, called) = (handler.act, Arc::clone(called));
    match (handler.is_on, act.is_last()) {
        (false, true) => router.on(move |_: E| answer(index, act, &called)),
        (true, true) => router.on(move |_: On<E>| answer(index, act, &called)),
        (false, false) => router.on(move |_: E, next: Next| chain(index, act, &called, next)),
        (true, false) => router.on(move |_: On<E>, next: Next| chain(index, act, &called, next)),
    }
}

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send>>;

fn answer(index: usize, act: Act, called: &Called) -> Answer<Reply> {
    called.lock().unwrap().push(index);
    Box::pin(async move {
        match act {
            Act::Acknowledge => Ok(Reply::ack()),
            Act::Reply => Ok(reply(index)),
            _ => Err(Failure(index)),
        }
    })
}

fn chain(index: usize, act: Act, called: &Called, next: Next) -> Answer<Outcome> {
    called.lock().unwrap().push(index);
    Box::pin(async move {
        if act == Act::Skip {
            return Ok(reply(index).into());
        }
        let outcome = next.run().await;
        match act {
            Act::PassOn => Ok(outcome),
            Act::Catch if !outcome.is_unhandled() => Ok(outcome),
            Act::Catch | Act::Replace => Ok(reply(index).into()),
            _ => Err(Failure(index)),
        }
    })
}

/// The router of a list of handlers. The number of its fallback is 99.
fn router(handlers: &[(usize, Handler)], fallback: Option<Act>, called: &Called) -> EventRouter {
    let mut router = EventRouter::new();
    for (index, handler) in handlers.iter().copied() {
        router = add_by_matcher(router, index, handler, called);
    }
    let called = Arc::clone(called);
    match fallback {
        None => router,
        Some(act) if act.is_last() => {
            router.fallback(move |_: Callback| answer(FALLBACK, act, &called))
        }
        Some(act) => {
            router.fallback(move |_: Event, next: Next| chain(FALLBACK, act, &called, next))
        }
    }
}

const FALLBACK: usize = 99;

fn add_by_matcher(
    router: EventRouter,
    index: usize,
    handler: Handler,
    called: &Called,
) -> EventRouter {
    macro_rules! add {
        ($E:ty) => {
            add::<$E>(router, index, handler, called)
        };
    }
    match handler.matcher {
        Matcher::All => add!(Callback),
        Matcher::Event => add!(Event),
        Matcher::Family("ContactEvent") => add!(ContactEvent),
        Matcher::Family("Message") => add!(Message),
        Matcher::Family("SuiteEvent") => add!(SuiteEvent),
        Matcher::Family("BotEvent") => add!(BotEvent),
        Matcher::Family("BatchJobResult") => add!(BatchJobResult),
        Matcher::Family(_) => add!(UnknownEvent),
        Matcher::Struct("change_contact/create_user") => add!(CreateUser),
        Matcher::Struct("change_contact/delete_user") => add!(DeleteUser),
        Matcher::Struct("message/text") => add!(Text),
        Matcher::Struct("subscribe") => add!(Subscribe),
        Matcher::Struct("bot/text") => add!(BotText),
        Matcher::Struct(_) => add!(SuiteTicket),
        Matcher::Kind(kind) => {
            let (act, called) = (handler.act, Arc::clone(called));
            if act.is_last() {
                router.on_kind(kind, move |_: Callback| answer(index, act, &called))
            } else {
                router.on_kind(kind, move |_: Event, next: Next| {
                    chain(index, act, &called, next)
                })
            }
        }
    }
}

const STRUCTS: &[&str] = &[
    "change_contact/create_user",
    "change_contact/delete_user",
    "message/text",
    "subscribe",
    "bot/text",
    "suite_ticket",
];
const FAMILIES: &[&str] = &[
    "ContactEvent",
    "Message",
    "SuiteEvent",
    "BotEvent",
    "BatchJobResult",
    "UnknownEvent",
];

fn handler(kinds: Vec<&'static str>) -> impl Strategy<Value = Handler> {
    let matcher = prop_oneof![
        3 => select(STRUCTS).prop_map(Matcher::Struct),
        3 => select(FAMILIES).prop_map(Matcher::Family),
        3 => select(STRUCTS).prop_map(Matcher::Kind),
        1 => select(kinds).prop_map(Matcher::Kind),
        1 => Just(Matcher::All),
        1 => Just(Matcher::Event),
    ];
    (matcher, act(), any::<bool>()).prop_map(|(matcher, act, is_on)| Handler {
        matcher,
        act,
        is_on,
    })
}

fn act() -> impl Strategy<Value = Act> {
    select(vec![
        Act::Acknowledge,
        Act::Reply,
        Act::Fail,
        Act::PassOn,
        Act::PassOn,
        Act::PassOn,
        Act::Catch,
        Act::Replace,
        Act::FailBehind,
        Act::Skip,
    ])
}

/// Whether an earlier handler answers all callbacks that this handler takes. For any two matchers
/// there is a callback that shows their difference.
fn is_hidden(handlers: &[Handler], later: Handler, universe: &[Known]) -> bool {
    handlers
        .iter()
        .filter(|earlier| earlier.act.is_last())
        .any(|earlier| {
            let mut of_later = universe.iter().filter(|it| it.is_for(later.matcher));
            of_later.all(|callback| callback.is_for(earlier.matcher))
        })
}

fn send(router: &EventRouter, callback: &Callback) -> End {
    let mut request = Request::new(());
    request.extensions_mut().insert(callback.clone());
    let sent = router.clone().oneshot(request);
    let response = runtime().block_on(sent).unwrap();
    let extensions = response.extensions();
    let replied = extensions.get::<Reply>().cloned();
    match (response.status(), replied, extensions.get::<Unhandled>()) {
        (StatusCode::INTERNAL_SERVER_ERROR, None, None) => End::Failed(0),
        (StatusCode::OK, None, Some(_)) => End::Unhandled,
        (StatusCode::OK, Some(said), None) if said == Reply::ack() => End::Acknowledged,
        (StatusCode::OK, Some(said), None) => {
            let index = (0..100).find(|index| said == reply(*index));
            End::Replied(index.expect("a reply of one of ours"))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_router_does_what_a_list_of_handlers_does() {
    let (callbacks, universe) = (callbacks(), universe());
    let kinds: Vec<&str> = Sample::all().map(Sample::kind).collect();
    let inputs = (
        prop::collection::vec(handler(kinds), 0..=12),
        prop::option::of(act()),
        any::<Index>(),
        prop::collection::vec(any::<Index>(), 6),
    );
    holds(400, &inputs, |(asked, fallback, split, picked)| {
        // Without the handlers that could never run.
        let mut handlers: Vec<Handler> = Vec::new();
        for handler in asked {
            if !is_hidden(&handlers, handler, &universe) {
                handlers.push(handler);
            }
        }
        let handlers: Vec<_> = handlers.into_iter().enumerate().collect();
        let called = Called::default();
        let (first, second) = handlers.split_at(split.index(handlers.len() + 1));
        let whole = router(&handlers, fallback, &called);
        let merged = router(first, None, &called).merge(router(second, fallback, &called));
        let mut with_fallback = handlers.clone();
        with_fallback.extend(fallback.map(|act| {
            let matcher = Matcher::All;
            (
                FALLBACK,
                Handler {
                    matcher,
                    act,
                    is_on: false,
                },
            )
        }));
        for index in picked {
            let (known, callback) = index.get(&callbacks);
            let mut expected = Vec::new();
            let end = match model(&with_fallback, *known, &mut expected) {
                // Only the trace names the handler that failed.
                End::Failed(_) => End::Failed(0),
                end => end,
            };
            for router in [&whole, &merged] {
                prop_assert_eq!(send(router, callback), end.clone(), "{}", known.kind);
                let was_called = std::mem::take(&mut *called.lock().unwrap());
                prop_assert_eq!(was_called, expected.clone(), "{}", known.kind);
            }
        }
        Ok(())
    });
}

/// A handler that could never run is a panic at the start of the program. No other handler is.
#[test]
fn a_handler_is_taken_unless_one_before_it_answers_all_of_its_callbacks() {
    let universe = universe();
    let kinds: Vec<&str> = Sample::all().map(Sample::kind).collect();
    let inputs = prop::collection::vec(handler(kinds), 2..=6);
    let counts = std::cell::Cell::new((0, 0));
    holds(1_500, &inputs, |handlers| {
        let (mut taken, mut refused) = counts.get();
        let mut kept: Vec<Handler> = Vec::new();
        for handler in handlers {
            let all: Vec<_> = kept.iter().copied().chain([handler]).enumerate().collect();
            let called = Called::default();
            let built = catch_unwind(AssertUnwindSafe(|| router(&all, None, &called)));
            let is_hidden = is_hidden(&kept, handler, &universe);
            prop_assert_eq!(built.is_err(), is_hidden, "{:?} behind {:?}", handler, kept);
            if is_hidden {
                refused += 1;
            } else {
                kept.push(handler);
                taken += 1;
            }
        }
        counts.set((taken, refused));
        Ok(())
    });
    let (taken, refused) = counts.get();
    assert!(
        taken + refused < 500 || taken > 100 && refused > 100,
        "{taken} taken, {refused} refused"
    );
}
