//! `Tenants::by_envelope` with AI bots, whose envelopes name no corp.

use std::convert::Infallible;

use http::{Request, Response};
use tower::service_fn;
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{
    Callback, Config, ReceiveId, RejectionKind, RequestBody, TenantTable, Tenants, WeComLayer,
};

use crate::support::{KEY, NOW, Trace, answer};

fn bot(token: &str) -> Config {
    Config::bot(token.parse().unwrap(), KEY.parse().unwrap())
        .name(token)
        .clock(FixedClock::at(NOW))
}

fn app(token: &str) -> Config {
    let key = KEY.parse().unwrap();
    Config::new(token.parse().unwrap(), key, ReceiveId::exact("ww1"))
        .name(token)
        .clock(FixedClock::at(NOW))
}

/// Sends a request. Returns the tenant that got it.
async fn sent(tenants: &Tenants, request: Request<String>) -> Result<String, RejectionKind> {
    let inner = service_fn(|request: Request<RequestBody<String>>| {
        let callback: &Callback = request.extensions().get().unwrap();
        let tenant = callback.tenant().unwrap().to_owned();
        std::future::ready(Ok::<_, Infallible>(
            Response::builder()
                .header("tenant", tenant)
                .body(String::new())
                .unwrap(),
        ))
    });
    let answer = answer(WeComLayer::new(tenants.clone()).layer(inner), request).await;
    let tenant = answer.header("tenant").map(str::to_owned);
    tenant.ok_or_else(|| answer.kind().unwrap())
}

fn message(config: &Config) -> Request<String> {
    Platform::new(config)
        .deliver("bot/text")
        .unwrap()
        .request()
        .unwrap()
}

#[tokio::test]
async fn a_bots_message_gets_to_the_row_of_the_bot() {
    let table = TenantTable::new()
        .corp("ww1", app("app"))
        .app("bots", "one", bot("one"))
        .corp("support", bot("two"));
    let tenants = Tenants::by_envelope(table);
    for name in ["one", "two"] {
        let check = Platform::new(&bot(name)).url_check("77").unwrap();
        let inner = service_fn(
            async |_: Request<RequestBody<String>>| -> Result<Response<String>, Infallible> {
                Ok(Response::default())
            },
        );
        let layer = WeComLayer::new(tenants.clone()).layer(inner);
        assert_eq!(answer(layer, check).await.text(), "77");
        assert_eq!(
            sent(&tenants, message(&bot(name))).await.as_deref(),
            Ok(name)
        );
    }
    let to_the_app = Platform::new(&app("app")).deliver("message/text").unwrap();
    let tenant = sent(&tenants, to_the_app.request().unwrap()).await;
    assert_eq!(tenant.as_deref(), Ok("app"));
    let stranger = sent(&tenants, message(&bot("three"))).await;
    assert_eq!(stranger, Err(RejectionKind::Signature));
}

#[tokio::test]
async fn a_bot_as_the_fallback_still_gets_its_messages() {
    let table = TenantTable::new()
        .corp("ww1", app("app"))
        .fallback(bot("one"));
    let tenants = Tenants::by_envelope(table);
    assert_eq!(
        sent(&tenants, message(&bot("one"))).await.as_deref(),
        Ok("one")
    );
}

/// Rows of apps are no candidates: their receive id is not empty, so they could only be hashed in
/// vain.
#[tokio::test]
async fn without_a_row_for_bots_the_first_404_is_a_warning() {
    let trace = Trace::start();
    let tenants = Tenants::by_envelope(TenantTable::new().corp("ww1", app("app")));
    for _ in 0..3 {
        let request = message(&bot("one"));
        assert_eq!(
            sent(&tenants, request).await,
            Err(RejectionKind::Unresolved)
        );
    }
    let text = trace.text();
    let warnings = text.lines().filter(|line| line.contains("WARN"));
    let told = warnings.filter(|line| line.contains("an envelope without ToUserName"));
    assert_eq!(told.count(), 1, "{text}");
    tenants.update(|table| table.corp("bots", bot("one")));
    assert_eq!(
        sent(&tenants, message(&bot("one"))).await.as_deref(),
        Ok("one")
    );
}
