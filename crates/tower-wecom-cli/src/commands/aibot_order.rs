use tower_wecom::Config;
use tower_wecom::test_util::{Flavour, Platform};

use crate::credentials::{Credentials, RawCredentials};
use crate::exit::Error;
use crate::language::text;
use crate::samples;

/// A line of the input of `wecom aibot serve`.
#[derive(Debug, PartialEq)]
pub(super) enum Order {
    Trigger {
        kind: String,
        payload: String,
    },
    Raw(String),
    Ping,
    Late(u64),
    Mute(bool),
    Refuse(Vec<i64>),
    Error {
        cmd: String,
        codes: Vec<i64>,
    },
    Displace,
    Close(u16),
    Cut,
    Quit,
    /// An empty line.
    Nothing,
}

impl Order {
    pub(super) fn parse(line: &str) -> Result<Self, Error> {
        let line = line.trim();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        Ok(match word {
            "" => Self::Nothing,
            "trigger" => trigger(rest)?,
            "raw" => Self::Raw(rest.to_owned()),
            "ping" => Self::Ping,
            "late" => Self::Late(number(rest)?),
            "mute" => Self::Mute(true),
            "unmute" => Self::Mute(false),
            "refuse" => Self::Refuse(numbers(rest)?),
            "error" => {
                let (cmd, codes) = rest.split_once(' ').unwrap_or((rest, ""));
                let (cmd, codes) = (cmd.to_owned(), numbers(codes)?);
                Self::Error { cmd, codes }
            }
            "displace" => Self::Displace,
            "close" if rest.is_empty() => Self::Close(1000),
            "close" => Self::Close(number(rest)?),
            "cut" => Self::Cut,
            "quit" => Self::Quit,
            _ => return Err(Error::usage(text("unknown-order"))),
        })
    }
}

/// A sample with changes: `KIND [PATH=TEXT ...]`.
fn trigger(rest: &str) -> Result<Order, Error> {
    let mut words = rest.split_whitespace();
    let kind = words.next().unwrap_or_default();
    let sample = samples::find(kind, Some(Flavour::Bot))?;
    if sample.flavour() != Flavour::Bot {
        let kind = sample.kind();
        return Err(Error::usage(text("not-of-bot").with("kind", kind)));
    }
    let mut delivery = platform()?.deliver_sample(sample);
    for word in words {
        let (path, value) = word
            .split_once('=')
            .ok_or_else(|| Error::usage(text("not-an-assignment").with("word", word)))?;
        delivery = delivery.set(path, value);
    }
    let kind = delivery.sample().kind().to_owned();
    let payload = delivery.payload();
    Ok(Order::Trigger { kind, payload })
}

/// Samples belong to a platform. Over a long connection nothing of its credentials is used.
fn platform() -> Result<Platform, Error> {
    const UNUSED: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let raw = RawCredentials {
        token: Some("unused".to_owned()),
        key: Some(UNUSED.to_owned()),
        ..RawCredentials::default()
    };
    let credentials = raw.parse().map_err(|error| Error::usage(error.text()))?;
    let Credentials { token, key, .. } = credentials;
    Ok(Platform::new(&Config::bot(token, key)))
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, Error> {
    let wrong = || Error::usage(text("not-a-number").with("word", format!("{word:?}")));
    word.parse().map_err(|_| wrong())
}

fn numbers(words: &str) -> Result<Vec<i64>, Error> {
    let numbers: Vec<_> = words
        .split_whitespace()
        .map(number)
        .collect::<Result<_, _>>()?;
    if numbers.is_empty() {
        return Err(Error::usage(text("no-code")));
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_an_order_or_an_error() {
        let parse = |line| Order::parse(line).unwrap();
        assert_eq!(parse("  close 1001 "), Order::Close(1001));
        assert_eq!(parse("refuse 853000 0"), Order::Refuse(vec![853_000, 0]));
        let (cmd, codes) = ("aibot_send_msg".to_owned(), vec![93_006]);
        assert_eq!(
            parse("error aibot_send_msg 93006"),
            Order::Error { cmd, codes }
        );
        let Order::Trigger { kind, payload } = parse("trigger bot/text text/content=hello") else {
            panic!("no sample");
        };
        assert_eq!(kind, "bot/text");
        assert!(
            payload.contains(r#""content": "hello""#) || payload.contains(r#""content":"hello""#)
        );
        for line in [
            "nonsense",
            "refuse",
            "late x",
            "trigger",
            "trigger message/text",
            "trigger bot/text x",
        ] {
            assert!(Order::parse(line).is_err(), "{line}");
        }
    }
}
