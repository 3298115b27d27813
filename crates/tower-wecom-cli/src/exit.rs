//! How a command ends.

use std::io;
use std::process::ExitCode;

use crate::language::{Text, text};
use crate::output::Output;

/// The result of a command that ran to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum ExitStatus {
    /// The check passed, or there was nothing to check.
    Success,
    /// The check failed. The command has already printed why.
    CheckFailed,
    /// The server could not be reached. The command has already printed why.
    Unreachable,
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
            Self::Unreachable => 3,
        })
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Error {
    /// The command line or the configuration is invalid. Exit code 2, like clap's own errors.
    Usage(Text),
    /// A file or a server cannot be reached. Exit code 3.
    Unreachable(Text),
    /// The reader of our output has closed it, as `| head` does. Exit code 0.
    ClosedPipe,
}

impl Error {
    pub(crate) const fn usage(text: Text) -> Self {
        Self::Usage(text)
    }

    pub(crate) const fn unreachable(text: Text) -> Self {
        Self::Unreachable(text)
    }

    /// Prints the error and returns the exit code.
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

/// For errors of writing to stdout only. Other IO errors name their file.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::Unreachable(text("cannot-write").with("error", error)),
        }
    }
}
