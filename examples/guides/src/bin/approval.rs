//! A member asks for leave, the manager taps a button, and the member learns the decision.

use std::env;
use std::error::Error;

use axum::Router;
use serde_json::json;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_wecom::dedup::DedupKey;
use tower_wecom::event::{SysApprovalChange, TemplateCardClick, Text};
use tower_wecom::reply::{Button, ButtonInteraction, HorizontalContent, MainTitle};
use tower_wecom::{Config, DedupLayer, EventRouter, On, ReceiveId, Reply, State, WeComLayer};

type BoxError = Box<dyn Error + Send + Sync>;

const MANAGER: &str = "wang.fang";

/// A fake of WeCom's API: it prints the message. Replace the body by a request to
/// `message/send` (document 90236).
async fn send(message: serde_json::Value) -> Result<(), BoxError> {
    println!("send {message}");
    Ok(())
}

/// A member writes to the app. The answer comes at once, and the card goes to the manager.
async fn asked(State(db): State<SqlitePool>, text: On<Text>) -> Result<Reply, BoxError> {
    let wish = text.content.as_deref().unwrap_or_default();
    let member = &text.from_user_name;
    // If this run fails, WeCom sends the message again. The key finds the row of the first run.
    let key = DedupKey::of(text.callback()).to_string();
    let sql = "INSERT INTO leave (key, member, wish) VALUES ($1, $2, $3)
        ON CONFLICT (key) DO UPDATE SET wish = excluded.wish RETURNING id";
    let row = sqlx::query_scalar(sql).bind(key).bind(member).bind(wish);
    let id: i64 = row.fetch_one(&db).await?;
    send(json!({
        "touser": MANAGER, "agentid": 1_000_002, "msgtype": "template_card",
        "template_card": {
            "card_type": "button_interaction", "task_id": format!("leave-{id}"),
            "main_title": {"title": format!("Leave of {member}"), "desc": wish},
            "button_list": [
                {"text": "Approve", "key": "approved"},
                {"text": "Reject", "key": "rejected", "style": 2},
            ],
        },
    }))
    .await?;
    Ok(Reply::text(format!(
        "Asked {MANAGER}. It is request {id}."
    ))?)
}

/// The manager taps a button. The first tap decides, and the answer changes the card.
async fn tapped(State(db): State<SqlitePool>, tap: TemplateCardClick) -> Result<Reply, BoxError> {
    let key = tap.event_key.as_deref().unwrap_or_default();
    let id = tap
        .task_id
        .strip_prefix("leave-")
        .and_then(|id| id.parse::<i64>().ok());
    let (Some(id), MANAGER, "approved" | "rejected") = (id, tap.from_user_name.as_str(), key)
    else {
        return Ok(Reply::ack());
    };
    let sql = "UPDATE leave SET decision = coalesce(decision, $2) WHERE id = $1
        RETURNING member, wish, decision, notified";
    let row = sqlx::query_as(sql)
        .bind(id)
        .bind(key)
        .fetch_optional(&db)
        .await?;
    let Some((member, wish, decision, notified)): Option<(String, String, String, bool)> = row
    else {
        return Ok(Reply::ack());
    };
    if !notified {
        let text = json!({"content": format!("Your leave ({wish}) is {decision}.")});
        send(json!({"touser": member, "agentid": 1_000_002, "msgtype": "text", "text": text}))
            .await?;
        let sql = "UPDATE leave SET notified = TRUE WHERE id = $1";
        sqlx::query(sql).bind(id).execute(&db).await?;
    }
    let title = MainTitle::new(format!("Leave of {member}")).desc(wish);
    let card = ButtonInteraction::new(title, [Button::new(&decision, "done")])
        .horizontal_content_list([HorizontalContent::new("By").value(MANAGER).user_id(MANAGER)])
        .replace_text(decision);
    Ok(Reply::update_template_card(card)?)
}

/// WeCom's own approval app (审批) reports each step. The number finds the form in your database.
async fn approval_changed(approval: SysApprovalChange) {
    println!(
        "approval {:?} is {:?}",
        approval.sp_no_str, approval.sp_status
    );
}

async fn open() -> Result<SqlitePool, BoxError> {
    let options = SqliteConnectOptions::new()
        .filename("leave.db")
        .create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await?;
    let table = "CREATE TABLE IF NOT EXISTS leave (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, member TEXT NOT NULL,
        wish TEXT NOT NULL, decision TEXT, notified BOOLEAN NOT NULL DEFAULT FALSE)";
    sqlx::query(table).execute(&pool).await?;
    Ok(pool)
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
    let events = EventRouter::new()
        .on(asked)
        .on(tapped)
        .on(approval_changed)
        .with_state(open().await?);
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config()?))
        // WeCom repeats a message that it takes for lost. The copy gets the same answer.
        .layer(DedupLayer::default())
        .service(events);
    let app = Router::new().route_service("/wecom", service);
    let address = env::var("WECOM_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}/wecom", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
