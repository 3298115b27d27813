//! The callback URLs of the tests, and what this crate does with a request.

use std::sync::{Arc, Mutex};

use http::Request;
use tower_wecom::test_util::{Platform, TestResponse};
use tower_wecom::{Callback, Config, EventRouter, ReceiveId, WeComLayer};

const TOKEN: &str = "QDG6eK";
const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
pub(crate) const PROVIDER: &str = "ww7be02f51d9c3a846";

/// A callback URL, as the other libraries need it.
pub(crate) struct Account {
    pub(crate) token: &'static str,
    pub(crate) key: &'static str,
    pub(crate) receive_id: &'static str,
    pub(crate) config: Config,
}

pub(crate) fn own_app() -> Account {
    account("ww3f9c21d07b64a8e5", |id| {
        Config::new(
            TOKEN.parse().unwrap(),
            KEY.parse().unwrap(),
            ReceiveId::exact(id),
        )
    })
}

pub(crate) fn suite() -> Account {
    account("ww81d0e4c7a95b2f36", |id| {
        Config::suite_command(TOKEN.parse().unwrap(), KEY.parse().unwrap(), PROVIDER, id)
    })
}

pub(crate) fn bot() -> Account {
    account("", |_| {
        Config::bot(TOKEN.parse().unwrap(), KEY.parse().unwrap())
    })
}

fn account(receive_id: &'static str, config: fn(&'static str) -> Config) -> Account {
    Account {
        token: TOKEN,
        key: KEY,
        receive_id,
        config: config(receive_id),
    }
}

impl Account {
    pub(crate) fn platform(&self) -> Platform {
        Platform::new(&self.config)
    }

    /// The response of this crate, and the callback that the handler got.
    pub(crate) async fn send(&self, request: Request<String>) -> (TestResponse, Option<Callback>) {
        let seen = Arc::new(Mutex::new(None));
        let handler = Arc::clone(&seen);
        let events: EventRouter = EventRouter::new().on(move |callback: Callback| {
            *handler.lock().unwrap() = Some(callback);
            async {}
        });
        let service = WeComLayer::new(self.config.clone()).layer(events);
        let response = self.platform().send(request, service).await.unwrap();
        let callback = seen.lock().unwrap().take();
        (response, callback)
    }

    /// The callback that the handler got.
    pub(crate) async fn receive(&self, request: Request<String>) -> Callback {
        let (response, callback) = self.send(request).await;
        callback.unwrap_or_else(|| panic!("{response:?}"))
    }
}
