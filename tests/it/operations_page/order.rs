//! The lines about a wrong order of layers that the page quotes.

use std::time::Duration;

use http::Request;
use tokio::time::sleep;
use tower::util::MapRequest;
use tower::{ServiceBuilder, service_fn};
use tower_wecom::extensions::Outside;
use tower_wecom::{DeadlineLayer, DedupLayer, WeComLayer};

use super::{fits, page};
use crate::support::{Trace, answer, config, delivery, ok};

/// The trace of each mistake.
async fn all() -> String {
    let trace = Trace::start();
    let wecom = || WeComLayer::new(config());
    let outside = ServiceBuilder::new()
        .layer(DeadlineLayer::new())
        .layer(DedupLayer::default())
        .layer(wecom())
        .service(service_fn(ok::<String>));
    answer(outside, delivery()).await;

    let without_inbox = MapRequest::new(
        wecom().layer(service_fn(ok::<String>)),
        |mut request: Request<String>| {
            Outside::reject(request.extensions_mut(), "InboxLayer");
            request
        },
    );
    answer(without_inbox, delivery()).await;

    let swapped = ServiceBuilder::new()
        .layer(wecom())
        .layer(DedupLayer::default())
        .layer(DeadlineLayer::new())
        .service(service_fn(|request| async {
            sleep(Duration::from_secs(6)).await;
            ok::<String>(request).await
        }));
    answer(swapped, delivery()).await;

    let everywhere = wecom().layer(service_fn(ok::<String>));
    for path in ["/health", "/api/users"] {
        let request = Request::get(path).body(String::new()).unwrap();
        answer(everywhere.clone(), request).await;
    }
    trace.text()
}

#[tokio::test(start_paused = true)]
async fn the_lines_about_a_wrong_order_are_said_and_all_of_them_are_quoted() {
    let (page, trace) = (page(), all().await);
    let section = page.split_once("\n### The order of the layers").unwrap().1;
    let block = section.split_once("```text\n").unwrap().1;
    let quotes: Vec<_> = block.split_once("\n```").unwrap().0.lines().collect();
    for quote in &quotes {
        // The ellipses in the name of a setting match any text too.
        let is_said = trace.lines().any(|line| fits(quote, line));
        assert!(is_said, "{quote}\nis not in\n{trace}");
    }
    for line in trace.lines().filter(|line| line.contains(" WARN ")) {
        let is_quoted = quotes.iter().any(|quote| fits(quote, line));
        assert!(is_quoted, "the page does not quote\n{line}");
    }
}
