//! The files of an exchange: `record` writes them, `replay` reads them.
//!
//! `NAME.json` describes the exchange. `NAME.request.http` and `NAME.response.http` are the
//! messages as they went over the wire. `NAME.payload.xml` (or `.json`, `.txt`) is the decrypted
//! payload, byte for byte. Names sort by time. Only the owner can read the files.

use std::fmt::Display;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::language::{Text, text};

/// The content of `NAME.json`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Exchange {
    /// When the request arrived, in milliseconds since 1970.
    pub(crate) time: u64,
    pub(crate) method: String,
    /// The path and the query.
    pub(crate) url: String,
    /// Whether it is a URL check. Then the payload is the text to be echoed.
    #[serde(default)]
    pub(crate) is_url_check: bool,
    /// The format of the envelope: `xml` or `json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) envelope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) receive_id: Option<String>,
    /// The name of the file with the decrypted payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) payload: Option<String>,
    /// Why the request could not be opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) not_opened: Option<String>,
    /// The status that WeCom received.
    pub(crate) status: u16,
    /// How long the application took, in milliseconds.
    pub(crate) millis: u64,
    /// Why there was no response of the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

/// A folder of exchanges.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Creates the folder if it does not exist. Only the owner can read it.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)?;
        Ok(Self(path.to_owned()))
    }

    /// Creates a file that only the owner can read. Fails if it exists.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file: File = options.open(self.0.join(name))?;
        file.write_all(bytes)
    }

    /// A folder to read from.
    pub(crate) fn open(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The names of all exchanges, oldest first.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let name = entry?.file_name();
            let stem = name.to_str().and_then(|name| name.strip_suffix(".json"));
            // `NAME.payload.json` does not describe an exchange.
            names.extend(stem.filter(|stem| !stem.contains('.')).map(str::to_owned));
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The description of an exchange.
    pub(crate) fn exchange(&self, name: &str) -> Result<Exchange, ReadError> {
        let file = format!("{name}.json");
        let bytes = self.read(&file)?;
        serde_json::from_slice(&bytes).map_err(|error| of_file(&file, error))
    }

    /// The decrypted payload of an exchange.
    pub(crate) fn payload(&self, name: &str) -> Result<Vec<u8>, ReadError> {
        self.read(name)
    }

    /// Reads a file of the folder. Others may have filled the folder and written the name, so
    /// neither may lead out of it.
    fn read(&self, name: &str) -> Result<Vec<u8>, ReadError> {
        if name.contains(['/', '\\', ':']) || name.starts_with('.') {
            let name = format!("{name:?}");
            return Err(ReadError::Outside(text("not-in-folder").with("name", name)));
        }
        let path = self.0.join(name);
        let failed = |error: io::Error| of_file(name, error);
        let found = fs::symlink_metadata(&path).map_err(failed)?;
        if found.is_symlink() {
            return Err(is_a_link(name));
        }
        // A pipe would block, and a device can be endless.
        if !found.is_file() {
            return Err(ReadError::Io(text("not-a-file").with("name", name)));
        }
        let mut file = File::open(&path).map_err(failed)?;
        if !is_same(&found, &file.metadata().map_err(failed)?) {
            return Err(is_a_link(name));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        Ok(bytes)
    }
}

/// Why a file of a folder was not read.
pub(crate) enum ReadError {
    /// It leads out of the folder.
    Outside(Text),
    Io(Text),
}

impl ReadError {
    pub(crate) fn text(self) -> Text {
        match self {
            Self::Outside(text) | Self::Io(text) => text,
        }
    }
}

fn is_a_link(name: &str) -> ReadError {
    ReadError::Outside(text("is-a-link").with("name", name))
}

/// The error with the name of its file.
fn of_file(name: &str, error: impl Display) -> ReadError {
    let cause = text("cause").with("cause", error);
    ReadError::Io(text("of-file").with("file", name).texts("error", [cause]))
}

/// Whether the opened file is the one that was examined. A link may have taken its place meanwhile.
#[cfg(unix)]
fn is_same(found: &Metadata, opened: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (found.dev(), found.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, opened: &Metadata) -> bool {
    opened.is_file()
}
