//! Runs `doctor` against an application.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;

use crate::support::{App, Ran, Seen, Wecom, config, layered, profiles, wecom};

pub(super) fn doctor(app: &App) -> Ran {
    wecom(&["doctor", "--json", "--to", &app.url])
}

/// With a file that has the application's credentials in another profile.
pub(super) fn doctor_with_profiles(app: &App) -> Ran {
    Wecom::new()
        .file("wecom.toml", profiles())
        .run(&["doctor", "--json", "--to", &app.url])
}

pub(super) fn message(ran: &Ran, code: &str) -> String {
    let json = ran.json();
    let findings = json["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["code"] == code);
    let found = found.unwrap_or_else(|| panic!("no {code}: {ran:?}"));
    assert!(
        found["level"] != "failure" || found["advice"].is_string(),
        "{found}"
    );
    found["message"].as_str().unwrap().to_owned()
}

/// A correct application behind a layer that may reject a request.
pub(super) fn behind(
    reject: impl Fn(&Request) -> Option<Response> + Clone + Send + Sync + 'static,
) -> App {
    let router = layered(config(), Seen::default(), None);
    App::start(router.layer(from_fn(move |request: Request, next: Next| {
        let rejected = reject(&request);
        async move {
            match rejected {
                Some(rejected) => rejected,
                None => next.run(request).await,
            }
        }
    })))
}
