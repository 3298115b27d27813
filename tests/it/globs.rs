//! A user may import everything.

use axum::Router;
use axum::routing::any;
use tower_wecom::*;

// `axum::Router` above is ambiguous if this crate has a public module `axum`, as long as both imports
// are in one module.
#[test]
fn a_glob_import_goes_with_axums_own_names() {
    async fn on_contact(_: ContactEvent) -> Reply {
        Reply::ack()
    }
    let token = "QDG6eK".parse::<Token>().unwrap();
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        .parse()
        .unwrap();
    let config = Config::new(token, key, ReceiveId::exact("ww1a2b3c"));
    let _: Router = Router::new().route("/wecom", any(on_contact).layer(WeComLayer::new(config)));
}
