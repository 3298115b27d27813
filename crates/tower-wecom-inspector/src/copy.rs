//! Writes a callback as a command and as a test.

use std::fmt::Write;

use http::{Method, Request};

use crate::entry::Entry;
use crate::show::{self, Policy};

/// A shell command that sends the request as it came: signed and encrypted. Without the key it
/// reveals nothing.
pub(crate) fn curl(entry: &Entry, origin: &str) -> String {
    let path = entry.uri.path_and_query().map_or("/", |it| it.as_str());
    let url = shell_quoted(&format!("{origin}{path}"));
    let method = match &entry.method {
        &Method::GET | &Method::POST => String::new(),
        &Method::HEAD => " -I".to_owned(),
        other => format!(" -X {}", shell_quoted(other.as_str())),
    };
    // Otherwise curl would expand brackets to several URLs.
    let no_globbing = if path.contains(['[', ']', '{', '}']) {
        " -g"
    } else {
        ""
    };
    let curl = format!("curl -i{method}{no_globbing} {url}");
    if entry.method != Method::POST {
        return format!("{curl}\n");
    }
    match str::from_utf8(&entry.body) {
        // `--data-binary` would take a body that begins with `@` for the name of a file.
        Ok(body) if !body.contains(is_control) => {
            format!("{curl} \\\n  --data-raw {}\n", shell_quoted(body))
        }
        _ => format!("{} |\n  {curl} --data-binary @-\n", printf(&entry.body)),
    }
}

/// Whether a terminal would execute the character when the command is pasted. A Ctrl-C, for
/// example, ends the line and with it the quotes.
fn is_control(c: char) -> bool {
    c.is_control() && c != '\n'
}

/// In single quotes the only special character is the closing quote.
fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A command that prints these bytes. All but letters and digits are octal escapes.
fn printf(bytes: &[u8]) -> String {
    let mut command = String::from("printf '");
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() {
            command.push(char::from(byte));
        } else {
            let _ = write!(command, "\\{byte:03o}");
        }
    }
    command.push('\'');
    command
}

/// A test that sends the same payload: without secrets, as the page shows it, but never truncated.
pub(crate) fn rust_test(entry: &Entry, policy: Policy) -> Option<String> {
    let callback = entry.callback.as_ref()?;
    let payload = string_literal(&show::whole(callback.payload(), policy));
    let deliver = if entry.view.is_json {
        "deliver_json"
    } else {
        "deliver_xml"
    };
    let receive_id = match callback.receive_id() {
        "" => "ReceiveId::empty()".to_owned(),
        id => format!("ReceiveId::exact({id:?})"),
    };
    let path = entry.uri.path();
    let name = function_name(callback.kind().as_str());
    let status = entry.view.status.unwrap_or(200);
    let reply_check = match entry.view.outcome {
        "replied" => "    assert!(response.opened()?.is_some(), \"there is no reply\");\n",
        _ => "",
    };
    Some(format!(
        "#[tokio::test]
async fn {name}() -> Result<(), Box<dyn std::error::Error>> {{
    use tower_wecom::test_util::Platform;
    use tower_wecom::{{Config, ReceiveId}};

    // Any Token and key will do. Do not copy those of production here.
    let key = \"jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C\".parse()?;
    let config = Config::new(\"QDG6eK\".parse()?, key, {receive_id});
    let wecom = Platform::new(&config).path({path:?});
    let request = wecom.{deliver}(
        {payload},
    )?;
    // `app` builds your service with this configuration.
    let response = wecom.send(request, app(config)).await?;
    assert_eq!(response.status(), {status});
{reply_check}    Ok(())
}}
"
    ))
}

/// A valid Rust name for any kind.
fn function_name(kind: &str) -> String {
    let mut name = String::from("takes_");
    for c in kind.chars().take(64) {
        let c = c.to_ascii_lowercase();
        name.push(if c.is_ascii_alphanumeric() { c } else { '_' });
    }
    name
}

/// A raw string literal with enough `#`, or an escaped one if the text has invisible characters.
fn string_literal(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    // Rust rejects a bare carriage return in a raw literal, and characters that change the text
    // direction in any literal.
    if text.contains(|c| (is_control(c) && c != '\t') || is_bidi_control(c)) {
        return format!("{text:?}");
    }
    let behind_quotes = text.split('"').skip(1);
    let found = behind_quotes.map(|behind| behind.bytes().take_while(|it| *it == b'#').count());
    let hashes = found.max().unwrap_or_default().saturating_add(1);
    // Rust's limit.
    if hashes > 255 {
        return format!("{text:?}");
    }
    let hashes = "#".repeat(hashes);
    format!("r{hashes}\"{text}\"{hashes}")
}

/// The characters that rustc's `text_direction_codepoint_in_literal` denies.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The origin under which the browser reaches the inspector.
pub(crate) fn origin<B>(request: &Request<B>) -> String {
    let named = request.uri().authority().map(|it| it.as_str());
    let header = request.headers().get(http::header::HOST);
    let host = named.or(header.and_then(|host| host.to_str().ok()));
    format!("http://{}", host.unwrap_or("127.0.0.1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_ends_no_string() {
        assert_eq!(shell_quoted("a'; rm -rf / #"), r"'a'\''; rm -rf / #'");
        assert_eq!(string_literal("a\"#b\r\n\t"), "r##\"a\"#b\n\t\"##");
        let many = format!("\"{}", "#".repeat(1 << 19));
        assert!(string_literal(&many).starts_with("\"\\\"###"));
        assert_eq!(function_name("a/b c\"é"), "takes_a_b_c__");
    }

    #[test]
    fn invisible_characters_are_escaped() {
        assert_eq!(string_literal("a\r\u{0}b"), r#""a\r\0b""#);
        assert_eq!(
            string_literal("\u{202e}\"\u{2066}\\"),
            r#""\u{202e}\"\u{2066}\\""#
        );
        assert_eq!(printf(b"a1'\x03\xff"), r"printf 'a1\047\003\377'");
    }
}
