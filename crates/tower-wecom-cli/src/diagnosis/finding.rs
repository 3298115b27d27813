use serde::Serialize;

use crate::language::Text;

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
    pub(crate) message: Text,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advice: Option<Text>,
}

impl Finding {
    pub(crate) const fn ok(code: &'static str, message: Text) -> Self {
        Self::new(Level::Ok, code, message)
    }

    pub(crate) const fn note(code: &'static str, message: Text) -> Self {
        Self::new(Level::Note, code, message)
    }

    pub(crate) const fn warning(code: &'static str, message: Text) -> Self {
        Self::new(Level::Warning, code, message)
    }

    pub(crate) const fn failure(code: &'static str, message: Text) -> Self {
        Self::new(Level::Failure, code, message)
    }

    const fn new(level: Level, code: &'static str, message: Text) -> Self {
        Self {
            level,
            code,
            message,
            advice: None,
        }
    }

    pub(crate) fn advice(mut self, advice: Text) -> Self {
        self.advice = Some(advice);
        self
    }
}

/// A finding and the check that made it.
#[derive(Serialize)]
pub(crate) struct Checked {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) check: Option<Text>,
    #[serde(flatten)]
    pub(crate) finding: Finding,
}

impl Checked {
    pub(crate) fn all(
        check: Option<Text>,
        findings: impl IntoIterator<Item = Finding>,
    ) -> impl Iterator<Item = Self> {
        findings.into_iter().map(move |finding| Self {
            check: check.clone(),
            finding,
        })
    }
}

/// Whether none of the findings is a failure.
pub(crate) fn is_fine(findings: &[Finding]) -> bool {
    findings
        .iter()
        .all(|finding| finding.level < Level::Failure)
}
