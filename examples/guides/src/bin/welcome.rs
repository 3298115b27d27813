//! Welcomes each new customer, and notices when one leaves.

use std::env;
use std::error::Error;

use axum::Router;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_wecom::event::{AddExternalContact, AddHalfExternalContact, DelFollowUser};
use tower_wecom::{Config, DeadlineLayer, DedupLayer, EventRouter, ReceiveId, WeComLayer};

type BoxError = Box<dyn Error + Send + Sync>;

/// A fake of WeCom's API: it prints the message, but not the code, which is a secret. Replace
/// the body by a request to `externalcontact/send_welcome_msg` (document 92137).
async fn send_welcome(code: &str, text: &str) -> Result<(), BoxError> {
    println!("welcome (code of {} characters): {text}", code.len());
    Ok(())
}

/// A member and a customer are contacts now.
async fn added(customer: AddExternalContact) -> Result<(), BoxError> {
    println!(
        "{:?} has the customer {:?}",
        customer.user_id, customer.external_user_id
    );
    // Absent if the two have already begun to chat, or if the console has a welcome message.
    let Some(code) = customer.welcome_code else {
        return Ok(());
    };
    welcome(code.expose(), customer.state.as_deref()).await
}

/// The customer has added a member that accepts all requests. The code comes here already, and then
/// not again with `AddExternalContact`.
async fn half_added(customer: AddHalfExternalContact) -> Result<(), BoxError> {
    let Some(code) = customer.welcome_code else {
        return Ok(());
    };
    welcome(code.expose(), customer.state.as_deref()).await
}

/// The state is the one that you gave to the QR code, so it shows where the customer comes from.
async fn welcome(code: &str, state: Option<&str>) -> Result<(), BoxError> {
    let text = match state {
        Some("spring-fair") => "Welcome! Your voucher from the fair is on its way.",
        _ => "Welcome! Ask us anything, we are here from nine to six.",
    };
    send_welcome(code, text).await
}

/// The customer has deleted the member. WeCom itself shows the member nothing.
async fn lost(customer: DelFollowUser) {
    println!(
        "{} has lost the customer {}",
        customer.user_id, customer.external_user_id
    );
}

fn config() -> Result<Config, BoxError> {
    let variable = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    Ok(Config::new(
        variable("WECOM_TOKEN")?.parse()?,
        variable("WECOM_ENCODING_AES_KEY")?.parse()?,
        ReceiveId::exact(variable("WECOM_RECEIVE_ID")?),
    ))
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let deadline = DeadlineLayer::new().on_late(|late| eprintln!("late: {:?}", late.outcome()));
    let background = deadline.handle();
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config()?))
        // Answers WeCom in time, even if the API is slow. The handler goes on.
        .layer(deadline)
        // A code is good for one message, so the copy of a callback must not send another.
        .layer(DedupLayer::default())
        .service(EventRouter::new().on(added).on(half_added).on(lost));
    let app = Router::new().route_service("/wecom", service);
    let address = env::var("WECOM_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}/wecom", listener.local_addr()?);
    let stop = async { drop(tokio::signal::ctrl_c().await) };
    axum::serve(listener, app)
        .with_graceful_shutdown(stop)
        .await?;
    // Handlers that were late may still be running.
    background.drain().await;
    Ok(())
}
