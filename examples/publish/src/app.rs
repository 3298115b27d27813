//! The app that WeCom calls, and the handlers that run for a callback.

use axum::Router;
use tower_wecom::extensions::Attempt;
use tower_wecom::{Config, ContactEvent, EventRouter, On, WeComLayer};
use tower_wecom_publish::PublishLayer;

use crate::broker::Broker;
use crate::members::Members;

/// Where WeCom calls back.
pub(crate) const PATH: &str = "/wecom";

/// The handlers. The consumer runs the same ones for the callbacks in the broker.
pub(crate) fn handlers(members: Members) -> EventRouter {
    EventRouter::new().on(move |event: On<ContactEvent>| {
        let members = members.clone();
        // A callback that is passed on has no attempt. It is handled while WeCom waits.
        let key = event
            .extension::<Attempt>()
            .map(|attempt| attempt.key.clone());
        async move { members.apply(&key.unwrap_or_default(), &event).await }
    })
}

pub(crate) fn app(config: Config, broker: Broker, handlers: EventRouter) -> Router {
    let service = tower::ServiceBuilder::new()
        .layer(WeComLayer::new(config))
        .layer(PublishLayer::new(broker))
        .service(handlers);
    Router::new().route_service(PATH, service)
}
