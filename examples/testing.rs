//! Tests handlers: [`Platform`](tower_wecom::test_util::Platform) plays WeCom, so you need no
//! server and no console.
//!
//! ```sh
//! cargo test --example testing      # runs the tests at the end of this file
//! cargo run --example testing       # sends each documented callback and prints the answers
//! ```

#![allow(clippy::print_stdout, reason = "the example prints what it receives")]

use std::error::Error;

use tower_wecom::event::{Subscribe, Text};
use tower_wecom::test_util::{Platform, Sample};
use tower_wecom::{BatchJobResult, Config, EventRouter, ReceiveId, Reply, ReplyError, WeComLayer};

async fn greet(member: Subscribe) -> Result<Reply, ReplyError> {
    Reply::text(format!("Welcome, {}", member.from_user_name))
}

async fn echo(text: Text) -> Result<Reply, ReplyError> {
    Reply::text(text.content.unwrap_or_default())
}

async fn job_done(job: BatchJobResult) -> Reply {
    println!("job {} is done", job.job_id);
    Reply::ack()
}

fn events() -> EventRouter {
    EventRouter::new().on(greet).on(echo).on(job_done)
}

/// The Token and the key of WeCom's own documentation. Tests need no others.
fn config() -> Result<Config, Box<dyn Error>> {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
    Ok(Config::new("QDG6eK".parse()?, key, ReceiveId::exact("ww1")))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = config()?;
    let wecom = Platform::new(&config);
    let app = WeComLayer::new(config).layer(events());
    let mut unhandled = 0_u32;
    for sample in Sample::all() {
        let answer = wecom.deliver_sample(sample).send(app.clone()).await?;
        if answer.is_unhandled() {
            unhandled = unhandled.saturating_add(1);
        } else {
            println!(
                "{}: {}, {:?}",
                sample.name(),
                answer.status(),
                answer.reply()?
            );
        }
    }
    println!("{unhandled} callbacks have no handler");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower_wecom::test_util::ReceivedReply;

    #[tokio::test]
    async fn a_new_member_is_greeted() -> Result<(), Box<dyn Error>> {
        let config = config()?;
        let app = WeComLayer::new(config.clone()).layer(events());
        let subscribed = Platform::new(&config).deliver("subscribe")?;
        let answer = subscribed.set("FromUserName", "lin").send(app).await?;
        assert_eq!(answer.reply()?, ReceivedReply::Text("Welcome, lin".into()));
        Ok(())
    }

    #[tokio::test]
    async fn an_empty_text_is_not_answered_with_success() -> Result<(), Box<dyn Error>> {
        let config = config()?;
        let app = WeComLayer::new(config.clone()).layer(events());
        let text = Platform::new(&config).deliver("message/text")?;
        let answer = text.set("Content", "").send(app).await?;
        assert_eq!(answer.status(), 500);
        Ok(())
    }
}
