//! Reads XML: [`plain`] reads what is plain, and quick-xml reads the rest.
//!
//! The declaration, comments and attributes are skipped. A DTD or a processing instruction is
//! refused. [`sections`] repairs documents with a section that ends too early.

use bytestring::ByteString;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;

use super::builder::Builder;
use super::element::Document;
use super::error::PayloadError::{self, Forbidden, Malformed, TooLarge};
use super::nodes::MAX_SIZE;
use super::plain;
use super::sections;

/// How long a reference may be, in bytes. The longest needs 9, but some writers put zeros before
/// the digits.
const REFERENCE_MAX_LEN: usize = 32;

/// Reads an XML document that begins at this byte.
pub(super) fn read(source: ByteString, start: usize) -> Result<Document, PayloadError> {
    if source.len() > MAX_SIZE {
        return Err(TooLarge);
    }
    match plain::read(&source, start) {
        Some(nodes) => Ok(Document {
            source,
            copied: String::new(),
            nodes,
        }),
        None => read_or_repair(source.get(start..).unwrap_or_default()),
    }
}

/// Reads a document that is not plain. If a CDATA section seems to end too early, the document is
/// repaired and read a second time.
fn read_or_repair(text: &str) -> Result<Document, PayloadError> {
    let mut has_stray_end = false;
    let first = read_any(text, &mut has_stray_end);
    let is_malformed = first == Err(Malformed);
    if !(is_malformed || has_stray_end || first == Err(Forbidden)) {
        return first;
    }
    match sections::repair(text, is_malformed) {
        // A repaired document has split sections, so it is not plain.
        Some(repaired) => read_any(&repaired, &mut false).or(first),
        None => first,
    }
}

/// Sets `has_stray_end` if a text contains the end of a section.
fn read_any(text: &str, has_stray_end: &mut bool) -> Result<Document, PayloadError> {
    let mut builder = Builder::new(text.len())?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    loop {
        match reader.read_event().map_err(|error| kind_of(&error))? {
            Event::Start(tag) => builder.open(valid(tag.name().as_ref())?)?,
            Event::Empty(tag) => {
                builder.open(valid(tag.name().as_ref())?)?;
                builder.close();
            }
            Event::End(_) => builder.close(),
            Event::Text(text) => {
                *has_stray_end |= sections::has_stray_end(&text);
                builder.text(&text)?;
            }
            Event::CData(text) => builder.text(&text)?,
            Event::GeneralRef(reference) => resolve(&reference, &mut builder)?,
            Event::Comment(_) => {}
            Event::Decl(declaration) if builder.is_empty() && *declaration != *"xml" => {}
            Event::Decl(_) | Event::DocType(_) | Event::PI(_) => return Err(Forbidden),
            Event::Eof => return builder.finish(),
        }
    }
}

/// A DTD or a processing instruction is forbidden even if it is not whole.
fn kind_of(error: &Error) -> PayloadError {
    use SyntaxError::{InvalidBangMarkup, UnclosedDoctype, UnclosedPI};
    match error {
        Error::Syntax(InvalidBangMarkup | UnclosedDoctype | UnclosedPI)
        | Error::IllFormed(IllFormedError::MissingDoctypeName) => Forbidden,
        _ => Malformed,
    }
}

/// quick-xml accepts everything up to a blank as a name.
fn valid(name: &str) -> Result<&str, PayloadError> {
    if name.is_empty() || name.bytes().any(plain::ends_name) {
        return Err(Malformed);
    }
    Ok(name)
}

/// Adds the character that a reference means.
///
/// quick-xml takes everything from `&` to `;` for a reference. What has another form is a text,
/// such as the parameters of a URL that was not escaped. A reference to half a character becomes
/// U+FFFD, because genuine names contain such references.
fn resolve(reference: &BytesRef<'_>, builder: &mut Builder) -> Result<(), PayloadError> {
    let name: &str = reference.as_ref();
    if name.len() > REFERENCE_MAX_LEN || !is_reference(name) {
        builder.text("&")?;
        builder.text(name)?;
        return builder.text(";");
    }
    if let Some(character) = resolve_xml_entity(name) {
        return builder.text(character);
    }
    let character = match reference.resolve_char_ref() {
        Ok(Some(character)) => character,
        Ok(None) => return Err(Forbidden),
        Err(_) => char::REPLACEMENT_CHARACTER,
    };
    builder.text(character.encode_utf8(&mut [0; 4]))
}

fn is_reference(name: &str) -> bool {
    let all = |text: &str, is: fn(&u8) -> bool| !text.is_empty() && text.as_bytes().iter().all(is);
    let Some(digits) = name.strip_prefix('#') else {
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
        return starts && all(name, u8::is_ascii_alphanumeric);
    };
    match digits.strip_prefix('x') {
        Some(digits) => all(digits, u8::is_ascii_hexdigit),
        None => all(digits, u8::is_ascii_digit),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::element::Element;
    use super::*;

    /// Markup and texts in any order. Most documents of them are not well-formed.
    fn documents() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "<a>",
            "</a>",
            "<b>",
            "</b>",
            "<![CDATA[",
            "]]>",
            "]]></a>",
            "]]></b>",
            "]",
            ">",
            "x",
            " ",
            "&amp;",
            "&",
            "<c/>",
            "<!-- -->",
            "<!--",
            "-->",
        ]);
        prop::collection::vec(piece, 0..16).prop_map(|pieces| format!("<a>{}</a>", pieces.concat()))
    }

    /// Compares two readings. Only a leaf whose text ended with a `]]>` may have another text.
    fn assert_kept(before: Element<'_>, after: Element<'_>) -> Result<(), TestCaseError> {
        prop_assert_eq!(before.name(), after.name());
        let may_differ = !before.has_children() && before.text().ends_with("]]>");
        prop_assert!(before.text() == after.text() || may_differ);
        prop_assert_eq!(before.children().count(), after.children().count());
        for (before, after) in before.children().zip(after.children()) {
            assert_kept(before, after)?;
        }
        Ok(())
    }

    #[test]
    fn what_can_be_read_without_a_repair_keeps_its_value() {
        let config = ProptestConfig {
            cases: 20_000,
            rng_seed: proptest::test_runner::RngSeed::Fixed(8),
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let mut runner = proptest::test_runner::TestRunner::new(config);
        let kept = runner.run(&documents(), |xml| {
            let Ok(before) = read_any(&xml, &mut false) else {
                return Ok(());
            };
            let after = read(xml.into(), 0);
            prop_assert!(after.is_ok());
            assert_kept(before.root(), after.unwrap().root())
        });
        kept.unwrap();
    }
}
