//! What all families have in common.

use std::any::Any;

use super::kind::EventKind;
use super::unknown::UnknownEvent;
use crate::payload::{Element, Misfits};

/// The words of the wire that say what kind of callback it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Discriminator<'a> {
    pub(crate) name: &'a str,
    pub(crate) change_type: Option<&'a str>,
}

impl Discriminator<'_> {
    /// Whether these are the words of a kind. The second one is looked at first: it differs more often.
    pub(crate) fn is(&self, names: &[&str], change_types: &[&str]) -> bool {
        let change = self.change_type;
        (change_types.is_empty() || change.is_some_and(|word| change_types.contains(&word)))
            && names.contains(&self.name)
    }
}

/// Keeps [`EventType`] to this crate.
pub trait Sealed {}

/// Which callbacks a type is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of one kind.
    Kind(&'static str),
    /// Those of a family, the unknown ones too.
    Family(&'static str),
    /// All of them.
    All,
}

/// What a handler may ask for by its argument: the struct of a kind, a family, or [`Event`](super::Event).
///
/// Sealed: this crate implements it, for all of its events.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no event",
    label = "this type is no event",
    note = "a handler takes the struct of a kind such as `CreateUser`, a family such as `ContactEvent`, `Event` or `Callback`, or `On<…>` of one of these"
)]
pub trait EventType: Sealed + Sized + Send + Sync + 'static {
    /// What a handler holds: an `Arc` of a struct, a family itself.
    #[doc(hidden)]
    type Held: Clone + Send + Sync + 'static;

    /// Which callbacks it is for.
    #[doc(hidden)]
    const SCOPE: Scope;

    /// Takes it out of an event and the value of its family. `None`: it is another event.
    #[doc(hidden)]
    fn hold(event: &dyn Any, family: &dyn Any) -> Option<Self::Held>;

    /// Looks at what is held.
    #[doc(hidden)]
    fn get(held: &Self::Held) -> &Self;

    /// Takes it out of what is held.
    #[doc(hidden)]
    fn take(held: Self::Held) -> Self;
}

/// An event type that is a family, and stands in the request's extensions as it is.
macro_rules! is_family {
    ($Family:ident) => {
        $crate::event::is_family!($Family, $crate::event::Scope::Family(stringify!($Family)));
    };
    ($Family:ident, $scope:expr) => {
        impl $crate::event::Sealed for $Family {}

        impl $crate::event::EventType for $Family {
            type Held = Self;
            const SCOPE: $crate::event::Scope = $scope;

            fn hold(_: &dyn std::any::Any, family: &dyn std::any::Any) -> Option<Self> {
                family.downcast_ref().cloned()
            }

            fn get(held: &Self) -> &Self {
                held
            }

            fn take(held: Self) -> Self {
                held
            }
        }
    };
}

is_family!(UnknownEvent);

/// An enum of kinds that a reader looks for together, made by [`family!`].
pub(crate) trait Family: Sized {
    /// All kinds that have a type.
    const KINDS: &'static [KnownKind];

    /// Whether callbacks of this name belong to the family, the unknown ones too.
    fn owns(name: &str) -> bool;

    /// Reads a callback.
    ///
    /// # Errors
    ///
    /// `None` if there is no type for it; its kind if there is one, and an id is missing or unreadable.
    fn read<'a>(
        words: Discriminator<'_>,
        root: Element<'a>,
        misfits: &mut Misfits<'a>,
    ) -> Result<Self, Option<EventKind>>;

    /// What could not be read.
    fn unknown(event: UnknownEvent) -> Self;
}

/// A kind that has a type. See [`known_kinds`](super::known_kinds).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownKind {
    /// The kind.
    pub kind: EventKind,
    /// The name of its struct in [`event`](crate::event).
    pub type_name: &'static str,
    /// The name of its family, which is the type that stands in the request's extensions.
    pub family: &'static str,
}

/// A family: its kinds, each with its constant, the words that it has on the wire and its type.
///
/// `"change_contact" / "create_user"` are the words of `Event` (or `InfoType`) and of `ChangeType`; further spellings of
/// either stand behind a `|`. The variant has the name of the type.
macro_rules! family {
    (
        $(#[$meta:meta])*
        pub enum $Family:ident {
            $(
                $(#[$kind_meta:meta])*
                $CONSTANT:ident = $name:literal $(| $other:literal)*
                    $(/ $change:literal $(| $spelling:literal)*)? => $Type:ident,
            )+
        }
    ) => {
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        $(#[$meta])*
        pub enum $Family {
            $(
                $(#[$kind_meta])*
                #[doc(alias = $name)] $( #[doc(alias = $other)] )*
                $( #[doc(alias = $change)] $( #[doc(alias = $spelling)] )* )?
                $Type(std::sync::Arc<$Type>),
            )+
            /// One that this crate does not know, or whose id could not be read.
            Unknown($crate::event::UnknownEvent),
        }

        impl $Family {
            /// What WeCom calls it.
            #[must_use]
            pub fn kind(&self) -> $crate::event::EventKind {
                match self {
                    $( Self::$Type(_) => $crate::event::EventKind::$CONSTANT, )+
                    Self::Unknown(event) => event.kind(),
                }
            }

            /// Whether there is a type for it; `false` for `Unknown`.
            #[must_use]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }
        }

        impl $crate::event::Family for $Family {
            const KINDS: &'static [$crate::event::KnownKind] = &[
                $( $crate::event::KnownKind {
                    kind: $crate::event::EventKind::$CONSTANT,
                    type_name: stringify!($Type),
                    family: stringify!($Family),
                }, )+
            ];

            fn owns(name: &str) -> bool {
                false $( || name == $name $( || name == $other )* )+
            }

            fn read<'a>(
                words: $crate::event::Discriminator<'_>,
                root: $crate::payload::Element<'a>,
                misfits: &mut $crate::payload::Misfits<'a>,
            ) -> Result<Self, Option<$crate::event::EventKind>> {
                $(
                    if words.is(&[$name $(, $other)*], &[$($change $(, $spelling)*)?]) {
                        return match <$Type as $crate::payload::Record>::read_record(root, misfits) {
                            Some(event) => Ok(Self::$Type(std::sync::Arc::new(event))),
                            None => Err(Some($crate::event::EventKind::$CONSTANT)),
                        };
                    }
                )+
                Err(None)
            }

            fn unknown(event: $crate::event::UnknownEvent) -> Self {
                Self::Unknown(event)
            }
        }

        impl serde::Serialize for $Family {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $( Self::$Type(event) => event.serialize(serializer), )+
                    Self::Unknown(event) => event.serialize(serializer),
                }
            }
        }

        $crate::event::is_family!($Family);

        $(
            impl $crate::event::Sealed for $Type {}

            impl $crate::event::EventType for $Type {
                type Held = std::sync::Arc<Self>;
                const SCOPE: $crate::event::Scope =
                    $crate::event::Scope::Kind(<Self as $crate::payload::Payload>::PATH);

                fn hold(_: &dyn std::any::Any, family: &dyn std::any::Any) -> Option<Self::Held> {
                    match family.downcast_ref()? {
                        $Family::$Type(event) => Some(std::sync::Arc::clone(event)),
                        _ => None,
                    }
                }

                fn get(held: &Self::Held) -> &Self {
                    held
                }

                fn take(held: Self::Held) -> Self {
                    std::sync::Arc::unwrap_or_clone(held)
                }
            }

            impl $crate::payload::Payload for $Type {
                const PATH: &'static str = concat!($name $(, "/", $change)?);
            }

        )+

        impl $crate::event::EventKind {$(
            #[doc = concat!("`", $name $(, "/", $change)?, "`: [`", stringify!($Type), "`].")]
            pub const $CONSTANT: Self = Self::constant(<$Type as $crate::payload::Payload>::PATH);
        )+}
    };
}

pub(crate) use {family, is_family};
