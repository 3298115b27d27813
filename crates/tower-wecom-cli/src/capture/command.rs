//! A `curl` command, typed by a person or written by `wecom seal`.

use super::request::Capture;
use super::verbose;

pub(super) fn read(text: &str) -> Option<Capture> {
    let command = text
        .trim_start()
        .trim_start_matches(['$', '#'])
        .trim_start();
    let mut words = words(command)?.into_iter();
    if words.next()? != "curl" {
        return None;
    }
    let mut capture = Capture::default();
    let mut is_get = false;
    let mut body = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-X" | "--request" => capture.method = words.next(),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" => {
                body.push(words.next()?);
            }
            "-G" | "--get" => is_get = true,
            "--url" => capture.target = words.next()?,
            "-H" | "--header" | "-o" | "--output" | "-A" | "--user-agent" | "-b" | "--cookie"
            | "-m" | "--max-time" | "--connect-timeout" | "-u" | "--user" | "-e" | "--referer"
            | "--cacert" | "--resolve" | "-x" | "--proxy" | "-w" | "--write-out" => {
                drop(words.next());
            }
            option if option.starts_with('-') => {}
            url => url.clone_into(&mut capture.target),
        }
    }
    capture.body = body.join("&").into_bytes();
    if capture.method.is_none() {
        let is_post = !capture.body.is_empty() && !is_get;
        capture.method = Some(if is_post { "POST" } else { "GET" }.to_owned());
    }
    // The output of the command may follow it.
    capture.response_date = verbose::response_date(text);
    (!capture.query().is_empty()).then_some(capture)
}

/// Splits a command into words like a shell does, up to the end of the command. Nothing is
/// expanded.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => double_quoted(&mut chars, word.get_or_insert_default())?,
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            '\n' | ';' | '|' => break,
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

fn double_quoted(chars: &mut impl Iterator<Item = char>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '\\' => match chars.next()? {
                '\n' => {}
                c @ ('"' | '\\' | '$' | '`') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_like_in_a_shell() {
        let read = words(
            r#"a 'b c'"d \" \x"\ e '' f\
g ; h"#,
        );
        assert_eq!(read.unwrap(), ["a", r#"b cd " \x e"#, "", "fg"]);
        assert_eq!(words("a 'b"), None);
    }

    #[test]
    fn the_value_of_an_option_is_not_the_url() {
        for options in ["-b 'a=b?c'", "--cookie 'a=b'", "--user-agent x?y=1"] {
            let text = format!("curl 'http://h/w?nonce=2' {options} --compressed");
            assert_eq!(read(&text).unwrap().query(), "nonce=2", "{text}");
        }
    }

    #[test]
    fn an_unquoted_ampersand_is_not_the_end_of_a_url() {
        // A shell ends the command there, but the text that a user pastes has the whole URL.
        let capture = read("curl http://h/w?msg_signature=a&timestamp=1&nonce=2").unwrap();
        assert_eq!(capture.query(), "msg_signature=a&timestamp=1&nonce=2");
    }
}
