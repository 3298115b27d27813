//! An AI bot that asks a model and shows the answer while it grows.

use std::env;
use std::error::Error;
use std::future::pending;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::sse::{Event, Sse};
use axum::routing::post;
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower_wecom::event::{BotEnterChat, BotText};
use tower_wecom::{EventRouter, On, Reply, State};
use tower_wecom_aibot::{AnswerStream, Bot, ReplyHandle};

type BoxError = Box<dyn Error + Send + Sync>;

/// The name of the bot in the chats. In a group, a text begins with it: `@Depot which gate is open?`
const NAME: &str = "Depot";

/// The URL of a model that speaks OpenAI's protocol: Ollama, vLLM, llama.cpp and others do.
#[derive(Clone)]
struct Model(String);

async fn on_text(State(model): State<Model>, text: On<BotText>) -> Result<Reply, BoxError> {
    let reply = text
        .extension::<ReplyHandle>()
        .ok_or("the bot has no long connection")?;
    let question = text.without_mention(NAME).into_owned();
    // The first frame goes out at once, because WeCom waits 5 seconds and a model takes longer.
    let mut answer = reply.stream("");
    tokio::spawn(async move {
        if let Err(error) = model.ask(&question, &mut answer).await {
            eprintln!("the model has failed: {error}");
            drop(answer.append("\n\nI cannot answer that now. Please ask again."));
        }
        match answer.finish().await {
            Ok(()) => println!("answered: {question}"),
            Err(error) => eprintln!("the answer did not arrive: {error}"),
        }
    });
    Ok(Reply::ack())
}

impl Model {
    /// Adds each word to the answer as it arrives.
    async fn ask(&self, question: &str, answer: &mut AnswerStream) -> Result<(), BoxError> {
        let messages = json!([{"role": "user", "content": question}]);
        let body = json!({"model": "qwen3", "stream": true, "messages": messages}).to_string();
        let request = axum::http::Request::post(&self.0).header("content-type", "application/json");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request.body(Body::from(body))?).await?;
        if !response.status().is_success() {
            return Err(format!("the model answered {}", response.status()).into());
        }
        let (mut body, mut received) = (response.into_body(), Vec::new());
        while let Some(frame) = body.frame().await {
            received.extend_from_slice(frame?.data_ref().map_or(&[], |data| data));
            while let Some(end) = received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = received.drain(..=end).collect();
                answer.append(&word(&line).unwrap_or_default())?;
            }
        }
        Ok(())
    }
}

/// The text in a line such as `data: {"choices":[{"delta":{"content":"open"}}]}`.
fn word(line: &[u8]) -> Option<String> {
    let chunk: Value = serde_json::from_slice(line.strip_prefix(b"data:")?).ok()?;
    Some(
        chunk
            .pointer("/choices/0/delta/content")?
            .as_str()?
            .to_owned(),
    )
}

/// A fake of a model. It has one answer, and takes its time for each word.
async fn fake_model() -> Result<Model, BoxError> {
    let words = async || {
        let words = stream::iter(["The ", "north ", "gate ", "is ", "open ", "until ", "ten."]);
        Sse::new(words.then(async |word| {
            tokio::time::sleep(Duration::from_millis(300)).await;
            Event::default().json_data(json!({"choices": [{"delta": {"content": word}}]}))
        }))
    };
    let app = Router::new().route("/v1/chat/completions", post(words));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/v1/chat/completions", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(Model(url))
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let model = match env::var("MODEL_URL") {
        Ok(url) => Model(url),
        Err(_) => fake_model().await?,
    };
    let events = EventRouter::new()
        .on(async |_: BotEnterChat| Reply::text("Ask me about the gates."))
        .on(on_text)
        .with_state(model);
    let variable = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let bot = Bot::new(
        variable("WECOM_AIBOT_ID")?,
        variable("WECOM_AIBOT_SECRET")?.parse()?,
    )
    .url(variable("WECOM_AIBOT_URL")?)
    .on_unanswered(|callback| eprintln!("not answered: {}", callback.reason()));
    println!("connecting");
    // On Ctrl-C, the answers that have begun are finished first.
    let stop = async {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    };
    Ok(bot.serve_with_graceful_shutdown(events, stop).await?)
}
