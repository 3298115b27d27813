//! `with` and `$next`, `prepend`, `without`, `when`, and the parts of the message that a handler
//! reads.

use tower_wecom::event::{CreateUser, SuiteTicket, Text};
use tower_wecom::{Callback, ContactEvent, Event, EventRouter, Next, On, Outcome, Reply};

use crate::account::{Account, OWN_APP, SUITE_COMMANDS};
use crate::log::Log;
use crate::peer::ask;
use crate::server::Server;

const BOTH: [Account; 2] = [OWN_APP, SUITE_COMMANDS];
const CALLBACK: &str = "change_contact_create_user";

/// A handler that adds a word before and after the others, and returns their reply.
fn around(log: &Log, word: &'static str, events: EventRouter) -> EventRouter {
    let log = log.clone();
    events.on(move |_: Callback, next: Next| {
        let log = log.clone();
        async move {
            log.say(format!("{word} before"));
            let outcome = next.run().await;
            log.say(format!("{word} after"));
            outcome
        }
    })
}

#[tokio::test]
async fn with_and_next_run_the_handlers_one_inside_the_other() {
    for account in BOTH {
        let log = Log::default();
        let events = around(&log, "first", EventRouter::new());
        let (inner, never) = (log.clone(), log.clone());
        let events = around(&log, "second", events)
            .on(move |user: CreateUser| inner.tell(user.user_id))
            .on(move |_: ContactEvent| never.tell("never"));
        let server = Server::start(account, events).await;
        let answer = server.send_sample(CALLBACK).await;
        let expected = [
            "first before",
            "second before",
            "lin.mei",
            "second after",
            "first after",
        ];
        assert_eq!(log.said(), expected);
        // WeCom takes no reply to a change of the address book.
        assert!(answer.is_acknowledgement());
    }
}

#[tokio::test]
async fn a_handler_may_answer_in_place_of_the_others_before_and_after_next() {
    let events = EventRouter::new()
        .on(async |text: Text, next: Next| {
            if text.from_user_name != "lin.mei" {
                return Reply::text("not asked").map(Outcome::from);
            }
            let outcome = next.run().await;
            match outcome.reply() {
                Some(_) => Reply::text("asked, and said otherwise").map(Outcome::from),
                None => Ok(outcome),
            }
        })
        .on(async |_: Text| Reply::text("the inner answer"));
    let server = Server::start(OWN_APP, events).await;
    let callback = OWN_APP.sample("message_text");
    let answer = server.send(&callback).await;
    assert_eq!(answer.text(&callback), "asked, and said otherwise");
    let other = callback.replace("lin.mei]]", "chen.bo]]");
    assert_eq!(server.send(&other).await.text(&other), "not asked");
}

#[tokio::test]
async fn prepend_is_the_order_of_registration() {
    for account in BOTH {
        let log = Log::default();
        // The first handler of the chain is written first, or merged in front.
        let first = around(&log, "prepended", EventRouter::new());
        let second = around(&log, "earlier", EventRouter::new());
        let server = Server::start(account, first.merge(second)).await;
        assert!(server.send_sample(CALLBACK).await.is_acknowledgement());
        let expected = [
            "prepended before",
            "earlier before",
            "earlier after",
            "prepended after",
        ];
        assert_eq!(log.said(), expected);
    }
}

#[tokio::test]
async fn without_and_when_are_an_if() {
    for account in BOTH {
        for (is_audited, is_removed) in [(false, true), (true, true), (true, false)] {
            let log = Log::default();
            let mut events = EventRouter::new();
            if is_audited {
                events = around(&log, "audit", events);
            }
            if !is_removed {
                events = around(&log, "other", events);
            }
            let server = Server::start(account, events).await;
            assert!(server.send_sample(CALLBACK).await.is_acknowledgement());
            let said = log.said();
            let has = |word: &str| said.iter().any(|said| said == word);
            assert_eq!(has("audit before"), is_audited);
            assert_eq!(has("other before"), !is_removed);
        }
    }
}

#[tokio::test]
async fn get_request_message_is_encrypted_and_get_decrypted_message_is_text() {
    for account in BOTH {
        let (log, text) = (Log::default(), account.sample(CALLBACK));
        let said = log.clone();
        let events = EventRouter::new().on(move |callback: Callback| {
            said.say(str::from_utf8(callback.encrypted()).unwrap());
            said.say(callback.text());
            said.say(callback.get("UserID").unwrap());
            said.say(callback.get("ExtAttr/Item[1]/Name").unwrap());
            said.say(callback.receive_id());
            match callback.event() {
                Event::Contact(ContactEvent::CreateUser(user)) => said.tell(&user.user_id),
                event => panic!("{event:?}"),
            }
        });
        let server = Server::start(account, events).await;
        let sealed = ask("seal", &account, account.receive_id, &text).unwrap();
        let body = sealed["body"].as_str().unwrap();
        server.send_sealed(&sealed, body.to_owned()).await;
        let item = "Profile page";
        let id = account.receive_id;
        assert_eq!(log.said(), [body, &text, "lin.mei", item, id, "lin.mei"]);
    }
}

#[tokio::test]
async fn a_handler_of_a_suite_may_see_the_callback_beside_the_event() {
    let log = Log::default();
    let said = log.clone();
    let events = EventRouter::new().on(move |ticket: On<SuiteTicket>| {
        said.say(ticket.callback().text());
        said.tell("ticket")
    });
    let server = Server::start(SUITE_COMMANDS, events).await;
    assert!(
        server
            .send_sample("suite_ticket")
            .await
            .is_acknowledgement()
    );
    assert_eq!(
        log.said(),
        [&SUITE_COMMANDS.sample("suite_ticket"), "ticket"]
    );
}
