//! Where the credentials come from: flags over environment over file.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use crate::credentials::{Credentials, RawCredentials};
use crate::exit::Error;
use crate::http::Target;
use crate::output::Output;

const FILE: &str = "wecom.toml";

/// What a command that needs credentials takes.
#[derive(Args)]
#[command(next_help_heading = "Credentials (flags over environment over file)")]
pub(crate) struct ConfigArgs {
    /// Token of the URL's page in the console. A flag shows in `ps`: better in the environment or the file
    #[arg(long, env = "WECOM_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// EncodingAESKey of the same page, 43 characters
    #[arg(long, env = "WECOM_ENCODING_AES_KEY", hide_env_values = true)]
    encoding_aes_key: Option<String>,
    /// For whom callbacks are: a corp id as a rule; empty for AI bots; `*` for anybody
    #[arg(long, env = "WECOM_RECEIVE_ID", hide_env_values = true)]
    receive_id: Option<String>,
    /// For whom URL checks are, if they differ: for suites it is the provider's corp id
    #[arg(long, env = "WECOM_URL_CHECK_RECEIVE_ID", hide_env_values = true)]
    url_check_receive_id: Option<String>,
    /// TOML file with `token`, `encoding_aes_key`, `receive_id` [default: ./wecom.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Take `[profiles.NAME]` of the file; what it leaves out is that of the file's top
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

/// The credentials to use, not yet looked at, and all others that the file has.
pub(crate) struct Settings {
    pub(crate) raw: RawCredentials,
    /// Other profiles, by name: one of them may be the right one.
    pub(crate) others: Vec<(String, RawCredentials)>,
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
    /// Puts flags, environment and file together.
    pub(crate) fn settings(&self) -> Result<Settings, Error> {
        let (base, profiles) = match self.file()? {
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
            .map(|(name, raw)| (format!("profile `{name}`"), raw.clone()))
            .collect();
        if self.profile.is_some() {
            others.push(("the top of the file".to_owned(), base));
        }
        let raw = self.flags().or(chosen);
        let is_demo = raw.is_empty();
        if !is_demo {
            others.push(("WeCom's documentation".to_owned(), RawCredentials::demo()));
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

    fn file(&self) -> Result<Option<File>, Error> {
        let path = self.config.as_deref().unwrap_or(Path::new(FILE));
        match fs::read_to_string(path) {
            Ok(text) => File::parse(path, &text).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound && self.config.is_none() => {
                if self.profile.is_some() {
                    return Err(Error::usage(format!(
                        "--profile needs a file: there is no ./{FILE}, and no --config"
                    )));
                }
                Ok(None)
            }
            Err(error) => Err(Error::unreachable(format!(
                "cannot read {}: {error}",
                path.display()
            ))),
        }
    }
}

impl Settings {
    /// The credentials, for a command that sends nothing.
    pub(crate) fn credentials(&self, output: &Output) -> Result<Credentials, Error> {
        self.say_demo(output);
        self.raw.parse().map_err(Error::usage)
    }

    /// The credentials, for requests to this target. Those that everybody knows are for loopback alone.
    pub(crate) fn credentials_for(
        &self,
        target: &Target,
        output: &Output,
    ) -> Result<Credentials, Error> {
        self.allow(target)?;
        let credentials = self.credentials(output)?;
        if !credentials.has_receive_id() {
            return Err(Error::usage(
                "for whom is it? --receive-id or WECOM_RECEIVE_ID: a corp id as a rule, `\"\"` for an AI bot",
            ));
        }
        Ok(credentials)
    }

    /// Refuses to send what was signed with the documentation's credentials to another machine.
    pub(crate) fn allow(&self, target: &Target) -> Result<(), Error> {
        if self.is_demo && !target.is_loopback() {
            return Err(Error::usage(
                "no credentials: --token, --encoding-aes-key and --receive-id, or WECOM_TOKEN, \
                 WECOM_ENCODING_AES_KEY and WECOM_RECEIVE_ID, or ./wecom.toml. \
                 Those of WeCom's documentation are for loopback alone",
            ));
        }
        Ok(())
    }

    pub(crate) fn say_demo(&self, output: &Output) {
        if self.is_demo {
            output.note(
                "no credentials given: these are those of WeCom's documentation, which `cargo run --example axum` has too",
            );
        }
    }
}

impl File {
    /// Errors of the parser quote the line, which may hold a secret: only its number is told.
    fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count().saturating_add(1));
            let what = match error.message() {
                message if message.starts_with("unknown field") => message,
                _ => "not as expected: `token = \"…\"` and so on, texts in quotes",
            };
            Error::usage(format!("{}, line {line}: {what}", path.display()))
        })
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

fn no_profile(name: &str, known: &BTreeMap<String, RawCredentials>) -> Error {
    let known: Vec<_> = known.keys().map(String::as_str).collect();
    Error::usage(match known.as_slice() {
        [] => format!("there is no [profiles.{name}] in the file, nor any other"),
        known => format!(
            "there is no [profiles.{name}] in the file; it has {}",
            known.join(", ")
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<File, Error> {
        File::parse(Path::new("wecom.toml"), text)
    }

    #[test]
    fn a_profile_takes_the_rest_from_the_top() {
        let file = parse("token = \"t\"\nreceive_id = \"a\"\n[profiles.b]\nreceive_id = \"\"").ok();
        let (base, profiles) = file.unwrap().split();
        assert_eq!(base.receive_id.as_deref(), Some("a"));
        let profile = profiles.get("b").unwrap();
        assert_eq!(profile.token.as_deref(), Some("t"));
        assert_eq!(profile.receive_id.as_deref(), Some(""));
    }

    #[test]
    fn a_mistake_in_the_file_names_its_line_and_quotes_no_secret() {
        let rows = [
            ("\ntoken = s3cret\n", "line 2"),
            ("receive_id = \"a\"\ntoken = 1234567\n", "line 2"),
            ("tokne = \"s3cret\"\n", "unknown field `tokne`"),
            ("token = \"s3cret\"\ntoken = \"s3cret\"\n", "line 2"),
        ];
        for (text, expected) in rows {
            let Err(Error::Usage(told)) = parse(text) else {
                panic!("{text} is taken")
            };
            assert!(told.contains(expected), "{told}");
            assert!(
                !told.contains("s3cret") && !told.contains("1234567"),
                "{told}"
            );
        }
    }
}
