//! How a command ends.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::output::Output;

/// A command has done its job, and this is what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum ExitStatus {
    /// What was checked is fine.
    Success,
    /// What was checked fails. The command has said how.
    CheckFailed,
    /// Nobody was there. The command has said why.
    NoAnswer,
}

impl ExitStatus {
    pub(crate) const fn of(is_fine: bool) -> Self {
        if is_fine {
            Self::Success
        } else {
            Self::CheckFailed
        }
    }

    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Success => 0,
            Self::CheckFailed => 1,
            Self::NoAnswer => 3,
        })
    }
}

/// A command could not do its job.
#[derive(Debug)]
pub(crate) enum Error {
    /// It was asked for something that cannot be: 2, as clap's own errors.
    Usage(String),
    /// A file or a server cannot be reached: 3.
    Unreachable(String),
    /// Nobody reads what we write any more, as behind `| head`.
    ClosedPipe,
}

impl Error {
    pub(crate) fn usage(text: impl fmt::Display) -> Self {
        Self::Usage(text.to_string())
    }

    pub(crate) fn unreachable(text: impl fmt::Display) -> Self {
        Self::Unreachable(text.to_string())
    }

    /// Says what is wrong, and what the process ends with.
    pub(crate) fn report(&self, output: &Output) -> ExitCode {
        match self {
            Self::Usage(text) => {
                output.error(text);
                ExitCode::from(2)
            }
            Self::Unreachable(text) => {
                output.error(text);
                ExitCode::from(3)
            }
            Self::ClosedPipe => ExitCode::SUCCESS,
        }
    }
}

/// Of writing to stdout alone; other errors say which file they are about.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::Unreachable(format!("cannot write to stdout: {error}")),
        }
    }
}
