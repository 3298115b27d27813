//! The macros that all builders share.

/// A `Debug` that shows only the name of the type. The content of a reply is confidential.
macro_rules! silent {
    ($($Type:ident),+ $(,)?) => {$(
        impl std::fmt::Debug for $Type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($Type)).finish_non_exhaustive()
            }
        }
    )+};
}

/// Setters of fields that are an `Option<String>`.
macro_rules! texts {
    ($( $(#[$meta:meta])* $field:ident, )+) => {$(
        $(#[$meta])*
        pub fn $field(mut self, $field: impl Into<String>) -> Self {
            self.$field = Some($field.into());
            self
        }
    )+};
}

pub(super) use {silent, texts};
