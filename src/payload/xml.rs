use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::element::Builder;
use super::error::PayloadError;

/// Reads an XML document. Attributes, comments and the declaration are passed over.
pub(super) fn read(text: &str, builder: &mut Builder) -> Result<(), PayloadError> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().map_err(|_| PayloadError::Malformed)? {
            Event::Start(tag) => builder.open(tag.name().as_ref())?,
            Event::Empty(tag) => {
                builder.open(tag.name().as_ref())?;
                builder.close();
            }
            Event::End(_) => builder.close(),
            Event::Text(text) => builder.text(&text)?,
            Event::CData(text) => builder.text(&text)?,
            Event::GeneralRef(reference) => {
                let resolved = resolve(&reference)?;
                builder.text(resolved.encode_utf8(&mut [0; 4]))?;
            }
            Event::Comment(_) | Event::Decl(_) => {}
            Event::DocType(_) | Event::PI(_) => return Err(PayloadError::Forbidden),
            Event::Eof => return Ok(()),
        }
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<char, PayloadError> {
    if let Some(number) = reference
        .resolve_char_ref()
        .map_err(|_| PayloadError::Malformed)?
    {
        return Ok(number);
    }
    match reference.as_ref() {
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "gt" => Ok('>'),
        "lt" => Ok('<'),
        "quot" => Ok('"'),
        _ => Err(PayloadError::Forbidden),
    }
}
