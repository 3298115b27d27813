//! Structs and codes, each field and each code written down once.

use serde::ser::{Serialize, SerializeMap};

use super::fields::{Piece, Record};

/// Structs of a payload. A field is one line: how it stands on the wire, its name, its type, its wire name.
///
/// - `id`: must be there and readable, or the event is of no use; the type itself
/// - `one`: there or not; `Option` of the type
/// - `csv`: a comma list in one element; `Option<Vec<_>>`
/// - `many`: repeated elements; `Option<Vec<_>>`
/// - `list`: repeated elements in an element of their own, `= "CorpIds" of "CorpId"`; `Option<Vec<_>>`
/// - `must`: a struct that must be there, as an id must; the type itself
///
/// The wire name, and each further spelling of it behind a `|`, becomes a `doc(alias)`. rustdoc takes none that is the
/// name of the field itself, so a wire name that is the same stands behind `=>` instead of `=`.
///
/// `pub struct Name in "A", "B" { … }`: the fields stand inside of `A` or `B` or beside them; there is no struct for those.
/// `pub event Name { … }`: the struct is a whole callback, which a [`family!`](crate::event::family) gives its kind; its
/// JSON begins with it.
macro_rules! fields {
    ($(
        $(#[$meta:meta])*
        $vis:vis $what:ident $Name:ident $(in $($through:literal),+)? {
            $(
                $(#[$field_meta:meta])*
                $how:ident $field:ident: $Type:ty
                    $(= $wire:literal $(| $alias:literal)* $(of $item:literal $(| $item_alias:literal)*)?)?
                    $(=> $same:literal $(| $spelling:literal)* $(of $part:literal $(| $part_alias:literal)*)?)?,
            )*
        }
    )+) => {$(
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        $(#[$meta])*
        $vis struct $Name {$(
            $(#[$field_meta])*
            $(
                #[doc(alias = $wire)] $( #[doc(alias = $alias)] )*
                $( #[doc(alias = $item)] $( #[doc(alias = $item_alias)] )* )?
            )?
            $(
                $( #[doc(alias = $spelling)] )*
                $( #[doc(alias = $part)] $( #[doc(alias = $part_alias)] )* )?
            )?
            pub $field: $crate::payload::fields!(@type $how $Type),
        )*}

        impl $crate::payload::Record for $Name {
            #[allow(unused_variables, clippy::match_single_binding, reason = "some have no fields")]
            fn read_record<'a>(
                element: $crate::payload::Element<'a>,
                misfits: &mut $crate::payload::Misfits<'a>,
            ) -> Option<Self> {
                $( let mut $field = $crate::payload::Slot::default(); )*
                $crate::payload::fields!(@each element misfits child ($($($through),+)?) match child.name() {
                    $( $($wire $(| $alias)*)? $($same $(| $spelling)*)? => {
                        $crate::payload::fields!(
                            @read $how $field child misfits
                            $($($item $(, $item_alias)*)?)? $($($part $(, $part_alias)*)?)?
                        );
                    } )*
                    _ => {}
                });
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

        impl $crate::payload::Absence for $Name {}

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                #[allow(unused_mut, reason = "some have no fields")]
                let mut map = serializer.serialize_map(None)?;
                $crate::payload::fields!(@kind $what map);
                $( $crate::payload::write_field(&mut map, stringify!($field), &self.$field)?; )*
                serde::ser::SerializeMap::end(map)
            }
        }
    )+};
    (@type id $Type:ty) => { $Type };
    (@type must $Type:ty) => { $Type };
    (@type one $Type:ty) => { Option<$Type> };
    (@type $list:ident $Type:ty) => { Option<Vec<$Type>> };
    (@each $element:ident $misfits:ident $child:ident () $read:expr) => {
        for $child in $element.children() { $read }
    };
    (@each $element:ident $misfits:ident $child:ident ($($through:literal),+) $read:expr) => {
        $crate::payload::read_through($element, &[$($through),+], $misfits, &mut |$child, $misfits| $read)
    };
    (@read id $field:ident $child:ident $misfits:ident) => {
        $crate::payload::read_id(&mut $field, $child, $misfits)
    };
    (@read csv $field:ident $child:ident $misfits:ident) => {
        $crate::payload::read_csv(&mut $field, $child, $misfits)
    };
    (@read many $field:ident $child:ident $misfits:ident) => {
        $crate::payload::read_many(&mut $field, $child, $misfits)
    };
    (@read list $field:ident $child:ident $misfits:ident $($item:literal),+) => {
        $crate::payload::read_list(&mut $field, $child, &[$($item),+], $misfits)
    };
    (@read $one:ident $field:ident $child:ident $misfits:ident) => {
        $crate::payload::read_one(&mut $field, $child, $misfits)
    };
    (@value id $field:ident) => { $field.value? };
    (@value must $field:ident) => { $field.value? };
    (@value $how:ident $field:ident) => { $field.value };
    (@kind event $map:ident) => {
        serde::ser::SerializeMap::serialize_entry(&mut $map, "kind", <Self as $crate::payload::Payload>::PATH)?;
    };
    (@kind struct $map:ident) => {};
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

/// Enums of coded words: the known ones, each with its other spellings behind a `|`, and `Other` for the rest.
macro_rules! text_codes {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident {
            $( $(#[$variant_meta:meta])* $Variant:ident = $code:literal $(| $spelling:literal)*, )+
        }
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
                match code {
                    $( $code $(| $spelling)* => Self::$Variant, )+
                    code => Self::Other(code.to_owned()),
                }
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

/// A struct that is a whole callback.
pub(crate) trait Payload: Record {
    /// What the wire calls it, as [`EventKind`](crate::EventKind) shows it.
    const PATH: &'static str;
}

/// Writes a field into the JSON of its struct, unless it was not sent.
pub(crate) fn write_field<M: SerializeMap>(
    map: &mut M,
    name: &'static str,
    value: &(impl Absence + Serialize),
) -> Result<(), M::Error> {
    if value.is_absent() {
        return Ok(());
    }
    map.serialize_entry(name.strip_prefix("r#").unwrap_or(name), value)
}

/// What was not sent does not stand in the JSON either.
pub(crate) trait Absence {
    /// Ids and inner structs that must be there always are.
    fn is_absent(&self) -> bool {
        false
    }
}

impl<T> Absence for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Piece> Absence for T {}

pub(crate) use {fields, number_codes, text_codes};

#[cfg(test)]
mod tests {
    use super::super::{Document, Misfits, Record, Secret};

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

    fields! {
        /// Everything else that a field can be.
        struct Odd in "box", "inner" {
            must base: Bot => "base",
            list names: String => "names" | "Names" of "name" | "Name",
            one is_on: bool = "on",
            one degrees: f64 => "degrees",
            one ticket: Secret = "Ticket",
        }
    }

    fn odd(json: &str) -> (Option<Odd>, Vec<String>) {
        let document = Document::parse(json.as_bytes()).unwrap();
        let mut misfits = Misfits::default();
        let odd = Odd::read_record(document.root(), &mut misfits);
        (odd, misfits.into_found())
    }

    #[test]
    fn fields_may_stand_in_a_level_that_has_no_struct_or_beside_it() {
        let (odd, misfits) = odd(
            r#"{"box":{"base":{"no":1},"inner":{"on":true}},"degrees":-1.5,"inner":{"on":false}}"#,
        );
        let odd = odd.unwrap();
        assert_eq!(
            (odd.base.number, odd.is_on, odd.degrees),
            (1, Some(true), Some(-1.5))
        );
        assert_eq!(misfits, [""; 0]);
    }

    #[test]
    fn a_level_with_a_text_is_named_and_a_field_in_it_with_its_level() {
        let (odd, misfits) = odd(r#"{"base":{"no":1},"box":"text","inner":{"on":"maybe"}}"#);
        assert_eq!(odd.unwrap().is_on, None);
        assert_eq!(misfits, ["box", "inner/on"]);
    }

    #[test]
    fn a_struct_that_must_be_there_spoils_what_it_is_missing_from() {
        for json in [
            r#"{}"#,
            r#"{"base":"x"}"#,
            r#"{"base":{"no":"x"}}"#,
            r#"{"base":{}}"#,
        ] {
            assert!(odd(json).0.is_none(), "{json}");
        }
    }

    #[test]
    fn a_list_in_an_element_of_its_own_may_be_absent_empty_or_in_pieces() {
        let names = |json: &str| {
            let (odd, misfits) = odd(&format!(r#"{{"base":{{"no":1}}{json}}}"#));
            (odd.unwrap().names, misfits)
        };
        let none: &[&str] = &[];
        let rows = [
            ("", None, none),
            (r#","names":"""#, Some(none), none),
            (r#","names":{"name":[]}"#, Some(none), none),
            (r#","names":{"other":["a"]}"#, Some(none), none),
            (r#","names":{"name":"a,b"}"#, Some(&["a,b"]), none),
            (
                r#","Names":{"name":["a"],"Name":["b","c"]}"#,
                Some(&["a", "b", "c"]),
                none,
            ),
            (
                r#","names":[{"name":"a"},{"name":"b"}]"#,
                Some(&["a", "b"]),
                none,
            ),
            (r#","names":"text""#, None, &["names"]),
            (r#","names":{"name":["a",{"b":1}]}"#, None, &["names/name"]),
        ];
        for (json, expected, misfits) in rows {
            let (found, named) = names(json);
            let found = found
                .as_ref()
                .map(|found| found.iter().map(String::as_str).collect());
            assert_eq!(found, expected.map(<[_]>::to_vec), "{json}");
            assert_eq!(named, misfits, "{json}");
        }
    }

    #[test]
    fn numbers_with_a_point_are_finite_and_truths_are_four_words() {
        let odd = |json: &str| odd(&format!(r#"{{"base":{{"no":1}},{json}}}"#)).0.unwrap();
        for (text, degrees) in [
            ("36.6", Some(36.6)),
            ("-0.5", Some(-0.5)),
            ("7", Some(7.0)),
            ("", None),
        ] {
            assert_eq!(
                odd(&format!(r#""degrees":"{text}""#)).degrees,
                degrees,
                "{text}"
            );
        }
        for text in ["NaN", "inf", "-infinity", "1e999", "1,5", "x"] {
            assert_eq!(
                odd(&format!(r#""degrees":"{text}""#)).degrees,
                None,
                "{text}"
            );
        }
        for (text, is_on) in [
            ("true", Some(true)),
            ("1", Some(true)),
            ("false", Some(false)),
            ("0", Some(false)),
            (" ", None),
            ("2", None),
            ("TRUE", None),
        ] {
            assert_eq!(odd(&format!(r#""on":"{text}""#)).is_on, is_on, "{text}");
        }
    }

    #[test]
    fn a_secret_is_shown_by_nothing_but_its_json() {
        let (odd, _) = odd(r#"{"base":{"no":1},"Ticket":"open sesame"}"#);
        let odd = odd.unwrap();
        assert!(!format!("{odd:?} {odd:#?}").contains("sesame"));
        assert_eq!(odd.ticket.as_ref().unwrap().expose(), "open sesame");
        let json = serde_json::to_string(&odd).unwrap();
        assert_eq!(json, r#"{"base":{"number":1},"ticket":"open sesame"}"#);
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
