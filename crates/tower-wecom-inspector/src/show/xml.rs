use super::names::{Policy, Treatment, is_secret};

const CDATA: &str = "![CDATA[";
const CDATA_END: &str = "]]>";

/// Writes XML with one element a line. Accepts everything that tower-wecom's reader accepts, and
/// never fails.
pub(super) fn pretty(text: &str, policy: Policy) -> String {
    let mut printer = Printer::new(policy);
    let mut rest = text.trim_start_matches('\u{feff}');
    while let Some((before, after)) = rest.split_once('<') {
        printer.text.push_str(before);
        rest = printer.markup(after);
    }
    printer.text.push_str(rest);
    printer.loose_text();
    printer.out
}

struct Printer<'a> {
    policy: Policy,
    out: String,
    /// The open elements.
    open: Vec<&'a str>,
    /// The text since the last tag, as it is in the source.
    text: String,
    /// Whether the last tag opened an element.
    is_leaf: bool,
}

impl<'a> Printer<'a> {
    fn new(policy: Policy) -> Self {
        Self {
            policy,
            out: String::new(),
            open: Vec::new(),
            text: String::new(),
            is_leaf: false,
        }
    }

    /// Reads the markup that follows a `<`, and returns the rest.
    fn markup(&mut self, after: &'a str) -> &'a str {
        if let Some(cdata) = after.strip_prefix(CDATA) {
            let (text, rest) = cdata.split_once(CDATA_END).unwrap_or((cdata, ""));
            self.text.extend(["<", CDATA, text, CDATA_END]);
            return rest;
        }
        if let Some(comment) = after.strip_prefix("!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        let Some((tag, rest)) = after.split_once('>') else {
            return "";
        };
        if tag.starts_with(['?', '!']) {
            return rest;
        }
        match tag.strip_prefix('/') {
            Some(name) => self.close_tag(name.trim()),
            None => self.open_tag(tag),
        }
        rest
    }

    fn open_tag(&mut self, tag: &'a str) {
        self.loose_text();
        self.new_line();
        // Attributes have no meaning in callbacks, and might contain personal data.
        let name = tag.split_ascii_whitespace().next().unwrap_or_default();
        if tag.ends_with('/') {
            self.out.extend(["<", name.trim_end_matches('/'), "/>"]);
            self.is_leaf = false;
            return;
        }
        self.out.extend(["<", name, ">"]);
        self.open.push(name);
        self.is_leaf = true;
    }

    fn close_tag(&mut self, name: &str) {
        if self.is_leaf {
            let text = std::mem::take(&mut self.text);
            self.write(&text);
            self.open.pop();
        } else {
            self.loose_text();
            self.open.pop();
            self.new_line();
        }
        self.out.extend(["</", name, ">"]);
        self.is_leaf = false;
    }

    /// Writes the text between elements. As a rule it is the indentation of the source.
    fn loose_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() {
            self.new_line();
            self.write(text.trim());
        }
    }

    fn write(&mut self, text: &str) {
        // Everything below a secret is secret too.
        let secret = self.open.iter().find(|name| is_secret(name));
        let name = secret.or(self.open.last()).copied().unwrap_or_default();
        match self.policy.treatment(name) {
            Treatment::Replace(other) if !text.trim().is_empty() => self.out.push_str(other),
            _ => self.out.push_str(text),
        }
    }

    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        for _ in &self.open {
            self.out.push_str("  ");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_element_has_its_own_line() {
        let text = "<xml><A><![CDATA[a<b]]></A>\n  <B><C>1</C>\n<D/></B><E></E></xml>";
        let expected = "<xml>\n  <A><![CDATA[a<b]]></A>\n  <B>\n    <C>1</C>\n    <D/>\n  </B>\n  <E></E>\n</xml>";
        assert_eq!(pretty(text, Policy::Open), expected);
        assert_eq!(pretty(expected, Policy::Open), expected);
    }

    #[test]
    fn all_texts_are_masked_but_kinds_and_ids() {
        let text = "<xml a='x'><!-- y --><UserID>lin</UserID><Name><![CDATA[Lin]]>, Mei</Name>z<Event>e</Event>\
            <Empty></Empty><Item><Text>t</Text></Item></xml>";
        let shown = pretty(text, Policy::Mask);
        assert_eq!(
            shown,
            "<xml>\n  <UserID>lin</UserID>\n  <Name>•••</Name>\n  •••\n  <Event>e</Event>\n  <Empty></Empty>\n  <Item>\n    \
             <Text>•••</Text>\n  </Item>\n</xml>"
        );
    }

    #[test]
    fn secrets_are_never_shown() {
        let text = "<xml><SuiteTicket><![CDATA[s]]></SuiteTicket><AuthCode>a</AuthCode></xml>";
        let shown = pretty(text, Policy::Open);
        let expected = "<SuiteTicket>[secret]</SuiteTicket>\n  <AuthCode>[secret]</AuthCode>";
        assert!(shown.contains(expected), "{shown}");
        let text = "<xml><Token><A>s</A>s<B><C>s</C></B></Token><A>a</A></xml>";
        let bare: String = pretty(text, Policy::Open).split_whitespace().collect();
        let secret = "[secret]";
        assert_eq!(
            bare,
            format!(
                "<xml><Token><A>{secret}</A>{secret}<B><C>{secret}</C></B></Token><A>a</A></xml>"
            )
        );
    }

    #[test]
    fn no_input_panics() {
        for text in [
            "",
            "<",
            "</",
            "<a",
            "</a></b>",
            "<![CDATA[",
            "<!--",
            "<?x",
            "<>",
            "é<é>é</é>",
        ] {
            pretty(text, Policy::Open);
            pretty(text, Policy::Mask);
        }
    }
}
