use std::borrow::Cow;

use super::bot::BotText;

/// Takes the mentions of a bot off a text from a group, such as `@Depot what is the door code?`.
///
/// `name` is the name of the bot in the chat. WeCom sends it only as a part of the text. A mention
/// is `@` and the whole name. Before it there is the beginning of the text, a blank, or a character
/// that cannot be part of an address such as `a@Depot`. Behind it there is the end of the text, a
/// blank, or a mark such as `,` or `：`. So the name is never cut out of a longer name, such as
/// `@Depot2` or `@Depotmanager`.
///
/// The text is returned unchanged if it does not mention the bot. Otherwise blanks at its beginning
/// and its end are removed too.
///
/// A longer name that continues with a blank looks the same as a mention with a text behind it. So
/// do not call a bot `Depot` if a member is called `Depot North`.
///
/// ```
/// use tower_wecom::event::without_mention;
///
/// assert_eq!(without_mention("@Depot what is the door code?", "Depot"), "what is the door code?");
/// assert_eq!(without_mention("ask @Depot2", "Depot"), "ask @Depot2");
/// ```
#[must_use]
pub fn without_mention<'a>(text: &'a str, name: &str) -> Cow<'a, str> {
    let name = name.strip_prefix('@').unwrap_or(name);
    if name.is_empty() {
        return text.into();
    }
    let mention = format!("@{name}");
    let (mut kept, mut rest) = (String::new(), text);
    while let Some((before, behind)) = next_mention(&kept, rest, &mention) {
        kept.push_str(before);
        rest = behind.strip_prefix(char::is_whitespace).unwrap_or(behind);
    }
    if rest.len() == text.len() {
        return text.into();
    }
    kept.push_str(rest);
    kept.trim().to_owned().into()
}

/// The parts of a text before and behind its first mention. `kept` is what precedes the text.
fn next_mention<'a>(kept: &str, text: &'a str, mention: &str) -> Option<(&'a str, &'a str)> {
    let mut found = text.match_indices(mention).filter_map(|(at, _)| {
        let (before, found) = text.split_at_checked(at)?;
        Some((before, found.strip_prefix(mention)?))
    });
    found.find(|(before, behind)| {
        let last = before.chars().next_back().or(kept.chars().next_back());
        last.is_none_or(can_precede) && behind.chars().next().is_none_or(can_follow)
    })
}

/// Whether a character is no part of an address or of another mention.
fn can_precede(c: char) -> bool {
    !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '@'))
}

/// Whether a character ends a name. Names can contain dots, hyphens and brackets.
fn can_follow(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            ',' | ':' | ';' | '!' | '?' | '，' | '：' | '；' | '！' | '？' | '。' | '、'
        )
}

impl BotText {
    /// The [`content`](Self::content) without the mentions of the bot, whose name in the chat this
    /// is. Empty if there is no content. See [`without_mention`].
    #[must_use]
    pub fn without_mention(&self, name: &str) -> Cow<'_, str> {
        without_mention(self.content.as_deref().unwrap_or_default(), name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_name_behind_an_at_sign_is_taken_off() {
        let rows = [
            ("@Depot hello", "hello"),
            ("  @Depot  hello\n", "hello"),
            ("@Depot\u{2005}hello", "hello"),
            ("@Depot\nline one\n  line two", "line one\n  line two"),
            ("hello @Depot", "hello"),
            ("ask @Depot now", "ask now"),
            ("@Depot @Depot hello @Depot", "hello"),
            ("@Depot, hello", ", hello"),
            ("你好@Depot：几点开门？", "你好：几点开门？"),
            ("@Depot", ""),
        ];
        for (text, expected) in rows {
            assert_eq!(without_mention(text, "Depot"), expected, "{text:?}");
            assert_eq!(without_mention(text, "@Depot"), expected, "{text:?}");
        }
    }

    #[test]
    fn other_names_and_addresses_stay_whole() {
        let texts = [
            "@Depot2 hello",
            "@Depotmanager",
            "@Depot-North hello",
            "@Depot（外包） hello",
            "@仓库Depot hello",
            "Depot hello",
            "@ Depot hello",
            "@depot hello",
            "@@Depot hello",
            "lin@Depot hello",
            "lin.mei@Depot.example.test",
            "@Lin and @DepotDepot",
            " hello ",
            "",
        ];
        for text in texts {
            let kept = without_mention(text, "Depot");
            assert!(
                matches!(kept, Cow::Borrowed(kept) if kept == text),
                "{text:?}"
            );
        }
        assert_eq!(without_mention("@Depot hello", ""), "@Depot hello");
        assert_eq!(
            without_mention("@Depot2 and @Depot hello", "Depot"),
            "@Depot2 and hello"
        );
    }

    #[test]
    fn a_name_can_have_blanks_and_any_letters() {
        assert_eq!(without_mention("@Depot Bot 7 am?", "Depot Bot"), "7 am?");
        assert_eq!(
            without_mention("@仓库机器人 几点开门", "仓库机器人"),
            "几点开门"
        );
        assert_eq!(
            without_mention("@仓库机器人二号 你好", "仓库机器人"),
            "@仓库机器人二号 你好"
        );
    }
}
