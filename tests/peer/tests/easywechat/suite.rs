//! The notices that only suites receive.

use tower_wecom::event::{
    ApproveSpecialAuth, CancelAuth, CancelSpecialAuth, ChangeAuth, CreateAuth, ResetPermanentCode,
    SuiteTicket,
};
use tower_wecom::{Callback, EventRouter, Next, On, Origin};

use crate::account::SUITE_COMMANDS;
use crate::log::Log;
use crate::server::{Server, takes_of_suite};

/// The corp that the notice is about.
fn corp(callback: &Callback) -> String {
    match callback.origin() {
        Origin::Suite(suite) => suite.auth_corp_id.clone().unwrap_or_default(),
        origin => format!("{origin:?}"),
    }
}

const CORP: &str = "wpMd8KCQAAx3v0Jq7hTzLr5nYbEwPaUg";

#[tokio::test]
async fn handle_suite_ticket_refreshed_is_a_handler_of_suite_ticket() {
    let events = |log: Log| {
        EventRouter::new().on(move |ticket: SuiteTicket| log.tell(ticket.suite_ticket.expose()))
    };
    takes_of_suite(events, &[("suite_ticket", "stk_mB4v7Xc1Zq0Lw9Np3Ty6Rd8")]).await;
}

#[tokio::test]
async fn handle_auth_created_is_a_handler_of_create_auth() {
    let events =
        |log: Log| EventRouter::new().on(move |auth: CreateAuth| log.tell(auth.auth_code.expose()));
    takes_of_suite(events, &[("create_auth", "ac_Yt5Re2Wq9Po1Iu7Lk4Jh")]).await;
}

#[tokio::test]
async fn handle_auth_changed_is_a_handler_of_change_auth() {
    let events = |log: Log| {
        EventRouter::new().on(move |auth: On<ChangeAuth>| log.tell(corp(auth.callback())))
    };
    takes_of_suite(events, &[("change_auth", CORP)]).await;
}

#[tokio::test]
async fn handle_auth_cancelled_is_a_handler_of_cancel_auth() {
    let events = |log: Log| {
        EventRouter::new().on(move |auth: On<CancelAuth>| log.tell(corp(auth.callback())))
    };
    takes_of_suite(events, &[("cancel_auth", CORP)]).await;
}

#[tokio::test]
async fn handle_reset_permanent_code_is_a_handler_of_reset_permanent_code() {
    let events = |log: Log| {
        EventRouter::new().on(move |reset: ResetPermanentCode| {
            let code = reset.auth_code.expect("it is in the sample");
            log.tell(code.expose())
        })
    };
    takes_of_suite(
        events,
        &[("reset_permanent_code", "ac_Yt5Re2Wq9Po1Iu7Lk4Jh")],
    )
    .await;
}

#[tokio::test]
async fn handle_special_auth_approved_and_cancelled_are_handlers_of_these_kinds() {
    let events = |log: Log| {
        let cancelled = log.clone();
        EventRouter::new()
            .on(move |auth: On<ApproveSpecialAuth>| log.tell(corp(auth.callback())))
            .on(move |auth: On<CancelSpecialAuth>| cancelled.tell(corp(auth.callback())))
    };
    let expected = [
        ("approve_special_auth", CORP),
        ("cancel_special_auth", CORP),
    ];
    takes_of_suite(events, &expected).await;
}

#[tokio::test]
async fn a_default_handler_of_the_ticket_is_the_one_that_stands_last() {
    let log = Log::default();
    let (own, default) = (log.clone(), log.clone());
    // A handler of the app's own replaces `withDefaultSuiteTicketHandler`.
    let ours = EventRouter::new().on(move |_: SuiteTicket, next: Next| {
        own.say("own");
        next.run()
    });
    let defaults = EventRouter::new().on(move |_: SuiteTicket| default.tell("default"));
    let server = Server::start(SUITE_COMMANDS, ours.merge(defaults)).await;
    assert!(
        server
            .send_sample("suite_ticket")
            .await
            .is_acknowledgement()
    );
    assert_eq!(log.said(), ["own", "default"]);
}
