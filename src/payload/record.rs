//! The macros for structs and codes. Each field and each code is written once.

use super::reader::Record;

/// Structs of a payload. Each field is one line: a field word, its name, its type and its wire
/// name.
///
/// - `id`: an id. The struct cannot be read without it. The field has the type itself.
/// - `must`: a nested struct. Its absence has the same effect as that of an `id`.
/// - `may`: an id that can be absent or empty. The field is an `Option`.
/// - `one`: any other value that can be absent. The field is an `Option`.
/// - `csv`: a comma list in one element. The field is an `Option<Vec<_>>`.
/// - `many`: elements that repeat. The field is an `Option<Vec<_>>`.
/// - `list`: elements that repeat inside another element, `= "CorpIds" of "CorpId"`. The field is
///   an `Option<Vec<_>>`.
///
/// A `|` adds another spelling of a wire name. Each spelling becomes a `doc(alias)`. rustdoc
/// rejects an alias that equals the name of its item, so such a wire name is written with `=>` in
/// place of `=`.
///
/// `in` is for a value in a child element that has no struct of its own:
/// `= "ScanType" in "ScanCodeInfo"`, or `in "event/feedback_event"` for two levels.
/// `pub struct Name in "A" | "B" { … }` is the same for each field that has no `in` of its own.
/// `in ""` is for a field of such a struct whose value is not in that child. If the child repeats,
/// the first one counts.
///
/// `#[event]` marks the struct of a whole callback. [`family!`](crate::event::family) gives it its
/// kind, and its JSON begins with that kind. The attribute comes after the docs and their aliases.
/// No other attribute is accepted.
macro_rules! fields {
    ($(
        $(#[doc $($doc:tt)*])*
        $(#[event $($event:tt)*])?
        $vis:vis struct $Name:ident $(in $($level:literal)|+)? {
            $( $field:tt )*
        }
    )+) => {$(
        $crate::payload::fields!(
            @record [$($($level),+)?] [$(event $($event)*)?]
            $(#[doc $($doc)*])* $vis struct $Name $($field)*
        );
    )+};
    (
        @record $levels:tt $event:tt $(#[$meta:meta])* $vis:vis struct $Name:ident
        $(
            $(#[$field_meta:meta])*
            $how:ident $field:ident: $Type:ident
                $(= $wire:literal $(| $alias:literal)*)? $(=> $same:literal $(| $spelling:literal)*)?
                $(of $item:literal $(| $item_alias:literal)*)? $(in $($level:literal)|+)?,
        )*
    ) => {
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        $(#[$meta])*
        $vis struct $Name {$(
            $(#[$field_meta])*
            $( #[doc(alias = $wire)] $( #[doc(alias = $alias)] )* )?
            $( $( #[doc(alias = $spelling)] )* )?
            $( #[doc(alias = $item)] $( #[doc(alias = $item_alias)] )* )?
            pub $field: $crate::payload::fields!(@type $how $Type),
        )*}

        impl $crate::payload::Shaped for $Name {
            fn shape(&self) -> &'static $crate::payload::Shape {
                static SHAPE: $crate::payload::Shape = $crate::payload::Shape::new(
                    &[$( $crate::payload::Field::new(
                        stringify!($field),
                        &[$($wire $(, $alias)*)? $($same $(, $spelling)*)?],
                        $crate::payload::fields!(@levels $levels $($($level),+)?),
                        $crate::payload::fields!(@manner $how $($item $(, $item_alias)*)?),
                        $crate::payload::fields!(@is_scalar $how $Type),
                    ) ),*],
                    &[$( $crate::payload::fields!(@levels $levels $($($level),+)?) ),*],
                    $crate::payload::fields!(@kind $event $Name),
                );
                &SHAPE
            }
        }

        impl $crate::payload::Record for $Name {
            #[allow(unused_variables, reason = "some have no fields")]
            fn fill<'a>(
                &mut self,
                step: &$crate::payload::Step<'a>,
                misfits: &mut $crate::payload::Misfits<'a>,
                index: usize,
            ) -> Result<bool, $crate::payload::Unfit> {
                let at = 0_usize;
                $(
                    if index == at {
                        return $crate::payload::fields!(@fill $how)(&mut self.$field, step, misfits);
                    }
                    let at = at.wrapping_add(1);
                )*
                Ok(false)
            }
        }

        impl $crate::payload::JsonRecord for $Name {
            #[allow(unused_variables, reason = "some have no fields")]
            fn json_value(&self, index: usize) -> $crate::payload::JsonValue<'_> {
                let at = 0_usize;
                $(
                    if index == at {
                        return $crate::payload::ToJson::to_json(&self.$field);
                    }
                    let at = at.wrapping_add(1);
                )*
                $crate::payload::JsonValue::Absent
            }
        }

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::payload::serialize_record(self, serializer)
            }
        }
    };
    (@type id $Type:ident) => { $Type };
    (@type must $Type:ident) => { $Type };
    (@type may $Type:ident) => { Option<$Type> };
    (@type one $Type:ident) => { Option<$Type> };
    (@type $list:ident $Type:ident) => { Option<Vec<$Type>> };
    // The levels of a field: its own, or those of its struct, or none.
    (@levels $levels:tt $($own:literal),+) => { &[$($own),+] };
    (@levels $levels:tt) => { &$levels };
    (@manner id) => { $crate::payload::Manner::Required };
    (@manner must) => { $crate::payload::Manner::Required };
    (@manner csv) => { $crate::payload::Manner::CommaList };
    (@manner many) => { $crate::payload::Manner::Repeated };
    (@manner list $($item:literal),+) => { $crate::payload::Manner::Inside(&[$($item),+]) };
    (@manner $once:ident) => { $crate::payload::Manner::Once };
    (@is_scalar must $Type:ident) => { <$Type as $crate::payload::Value>::IS_SCALAR };
    (@is_scalar one $Type:ident) => { <$Type as $crate::payload::Value>::IS_SCALAR };
    (@is_scalar $how:ident $Type:ident) => { true };
    (@fill id) => { $crate::payload::fill_id };
    (@fill must) => { $crate::payload::fill_must };
    (@fill may) => { $crate::payload::fill_may };
    (@fill one) => { $crate::payload::fill_one };
    (@fill csv) => { $crate::payload::fill_csv };
    (@fill $many:ident) => { $crate::payload::fill_many };
    (@kind [event] $Name:ident) => { Some(<$Name as $crate::payload::Payload>::PATH) };
    (@kind [] $Name:ident) => { None };
}

/// Enums of coded numbers: the known numbers, and `Other` for the rest.
macro_rules! number_codes {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident { $( $(#[$variant_meta:meta])* $Variant:ident = $code:literal, )+ }
    ) => {
        $(#[$meta])*
        ///
        /// Two values are equal if their codes are equal. A code in `Other` can get a variant in a
        /// minor release. Compare `code()` to recognise such a code.
        #[derive(Clone, Copy, Debug)]
        #[non_exhaustive]
        pub enum $Name {
            $( $(#[$variant_meta])* $Variant, )+
            /// A code that was not in WeCom's documents when this crate was written.
            Other(i64),
        }

        impl $Name {
            /// The number on the wire.
            #[must_use]
            pub const fn code(self) -> i64 {
                match self { $( Self::$Variant => $code, )+ Self::Other(code) => code }
            }
        }

        impl PartialEq for $Name {
            fn eq(&self, other: &Self) -> bool {
                self.code() == other.code()
            }
        }

        impl Eq for $Name {}

        impl std::hash::Hash for $Name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.code().hash(state);
            }
        }

        impl From<i64> for $Name {
            fn from(code: i64) -> Self {
                match code { $( $code => Self::$Variant, )+ code => Self::Other(code) }
            }
        }

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.code())
            }
        }

        impl $crate::payload::ToJson for $Name {
            #[inline]
            fn to_json(&self) -> $crate::payload::JsonValue<'_> {
                $crate::payload::JsonValue::Signed(self.code())
            }
        }

        impl $crate::payload::Value for $Name {
            fn read<'a>(
                element: $crate::payload::Element<'a>,
                misfits: &mut $crate::payload::Misfits<'a>,
            ) -> Result<Option<Self>, $crate::payload::Unfit> {
                Ok(<i64 as $crate::payload::Value>::read(element, misfits)?.map(Self::from))
            }
        }
    };
}

/// Enums of coded words: the known words, and `Other` for the rest. A `|` adds another spelling.
macro_rules! text_codes {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident {
            $( $(#[$variant_meta:meta])* $Variant:ident = $code:literal $(| $spelling:literal)*, )+
        }
    ) => {
        $(#[$meta])*
        ///
        /// Two values are equal if their codes are equal. A code in `Other` can get a variant in a
        /// minor release. Compare `code()` to recognise such a code.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum $Name {
            $( $(#[$variant_meta])* #[doc(alias = $code)] $Variant, )+
            /// A code that was not in WeCom's documents when this crate was written.
            Other(String),
        }

        impl $Name {
            /// The word on the wire.
            #[must_use]
            pub fn code(&self) -> &str {
                match self { $( Self::$Variant => $code, )+ Self::Other(code) => code }
            }
        }

        impl PartialEq for $Name {
            fn eq(&self, other: &Self) -> bool {
                self.code() == other.code()
            }
        }

        impl Eq for $Name {}

        impl std::hash::Hash for $Name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.code().hash(state);
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

        impl $crate::payload::ToJson for $Name {
            #[inline]
            fn to_json(&self) -> $crate::payload::JsonValue<'_> {
                $crate::payload::JsonValue::Text(self.code())
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
    /// The kind's name on the wire, as [`EventKind`](crate::EventKind) shows it.
    const PATH: &'static str;
}

pub(crate) use {fields, number_codes, text_codes};

#[cfg(test)]
mod tests {
    use super::super::reader::read_record;
    use super::super::{Document, Misfits, Record, Secret};

    fn record<'a, T: Record + Default>(
        document: &'a Document,
        misfits: &mut Misfits<'a>,
    ) -> Option<T> {
        let mut record = T::default();
        read_record(&mut record, document.root(), misfits).then_some(record)
    }

    fields! {
        /// Has lower-case names as AI bots do, two spellings, and an id of 32 bits.
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
        let bot = record::<Bot>(&document, &mut misfits);
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
        /// Has all other kinds of fields.
        struct Odd in "box" | "Box" {
            must base: Bot => "base" in "",
            list names: String => "names" | "Names" of "name" | "Name" in "",
            one is_on: bool = "on",
            one degrees: f64 => "degrees" in "",
            one ticket: Secret = "Ticket" in "",
            may key: String => "key" in "box/inner",
        }
    }

    fn odd(json: &str) -> (Option<Odd>, Vec<String>) {
        let document = Document::parse(json.as_bytes()).unwrap();
        let mut misfits = Misfits::default();
        let odd = record::<Odd>(&document, &mut misfits);
        (odd, misfits.into_found())
    }

    #[test]
    fn a_field_of_a_level_is_taken_from_its_level_alone() {
        let rows = [
            (
                r#""box":{"on":true,"inner":{"key":" k "}}"#,
                Some(true),
                Some("k"),
                None,
            ),
            (r#""Box":{"on":true}"#, Some(true), None, None),
            (r#""on":true,"key":"k""#, None, None, None),
            // A prefix of a level's name is not that level.
            (
                r#""bo":"text","bo":{"on":true},"box":{"inn":"text","inner":{"key":"k"}}"#,
                None,
                Some("k"),
                None,
            ),
            (
                r#""box":{"key":"k","degrees":2,"inner":{"on":true}},"inner":{"key":"k"}"#,
                None,
                None,
                None,
            ),
            (
                r#""degrees":-1.5,"box":{"degrees":2}"#,
                None,
                None,
                Some(-1.5),
            ),
            // Of two levels of one name the first counts, and of an array its first value.
            (
                r#""box":{"on":false},"box":{"on":true,"inner":{"key":"k"}}"#,
                Some(false),
                None,
                None,
            ),
            (
                r#""box":[{"on":false},{"on":true}]"#,
                Some(false),
                None,
                None,
            ),
            (
                r#""box":{"inner":{},"inner":{"key":"k"}}"#,
                None,
                None,
                None,
            ),
        ];
        for (json, is_on, key, degrees) in rows {
            let (odd, misfits) = odd(&format!(r#"{{"base":{{"no":1}},{json}}}"#));
            let odd = odd.unwrap();
            assert_eq!(
                (odd.is_on, odd.key.as_deref(), odd.degrees),
                (is_on, key, degrees),
                "{json}"
            );
            assert_eq!(misfits, [""; 0], "{json}");
        }
    }

    #[test]
    fn a_level_with_a_text_is_named_and_a_field_in_it_with_its_level() {
        let (odd, misfits) =
            odd(r#"{"base":{"no":1},"Box":"text","box":{"on":"maybe","inner":"text"}}"#);
        assert_eq!(odd.unwrap().is_on, None);
        assert_eq!(misfits, ["Box", "box/on", "box/inner"]);
    }

    #[test]
    fn an_id_that_is_missing_is_named_with_its_level() {
        fields! {
            /// Two ids.
            struct Two in "box" {
                id first: String => "first",
                id second: String => "second" in "",
            }
        }
        let read = |json: &str| {
            let document = Document::parse(json.as_bytes()).unwrap();
            let mut misfits = Misfits::default();
            let two = record::<Two>(&document, &mut misfits);
            (two.is_some(), misfits.into_found())
        };
        assert_eq!(
            read(r#"{"box":{"first":"a"},"second":"b"}"#),
            (true, vec![])
        );
        assert_eq!(
            read(r#"{"second":"b"}"#),
            (false, vec!["box/first".to_owned()])
        );
        assert_eq!(
            read(r#"{"box":{"first":"a"}}"#),
            (false, vec!["second".to_owned()])
        );
        assert_eq!(
            read(r#"{"box":{"first":" "}}"#),
            (false, vec!["box/first".to_owned()])
        );
    }

    #[test]
    fn an_array_where_one_value_belongs_does_not_fit_unless_it_has_but_one() {
        let rows: [(&str, Option<&str>, &[&str]); 4] = [
            (r#"["u"]"#, Some("u"), &[]),
            (r#"["u","v"]"#, None, &["url"]),
            (r#"["u","v","w"]"#, None, &["url"]),
            (r#"[]"#, None, &["url"]),
        ];
        for (json, url, expected) in rows {
            let (bot, misfits) = read(&format!(r#"{{"no":7,"url":{json}}}"#));
            assert_eq!(
                (bot.unwrap().url.as_deref(), &misfits[..]),
                (
                    url,
                    &expected.iter().map(|&it| it.to_owned()).collect::<Vec<_>>()[..]
                ),
                "{json}"
            );
        }
        // Not the second element of the name.
        let (bot, misfits) = read(r#"{"no":7,"url":["u"],"url":["v","w"]}"#);
        assert_eq!((bot.unwrap().url.as_deref(), misfits.len()), (Some("u"), 0));
        let (bot, _) = read(r#"{"no":[7,8]}"#);
        assert!(bot.is_none());
    }

    #[test]
    fn of_two_arrays_for_one_comma_list_the_first_counts() {
        for json in [
            r#""option_ids":[1,2],"option_ids":[3,4,5]"#,
            r#""option_ids":"1,2","option_ids":[3,4]"#,
        ] {
            let (bot, misfits) = read(&format!(r#"{{"no":7,{json}}}"#));
            assert_eq!(
                (bot.unwrap().ids, misfits),
                (Some(vec![1, 2]), vec![]),
                "{json}"
            );
        }
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
            (r#","names":[" a ","b"]"#, Some(&["a", "b"]), none),
            (r#","names":[]"#, Some(none), none),
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
            assert_eq!(
                odd(&format!(r#""box":{{"on":"{text}"}}"#)).is_on,
                is_on,
                "{text}"
            );
        }
    }

    #[test]
    fn a_number_or_truth_that_is_blank_is_absent_and_what_does_not_fit_is_named() {
        fields! {
            /// What may be blank.
            struct Blank {
                one below: i64 => "below",
                one small: u32 => "small",
                one large: u64 => "large",
                one is_on: bool => "on",
            }
        }
        let read = |[below, small, large, on]: [&str; 4]| {
            let json =
                format!(r#"{{"below":"{below}","small":"{small}","large":"{large}","on":"{on}"}}"#);
            let document = Document::parse(json.as_bytes()).unwrap();
            let mut misfits = Misfits::default();
            let found = record::<Blank>(&document, &mut misfits).unwrap();
            let found = (found.below, found.small, found.large, found.is_on);
            (found, misfits.into_found().join(" "))
        };
        let none = (None, None, None, None);
        let rows = [
            (
                ["-7", " 4294967295 ", "18446744073709551615", "1"],
                (Some(-7), Some(u32::MAX), Some(u64::MAX), Some(true)),
                "",
            ),
            (["", " ", "\\n", " "], none, ""),
            (
                ["9223372036854775808", "4294967296", "-1", "yes"],
                none,
                "below small large on",
            ),
        ];
        for (texts, expected, misfits) in rows {
            assert_eq!(read(texts), (expected, misfits.to_owned()), "{texts:?}");
        }
    }

    #[test]
    fn a_struct_is_an_object_that_may_be_empty_and_no_text() {
        fields! {
            /// The inner one, which needs nothing.
            struct Inner {
                one text: String => "text",
            }
        }
        fields! {
            /// The outer one.
            struct Outer {
                one inner: Inner => "inner",
            }
        }
        let full = Inner {
            text: Some("t".to_owned()),
        };
        let rows = [
            (r#"{"text":"t"}"#, Some(full), ""),
            ("{}", Some(Inner::default()), ""),
            (r#"" ""#, Some(Inner::default()), ""),
            (r#""t""#, None, "inner"),
        ];
        for (json, expected, misfits) in rows {
            let document = Document::parse(format!(r#"{{"inner":{json}}}"#).as_bytes()).unwrap();
            let mut found = Misfits::default();
            let outer = record::<Outer>(&document, &mut found).unwrap();
            assert_eq!(outer.inner, expected, "{json}");
            assert_eq!(found.into_found().join(" "), misfits, "{json}");
        }
    }

    #[test]
    fn a_secret_may_be_an_id() {
        fields! {
            /// What is known by its secret alone.
            struct Sealed {
                id code: Secret => "code",
            }
        }
        let document = Document::parse(br#"{"code":" open sesame "}"#).unwrap();
        let sealed = record::<Sealed>(&document, &mut Misfits::default());
        assert_eq!(sealed.unwrap().code.expose(), "open sesame");
    }

    #[test]
    fn a_secret_is_shown_by_nothing_but_its_json() {
        let (odd, _) = odd(r#"{"base":{"no":1},"Ticket":"open sesame"}"#);
        let odd = odd.unwrap();
        assert!(!format!("{odd:?} {odd:#?}").contains("sesame"));
        assert_eq!(format!("{:?}", odd.ticket), "Some(Secret(..))");
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
