use serde::Serialize;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    Ok,
    Note,
    Warning,
    Failure,
}

/// One result of a check. Contains no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    /// For scripts. It does not change between versions.
    pub(crate) code: &'static str,
    /// What was found, in plain words.
    pub(crate) message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advice: Option<String>,
}

impl Finding {
    pub(crate) fn ok(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Ok, code, message)
    }

    pub(crate) fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Note, code, message)
    }

    pub(crate) fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Warning, code, message)
    }

    pub(crate) fn failure(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Failure, code, message)
    }

    fn new(level: Level, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            level,
            code,
            message: message.into(),
            advice: None,
        }
    }

    pub(crate) fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// A finding and the check that made it.
#[derive(Serialize)]
pub(crate) struct Checked {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) check: &'static str,
    #[serde(flatten)]
    pub(crate) finding: Finding,
}

impl Checked {
    pub(crate) fn all(
        check: &'static str,
        findings: impl IntoIterator<Item = Finding>,
    ) -> impl Iterator<Item = Self> {
        findings
            .into_iter()
            .map(move |finding| Self { check, finding })
    }
}

/// Whether none of the findings is a failure.
pub(crate) fn is_fine(findings: &[Finding]) -> bool {
    findings
        .iter()
        .all(|finding| finding.level < Level::Failure)
}
