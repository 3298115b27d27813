use bytes::Bytes;
use bytestring::ByteString;

use super::element::Document;
use super::error::PayloadError;
use super::{json, xml};

const BOM: char = '\u{feff}';

/// The two formats of payloads and envelopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// A JSON object.
    Json,
    /// An XML document.
    Xml,
}

impl Format {
    /// The format of a text, by its first byte that is not blank. WeCom's `Content-Type` is not
    /// reliable.
    ///
    /// `None` if the text is neither. The rest of the text is not checked.
    ///
    /// ```
    /// use tower_wecom::payload::Format;
    ///
    /// assert_eq!(Format::of(b"<xml><MsgType>text</MsgType></xml>"), Some(Format::Xml));
    /// assert_eq!(Format::of(b"\n {\"msgtype\": \"text\"}"), Some(Format::Json));
    /// assert_eq!(Format::of(b"msgtype=text"), None);
    /// ```
    #[must_use]
    pub fn of(payload: &[u8]) -> Option<Self> {
        let payload = payload
            .strip_prefix("\u{feff}".as_bytes())
            .unwrap_or(payload);
        match payload.trim_ascii_start().first()? {
            b'<' => Some(Self::Xml),
            b'{' => Some(Self::Json),
            _ => None,
        }
    }
}

impl Document {
    /// Reads a decrypted text, or an envelope, into a tree.
    ///
    /// Bytes that are not UTF-8 become U+FFFD.
    ///
    /// # Errors
    ///
    /// If the text is neither well-formed XML nor a JSON object, or exceeds a limit. Never panics.
    pub fn parse(payload: &[u8]) -> Result<Self, PayloadError> {
        Self::parse_shared(Bytes::copy_from_slice(payload))
    }

    /// [`parse`](Self::parse) without a copy. The tree of plain XML keeps the bytes and points into
    /// them.
    ///
    /// # Errors
    ///
    /// Those of `parse`.
    pub(crate) fn parse_shared(payload: Bytes) -> Result<Self, PayloadError> {
        let format = Format::of(&payload).ok_or(PayloadError::Malformed)?;
        // Nearly all payloads are UTF-8, and `from_utf8_lossy` is slower.
        let text = ByteString::try_from(payload.clone())
            .unwrap_or_else(|_| String::from_utf8_lossy(&payload).into_owned().into());
        let start = text
            .len()
            .saturating_sub(text.trim_start_matches(BOM).len());
        match format {
            Format::Json => json::read(text, start),
            Format::Xml => xml::read(text, start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::builder::Builder;
    use super::super::{MAX_DEPTH, MAX_ELEMENTS, MAX_SIZE};
    use super::*;

    fn text_at<'a>(document: &'a Document, path: &str) -> Option<&'a str> {
        document.root().find(path).map(|element| element.text())
    }

    #[test]
    fn xml_and_json_become_the_same_tree() {
        let xml = b"<xml><A>1</A><B><C>x</C><C>y</C></B></xml>";
        let json = br#"{"A": 1, "B": {"C": ["x", "y"]}}"#;
        for payload in [&xml[..], &json[..]] {
            let document = Document::parse(payload).unwrap();
            assert_eq!(text_at(&document, "A"), Some("1"));
            assert_eq!(text_at(&document, "B/C"), Some("x"));
            assert_eq!(text_at(&document, "B/C[1]"), Some("y"));
            assert_eq!(text_at(&document, "B/C[2]"), None);
            assert_eq!(text_at(&document, "B/D"), None);
            let shown = serde_json::to_string(&document).unwrap();
            assert_eq!(shown, r#"{"A":"1","B":{"C":["x","y"]}}"#);
        }
    }

    #[test]
    fn text_and_cdata_are_joined_and_entities_resolved() {
        let rows = [
            ("<x>a</x>", "a"),
            ("<x><![CDATA[a]]></x>", "a"),
            ("<x> a<![CDATA[ b ]]>c </x>", " a b c "),
            ("<x><![CDATA[]]]]><![CDATA[>]]></x>", "]]>"),
            ("<x>&lt;&gt;&amp;&quot;&apos;&#65;&#x4e2d;</x>", "<>&\"'A中"),
            ("<x><![CDATA[&amp;<b>]]></x>", "&amp;<b>"),
            ("<x>A & B</x>", "A & B"),
            ("<x>http://a/?b=1&c=2</x>", "http://a/?b=1&c=2"),
            ("<x>&&#;&;&#x;& amp;</x>", "&&#;&;&#x;& amp;"),
            (
                "<x>&#0;&#xd83d;&#xde00;&#x0000000041;&#99999999999;</x>",
                "\u{fffd}\u{fffd}\u{fffd}A\u{fffd}",
            ),
            ("<x><!-- <y>no</y> -->a<!-- & --></x>", "a"),
            ("<x/>", ""),
            ("<x></x>", ""),
            ("<x a='1' b=\"<>\">a</x >", "a"),
            (
                "\u{feff}<?xml version=\"1.0\" encoding=\"gbk\"?>\r\n<!-- c --><x>a</x>\r\n\0 <!-- c -->",
                "a",
            ),
        ];
        for (xml, text) in rows {
            let document = Document::parse(xml.as_bytes()).expect(xml);
            assert_eq!(document.root().text(), text, "{xml}");
        }
    }

    #[test]
    fn a_reference_has_an_end() {
        // Found by the fuzz target `xml`, whose judge refused 32 bytes.
        for (zeros, is_reference) in [(29, true), (30, false)] {
            let reference = format!("&#{}65;", "0".repeat(zeros));
            let document = Document::parse(format!("<x>{reference}</x>").as_bytes()).unwrap();
            let text = if is_reference { "A" } else { &reference };
            assert_eq!(document.root().text(), text);
        }
    }

    #[test]
    fn control_characters_and_half_characters_are_kept_or_marked() {
        let document =
            Document::parse(b"<x><n><![CDATA[a\x01\xe4\xb8b]]></n>\x00<m>&#x2;</m></x>").unwrap();
        assert_eq!(text_at(&document, "n"), Some("a\u{1}\u{fffd}b"));
        assert_eq!(text_at(&document, "m"), Some("\u{2}"));
    }

    #[test]
    fn what_wecom_never_sends_is_refused() {
        use PayloadError::{Forbidden, Malformed};
        let rows = [
            ("<!DOCTYPE x [<!ENTITY e \"1\">]><x>&e;</x>", Forbidden),
            ("<!DOCTYPE x SYSTEM \"http://a/b\"><x/>", Forbidden),
            ("<?php x ?><x/>", Forbidden),
            ("<x><?pi?></x>", Forbidden),
            ("<x>&nbsp;</x>", Forbidden),
            ("<x>&e1;</x>", Forbidden),
            ("<x>", Malformed),
            ("<x></y>", Malformed),
            ("<x></x><y/>", Malformed),
            ("<x></x>trailing", Malformed),
            ("</x>", Malformed),
            // Found by the fuzz target `xml`: a form feed is not a blank in XML.
            ("<x\u{c}></x>", Malformed),
            ("<x></x\u{c}>", Malformed),
            ("<?xml\u{c}?><x/>", Forbidden),
            ("<x><![CDATA[a</x>", Malformed),
            ("<", Malformed),
            ("<!-- only -->", Malformed),
            ("", Malformed),
            ("hello", Malformed),
            ("{", Malformed),
            ("{\"a\":1,}", Malformed),
            ("{\"a\":1} x", Malformed),
            ("[1]", Malformed),
            ("\"a\"", Malformed),
        ];
        for (payload, error) in rows {
            assert_eq!(Document::parse(payload.as_bytes()), Err(error), "{payload}");
        }
    }

    #[test]
    fn json_scalars_become_text_as_they_stand_and_null_is_absent() {
        let json = r#"{"s":"a\u4e2d\/","n":-7,"big":18446744073709551615,"t":true,"z":null,"e":[],"o":{},
            "f":0.50,"id":123456789012345678901234567890,"x":1e999,"l":[1.0,2]}"#;
        let document = Document::parse(json.as_bytes()).unwrap();
        let rows = [
            ("s", "a中/"),
            ("n", "-7"),
            ("big", "18446744073709551615"),
            ("t", "true"),
            ("f", "0.50"),
            ("id", "123456789012345678901234567890"),
            ("x", "1e999"),
            ("l[0]", "1.0"),
            ("l[1]", "2"),
        ];
        for (path, text) in rows {
            assert_eq!(text_at(&document, path), Some(text), "{path}");
        }
        assert_eq!(text_at(&document, "z"), None);
        assert!(document.root().find("e").unwrap().is_empty_list());
        assert!(!document.root().find("o").unwrap().has_children());
    }

    #[test]
    fn whole_numbers_truths_and_nulls_need_no_repair() {
        let json = r#"{"n":-7,"big":18446744073709551615,"t":true,"f":false,"z":null}"#;
        let document = Document::parse(json.as_bytes()).unwrap();
        assert_eq!(
            serde_json::to_string(&document).unwrap(),
            r#"{"n":"-7","big":"18446744073709551615","t":"true","f":"false"}"#
        );
    }

    #[test]
    fn dirty_json_is_read_all_the_same() {
        let json = "{\"a\":\"x\u{1}\ny\",\"b\":\"\\ud83d!\",\"c\":[1.5]}\0\0\n";
        let document = Document::parse(json.as_bytes()).unwrap();
        assert_eq!(text_at(&document, "a"), Some("x\u{1}\ny"));
        assert_eq!(text_at(&document, "b"), Some("\u{fffd}!"));
        assert_eq!(text_at(&document, "c"), Some("1.5"));
    }

    #[test]
    fn an_array_of_one_stays_an_array() {
        let rows = [
            (r#"{"a":["1"]}"#, r#"{"a":["1"]}"#),
            (r#"{"a":[{"b":"1"}]}"#, r#"{"a":[{"b":"1"}]}"#),
            (r#"{"a":[]}"#, r#"{"a":[]}"#),
            (r#"{"a":[null,"1",null,"2"]}"#, r#"{"a":["1","2"]}"#),
            (
                r#"{"a":["1"],"b":"2","a":["3"]}"#,
                r#"{"a":["1","3"],"b":"2"}"#,
            ),
            (r#"{"a":[["1"]]}"#, r#"{"a":[["1"]]}"#),
            (
                r#"{"":[[],["1"],[null],[[{"":[["2"]]}]]]}"#,
                r#"{"":[[],["1"],[],[[{"":[["2"]]}]]]}"#,
            ),
        ];
        for (json, shown) in rows {
            let document = Document::parse(json.as_bytes()).unwrap();
            assert_eq!(serde_json::to_string(&document).unwrap(), shown);
        }
    }

    #[test]
    fn arrays_of_arrays_keep_their_shape() {
        let document = Document::parse(br#"{"a":[[1,2],[3]],"b":[{"c":1},{"c":2}]}"#).unwrap();
        assert_eq!(text_at(&document, "a[0]/a[1]"), Some("2"));
        assert_eq!(text_at(&document, "a[1]/a"), Some("3"));
        assert_eq!(text_at(&document, "b[1]/c"), Some("2"));
    }

    #[test]
    fn depth_is_bounded_in_both_languages() {
        let xml = |depth: usize| format!("{}{}", "<x>".repeat(depth), "</x>".repeat(depth));
        assert!(Document::parse(xml(MAX_DEPTH).as_bytes()).is_ok());
        let too_deep = xml(MAX_DEPTH + 1);
        assert_eq!(
            Document::parse(too_deep.as_bytes()),
            Err(PayloadError::TooDeep)
        );
        let json = |depth: usize| format!("{}1{}", "{\"x\":".repeat(depth), "}".repeat(depth));
        assert!(Document::parse(json(MAX_DEPTH - 1).as_bytes()).is_ok());
        for depth in [MAX_DEPTH, 100, 100_000] {
            assert_eq!(
                Document::parse(json(depth).as_bytes()),
                Err(PayloadError::TooDeep),
                "{depth}"
            );
        }
        let arrays = format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(
            Document::parse(arrays.as_bytes()),
            Err(PayloadError::TooDeep)
        );
    }

    #[test]
    fn the_number_of_elements_and_the_size_are_bounded() {
        let many = format!("<x>{}</x>", "<y/>".repeat(MAX_ELEMENTS));
        assert_eq!(
            Document::parse(many.as_bytes()),
            Err(PayloadError::TooManyElements)
        );
        let array = format!("{{\"x\":[{}1]}}", "1,".repeat(MAX_ELEMENTS));
        assert_eq!(
            Document::parse(array.as_bytes()),
            Err(PayloadError::TooManyElements)
        );
        let large = format!("<x>{}</x>", "a".repeat(MAX_SIZE));
        assert_eq!(
            Document::parse(large.as_bytes()),
            Err(PayloadError::TooLarge)
        );
    }

    #[test]
    fn a_tree_is_not_much_larger_than_its_text() {
        let long = "n".repeat(50_000);
        let ones = vec!["1"; 20_000].join(",");
        let objects = vec![r#"{"b":1}"#; 8_000].join(",");
        let arrays = vec!["[1]"; 20_000].join(",");
        let floats = vec!["1e308"; 20_000].join(",");
        for values in [ones, objects, arrays, floats] {
            let json = format!("{{\"{long}\":[{values}]}}");
            let document = Document::parse(json.as_bytes()).unwrap();
            assert!(
                document.copied_len() <= json.len(),
                "{} of {}",
                document.copied_len(),
                json.len()
            );
            let shown = serde_json::to_vec(&document).unwrap().len();
            assert!(shown <= 2 * json.len(), "{shown} of {}", json.len());
        }
    }

    #[test]
    fn what_is_exactly_as_long_as_may_be_is_read() {
        assert_eq!(MAX_SIZE, 16 * 1024 * 1024);
        let xml = format!("<x>{}</x>", "a".repeat(MAX_SIZE - "<x></x>".len()));
        assert!(Document::parse(xml.as_bytes()).is_ok());
        let mut builder = Builder::new(100).unwrap();
        builder.open("name").unwrap();
        assert_eq!(builder.text(&"x".repeat(1_220)), Ok(()));
        assert_eq!(builder.text("x"), Err(PayloadError::TooLarge));
    }

    #[test]
    fn plain_xml_is_not_copied() {
        let plain = [
            "<xml>\n<A>a</A>\t<B><![CDATA[b > ]> b]]></B><C><D></D> </C></xml>\r\n",
            "\u{feff}<?xml version='1.0'?>\n<xml><A> \n </A></xml>",
            "<xml>a</xml>",
            "<xml><A>a</A>text<B>b</B>]]></xml>",
            "<名><![CDATA[&amp;<a/>]]></名>",
        ];
        for xml in plain {
            let document = Document::parse(xml.as_bytes()).unwrap();
            assert_eq!(document.copied_len(), 0, "{xml}");
        }
        for xml in [
            "<a/>",
            "<a>&lt;</a>",
            "<a b='c'>a</a>",
            "<a><!-- --></a>",
            "<a>text<b></b></a>",
            "<a></a >",
        ] {
            let document = Document::parse(xml.as_bytes()).unwrap();
            assert!(document.copied_len() > 0, "{xml}");
        }
    }

    #[test]
    fn json_is_copied_only_where_its_text_is_not_the_value() {
        let rows = [
            (r#"{"a":"x","b":{"c":["y","名"]},"d":[]}"#, 0),
            ("\u{feff}{ \"a\" : -12 ,\"b\"\n:\ttrue, \"c\":false}", 0),
            (r#"{"a":18446744073709551615,"b":null}"#, 0),
            (r#"{"a":"x\ny","b":"z"}"#, 3),
            (r#"{"\u0061":7}"#, 2),
            (r#"{"a":[10,true,[-3]]}"#, 0),
            (r#"{"a":[null,-3]}"#, 2),
        ];
        for (json, copied) in rows {
            let document = Document::parse(json.as_bytes()).unwrap();
            assert_eq!(document.copied_len(), copied, "{json}");
        }
        let json = r#"{"\u0061":7,"b":-5,"c":{"d":"x\"y","e":true},"f":["1\n",1,15,1],"g":1e3}"#;
        let document = Document::parse(json.as_bytes()).unwrap();
        let values = [
            ("a", "7"),
            ("b", "-5"),
            ("c/d", "x\"y"),
            ("c/e", "true"),
            ("f[0]", "1\n"),
            ("f[1]", "1"),
            ("f[2]", "15"),
            ("f[3]", "1"),
            ("g", "1e3"),
        ];
        for (path, value) in values {
            assert_eq!(text_at(&document, path), Some(value), "{path}");
        }
    }

    #[test]
    fn trees_are_equal_if_their_names_texts_and_shapes_are() {
        let read = |text: &str| Document::parse(text.as_bytes()).unwrap();
        let xml = "<x><a>1</a></x>";
        for same in [
            xml,
            "<x><a><![CDATA[1]]></a ></x>",
            "\u{feff}<x y='1'>\n<a>&#49;</a></x>",
        ] {
            assert_eq!(read(same), read(xml), "{same}");
        }
        for (one, other) in [
            (xml, "<x><b>1</b></x>"),
            (xml, "<x><a>2</a></x>"),
            (xml, "<x><a>1</a><a>1</a></x>"),
            ("<x><a><b/></a></x>", "<x><a/><b/></x>"),
            (r#"{"a":[]}"#, r#"{"a":""}"#),
            (r#"{"a":["1"]}"#, r#"{"a":"1"}"#),
        ] {
            assert_ne!(read(one), read(other), "{one}");
            assert_ne!(read(other), read(one), "{one}");
        }
    }

    #[test]
    fn debug_shows_no_text() {
        let document = Document::parse(b"<xml><Mobile>13900001234</Mobile></xml>").unwrap();
        let root = document.root();
        assert_eq!(
            format!("{document:?} {:?} {root:?}", root.children()),
            r#"Document { elements: 2, .. } [Element { name: "Mobile", .. }] Element { name: "xml", .. }"#
        );
    }
}
