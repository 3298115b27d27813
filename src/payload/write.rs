use serde_json::{Map, Value};

/// Writes the XML of a reply or an envelope: text in CDATA, numbers bare.
#[derive(Debug, Default)]
pub(crate) struct XmlWriter(String);

impl XmlWriter {
    /// Begins `<xml>`, with room for `capacity` bytes.
    pub(crate) fn new(capacity: usize) -> Self {
        let mut text = String::with_capacity(capacity);
        text.push_str("<xml>");
        Self(text)
    }

    /// An element with text in CDATA. `]]>` inside the text is split over two sections.
    pub(crate) fn text(mut self, name: &str, text: &str) -> Self {
        self.tag("<", name);
        self.0.push_str("<![CDATA[");
        for (index, part) in text.split("]]>").enumerate() {
            if index > 0 {
                self.0.push_str("]]]]><![CDATA[>");
            }
            self.0.push_str(part);
        }
        self.0.push_str("]]>");
        self.tag("</", name);
        self
    }

    /// An element with a bare number.
    pub(crate) fn number(mut self, name: &str, number: u64) -> Self {
        self.tag("<", name);
        self.0.push_str(&number.to_string());
        self.tag("</", name);
        self
    }

    /// Ends `</xml>`.
    pub(crate) fn finish(mut self) -> String {
        self.0.push_str("</xml>");
        self.0
    }

    fn tag(&mut self, open: &str, name: &str) {
        self.0.push_str(open);
        self.0.push_str(name);
        self.0.push('>');
    }
}

/// Writes the JSON of a reply or an envelope.
#[derive(Debug, Default)]
pub(crate) struct JsonObject(Map<String, Value>);

impl JsonObject {
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn finish(self) -> String {
        Value::Object(self.0).to_string()
    }
}

impl From<JsonObject> for Value {
    fn from(object: JsonObject) -> Self {
        Self::Object(object.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::*;

    #[test]
    fn the_end_of_a_cdata_section_is_split() {
        for text in [
            "",
            "a",
            "]]>",
            "a]]>b]]>c",
            "]]]]>>",
            "<&>\"'",
            "]]",
            "\u{1}中",
        ] {
            let xml = XmlWriter::new(0).text("T", text).number("N", 7).finish();
            let document = Document::parse(xml.as_bytes()).expect(&xml);
            assert_eq!(document.root().child("T").unwrap().text(), text, "{xml}");
            assert_eq!(document.root().child("N").unwrap().text(), "7");
        }
    }

    #[test]
    fn text_stands_in_cdata_and_numbers_are_bare() {
        let xml = XmlWriter::new(0).text("T", "a").number("N", 7).finish();
        assert_eq!(xml, "<xml><T><![CDATA[a]]></T><N>7</N></xml>");
    }

    #[test]
    fn json_keeps_numbers_as_numbers() {
        let json = JsonObject::default()
            .with("n", 7)
            .with("t", "a\"b")
            .finish();
        assert_eq!(json, r#"{"n":7,"t":"a\"b"}"#);
    }
}
