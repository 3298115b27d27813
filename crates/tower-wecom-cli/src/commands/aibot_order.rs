use tower_wecom::test_util::{Flavour, Platform};
use tower_wecom::{Config, EncodingAesKey, Token};

use crate::exit::Error;
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
            _ => return Err(Error::usage("unknown: see `wecom aibot serve --help`")),
        })
    }
}

/// A sample with changes: `KIND [PATH=TEXT ...]`.
fn trigger(text: &str) -> Result<Order, Error> {
    let mut words = text.split_whitespace();
    let kind = words.next().unwrap_or_default();
    let mut delivery = samples::delivery(&platform()?, kind, None)?;
    if delivery.sample().flavour() != Flavour::Bot {
        let kind = delivery.sample().kind();
        return Err(Error::usage(format!("{kind} is no callback of an AI bot")));
    }
    for word in words {
        let (path, text) = word
            .split_once('=')
            .ok_or_else(|| Error::usage(format!("not PATH=TEXT: {word}")))?;
        delivery = delivery.set(path, text);
    }
    let kind = delivery.sample().kind().to_owned();
    let payload = delivery.payload();
    Ok(Order::Trigger { kind, payload })
}

/// Samples belong to a platform. Over a long connection nothing of its credentials is used.
fn platform() -> Result<Platform, Error> {
    const UNUSED: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let token = "unused".parse::<Token>().map_err(Error::usage)?;
    let key = UNUSED.parse::<EncodingAesKey>().map_err(Error::usage)?;
    Ok(Platform::new(&Config::bot(token, key)))
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, Error> {
    text.parse()
        .map_err(|_| Error::usage(format!("not a number: {text:?}")))
}

fn numbers(text: &str) -> Result<Vec<i64>, Error> {
    let numbers: Vec<_> = text
        .split_whitespace()
        .map(number)
        .collect::<Result<_, _>>()?;
    if numbers.is_empty() {
        return Err(Error::usage("a code is missing"));
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
