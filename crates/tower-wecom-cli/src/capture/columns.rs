//! A table with a column for each parameter: CSV, TSV or Markdown.

const DELIMITERS: [char; 4] = ['\t', ',', ';', '|'];
const NAMES: [&str; 5] = ["msg_signature", "timestamp", "nonce", "echostr", "encrypt"];

/// The rows as query strings, each in a line. `None` if the text is no such table.
pub(super) fn as_queries(text: &str) -> Option<String> {
    let (delimiter, names, rows) = DELIMITERS
        .iter()
        .find_map(|delimiter| header(text, *delimiter))?;
    let mut queries = String::new();
    for row in rows {
        let row = cells(row, delimiter);
        let pairs = names.iter().zip(&row);
        let pairs = pairs.filter(|(name, _)| NAMES.contains(&name.as_str()));
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        queries.push_str(&pairs.join("&"));
        queries.push('\n');
    }
    Some(queries)
}

/// The names of the columns and the lines below them.
fn header(text: &str, delimiter: char) -> Option<(char, Vec<String>, impl Iterator<Item = &str>)> {
    let mut lines = text.lines();
    let names = lines.find_map(|line| {
        let names: Vec<_> = cells(line, delimiter)
            .iter()
            .map(|name| name.to_ascii_lowercase())
            .collect();
        let has = |name: &str| names.iter().any(|known| known == name);
        NAMES.iter().take(3).all(|name| has(name)).then_some(names)
    })?;
    Some((delimiter, names, lines))
}

fn cells(line: &str, delimiter: char) -> Vec<&str> {
    let around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
    line.split(delimiter)
        .map(|cell| cell.trim_matches(around))
        .collect()
}
