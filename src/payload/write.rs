use serde_json::Value;

/// The content of a reply: names and values in the order in which they are written. One description
/// serves both formats.
#[derive(Debug, Default)]
pub(crate) struct Tree<'a>(Vec<Child<'a>>);

#[derive(Debug)]
struct Child<'a> {
    /// The name in XML. `None` if the value is left out of XML.
    xml: Option<&'static str>,
    /// The name in JSON. `None` if the value is left out of JSON.
    json: Option<&'static str>,
    node: Node<'a>,
}

/// A value to be written.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    Absent,
    Text(&'a str),
    Number(u64),
    Decimal(f64),
    Flag(bool),
    Texts(&'a [String]),
    Tree(Tree<'a>),
    /// In XML, one element for each tree.
    Trees(Vec<Tree<'a>>),
}

impl<'a> Tree<'a> {
    /// Adds a value with its name in XML and in JSON. An absent value and an empty list are left
    /// out.
    pub(crate) fn with(
        self,
        xml: &'static str,
        json: &'static str,
        value: impl Into<Node<'a>>,
    ) -> Self {
        self.branch(Some(xml), Some(json), value.into())
    }

    /// Adds a value that is written in XML only.
    pub(crate) fn xml(self, name: &'static str, value: impl Into<Node<'a>>) -> Self {
        self.branch(Some(name), None, value.into())
    }

    /// Adds a value that is written in JSON only.
    pub(crate) fn json(self, name: &'static str, value: impl Into<Node<'a>>) -> Self {
        self.branch(None, Some(name), value.into())
    }

    /// Adds the values of another tree.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    fn branch(
        mut self,
        xml: Option<&'static str>,
        json: Option<&'static str>,
        node: Node<'a>,
    ) -> Self {
        let is_nothing = match &node {
            Node::Absent => true,
            Node::Texts(texts) => texts.is_empty(),
            Node::Trees(trees) => trees.is_empty(),
            _ => false,
        };
        if !is_nothing {
            self.0.push(Child { xml, json, node });
        }
        self
    }

    /// The document `<xml>`. Texts are in CDATA, numbers are not.
    pub(crate) fn to_xml(&self) -> String {
        let mut out = String::with_capacity(1024);
        out.push_str("<xml>");
        self.write_xml(&mut out);
        out.push_str("</xml>");
        out
    }

    /// The JSON object.
    pub(crate) fn to_json(&self) -> String {
        let mut out = String::with_capacity(1024);
        self.write_json(&mut out);
        out
    }

    fn write_xml(&self, out: &mut String) {
        for branch in &self.0 {
            let Some(name) = branch.xml else { continue };
            match &branch.node {
                Node::Absent => {}
                Node::Text(text) => element(out, name, |out| write_cdata(out, text)),
                Node::Number(number) => element(out, name, |out| out.push_str(&number.to_string())),
                Node::Decimal(number) => {
                    element(out, name, |out| out.push_str(&number.to_string()));
                }
                Node::Flag(flag) => element(out, name, |out| out.push_str(&flag.to_string())),
                Node::Texts(texts) => {
                    for text in *texts {
                        element(out, name, |out| write_cdata(out, text));
                    }
                }
                Node::Tree(tree) => element(out, name, |out| tree.write_xml(out)),
                Node::Trees(trees) => {
                    for tree in trees {
                        element(out, name, |out| tree.write_xml(out));
                    }
                }
            }
        }
    }

    fn write_json(&self, out: &mut String) {
        let named = self
            .0
            .iter()
            .filter_map(|branch| Some((branch.json?, &branch.node)));
        separated(out, '{', '}', named, |out, (name, node)| {
            quoted(out, name);
            out.push(':');
            match node {
                Node::Absent => out.push_str("null"),
                Node::Text(text) => quoted(out, text),
                Node::Number(number) => out.push_str(&number.to_string()),
                Node::Decimal(number) => out.push_str(&Value::from(*number).to_string()),
                Node::Flag(flag) => out.push_str(&flag.to_string()),
                Node::Texts(texts) => {
                    separated(out, '[', ']', texts.iter(), |out, text| quoted(out, text));
                }
                Node::Tree(tree) => tree.write_json(out),
                Node::Trees(trees) => {
                    separated(out, '[', ']', trees.iter(), |out, tree| {
                        tree.write_json(out);
                    });
                }
            }
        });
    }
}

fn element(out: &mut String, name: &str, content: impl FnOnce(&mut String)) {
    tag(out, "<", name);
    content(out);
    tag(out, "</", name);
}

fn tag(out: &mut String, open: &str, name: &str) {
    out.push_str(open);
    out.push_str(name);
    out.push('>');
}

/// Writes a text as CDATA. A `]]>` in the text is split over two sections.
pub(crate) fn write_cdata(out: &mut String, text: &str) {
    out.push_str("<![CDATA[");
    for (index, part) in text.split("]]>").enumerate() {
        if index > 0 {
            out.push_str("]]]]><![CDATA[>");
        }
        out.push_str(part);
    }
    out.push_str("]]>");
}

fn quoted(out: &mut String, text: &str) {
    out.push_str(&Value::from(text).to_string());
}

fn separated<T>(
    out: &mut String,
    open: char,
    close: char,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    out.push(open);
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(close);
}

impl<'a> From<&'a str> for Node<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Node<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a Vec<String>> for Node<'a> {
    fn from(texts: &'a Vec<String>) -> Self {
        Self::Texts(texts)
    }
}

impl From<u64> for Node<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Node<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<f64> for Node<'_> {
    fn from(number: f64) -> Self {
        Self::Decimal(number)
    }
}

impl From<bool> for Node<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl<'a> From<Tree<'a>> for Node<'a> {
    fn from(tree: Tree<'a>) -> Self {
        Self::Tree(tree)
    }
}

impl<'a> FromIterator<Tree<'a>> for Node<'a> {
    fn from_iter<I: IntoIterator<Item = Tree<'a>>>(trees: I) -> Self {
        Self::Trees(trees.into_iter().collect())
    }
}

impl<T: Into<Self>> From<Option<T>> for Node<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

impl<'a> From<&'a Option<String>> for Node<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().into()
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
            let xml = Tree::default().xml("T", text).xml("N", 7_u64).to_xml();
            let document = Document::parse(xml.as_bytes()).expect(&xml);
            assert_eq!(document.root().child("T").unwrap().text(), text, "{xml}");
            assert_eq!(document.root().child("N").unwrap().text(), "7");
        }
    }

    fn tree(texts: &Vec<String>) -> Tree<'_> {
        let item = |text| Tree::default().with("T", "t", text);
        Tree::default()
            .with("Z", "z", "a\"b")
            .with("A", "a", 7_u64)
            .with("No", "no", None::<&str>)
            .with("D", "d", 1.3)
            .with("F", "f", false)
            .with("S", "s", texts)
            .with("O", "o", item("x"))
            .with(
                "L",
                "l",
                ["1", "2"].map(item).into_iter().collect::<Node<'_>>(),
            )
            .with("E", "e", [].into_iter().collect::<Node<'_>>())
            .xml("X", "x")
            .json("j", "j")
    }

    #[test]
    fn what_is_empty_is_left_out_and_trees_are_joined_in_their_order() {
        let empty = Vec::<String>::new();
        let tree = Tree::default()
            .with("A", "a", "1")
            .and(Tree::default().with("B", "b", &empty).with("C", "c", "2"));
        assert_eq!(tree.to_json(), r#"{"a":"1","c":"2"}"#);
    }

    #[test]
    fn xml_has_text_in_cdata_and_all_else_bare() {
        let xml = tree(&vec!["u".to_owned(), "v".to_owned()]).to_xml();
        let expected = "<xml><Z><![CDATA[a\"b]]></Z><A>7</A><D>1.3</D><F>false</F><S><![CDATA[u]]></S>\
            <S><![CDATA[v]]></S><O><T><![CDATA[x]]></T></O><L><T><![CDATA[1]]></T></L>\
            <L><T><![CDATA[2]]></T></L><X><![CDATA[x]]></X></xml>";
        assert_eq!(xml, expected);
    }

    #[test]
    fn json_keeps_the_order_and_numbers_as_numbers() {
        let json = tree(&vec!["u".to_owned(), "v".to_owned()]).to_json();
        let expected = "{\"z\":\"a\\\"b\",\"a\":7,\"d\":1.3,\"f\":false,\"s\":[\"u\",\"v\"],\"o\":{\"t\":\"x\"},\
            \"l\":[{\"t\":\"1\"},{\"t\":\"2\"}],\"j\":\"j\"}";
        assert_eq!(json, expected);
    }
}
