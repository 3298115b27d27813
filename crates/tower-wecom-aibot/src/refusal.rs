use std::error::Error;
use std::fmt;

/// The longest `errmsg` that is kept, in characters. It is the peer's text.
const MAX_TEXT: usize = 200;

/// WeCom's refusal of a frame: the `errcode` and `errmsg` of its ack.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// WeCom's code. Never 0.
    pub errcode: i64,
    /// WeCom's text: at most 200 characters, and control characters are escaped.
    pub errmsg: String,
}

impl Refusal {
    pub(crate) fn new(errcode: i64, errmsg: &str) -> Self {
        let shown = errmsg.chars().take(MAX_TEXT);
        let escape = |c: char| -> String {
            if c.is_control() {
                c.escape_default().collect()
            } else {
                c.into()
            }
        };
        Self {
            errcode,
            errmsg: shown.map(escape).collect(),
        }
    }

    /// 45009: too many frames of this kind in a short time.
    #[must_use]
    pub const fn is_too_often(&self) -> bool {
        self.errcode == 45_009
    }

    /// 846608 and 846604: the stream is over, because it has finished or its time has ended.
    ///
    /// 846604 is not certain: one measurement met it there.
    #[must_use]
    pub const fn is_stream_over(&self) -> bool {
        matches!(self.errcode, 846_608 | 846_604)
    }

    /// 846605: the req_id is unknown. It is from before a reconnect, or of another kind of
    /// callback.
    #[must_use]
    pub const fn is_unknown_req_id(&self) -> bool {
        self.errcode == 846_605
    }

    /// 846609: the connection is not subscribed.
    #[must_use]
    pub const fn is_not_subscribed(&self) -> bool {
        self.errcode == 846_609
    }

    /// 93001, 93006 and 93008: the chat is unknown, or the bot is not in it.
    #[must_use]
    pub const fn is_unknown_chat(&self) -> bool {
        matches!(self.errcode, 93_001 | 93_006 | 93_008)
    }

    /// -1, 6000, 846601 and 846602: a passing fault of WeCom's. The same frame may succeed later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self.errcode, -1 | 6_000 | 846_601 | 846_602)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WeCom answered {}: {}", self.errcode, self.errmsg)
    }
}

impl Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_the_peer_is_short_and_on_one_line() {
        let refusal = Refusal::new(7, &format!("a\nb{}", "x".repeat(1000)));
        assert_eq!(refusal.errmsg.len(), 201);
        assert!(refusal.to_string().starts_with("WeCom answered 7: a\\nbx"));
    }
}
