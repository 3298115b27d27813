//! Suite tickets: which are stored, which are rejected, and what the reader returns.

use std::io;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tower_wecom::event::SuiteTicket;
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::tickets::{
    MemorySuiteTicketStore, StoredTicket, SuiteTicketError, SuiteTicketStore, SuiteTickets,
};
use tower_wecom::{Config, EventRouter, On, ReceiveId, RouteByPath, WeComLayer};

use crate::support::{Answer, KEY, NOW, TOKEN, answer};

const SUITE: &str = "ww81d0e4c7a95b2f36";
const OTHER: &str = "ww0000000000000002";
const CUSTOMER: &str = "wwcustomer";

/// The command URL of two suites that share a Token. By mistake, the app of a customer shares it
/// too.
fn config() -> Config {
    let (token, key) = (TOKEN.parse().unwrap(), KEY.parse().unwrap());
    let ids = ReceiveId::any_of([SUITE, OTHER, CUSTOMER, ""]);
    Config::new(token, key, ids).clock(FixedClock::at(NOW))
}

/// A notice. An empty argument is left out.
fn notice(suite_id: &str, ticket: &str, time: &str) -> String {
    let element = |name: &str, text: &str| match text {
        "" => String::new(),
        text => format!("<{name}>{text}</{name}>"),
    };
    let suite_id = element("SuiteId", suite_id);
    let time = element("TimeStamp", time);
    format!(
        "<xml>{suite_id}<InfoType>suite_ticket</InfoType>{time}\
         <SuiteTicket><![CDATA[{ticket}]]></SuiteTicket></xml>"
    )
}

async fn deliver(events: &EventRouter, payload: impl AsRef<[u8]>) -> Answer {
    deliver_for(SUITE, events, payload).await
}

async fn deliver_for(id: &str, events: &EventRouter, payload: impl AsRef<[u8]>) -> Answer {
    let wecom = Platform::new(&config()).receive_id(id);
    let request = wecom.deliver_xml(payload).unwrap();
    answer(WeComLayer::new(config()).layer(events.clone()), request).await
}

fn acknowledged(answer: &Answer) -> bool {
    answer.status == StatusCode::OK && answer.text() == "success"
}

/// The tickets of one suite in memory, with the clock of the config.
fn tickets() -> (SuiteTickets, FixedClock) {
    let clock = FixedClock::at(NOW);
    let tickets = SuiteTickets::new(MemorySuiteTicketStore::new(), [SUITE]);
    (tickets.clock(clock.clone()), clock)
}

async fn current<S: SuiteTicketStore>(tickets: &SuiteTickets<S>) -> (String, u64) {
    let ticket = tickets.current(SUITE).await.unwrap();
    (ticket.expose().to_owned(), ticket.unix_seconds())
}

#[tokio::test]
async fn a_ticket_is_stored_under_its_own_time_and_acknowledged() {
    let (tickets, clock) = tickets();
    let events = EventRouter::new().on(tickets.handler());
    // The time of the sample is seven seconds after the clock of the other tests.
    clock.set(NOW + 60);
    let sample = include_str!("../data/samples/third_party_info/info_suite_ticket.xml");
    assert!(acknowledged(&deliver(&events, sample).await));
    let expected = ("stk_mB4v7Xc1Zq0Lw9Np3Ty6Rd8".to_owned(), NOW + 7);
    assert_eq!(current(&tickets).await, expected);
}

#[tokio::test]
async fn a_handler_behind_it_sees_the_ticket_once_it_is_stored() {
    let (tickets, _) = tickets();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (reader, log) = (tickets.clone(), Arc::clone(&seen));
    let events = EventRouter::new()
        .on(tickets.handler())
        .on(move |ticket: SuiteTicket| {
            let (reader, log) = (reader.clone(), Arc::clone(&log));
            async move {
                let stored = reader.current(SUITE).await.unwrap();
                assert_eq!(stored.expose(), ticket.suite_ticket.expose());
                log.lock().unwrap().push(stored.expose().to_owned());
                Err::<(), _>("the reader has failed")
            }
        });
    // The handler's failure is the answer, but the ticket is stored.
    let answer = deliver(&events, notice(SUITE, "stk_1", "")).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(*seen.lock().unwrap(), ["stk_1"]);
    assert_eq!(current(&tickets).await.0, "stk_1");
}

#[tokio::test]
async fn a_ticket_of_another_suite_or_of_none_is_rejected_and_goes_nowhere() {
    let (tickets, _) = tickets();
    let seen = Arc::new(Mutex::new(0));
    let log = Arc::clone(&seen);
    let events = EventRouter::new()
        .on(tickets.handler())
        .on(move |_: SuiteTicket| {
            *log.lock().unwrap() += 1;
            std::future::ready(())
        });
    let longer = format!("{SUITE}0");
    let rows = [
        notice(OTHER, "stk_9", "1767225605"),
        notice(&longer, "stk_9", "1767225605"),
        notice(&SUITE.to_uppercase(), "stk_9", "1767225605"),
        notice("", "stk_9", "1767225605"),
        notice(SUITE, "stk_9", "1767225605").replace("InfoType", "Event"),
    ];
    for payload in rows {
        let answer = deliver(&events, &payload).await;
        assert_eq!(
            answer.status,
            StatusCode::INTERNAL_SERVER_ERROR,
            "{payload}"
        );
        assert_eq!(answer.text(), "");
    }
    assert_eq!(*seen.lock().unwrap(), 0);
    let error = tickets.current(SUITE).await.unwrap_err();
    assert!(
        matches!(error, SuiteTicketError::Absent { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_notice_without_a_ticket_replaces_none() {
    let (tickets, _) = tickets();
    let events = EventRouter::new().on(tickets.handler());
    deliver(&events, notice(SUITE, "stk_1", "1767225600")).await;
    for empty in ["", "  "] {
        deliver(&events, notice(SUITE, empty, "1767225605")).await;
    }
    assert_eq!(current(&tickets).await.0, "stk_1");
}

#[tokio::test]
async fn a_late_retry_is_acknowledged_and_does_not_replace_a_newer_ticket() {
    let (tickets, _) = tickets();
    let events = EventRouter::new().on(tickets.handler());
    let rows = [
        ("stk_1", NOW - 700, "stk_1"),
        ("stk_2", NOW - 100, "stk_2"),
        ("stk_1", NOW - 700, "stk_2"),
        // In the same second the later notice wins.
        ("stk_3", NOW - 100, "stk_3"),
        ("stk_4", NOW, "stk_4"),
    ];
    for (ticket, time, expected) in rows {
        let payload = notice(SUITE, ticket, &time.to_string());
        assert!(acknowledged(&deliver(&events, payload).await));
        assert_eq!(current(&tickets).await.0, expected, "{ticket}");
    }
}

#[tokio::test]
async fn a_ticket_without_a_time_or_with_one_to_come_has_that_of_its_arrival() {
    let far = (NOW + 1_000_000_000).to_string();
    for time in ["", "0x", far.as_str(), "18446744073709551616"] {
        let (tickets, _) = tickets();
        let events = EventRouter::new().on(tickets.handler());
        deliver(&events, notice(SUITE, "stk_1", time)).await;
        assert_eq!(current(&tickets).await, ("stk_1".to_owned(), NOW), "{time}");
        // So it does not block a later ticket.
        deliver(&events, notice(SUITE, "stk_2", &NOW.to_string())).await;
        assert_eq!(current(&tickets).await.0, "stk_2", "{time}");
    }
}

#[tokio::test]
async fn several_suites_share_a_url_and_each_keeps_its_own_ticket() {
    let tickets = SuiteTickets::new(MemorySuiteTicketStore::new(), [SUITE, OTHER]);
    let tickets = tickets.clock(FixedClock::at(NOW));
    let events = EventRouter::new().on(tickets.handler());
    for (suite, ticket) in [(SUITE, "stk_1"), (OTHER, "stk_2"), (SUITE, "stk_3")] {
        let answer = deliver_for(suite, &events, notice(suite, ticket, "")).await;
        assert!(acknowledged(&answer));
    }
    assert_eq!(tickets.current(SUITE).await.unwrap().expose(), "stk_3");
    assert_eq!(tickets.current(OTHER).await.unwrap().expose(), "stk_2");
}

#[tokio::test]
async fn a_customer_cannot_forge_the_ticket_of_a_suite_with_the_pair_of_an_app_of_his_own() {
    let (tickets, _) = tickets();
    let events = EventRouter::new().on(tickets.handler());
    let genuine = deliver(&events, notice(SUITE, "stk_1", &(NOW - 2).to_string())).await;
    assert!(acknowledged(&genuine));
    for receiver in [CUSTOMER, OTHER, ""] {
        let forged = deliver_for(receiver, &events, notice(SUITE, "junk", "")).await;
        assert_eq!(forged.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(current(&tickets).await.0, "stk_1", "{receiver:?}");
    }
    // Notices to an individual's suite are encrypted for the empty id.
    let tickets = SuiteTickets::new(MemorySuiteTicketStore::new(), [SUITE]).of_an_individual();
    let events = EventRouter::new().on(tickets.handler());
    assert!(acknowledged(
        &deliver_for("", &events, notice(SUITE, "stk_2", "")).await
    ));
    let forged = deliver_for(CUSTOMER, &events, notice(SUITE, "junk", "")).await;
    assert_eq!(forged.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_clock_that_is_slow_does_not_let_an_old_ticket_win() {
    let (tickets, _) = tickets();
    let events = EventRouter::new().on(tickets.handler());
    deliver(&events, notice(SUITE, "newer", &(NOW + 900).to_string())).await;
    deliver(&events, notice(SUITE, "older", &(NOW + 300).to_string())).await;
    assert_eq!(current(&tickets).await, ("newer".to_owned(), NOW + 900));
}

#[tokio::test]
async fn a_reader_is_told_why_there_is_no_ticket_and_how_old_one_is() {
    let (tickets, clock) = tickets();
    let error = tickets.current(SUITE).await.unwrap_err();
    assert!(
        matches!(error, SuiteTicketError::Absent { .. }),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("console pushes one at once"),
        "{error}"
    );

    let events = EventRouter::new().on(tickets.handler());
    deliver(&events, notice(SUITE, "stk_1", &NOW.to_string())).await;
    // It is valid for 30 minutes, and also if the clock is set back.
    for now in [NOW, NOW + 1_800, NOW - 5, 0] {
        clock.set(now);
        assert_eq!(current(&tickets).await.0, "stk_1", "{now}");
    }
    for (now, expected) in [(NOW + 1_801, 1_801), (u64::MAX, u64::MAX - NOW)] {
        clock.set(now);
        let error = tickets.current(SUITE).await.unwrap_err();
        assert!(
            matches!(&error, SuiteTicketError::Expired { age, suite_id, .. } if *age == expected && suite_id == SUITE),
            "{error:?}"
        );
        let text = format!("is {expected} seconds old");
        assert!(error.to_string().contains(&text), "{error}");
    }

    let error = tickets.current(OTHER).await.unwrap_err();
    assert!(
        matches!(&error, SuiteTicketError::OtherSuite { suite_id: Some(id), .. } if id == OTHER),
        "{error:?}"
    );
}

/// A store whose database is unavailable.
struct Broken;

impl SuiteTicketStore for Broken {
    type Error = io::Error;

    async fn put(&self, _: &str, _: StoredTicket) -> io::Result<()> {
        Err(io::Error::other("no connection"))
    }

    async fn get(&self, _: &str) -> io::Result<Option<StoredTicket>> {
        Err(io::Error::other("no connection"))
    }
}

#[tokio::test]
async fn a_store_that_fails_is_no_acknowledgement() {
    let tickets = SuiteTickets::new(Broken, [SUITE]);
    let events = EventRouter::new()
        .on(tickets.handler())
        .on(async |_: SuiteTicket| -> () { panic!("nothing was stored") });
    let answer = deliver(&events, notice(SUITE, "stk_1", "")).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);

    let error = tickets.current(SUITE).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "no connection");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_newest_stays_however_the_tickets_arrive() {
    let store = Arc::new(MemorySuiteTicketStore::new());
    // Two replicas, one store.
    let replicas = [(); 2].map(|()| {
        let tickets = SuiteTickets::new(Arc::clone(&store), [SUITE]);
        tickets.clock(FixedClock::at(NOW))
    });
    let mut running = Vec::new();
    for number in 0..200_u64 {
        // A permutation of the numbers up to 200.
        let time = NOW - 199 + number * 73 % 200;
        let replica = replicas[usize::try_from(number).unwrap() % 2].clone();
        running.push(tokio::spawn(async move {
            let events = EventRouter::new().on(replica.handler());
            deliver(
                &events,
                notice(SUITE, &format!("stk_{time}"), &time.to_string()),
            )
            .await
        }));
    }
    for answer in running {
        assert!(acknowledged(&answer.await.unwrap()));
    }
    for replica in replicas {
        assert_eq!(current(&replica).await, (format!("stk_{NOW}"), NOW));
    }
}

#[tokio::test]
async fn an_axum_handler_stores_tickets_without_the_event_router() {
    async fn on_ticket(
        State(tickets): State<SuiteTickets>,
        ticket: On<SuiteTicket>,
    ) -> Result<(), StatusCode> {
        let stored = tickets.store(&ticket).await;
        stored.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }

    let (tickets, _) = tickets();
    let app: axum::Router = axum::Router::new()
        .route("/suite_ticket", post(on_ticket))
        .with_state(tickets.clone());
    let service = WeComLayer::new(config()).layer(RouteByPath::new(app));
    for (suite, status) in [(SUITE, 200), (OTHER, 503)] {
        let request = Platform::new(&config())
            .deliver_xml(notice(suite, "stk_1", ""))
            .unwrap();
        assert_eq!(answer(service.clone(), request).await.status, status);
    }
    assert_eq!(current(&tickets).await.0, "stk_1");
}

#[tokio::test]
async fn no_debug_text_shows_a_ticket() {
    let ticket = StoredTicket::new(" stk_secret\n", NOW);
    assert_eq!(ticket.expose(), "stk_secret");
    let store = MemorySuiteTicketStore::new().with(SUITE, ticket.clone());
    let tickets = SuiteTickets::new(store.clone(), [SUITE]);
    let shown = format!("{ticket:?} {store:?} {tickets:?}");
    assert!(!shown.contains("stk_secret"), "{shown}");
    assert!(shown.contains(&NOW.to_string()) && shown.contains(SUITE));
}
