//! What all families have in common.

use std::any::Any;
use std::sync::Arc;

use super::kind::EventKind;
use super::unknown::UnknownEvent;
use crate::payload::{Element, Misfits, Record, read_record};

/// The wire values that name the kind of a callback.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Discriminator<'a> {
    pub(crate) name: &'a str,
    pub(crate) change_type: Option<&'a str>,
}

impl Discriminator<'_> {
    /// Whether these values name the kind. Compares the change type first, because it differs more
    /// often.
    pub(crate) fn is(&self, names: &[&str], change_types: &[&str]) -> bool {
        let change = self.change_type;
        (change_types.is_empty() || change.is_some_and(|word| change_types.contains(&word)))
            && names.contains(&self.name)
    }
}

/// Prevents other crates from implementing [`EventType`].
pub trait Sealed {}

/// The callbacks that an event type matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The callbacks of one kind.
    Kind(&'static str),
    /// The callbacks of a family, including its unknown ones.
    Family(&'static str),
    /// All callbacks.
    All,
}

/// A type that a handler can take as its argument: the struct of a kind, a family, or
/// [`Event`](super::Event).
///
/// This trait is sealed. This crate implements it for all its events.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "this type is not an event",
    note = "a handler takes the struct of a kind such as `CreateUser`, a family such as `ContactEvent`, `Event`, `Callback`, or `On<…>` of one of these"
)]
pub trait EventType: Sealed + Sized + Send + Sync + 'static {
    /// The form in which a handler holds the event: an `Arc` of a struct, or the family itself.
    #[doc(hidden)]
    type Held: Clone + Send + Sync + 'static;

    /// The callbacks that this type matches.
    #[doc(hidden)]
    const SCOPE: Scope;

    /// Takes this type out of an event and the value of its family. `None` if it is another event.
    #[doc(hidden)]
    fn hold(event: &dyn Any, family: &dyn Any) -> Option<Self::Held>;

    /// Borrows the event.
    #[doc(hidden)]
    fn get(held: &Self::Held) -> &Self;

    /// Takes the event out.
    #[doc(hidden)]
    fn take(held: Self::Held) -> Self;
}

/// Implements [`EventType`] for a family, which is in the request's extensions as it is.
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

/// An enum of related kinds, made by [`family!`].
pub(crate) trait Family: Sized {
    /// All kinds that have a type.
    const KINDS: &'static [KnownKind];

    /// Whether callbacks of this name belong to the family. This includes unknown kinds.
    fn owns(name: &str) -> bool;

    /// Reads a callback.
    ///
    /// # Errors
    ///
    /// `None` if the callback has no type. Its kind if it has a type, but an id is missing or
    /// unreadable.
    fn read<'a>(
        discriminator: Discriminator<'_>,
        root: Element<'a>,
        misfits: &mut Misfits<'a>,
    ) -> Result<Self, Option<EventKind>>;

    /// The variant for a callback that could not be read.
    fn unknown(event: UnknownEvent) -> Self;
}

/// How a kind is read.
pub(crate) struct Reader<F> {
    pub(crate) names: &'static [&'static str],
    pub(crate) change_types: &'static [&'static str],
    pub(crate) kind: EventKind,
    pub(crate) read: for<'a> fn(Element<'a>, &mut Misfits<'a>) -> Option<F>,
}

pub(crate) fn read_family<'a, F>(
    readers: &[Reader<F>],
    discriminator: Discriminator<'_>,
    root: Element<'a>,
    misfits: &mut Misfits<'a>,
) -> Result<F, Option<EventKind>> {
    let mut readers = readers.iter();
    let reader = readers.find(|reader| discriminator.is(reader.names, reader.change_types));
    let reader = reader.ok_or(None)?;
    (reader.read)(root, misfits).ok_or_else(|| Some(reader.kind.clone()))
}

/// Reads the struct of a kind.
pub(crate) fn read_shared<'a, T: Record + Default>(
    root: Element<'a>,
    misfits: &mut Misfits<'a>,
) -> Option<Arc<T>> {
    let mut event = Arc::<T>::default();
    // It is read in place, because a large struct takes time to move.
    let is_read = read_record(Arc::get_mut(&mut event)?, root, misfits);
    is_read.then_some(event)
}

/// A kind that has a type. See [`known_kinds`](super::known_kinds).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownKind {
    /// The kind.
    pub kind: EventKind,
    /// The name of its struct in [`event`](crate::event).
    pub type_name: &'static str,
    /// The name of its family, which is the type in the request's extensions.
    pub family: &'static str,
}

/// A family: its kinds, each with its constant, its names on the wire and its type.
///
/// In `"change_contact" / "create_user"`, the first name is the value of `Event` (or `InfoType`),
/// the second one is the value of `ChangeType`. A `|` adds another spelling of a name. The variant
/// has the name of the type.
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
            /// A callback whose kind this crate does not know, or whose id could not be read.
            Unknown($crate::event::UnknownEvent),
        }

        impl $Family {
            /// The kind, as WeCom names it.
            #[must_use]
            pub fn kind(&self) -> $crate::event::EventKind {
                match self {
                    $( Self::$Type(_) => $crate::event::EventKind::$CONSTANT, )+
                    Self::Unknown(event) => event.kind(),
                }
            }

            /// Whether the callback has a type. `false` for `Unknown`.
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
                discriminator: $crate::event::Discriminator<'_>,
                root: $crate::payload::Element<'a>,
                misfits: &mut $crate::payload::Misfits<'a>,
            ) -> Result<Self, Option<$crate::event::EventKind>> {
                const READERS: &[$crate::event::Reader<$Family>] = &[$( $crate::event::Reader {
                    names: &[$name $(, $other)*],
                    change_types: &[$($change $(, $spelling)*)?],
                    kind: $crate::event::EventKind::$CONSTANT,
                    read: |root, misfits| $crate::event::read_shared(root, misfits).map($Family::$Type),
                }, )+];
                $crate::event::read_family(READERS, discriminator, root, misfits)
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

        /// Applies a macro to the family and to each of its structs.
        #[cfg(feature = "axum")]
        macro_rules! types {
            ($apply:ident) => {
                $apply!($Family);
                $( $apply!($Type); )+
            };
        }

        #[cfg(feature = "axum")]
        pub(crate) use types;

        $(
            impl $crate::event::Sealed for $Type {}

            impl $crate::event::EventType for $Type {
                type Held = std::sync::Arc<Self>;
                const SCOPE: $crate::event::Scope =
                    $crate::event::Scope::Kind(<Self as $crate::payload::Payload>::PATH);

                #[inline]
                fn hold(_: &dyn std::any::Any, family: &dyn std::any::Any) -> Option<Self::Held> {
                    match family.downcast_ref()? {
                        $Family::$Type(event) => Some(std::sync::Arc::clone(event)),
                        _ => None,
                    }
                }

                #[inline]
                fn get(held: &Self::Held) -> &Self {
                    held
                }

                #[inline]
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
