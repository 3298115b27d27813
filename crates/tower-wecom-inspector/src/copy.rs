//! A callback as a command and as a test.

use http::{Method, Request};

use crate::entry::Entry;

/// The request as it came, for a shell. Signed and encrypted: who lacks the key learns nothing of it.
pub(crate) fn curl(entry: &Entry, origin: &str) -> String {
    let path = entry.uri.path_and_query().map_or("/", |it| it.as_str());
    let url = quoted(&format!("{origin}{path}"));
    let method = match &entry.method {
        &Method::GET | &Method::POST => String::new(),
        other => format!(" -X {}", quoted(other.as_str())),
    };
    if entry.method != Method::POST {
        return format!("curl -i{method} {url}\n");
    }
    let body = quoted(&String::from_utf8_lossy(&entry.body));
    format!("curl -i{method} {url} \\\n  --data-binary {body}\n")
}

/// In single quotes nothing means anything but their end.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A test that sends the same payload, as it is shown: without secrets.
pub(crate) fn test(entry: &Entry) -> Option<String> {
    let callback = entry.callback.as_ref()?;
    let payload = raw_string(entry.view.payload.as_deref()?);
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
    let name = name_of(callback.kind().as_str());
    let status = entry.view.status.unwrap_or(200);
    let answer = match entry.view.outcome {
        "replied" => "    assert!(answer.opened()?.is_some(), \"there is a reply\");\n",
        _ => "",
    };
    Some(format!(
        "#[tokio::test]
async fn {name}() -> Result<(), Box<dyn std::error::Error>> {{
    use tower_wecom::test_util::Platform;
    use tower_wecom::{{Config, ReceiveId}};

    // Any Token and key will do here; leave those of production where they are.
    let key = \"jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C\".parse()?;
    let config = Config::new(\"QDG6eK\".parse()?, key, {receive_id});
    let wecom = Platform::new(&config).path({path:?});
    let request = wecom.{deliver}(
        {payload},
    )?;
    // `app` makes your service with this configuration.
    let answer = wecom.send(request, app(config)).await?;
    assert_eq!(answer.status(), {status});
{answer}    Ok(())
}}
"
    ))
}

/// Whatever an event is called, this is a name in Rust.
fn name_of(kind: &str) -> String {
    let mut name = String::from("takes_");
    for c in kind.chars().take(64) {
        let c = c.to_ascii_lowercase();
        name.push(if c.is_ascii_alphanumeric() { c } else { '_' });
    }
    name
}

/// As a raw string literal, in as many `#` as it takes.
fn raw_string(text: &str) -> String {
    // Rust takes no lonely carriage return there.
    let text = text.replace('\r', "");
    let mut hashes = String::from("#");
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

/// Where the page's browser reaches us.
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
        assert_eq!(quoted("a'; rm -rf / #"), r"'a'\''; rm -rf / #'");
        assert_eq!(raw_string("a\"#b\r\n"), "r##\"a\"#b\n\"##");
        assert_eq!(name_of("a/b c\"é"), "takes_a_b_c__");
    }
}
