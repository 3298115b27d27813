/// Makes JSON out of a text with raw control characters. WeCom sends such texts, and its own SDK
/// strips the characters.
///
/// Inside a string a control character is escaped, so that nothing of a message is lost. Elsewhere
/// it becomes a blank.
pub(super) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let (mut is_in_string, mut is_escaped) = (false, false);
    for c in text.chars() {
        match c {
            '\0'..='\u{1f}' if is_in_string => {
                // An escape cannot end in a control character.
                if is_escaped {
                    clean.push('\\');
                    is_escaped = false;
                }
                clean.push_str(&format!("\\u{:04x}", u32::from(c)));
                continue;
            }
            '\0'..='\u{1f}' => clean.push(' '),
            _ => clean.push(c),
        }
        if is_escaped {
            is_escaped = false;
        } else if is_in_string {
            is_escaped = c == '\\';
            is_in_string = c != '"';
        } else {
            is_in_string = c == '"';
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_in_strings_and_blanks_elsewhere() {
        let rows = [
            ("{\"a\":\"b\nc\"}", r#"{"a":"b\u000ac"}"#),
            ("{\u{1}\"a\":\t1}", r#"{ "a": 1}"#),
            ("\"a\\\"\u{7}\"", r#""a\"\u0007""#),
            ("\"a\\\n\"", r#""a\\\u000a""#),
            ("\"\\\\\"\n", "\"\\\\\" "),
        ];
        for (dirty, expected) in rows {
            assert_eq!(clean(dirty), expected);
        }
    }

    #[test]
    fn a_clean_text_is_unchanged() {
        let text = r#"{"a":["库存","\"\\"],"b":null}"#;
        assert_eq!(clean(text), text);
    }
}
