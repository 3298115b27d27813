//! Macros and a span type that compile to nothing without the feature `tracing`. No other file has
//! to check the feature.

macro_rules! debug {
    ($($arg:tt)+) => {{
        #[cfg(feature = "tracing")]
        tracing::debug!(target: "tower_wecom", $($arg)+);
    }};
}

macro_rules! info {
    ($($arg:tt)+) => {{
        #[cfg(feature = "tracing")]
        tracing::info!(target: "tower_wecom", $($arg)+);
    }};
}

macro_rules! warning {
    ($($arg:tt)+) => {{
        #[cfg(feature = "tracing")]
        tracing::warn!(target: "tower_wecom", $($arg)+);
    }};
}

/// A span of level INFO.
macro_rules! span {
    ($($arg:tt)+) => {
        Span {
            #[cfg(feature = "tracing")]
            span: tracing::info_span!(target: "tower_wecom", $($arg)+),
        }
    };
}

pub(crate) use {debug, info, span, warning};

/// A span of `tracing`. Without the feature it has no content.
pub(crate) struct Span {
    #[cfg(feature = "tracing")]
    pub(crate) span: tracing::Span,
}

impl Span {
    pub(crate) const fn none() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            span: tracing::Span::none(),
        }
    }

    /// Whether no subscriber records this span, so that its fields need not be computed.
    pub(crate) fn is_disabled(&self) -> bool {
        #[cfg(feature = "tracing")]
        return self.span.is_disabled();
        #[cfg(not(feature = "tracing"))]
        return true;
    }

    pub(crate) fn in_scope<T>(&self, f: impl FnOnce() -> T) -> T {
        #[cfg(feature = "tracing")]
        return self.span.in_scope(f);
        #[cfg(not(feature = "tracing"))]
        return f();
    }

    pub(crate) fn record_text(&self, field: &'static str, text: &str) {
        #[cfg(feature = "tracing")]
        self.span.record(field, text);
        let _ = (field, text);
    }

    pub(crate) fn record_number(&self, field: &'static str, number: u64) {
        // tracing-opentelemetry turns unsigned numbers into text (its issue 267).
        #[cfg(feature = "tracing")]
        self.span
            .record(field, i64::try_from(number).unwrap_or(i64::MAX));
        let _ = (field, number);
    }
}
