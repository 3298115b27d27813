//! Our readers of XML compared with their judge, roxmltree, and with each other.
//!
//! The fast reader reads plain documents, the general one reads all others. A comment behind the
//! root does not change the tree, but only the general reader accepts it.

use std::cell::Cell;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;
use tower_wecom::payload::{MAX_DEPTH, PayloadError};
use tower_wecom::test_util::Sample;

use super::judge::{self, Agreement};
use super::tree::Node;
use super::{holds, mutated, text};

/// Reads a document with both readers. Their results must be equal.
fn read(xml: &str) -> Result<Node, PayloadError> {
    let read = Node::read(xml);
    if read.is_ok() {
        let by_general_reader = Node::read(&format!("{xml}<!-- -->"));
        assert_eq!(read, by_general_reader, "{xml}");
    }
    read
}

/// A piece of text in one of its written forms.
#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    CData(String),
    Named(&'static str, char),
    Decimal(char, usize),
    Hexadecimal(char, usize),
    Comment(String),
    Ampersand,
}

impl Piece {
    fn write(&self, xml: &mut String) {
        match self {
            Self::Text(text) => xml.push_str(text),
            Self::CData(text) => {
                let text = text.replace("]]>", "]]]]><![CDATA[>");
                xml.push_str(&format!("<![CDATA[{text}]]>"));
            }
            Self::Named(name, _) => xml.push_str(&format!("&{name};")),
            Self::Decimal(c, zeros) => {
                xml.push_str(&format!("&#{}{};", "0".repeat(*zeros), u32::from(*c)));
            }
            Self::Hexadecimal(c, zeros) => {
                xml.push_str(&format!("&#x{}{:x};", "0".repeat(*zeros), u32::from(*c)));
            }
            Self::Comment(text) => xml.push_str(&format!("<!--{text}-->")),
            Self::Ampersand => xml.push_str("& "),
        }
    }

    fn say(&self, said: &mut String) {
        match self {
            Self::Text(text) | Self::CData(text) => said.push_str(text),
            Self::Named(_, c) => said.push(*c),
            Self::Decimal(c, _) | Self::Hexadecimal(c, _) => {
                said.push(if *c == '\0' { '\u{fffd}' } else { *c });
            }
            Self::Comment(_) => {}
            Self::Ampersand => said.push_str("& "),
        }
    }
}

/// Whether a document is well-formed, so that the judge must read it too, or has faults that we
/// tolerate.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    WellFormed,
    Faulty,
}

impl Kind {
    /// A text without the characters that XML forbids.
    fn text(self, most: usize) -> impl Strategy<Value = String> {
        text(most).prop_map(move |text| match self {
            Self::WellFormed => text.replace(|c| !is_xml(c), "-"),
            Self::Faulty => text,
        })
    }

    fn any_char(self) -> impl Strategy<Value = char> {
        any::<char>().prop_map(move |c| match self {
            Self::WellFormed if !is_xml(c) => 'c',
            _ => c,
        })
    }
}

fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn pieces(kind: Kind, most: usize) -> impl Strategy<Value = Vec<Piece>> {
    // A text must not contain `]]>`, also not across two pieces.
    let plain = move || {
        let text = kind.text(8);
        text.prop_map(|text| text.replace(['<', '&', ']'], "-"))
    };
    let named = vec![
        ("amp", '&'),
        ("apos", '\''),
        ("gt", '>'),
        ("lt", '<'),
        ("quot", '"'),
    ];
    let piece = prop_oneof![
        4 => plain().prop_map(Piece::Text),
        4 => kind.text(8).prop_map(Piece::CData),
        1 => select(named).prop_map(|(name, c)| Piece::Named(name, c)),
        1 => (kind.any_char(), 0..20_usize).prop_map(|(c, zeros)| Piece::Decimal(c, zeros)),
        1 => (kind.any_char(), 0..20_usize).prop_map(|(c, zeros)| Piece::Hexadecimal(c, zeros)),
        1 => kind.text(8).prop_map(|text| Piece::Comment(text.replace(['-', '>'], "<"))),
        1 => Just(match kind {
            Kind::WellFormed => Piece::Named("amp", '&'),
            Kind::Faulty => Piece::Ampersand,
        }),
    ];
    prop::collection::vec(piece, 0..=most)
}

/// An element in its written form.
#[derive(Clone, Debug)]
struct Written {
    name: &'static str,
    attributes: &'static str,
    /// The white space before the `>` of the end tag.
    blank: &'static str,
    pieces: Vec<Piece>,
    children: Vec<(Written, Vec<Piece>)>,
}

impl Written {
    fn write(&self, xml: &mut String) {
        let Self {
            name,
            attributes,
            blank,
            ..
        } = self;
        if self.pieces.is_empty() && self.children.is_empty() && blank.is_empty() {
            xml.push_str(&format!("<{name}{attributes}/>"));
            return;
        }
        xml.push_str(&format!("<{name}{attributes}>"));
        self.pieces.iter().for_each(|piece| piece.write(xml));
        for (child, behind) in &self.children {
            child.write(xml);
            behind.iter().for_each(|piece| piece.write(xml));
        }
        xml.push_str(&format!("</{name}{blank}>"));
    }

    /// Its texts, and those of its descendants.
    fn texts(&mut self) -> Vec<&mut Vec<Piece>> {
        let mut texts = vec![&mut self.pieces];
        for (child, behind) in &mut self.children {
            texts.extend(child.texts());
            texts.push(behind);
        }
        texts
    }

    fn meaning(&self) -> Node {
        let mut text = String::new();
        self.pieces.iter().for_each(|piece| piece.say(&mut text));
        // White space before the first child is only formatting.
        if !self.children.is_empty() && text.trim_ascii().is_empty() {
            text.clear();
        }
        Node {
            name: self.name.to_owned(),
            text,
            children: self
                .children
                .iter()
                .map(|(child, _)| child.meaning())
                .collect(),
        }
    }
}

fn element(kind: Kind) -> impl Strategy<Value = Written> {
    let name = match kind {
        Kind::WellFormed => "UserID",
        Kind::Faulty => "x:y",
    };
    let attribute = match kind {
        Kind::WellFormed => " 字='值>'",
        Kind::Faulty => " 字='<值>' a a=1",
    };
    let shell = move || {
        (
            select(vec![
                name,
                "xml",
                "A",
                "a",
                "名",
                "a-b",
                "a.b",
                "A1",
                "_",
                "aVeryLongNameOfAnElementIndeed",
            ]),
            select(vec![
                "",
                "",
                "",
                " ",
                " a='1'",
                "\n\ta=\"/>\" b = '\"'",
                attribute,
            ]),
            select(vec!["", "", " ", "\r\n\t"]),
        )
    };
    let leaf = (shell(), pieces(kind, 3)).prop_map(|((name, attributes, blank), pieces)| Written {
        name,
        attributes,
        blank,
        pieces,
        children: Vec::new(),
    });
    leaf.prop_recursive(5, 24, 4, move |inner| {
        let children = prop::collection::vec((inner, pieces(kind, 2)), 0..=4);
        (shell(), pieces(kind, 3), children).prop_map(
            |((name, attributes, blank), pieces, children)| Written {
                name,
                attributes,
                blank,
                pieces,
                children,
            },
        )
    })
}

/// Texts that are allowed before the root and behind it.
fn around(kind: Kind) -> impl Strategy<Value = (&'static str, &'static str)> {
    let mut before = vec![
        "",
        "\n \t",
        "\u{feff}",
        "<?xml version=\"1.0\" encoding=\"gbk\"?>",
        "\u{feff}<?xml version='1.0'?>\r\n<!-- <a> & -->\n",
    ];
    let mut behind = vec!["", "\n", "<!-- c -->\n"];
    if kind == Kind::Faulty {
        before.extend(["\u{c}<?xml ?><?xml\n?>", "<!-- -- -->"]);
        behind.extend(["\0", "&#10;<![CDATA[ ]]>"]);
    }
    (select(before), select(behind))
}

#[test]
fn a_document_means_what_its_writer_meant() {
    let document = |kind| (Just(kind), around(kind), element(kind));
    let documents = prop_oneof![document(Kind::WellFormed), document(Kind::Faulty)];
    holds(500, &documents, |(kind, (before, behind), element)| {
        let mut xml = before.to_owned();
        element.write(&mut xml);
        xml.push_str(behind);
        let ours = read(&xml);
        prop_assert_eq!(&ours, &Ok(element.meaning()), "{}", xml);
        let agreement = judge::compare(&xml, &ours).map_err(TestCaseError::fail)?;
        if kind == Kind::WellFormed {
            prop_assert_eq!(agreement, Agreement::Same, "{}", xml);
        }
        Ok(())
    });
}

const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "&",
    ";",
    "\"",
    "'",
    "=",
    "!",
    "?",
    "-",
    "]",
    " ",
    "a",
    "中",
    "\0",
    "\u{feff}",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?xml ?>",
    "<?xml?>",
    "<?pi?>",
    "<!DOCTYPE x>",
    "<A>",
    "</A>",
    "<A/>",
    "<A a='>'>",
    "</xml>",
    "<xml>",
    "&amp;",
    "&#1;",
    "&#xD800;",
    "&#X41;",
    "&nbsp;",
    "]]]]><![CDATA[>",
];

fn samples() -> impl Strategy<Value = String> {
    static SHORT: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let all = Sample::all().map(Sample::payload);
        all.filter(|payload| payload.starts_with('<') && payload.len() < 600)
            .collect()
    });
    select(SHORT.as_slice()).prop_map(str::to_owned)
}

#[test]
fn a_reference_to_another_entity_than_the_five_is_refused_in_every_text() {
    let documents = (element(Kind::WellFormed), any::<prop::sample::Index>());
    holds(200, &documents, |(mut element, place)| {
        let mut texts = element.texts();
        let which = place.index(texts.len());
        let text = &mut texts[which];
        text.insert(place.index(text.len() + 1), Piece::Named("nbsp", ' '));
        let mut xml = String::new();
        element.write(&mut xml);
        let ours = read(&xml);
        prop_assert_eq!(&ours, &Err(PayloadError::Forbidden), "{}", xml);
        prop_assert_eq!(
            judge::compare(&xml, &ours),
            Ok(Agreement::Refused),
            "{}",
            xml
        );
        Ok(())
    });
}

#[test]
fn what_one_reader_accepts_the_other_accepts_too() {
    let written = element(Kind::WellFormed).prop_map(|element| {
        let mut xml = String::new();
        element.write(&mut xml);
        xml
    });
    let texts = mutated(prop_oneof![1 => samples(), 2 => written], PIECES);
    let counts = [const { Cell::new(0) }; 4];
    holds(1_500, &texts, |xml| {
        let agreement = judge::compare(&xml, &read(&xml)).map_err(TestCaseError::fail)?;
        let [same, refused, lenient, strict] = &counts;
        let count = match agreement {
            Agreement::Same => same,
            Agreement::Refused => refused,
            Agreement::Lenient => lenient,
            Agreement::Strict => strict,
        };
        count.set(count.get() + 1);
        Ok(())
    });
    let [same, refused, lenient, strict] = counts.map(Cell::into_inner);
    println!("{same} the same, {refused} refused by both, {lenient} by the judge, {strict} by us");
    let all = same + refused + lenient + strict;
    // A run with few cases does not reach all sorts.
    assert!(
        all < 1_000 || same.min(refused) > all / 20,
        "too few of one sort"
    );
}

#[test]
fn a_reference_has_at_most_32_bytes_and_is_text_otherwise() {
    for (zeros, is_reference) in [(29, true), (30, false)] {
        let reference = format!("&#{}65;", "0".repeat(zeros));
        let text = if is_reference { "A" } else { &reference };
        assert_eq!(
            read(&format!("<x>{reference}</x>")),
            Ok(Node::leaf("x", text))
        );
    }
}

/// Documents that are not well-formed, with the text that we read.
#[test]
fn what_we_read_and_the_judge_refuses_is_listed() {
    let rows = [
        // Such texts occur in genuine payloads.
        ("<x>a\u{1}</x>", "a\u{1}"),
        ("<x>a & b</x>", "a & b"),
        ("<x>/?a=1&b=2;</x>", "/?a=1&b=2;"),
        ("<x>&#0;&#xd800;&#x1;</x>", "\u{fffd}\u{fffd}\u{1}"),
        ("<x>]]></x>", "]]>"),
        // A section that ends too early. The fuzz target found that the judge did not know the second.
        ("<x><![CDATA[a]]>b]]></x>", "a]]>b"),
        ("<x><![CDATA[a]]></y>b]]></x>", "a]]></y>b"),
        // White space and control characters around the root.
        ("<x>a</x>\0", "a"),
        ("<x>a</x>&#10;", "a"),
        ("<x>a</x><![CDATA[ ]]>", "a"),
        // The faults are in parts that we skip.
        (" <?xml version='1.0'?><x>a</x>", "a"),
        ("<?xml ?><x>a</x>", "a"),
        ("<!-- -- --><x>a</x>", "a"),
        ("<x b>a</x>", "a"),
        ("<x b=1>a</x>", "a"),
        ("<x b='<'>a</x>", "a"),
        ("<x b='' b=''>a</x>", "a"),
        ("<x c:b=''>a</x>", "a"),
        ("<x b='&nbsp;'>a</x>", "a"),
    ];
    for (xml, text) in rows {
        let ours = read(xml);
        assert_eq!(ours, Ok(Node::leaf("x", text)), "{xml}");
        assert_eq!(judge::compare(xml, &ours), Ok(Agreement::Lenient), "{xml}");
    }
    for name in ["-x", "1", "a:x", "a!"] {
        let xml = format!("<y><{name}>a</{name}></y>");
        let ours = read(&xml);
        assert_eq!(
            ours.as_ref().map(|root| &root.children[..]),
            Ok(&[Node::leaf(name, "a")][..])
        );
        assert_eq!(judge::compare(&xml, &ours), Ok(Agreement::Lenient), "{xml}");
    }
}

#[test]
fn what_the_judge_reads_and_we_refuse_is_listed() {
    let deep = |depth: usize| format!("{}{}", "<x>".repeat(depth), "</x>".repeat(depth));
    assert_eq!(
        judge::compare(&deep(MAX_DEPTH), &read(&deep(MAX_DEPTH))),
        Ok(Agreement::Same)
    );
    let rows = [
        ("<?pi?><x/>", PayloadError::Forbidden),
        ("<?xml?><x/>", PayloadError::Forbidden),
        ("<?xml?><x></x>", PayloadError::Forbidden),
        ("<?xml-?><x></x>", PayloadError::Forbidden),
        ("<x><?pi?></x>", PayloadError::Forbidden),
        ("<x/><?pi?>", PayloadError::Forbidden),
        ("<x></:x>", PayloadError::Malformed),
        ("<:x></x>", PayloadError::Malformed),
        (&deep(MAX_DEPTH + 1), PayloadError::TooDeep),
    ];
    for (xml, error) in rows {
        assert_eq!(
            judge::compare(xml, &Err(error)),
            Ok(Agreement::Strict),
            "{xml}"
        );
        assert_eq!(read(xml), Err(error), "{xml}");
    }
}

#[test]
fn what_nobody_reads_is_refused() {
    let rows = [
        ("<!DOCTYPE x><x/>", PayloadError::Forbidden),
        ("<!DOCTYPE><x/>", PayloadError::Forbidden),
        ("<!DOCTYPE x", PayloadError::Forbidden),
        ("<?pi", PayloadError::Forbidden),
        ("<x/><?xml ?>", PayloadError::Forbidden),
        ("<x>&nbsp;</x>", PayloadError::Forbidden),
        ("<x><y></y>&nbsp;</x>", PayloadError::Forbidden),
        ("<?x></?x>", PayloadError::Forbidden),
        ("<!x></!x>", PayloadError::Forbidden),
        ("<x><?y></?y></x>", PayloadError::Forbidden),
        ("<x><!y></!y></x>", PayloadError::Forbidden),
        ("<></>", PayloadError::Malformed),
        ("<a=b/>", PayloadError::Malformed),
        ("<a/ b></a/>", PayloadError::Malformed),
        ("<a\"b></a\"b>", PayloadError::Malformed),
        ("<x/><x/>", PayloadError::Malformed),
        ("<x></x><x></x>", PayloadError::Malformed),
        ("<!-- c -->", PayloadError::Malformed),
        ("<x>", PayloadError::Malformed),
        ("<x/>text", PayloadError::Malformed),
        ("<x></x>text", PayloadError::Malformed),
        ("<x/><![CDATA[text]]>", PayloadError::Malformed),
        ("<x><![CDATA[text]]", PayloadError::Malformed),
        ("<x><y>text</x></y>", PayloadError::Malformed),
    ];
    for (xml, error) in rows {
        assert_eq!(read(xml), Err(error), "{xml}");
        assert_eq!(
            judge::compare(xml, &Err(error)),
            Ok(Agreement::Refused),
            "{xml}"
        );
    }
}
