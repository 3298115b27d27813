//! Finds the credentials. Flags override the environment, and the environment overrides the file.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;
use tower_wecom::test_util::Flavour;

use crate::credentials::{Credentials, RawCredentials};
use crate::exit::Error;
use crate::http::Target;
use crate::language::{Text, text};
use crate::output::Output;

const FILE: &str = "wecom.toml";

/// The options of each command that needs credentials.
#[derive(Args)]
#[command(
    next_help_heading = "Credentials (flags override the environment, the environment the file)"
)]
pub(crate) struct ConfigArgs {
    /// Token of the URL's page in the console. `ps` shows flags: prefer the environment or the file
    #[arg(long, env = "WECOM_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// EncodingAESKey of the same page, 43 characters
    #[arg(long, env = "WECOM_ENCODING_AES_KEY", hide_env_values = true)]
    encoding_aes_key: Option<String>,
    /// The receive id of callbacks: usually the corp id, empty for AI bots, `*` to accept any
    #[arg(long, env = "WECOM_RECEIVE_ID", hide_env_values = true)]
    receive_id: Option<String>,
    /// The receive id of URL checks if it differs: for suites it is the provider's corp id
    #[arg(long, env = "WECOM_URL_CHECK_RECEIVE_ID", hide_env_values = true)]
    url_check_receive_id: Option<String>,
    /// TOML file with `token`, `encoding_aes_key`, `receive_id` [default: ./wecom.toml, if it
    /// exists]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Use `[profiles.NAME]` of the file. Values it does not have come from the top of the file
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

/// The credentials to use, not yet parsed, and the other credentials that are known.
pub(crate) struct Settings {
    pub(crate) raw: RawCredentials,
    /// The other profiles and their names. One of them may be what the receiver has.
    pub(crate) others: Vec<(Text, RawCredentials)>,
    is_demo: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    token: Option<String>,
    encoding_aes_key: Option<String>,
    receive_id: Option<String>,
    url_check_receive_id: Option<String>,
    #[serde(default)]
    profiles: BTreeMap<String, Profile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    token: Option<String>,
    encoding_aes_key: Option<String>,
    receive_id: Option<String>,
    url_check_receive_id: Option<String>,
}

impl ConfigArgs {
    /// Combines flags, environment and file.
    pub(crate) fn settings(&self, output: &Output) -> Result<Settings, Error> {
        let (base, profiles) = match self.file(output)? {
            Some(file) => file.split(),
            None => (RawCredentials::default(), BTreeMap::new()),
        };
        let chosen = match &self.profile {
            None => base.clone(),
            Some(name) => match profiles.get(name) {
                Some(profile) => profile.clone(),
                None => return Err(no_profile(name, &profiles)),
            },
        };
        let is_other = |name: &&String| self.profile.as_ref() != Some(name);
        let mut others: Vec<_> = profiles
            .iter()
            .filter(|(name, _)| is_other(name))
            .map(|(name, raw)| (text("owner-profile").with("name", name), raw.clone()))
            .collect();
        if self.profile.is_some() {
            others.push((text("owner-top"), base));
        }
        let raw = self.flags().or(chosen);
        let is_demo = raw.is_empty();
        if !is_demo {
            others.push((text("owner-documentation"), RawCredentials::demo()));
        }
        Ok(Settings {
            raw: if is_demo { RawCredentials::demo() } else { raw },
            others,
            is_demo,
        })
    }

    fn flags(&self) -> RawCredentials {
        RawCredentials {
            token: self.token.clone(),
            key: self.encoding_aes_key.clone(),
            receive_id: self.receive_id.clone(),
            url_check_receive_id: self.url_check_receive_id.clone(),
        }
    }

    fn file(&self, output: &Output) -> Result<Option<File>, Error> {
        let path = self.config.as_deref().unwrap_or(Path::new(FILE));
        match fs::read_to_string(path) {
            Ok(text) => {
                let file = File::parse(path, &text)?;
                if file.has_secrets() {
                    warn_if_public(path, output);
                }
                Ok(Some(file))
            }
            Err(error) if error.kind() == ErrorKind::NotFound && self.config.is_none() => {
                if self.profile.is_some() {
                    return Err(Error::usage(
                        text("profile-without-file").with("file", FILE),
                    ));
                }
                Ok(None)
            }
            Err(error) => Err(Error::unreachable(
                text("cannot-read")
                    .with("file", path.display())
                    .with("error", error),
            )),
        }
    }
}

impl Settings {
    /// Bots have the empty receive id, so it need not be given for them.
    pub(crate) fn for_flavour(mut self, flavour: Option<Flavour>) -> Self {
        let is_bot = matches!(flavour, Some(Flavour::Bot | Flavour::GroupBot));
        if is_bot && (self.is_demo || self.raw.receive_id.is_none()) {
            self.raw.receive_id = Some(String::new());
        }
        self
    }

    /// The credentials for a command that sends nothing.
    pub(crate) fn credentials(&self, output: &Output) -> Result<Credentials, Error> {
        self.note_demo(output);
        self.raw.parse().map_err(|error| Error::usage(error.text()))
    }

    /// The credentials for requests to this target. The credentials of WeCom's documentation are
    /// public, so they are used for loopback targets only.
    pub(crate) fn credentials_for(
        &self,
        target: &Target,
        output: &Output,
    ) -> Result<Credentials, Error> {
        self.check_target(target)?;
        let credentials = self.credentials(output)?;
        if !credentials.has_receive_id() {
            return Err(Error::usage(text("no-receive-id")));
        }
        Ok(credentials)
    }

    /// An error if the credentials are those of WeCom's documentation and the target is another
    /// machine.
    pub(crate) fn check_target(&self, target: &Target) -> Result<(), Error> {
        if self.is_demo && !target.is_loopback() {
            return Err(Error::usage(text("no-credentials")));
        }
        Ok(())
    }

    /// Prints a note if the credentials are those of WeCom's documentation.
    pub(crate) fn note_demo(&self, output: &Output) {
        if self.is_demo {
            output.note(&text("demo-credentials"));
        }
    }
}

impl File {
    /// The parser's errors quote the line, which may contain a secret. Ours contain its number
    /// only.
    fn parse(path: &Path, content: &str) -> Result<Self, Error> {
        toml::from_str(content).map_err(|error| {
            let before = error.span().and_then(|span| content.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count().saturating_add(1));
            let what = match error.message() {
                message if message.starts_with("unknown field") => {
                    text("toml-unknown-field").with("error", message)
                }
                _ => text("toml-invalid"),
            };
            let message = text("toml-line")
                .with("file", path.display())
                .with("line", line);
            Error::usage(message.texts("what", [what]))
        })
    }

    fn has_secrets(&self) -> bool {
        let profiles = self.profiles.values();
        let mut secrets =
            profiles.map(|profile| profile.token.is_some() || profile.encoding_aes_key.is_some());
        self.token.is_some()
            || self.encoding_aes_key.is_some()
            || secrets.any(|is_secret| is_secret)
    }

    fn split(self) -> (RawCredentials, BTreeMap<String, RawCredentials>) {
        let base = RawCredentials {
            token: self.token,
            key: self.encoding_aes_key,
            receive_id: self.receive_id,
            url_check_receive_id: self.url_check_receive_id,
        };
        let profiles = self.profiles.into_iter().map(|(name, profile)| {
            let raw = RawCredentials {
                token: profile.token,
                key: profile.encoding_aes_key,
                receive_id: profile.receive_id,
                url_check_receive_id: profile.url_check_receive_id,
            };
            (name, raw.or(base.clone()))
        });
        let profiles = profiles.collect();
        (base, profiles)
    }
}

#[cfg(unix)]
fn warn_if_public(path: &Path, output: &Output) {
    use std::os::unix::fs::MetadataExt;

    const READ_BY_OTHERS: u32 = 0o004;
    let is_public = fs::metadata(path).is_ok_and(|file| file.mode() & READ_BY_OTHERS != 0);
    if is_public {
        let path = path.display();
        output.note(&text("file-is-public").with("file", path));
    }
}

#[cfg(not(unix))]
fn warn_if_public(_: &Path, _: &Output) {}

fn no_profile(name: &str, known: &BTreeMap<String, RawCredentials>) -> Error {
    let known: Vec<_> = known.keys().map(String::as_str).collect();
    let message = match known.as_slice() {
        [] => text("no-profiles"),
        known => text("no-profile").with("known", known.join(", ")),
    };
    Error::usage(message.with("name", name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<File, Error> {
        File::parse(Path::new("wecom.toml"), text)
    }

    #[test]
    fn a_profile_takes_missing_values_from_the_top() {
        let file = parse("token = \"t\"\nreceive_id = \"a\"\n[profiles.b]\nreceive_id = \"\"").ok();
        let (base, profiles) = file.unwrap().split();
        assert_eq!(base.receive_id.as_deref(), Some("a"));
        let profile = profiles.get("b").unwrap();
        assert_eq!(profile.token.as_deref(), Some("t"));
        assert_eq!(profile.receive_id.as_deref(), Some(""));
    }

    #[test]
    fn an_error_in_the_file_names_its_line_and_quotes_no_secret() {
        let rows = [
            ("\ntoken = s3cret\n", "line 2"),
            ("receive_id = \"a\"\ntoken = 1234567\n", "line 2"),
            ("tokne = \"s3cret\"\n", "unknown field `tokne`"),
            ("token = \"s3cret\"\ntoken = \"s3cret\"\n", "line 2"),
        ];
        for (text, expected) in rows {
            let Err(Error::Usage(shown)) = parse(text) else {
                panic!("{text} is accepted")
            };
            let shown = String::from(shown);
            assert!(shown.contains(expected), "{shown}");
            assert!(
                !shown.contains("s3cret") && !shown.contains("1234567"),
                "{shown}"
            );
        }
    }
}
