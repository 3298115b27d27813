//! Tracing behind one shim: the macros vanish without the feature `tracing`, so that no other file has to ask for it.

macro_rules! debug {
    ($($arg:tt)+) => {{
        #[cfg(feature = "tracing")]
        tracing::debug!(target: "tower_wecom", $($arg)+);
    }};
}

macro_rules! warning {
    ($($arg:tt)+) => {{
        #[cfg(feature = "tracing")]
        tracing::warn!(target: "tower_wecom", $($arg)+);
    }};
}

pub(crate) use {debug, warning};
