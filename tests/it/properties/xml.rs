//! Our scanner of XML beside quick-xml: what both take says the same, and what only one takes stands in a list.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use tower_wecom::payload::MAX_DEPTH;
use tower_wecom::test_util::Sample;

use super::tree::{Node, mutated};
use super::{holds, text};

/// Why a document that quick-xml reads is none for us.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Refused {
    /// quick-xml does not read it either.
    Malformed,
    /// `<!DOCTYPE …>`
    Dtd,
    /// `<?target …?>`, `<?xml?>`, or a declaration behind the first element.
    Instruction,
    /// A reference that is none of the five, nor a number.
    Entity,
    /// A name that is empty, or has a quote, a control character or a sign of markup in it.
    Name,
    /// No root, or a second one.
    Roots,
    /// More than blanks outside of the root.
    Outside,
    TooDeep,
}

/// The tree as quick-xml reads it, if it is an XML document by more than quick-xml's rules.
fn judge(text: &str) -> Result<Node, Refused> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().allow_dangling_amp = true;
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().map_err(|_| Refused::Malformed)? {
            Event::Start(tag) => begin(&mut open, tag.name().as_ref())?,
            Event::Empty(tag) => {
                begin(&mut open, tag.name().as_ref())?;
                close(&mut open);
            }
            Event::End(_) => close(&mut open),
            Event::Text(text) => say(&mut open, &text)?,
            Event::CData(text) => say(&mut open, &text)?,
            Event::GeneralRef(name) => say(&mut open, &resolve(&name)?)?,
            Event::Comment(_) => {}
            Event::Decl(declaration) => {
                let is_first = open.len() == 1 && open[0].children.is_empty();
                let is_whole = declaration.len() > "xml".len();
                if !is_first || !is_whole {
                    return Err(Refused::Instruction);
                }
            }
            Event::DocType(_) => return Err(Refused::Dtd),
            Event::PI(_) => return Err(Refused::Instruction),
            Event::Eof => break,
        }
    }
    match (open.len(), open.pop().unwrap().children.pop()) {
        (1, Some(root)) => Ok(root),
        _ => Err(Refused::Roots),
    }
}

fn begin(open: &mut Vec<Node>, name: &str) -> Result<(), Refused> {
    let is_sign = |c: char| c <= ' ' || "\"&'/<=>".contains(c);
    if name.is_empty() || name.contains(is_sign) {
        return Err(Refused::Name);
    }
    if open.len() == 1 && !open[0].children.is_empty() {
        return Err(Refused::Roots);
    }
    if open.len() > MAX_DEPTH {
        return Err(Refused::TooDeep);
    }
    let parent = open.last_mut().unwrap();
    if parent.children.is_empty() && parent.text.trim_ascii().is_empty() {
        parent.text.clear();
    }
    open.push(Node::leaf(name, ""));
    Ok(())
}

fn close(open: &mut Vec<Node>) {
    let closed = open.pop().unwrap();
    open.last_mut().unwrap().children.push(closed);
}

/// Text behind a child means nothing.
fn say(open: &mut [Node], text: &str) -> Result<(), Refused> {
    let is_blank = text.chars().all(|c| c.is_whitespace() || c.is_control());
    if open.len() == 1 {
        return if is_blank {
            Ok(())
        } else {
            Err(Refused::Outside)
        };
    }
    let inside = open.last_mut().unwrap();
    if inside.children.is_empty() {
        inside.text.push_str(text);
    }
    Ok(())
}

/// For quick-xml everything between `&` and `;` is a reference; what has not its form is text. So is one of more than 32 bytes.
fn resolve(reference: &BytesRef<'_>) -> Result<String, Refused> {
    let name: &str = reference.as_ref();
    if !is_reference(name) || name.len() > 32 {
        return Ok(format!("&{name};"));
    }
    match reference.resolve_char_ref() {
        Ok(Some(c)) => Ok(c.to_string()),
        Ok(None) => resolve_predefined_entity(name)
            .map(str::to_owned)
            .ok_or(Refused::Entity),
        // Halves of characters, and what is no character.
        Err(_) => Ok("\u{fffd}".to_owned()),
    }
}

fn is_reference(name: &str) -> bool {
    let all = |text: &str, is: fn(&u8) -> bool| !text.is_empty() && text.as_bytes().iter().all(is);
    match name.strip_prefix('#') {
        None => {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && all(name, u8::is_ascii_alphanumeric)
        }
        Some(digits) => match digits.strip_prefix('x') {
            None => all(digits, u8::is_ascii_digit),
            Some(digits) => all(digits, u8::is_ascii_hexdigit),
        },
    }
}

/// A piece of text and how it is written.
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

fn pieces(most: usize) -> impl Strategy<Value = Vec<Piece>> {
    let plain = || text(8).prop_map(|text| text.replace(['<', '&'], "-"));
    let named = vec![
        ("amp", '&'),
        ("apos", '\''),
        ("gt", '>'),
        ("lt", '<'),
        ("quot", '"'),
    ];
    let piece = prop_oneof![
        4 => plain().prop_map(Piece::Text),
        4 => text(8).prop_map(Piece::CData),
        1 => select(named).prop_map(|(name, c)| Piece::Named(name, c)),
        1 => (any::<char>(), 0..20_usize).prop_map(|(c, zeros)| Piece::Decimal(c, zeros)),
        1 => (any::<char>(), 0..20_usize).prop_map(|(c, zeros)| Piece::Hexadecimal(c, zeros)),
        1 => text(8).prop_map(|text| Piece::Comment(text.replace(['-', '>'], "<"))),
        1 => Just(Piece::Ampersand),
    ];
    prop::collection::vec(piece, 0..=most)
}

/// An element and how it is written.
#[derive(Clone, Debug)]
struct Written {
    name: &'static str,
    attributes: &'static str,
    /// Before the `>` of the end tag.
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

    fn meaning(&self) -> Node {
        let mut text = String::new();
        self.pieces.iter().for_each(|piece| piece.say(&mut text));
        // Blanks before the first child are there for the eye.
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

fn element() -> impl Strategy<Value = Written> {
    let shell = || {
        (
            select(vec![
                "xml",
                "A",
                "a",
                "UserID",
                "名",
                "a-b",
                "a.b",
                "x:y",
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
                " 字='<值>'",
            ]),
            select(vec!["", "", " ", "\r\n\t"]),
        )
    };
    let leaf = (shell(), pieces(3)).prop_map(|((name, attributes, blank), pieces)| Written {
        name,
        attributes,
        blank,
        pieces,
        children: Vec::new(),
    });
    leaf.prop_recursive(5, 24, 4, move |inner| {
        let children = prop::collection::vec((inner, pieces(2)), 0..=4);
        (shell(), pieces(3), children).prop_map(|((name, attributes, blank), pieces, children)| {
            Written {
                name,
                attributes,
                blank,
                pieces,
                children,
            }
        })
    })
}

/// What may stand before the root, and behind it.
fn around() -> impl Strategy<Value = (&'static str, &'static str)> {
    let before = vec![
        "",
        "",
        "\n \t",
        "\u{feff}",
        "<?xml version=\"1.0\" encoding=\"gbk\"?>",
        "\u{feff}<?xml version='1.0'?>\r\n<!-- <a> & -->\n",
    ];
    (
        select(before),
        select(vec![
            "",
            "",
            "\n",
            "\0",
            "<!-- c -->\n",
            "&#10;<![CDATA[ ]]>",
        ]),
    )
}

#[test]
fn a_document_means_what_its_writer_meant_and_what_quick_xml_reads() {
    holds(
        500,
        &(around(), element()),
        |((before, behind), element)| {
            let mut xml = before.to_owned();
            element.write(&mut xml);
            xml.push_str(behind);
            let meant = element.meaning();
            prop_assert_eq!(judge(&xml), Ok(meant.clone()), "{}", xml);
            prop_assert_eq!(Node::read(&xml), Ok(meant), "{}", xml);
            Ok(())
        },
    );
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

/// Neither takes what the other refuses, but for the reasons of [`Refused`].
#[test]
fn what_one_of_us_takes_the_other_takes_too() {
    let written = element().prop_map(|element| {
        let mut xml = String::new();
        element.write(&mut xml);
        xml
    });
    let texts = mutated(prop_oneof![1 => samples(), 2 => written], PIECES);
    let (taken, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    holds(1_500, &texts, |xml| {
        let begins = xml.trim_start_matches('\u{feff}').trim_ascii_start();
        // One mark before the beginning says nothing; nor does the scanner say anything where it is not asked.
        if !begins.starts_with('<') || xml.starts_with("\u{feff}\u{feff}") {
            return Ok(());
        }
        let (ours, theirs) = (Node::read(&xml), judge(&xml));
        let count = if ours.is_ok() { &taken } else { &refused };
        count.set(count.get() + 1);
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs, "{}", xml),
            (Err(_), Err(_)) => {}
            (ours, theirs) => prop_assert!(false, "{ours:?} and {theirs:?} of {xml}"),
        }
        Ok(())
    });
    println!("{} taken, {} refused by both", taken.get(), refused.get());
    let (least, all) = (taken.get().min(refused.get()), taken.get() + refused.get());
    // Whoever asks for a few cases does not ask for all sorts of them.
    assert!(all < 1_000 || least > all / 50, "too few of one sort");
}

#[test]
fn a_reference_has_at_most_32_bytes_and_is_text_otherwise() {
    for (zeros, is_reference) in [(29, true), (30, false)] {
        let reference = format!("&#{}65;", "0".repeat(zeros));
        let xml = format!("<x>{reference}</x>");
        let text = if is_reference { "A" } else { &reference };
        assert_eq!(Node::read(&xml), Ok(Node::leaf("x", text)));
        assert_eq!(judge(&xml), Ok(Node::leaf("x", text)));
    }
}

/// What quick-xml reads and we do not, and why.
#[test]
fn what_quick_xml_takes_and_we_refuse_is_listed() {
    let rows = [
        ("<!DOCTYPE x><x/>", Refused::Dtd),
        ("<x><?pi?></x>", Refused::Instruction),
        ("<x/><?xml ?>", Refused::Instruction),
        ("<x>&nbsp;</x>", Refused::Entity),
        ("<a=b/>", Refused::Name),
        ("<a/ b></a/>", Refused::Name),
        ("<x/><x/>", Refused::Roots),
        ("<!-- c -->", Refused::Roots),
        ("<x>", Refused::Roots),
        ("<x/>text", Refused::Outside),
        ("<x/><![CDATA[text]]>", Refused::Outside),
    ];
    for (xml, why) in rows {
        assert!(Node::read(xml).is_err(), "{xml}");
        assert_eq!(judge(xml), Err(why), "{xml}");
        let mut reader = Reader::from_str(xml);
        while reader.read_event().expect(xml) != Event::Eof {}
    }
    let deep = |depth: usize| format!("{}{}", "<x>".repeat(depth), "</x>".repeat(depth));
    assert_eq!(
        judge(&deep(MAX_DEPTH)),
        Ok(Node::read(&deep(MAX_DEPTH)).unwrap())
    );
    assert_eq!(judge(&deep(MAX_DEPTH + 1)), Err(Refused::TooDeep));
    assert!(Node::read(&deep(MAX_DEPTH + 1)).is_err());
}
