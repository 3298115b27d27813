//! Typed reading from the tree. Each field of a payload is written down once, in the [`fields!`] of its struct.

use super::element::Element;

/// The names of fields whose text did not fit, as paths.
#[derive(Debug, Default)]
pub(crate) struct Misfits<'a> {
    inside: Vec<&'a str>,
    found: Vec<String>,
}

impl<'a> Misfits<'a> {
    pub(crate) fn enter(&mut self, name: &'a str) {
        self.inside.push(name);
    }

    pub(crate) fn leave(&mut self) {
        self.inside.pop();
    }

    pub(crate) fn into_found(self) -> Vec<String> {
        self.found
    }

    fn note(&mut self, name: &str) {
        let mut path = self.inside.join("/");
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(name);
        self.found.push(path);
    }
}

/// The text of an element does not fit the type of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit;

/// What a field may hold.
pub(crate) trait Value: Sized {
    /// Reads an element that is there. `None`: there, and without a value, such as an empty number.
    fn read<'a>(element: Element<'a>, misfits: &mut Misfits<'a>) -> Result<Option<Self>, Unfit>;
}

/// A struct made by [`fields!`].
pub(crate) trait Record: Sized {
    /// Reads the children of an element. `None`: an id is missing or unreadable.
    fn read_record<'a>(element: Element<'a>, misfits: &mut Misfits<'a>) -> Option<Self>;
}

impl Value for String {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        Ok(Some(leaf(element)?.to_owned()))
    }
}

impl Value for i64 {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        number(leaf(element)?)
    }
}

impl Value for u32 {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        number(leaf(element)?)
    }
}

impl Value for u64 {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        number(leaf(element)?)
    }
}

/// What a comma list may hold.
pub(crate) trait Piece: Sized {
    fn from_piece(piece: &str) -> Result<Self, Unfit>;
}

impl Piece for String {
    fn from_piece(piece: &str) -> Result<Self, Unfit> {
        Ok(piece.to_owned())
    }
}

impl Piece for u32 {
    fn from_piece(piece: &str) -> Result<Self, Unfit> {
        piece.parse().map_err(|_| Unfit)
    }
}

impl Piece for u64 {
    fn from_piece(piece: &str) -> Result<Self, Unfit> {
        piece.parse().map_err(|_| Unfit)
    }
}

/// A field that is there once or not at all. Of several elements the first counts, as it does for `Element::find`.
pub(crate) fn read_one<'a, T: Value>(
    slot: &mut Slot<T>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    if slot.is_seen {
        return;
    }
    slot.is_seen = true;
    match T::read(element, misfits) {
        Ok(value) => slot.value = value,
        Err(Unfit) => misfits.note(element.name()),
    }
}

/// An id: trimmed, and of no use when it is empty.
pub(crate) fn read_id<'a, T: Piece>(
    slot: &mut Slot<T>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    if slot.is_seen {
        return;
    }
    slot.is_seen = true;
    let id = leaf(element).map(str::trim_ascii);
    match id.and_then(|id| {
        if id.is_empty() {
            Err(Unfit)
        } else {
            T::from_piece(id)
        }
    }) {
        Ok(value) => slot.value = Some(value),
        Err(Unfit) => misfits.note(element.name()),
    }
}

/// A comma list in one element, or a JSON array. One piece that does not fit spoils the whole list: half of a list would be
/// taken for the whole of it.
pub(crate) fn read_csv<'a, T: Piece>(
    slot: &mut Slot<Vec<T>>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    // The further values of a JSON array follow as elements of their own.
    let continues = element.is_next_item();
    if slot.is_seen && !continues {
        return;
    }
    let first = !std::mem::replace(&mut slot.is_seen, true);
    if !first && slot.value.is_none() {
        return;
    }
    match csv(element) {
        Ok(pieces) => slot.value.get_or_insert_default().extend(pieces),
        Err(Unfit) => {
            slot.value = None;
            misfits.note(element.name());
        }
    }
}

/// Repeated elements of one name.
pub(crate) fn read_many<'a, T: Value>(
    slot: &mut Slot<Vec<T>>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    let first = !std::mem::replace(&mut slot.is_seen, true);
    if !first && slot.value.is_none() {
        return;
    }
    if element.is_empty_list() {
        slot.value = Some(Vec::new());
        return;
    }
    match T::read(element, misfits) {
        Ok(value) => slot.value.get_or_insert_default().extend(value),
        Err(Unfit) => {
            slot.value = None;
            misfits.note(element.name());
        }
    }
}

/// A field on its way: what was read, and whether an element was seen at all.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    pub(crate) value: Option<T>,
    is_seen: bool,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            value: None,
            is_seen: false,
        }
    }
}

/// For structs: an element with a text where children belong does not fit; one without anything is an empty struct.
pub(crate) fn read_nested<'a, T: Record>(
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) -> Result<Option<T>, Unfit> {
    if !element.has_children() && !element.text().trim_ascii().is_empty() {
        return Err(Unfit);
    }
    misfits.enter(element.name());
    let record = T::read_record(element, misfits);
    misfits.leave();
    record.map(Some).ok_or(Unfit)
}

fn leaf(element: Element<'_>) -> Result<&str, Unfit> {
    if element.has_children() || element.is_empty_list() {
        Err(Unfit)
    } else {
        Ok(element.text())
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<Option<T>, Unfit> {
    match text.trim_ascii() {
        "" => Ok(None),
        number => number.parse().map(Some).map_err(|_| Unfit),
    }
}

fn csv<T: Piece>(element: Element<'_>) -> Result<Vec<T>, Unfit> {
    if element.is_empty_list() {
        return Ok(Vec::new());
    }
    let text = leaf(element)?.trim_ascii();
    if element.is_item() {
        return Ok(vec![T::from_piece(text)?]);
    }
    // A comma at the end does not make one more piece, and no text makes none.
    let text = text.strip_suffix(',').unwrap_or(text);
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split([',', '|'])
        .map(|piece| T::from_piece(piece.trim_ascii()))
        .collect()
}

/// Structs of a payload. A field is one line: how it stands on the wire, its name, its type, its wire name.
///
/// - `id`: must be there and readable, or the event is of no use; the type itself
/// - `one`: there or not; `Option` of the type
/// - `csv`: a comma list in one element; `Option<Vec<_>>`
/// - `many`: repeated elements; `Option<Vec<_>>`
///
/// The wire name, and each further spelling of it behind a `|`, becomes a `doc(alias)`. rustdoc takes none that is the
/// name of the field itself, so a wire name that is the same stands behind `=>`.
macro_rules! fields {
    ($(
        $(#[$meta:meta])*
        $vis:vis struct $Name:ident {
            $(
                $(#[$field_meta:meta])*
                $how:ident $field:ident: $Type:ty
                    $(= $wire:literal $(| $alias:literal)*)? $(=> $same:literal)?,
            )*
        }
    )+) => {$(
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
        #[non_exhaustive]
        $(#[$meta])*
        $vis struct $Name {$(
            $(#[$field_meta])*
            $( #[doc(alias = $wire)] $( #[doc(alias = $alias)] )* )?
            #[serde(skip_serializing_if = "crate::payload::is_absent")]
            pub $field: $crate::payload::fields!(@type $how $Type),
        )*}

        impl $crate::payload::Record for $Name {
            fn read_record<'a>(
                element: $crate::payload::Element<'a>,
                misfits: &mut $crate::payload::Misfits<'a>,
            ) -> Option<Self> {
                $( let mut $field = $crate::payload::Slot::default(); )*
                for child in element.children() {
                    match child.name() {
                        $( $($wire $(| $alias)*)? $($same)? => {
                            $crate::payload::fields!(@read $how)(&mut $field, child, misfits);
                        } )*
                        _ => {}
                    }
                }
                Some(Self { $( $field: $crate::payload::fields!(@value $how $field), )* })
            }
        }

        impl $crate::payload::Value for $Name {
            fn read<'a>(
                element: $crate::payload::Element<'a>,
                misfits: &mut $crate::payload::Misfits<'a>,
            ) -> Result<Option<Self>, $crate::payload::Unfit> {
                $crate::payload::read_nested(element, misfits)
            }
        }
    )+};
    (@type id $Type:ty) => { $Type };
    (@type one $Type:ty) => { Option<$Type> };
    (@type $list:ident $Type:ty) => { Option<Vec<$Type>> };
    (@read id) => { $crate::payload::read_id };
    (@read one) => { $crate::payload::read_one };
    (@read csv) => { $crate::payload::read_csv };
    (@read many) => { $crate::payload::read_many };
    (@value id $field:ident) => { $field.value? };
    (@value $how:ident $field:ident) => { $field.value };
}

/// Enums of coded numbers: the known codes, and `Other` for the rest.
macro_rules! number_codes {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident { $( $(#[$variant_meta:meta])* $Variant:ident = $code:literal, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $Name {
            $( $(#[$variant_meta])* $Variant, )+
            /// A code that WeCom's documents did not have when this crate was written.
            Other(u32),
        }

        impl $Name {
            /// The number that stands on the wire.
            #[must_use]
            pub const fn code(self) -> u32 {
                match self { $( Self::$Variant => $code, )+ Self::Other(code) => code }
            }
        }

        impl From<u32> for $Name {
            fn from(code: u32) -> Self {
                match code { $( $code => Self::$Variant, )+ code => Self::Other(code) }
            }
        }

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u32(self.code())
            }
        }

        impl $crate::payload::Value for $Name {
            fn read<'a>(
                element: $crate::payload::Element<'a>,
                misfits: &mut $crate::payload::Misfits<'a>,
            ) -> Result<Option<Self>, $crate::payload::Unfit> {
                Ok(<u32 as $crate::payload::Value>::read(element, misfits)?.map(Self::from))
            }
        }
    };
}

/// Enums of coded words: the known ones, and `Other` for the rest.
macro_rules! text_codes {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident { $( $(#[$variant_meta:meta])* $Variant:ident = $code:literal, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $Name {
            $( $(#[$variant_meta])* #[doc(alias = $code)] $Variant, )+
            /// A code that WeCom's documents did not have when this crate was written.
            Other(String),
        }

        impl $Name {
            /// The word that stands on the wire.
            #[must_use]
            pub fn code(&self) -> &str {
                match self { $( Self::$Variant => $code, )+ Self::Other(code) => code }
            }
        }

        impl From<&str> for $Name {
            fn from(code: &str) -> Self {
                match code { $( $code => Self::$Variant, )+ code => Self::Other(code.to_owned()) }
            }
        }

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl $crate::payload::Value for $Name {
            fn read<'a>(
                element: $crate::payload::Element<'a>,
                misfits: &mut $crate::payload::Misfits<'a>,
            ) -> Result<Option<Self>, $crate::payload::Unfit> {
                let code = <String as $crate::payload::Value>::read(element, misfits)?;
                Ok(code.as_deref().map(str::trim_ascii).filter(|code| !code.is_empty()).map(Self::from))
            }
        }
    };
}

/// For serde: a field that was not sent does not stand in the JSON either.
pub(crate) trait Absence {
    fn is_absent(&self) -> bool;
}

impl<T> Absence for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

/// An id is always there.
impl<T: Piece> Absence for T {
    fn is_absent(&self) -> bool {
        false
    }
}

pub(crate) fn is_absent(value: &impl Absence) -> bool {
    value.is_absent()
}

pub(crate) use {fields, number_codes, text_codes};

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::*;

    fields! {
        /// The lower-case names of AI bots, two spellings, and an id of 32 bits.
        struct Bot {
            id number: u32 = "no" | "No",
            one url: String => "url",
            one r#type: String => "type",
            csv ids: u64 = "option_ids" | "OpitonIds",
            many items: Bot => "items",
        }
    }

    fn read(json: &str) -> (Option<Bot>, Vec<String>) {
        let document = Document::parse(json.as_bytes()).unwrap();
        let mut misfits = Misfits::default();
        let bot = Bot::read_record(document.root(), &mut misfits);
        (bot, misfits.into_found())
    }

    #[test]
    fn a_wire_name_may_be_the_name_of_the_field() {
        let (bot, misfits) =
            read(r#"{"no":7,"url":"u","type":"t","option_ids":"1,2","items":[{"No":8}]}"#);
        let inner = Bot {
            number: 8,
            ..Bot::default()
        };
        let expected = Bot {
            number: 7,
            url: Some("u".to_owned()),
            r#type: Some("t".to_owned()),
            ids: Some(vec![1, 2]),
            items: Some(vec![inner]),
        };
        assert_eq!((bot.unwrap(), misfits), (expected, Vec::new()));
    }

    #[test]
    fn an_inner_struct_without_its_id_spoils_its_list_and_nothing_else() {
        let (bot, misfits) = read(r#"{"no":7,"OpitonIds":[],"items":[{"no":8},{"no":"x"}]}"#);
        let bot = bot.unwrap();
        assert_eq!((bot.items, bot.ids), (None, Some(Vec::new())));
        assert_eq!(misfits, ["items/no", "items"]);
    }

    #[test]
    fn what_is_absent_does_not_stand_in_the_json() {
        let (bot, _) = read(r#"{"no":7,"url":""}"#);
        assert_eq!(
            serde_json::to_string(&bot).unwrap(),
            r#"{"number":7,"url":""}"#
        );
    }
}
