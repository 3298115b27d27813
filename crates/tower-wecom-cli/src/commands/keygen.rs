use clap::Args;
use serde_json::json;

use crate::exit::{Error, ExitStatus};
use crate::language::text;
use crate::output::Output;

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// The letters and digits of base64 whose last two bits are zero. As the last character they leave
/// no spare bits, which strict decoders reject.
const LAST: &[u8; 16] = b"AEIMQUYcgkosw048";
const TOKEN_CHARS: usize = 32;
const KEY_CHARS_BUT_ONE: usize = 42;

/// Make a Token and an EncodingAESKey that WeCom's console accepts
///
/// Both consist of letters and digits, chosen with the operating system's randomness. Strict base64
/// decoders accept the key too. Both are secrets: write them into a file that only you can read.
#[derive(Args)]
#[command(after_help = "Example:\n  (umask 077; wecom keygen > wecom.toml)")]
pub(crate) struct KeygenArgs {
    /// Write `WECOM_TOKEN=…` and `WECOM_ENCODING_AES_KEY=…` instead of TOML
    #[arg(long)]
    env: bool,
}

pub(crate) fn run(args: &KeygenArgs, output: &mut Output) -> Result<ExitStatus, Error> {
    let token = random(TOKEN_CHARS, ALPHABET)?;
    let mut key = random(KEY_CHARS_BUT_ONE, ALPHABET)?;
    key.push_str(&random(1, LAST)?);
    if output.is_json() {
        output.json(&json!({"token": token, "encoding_aes_key": key}))?;
    } else if args.env {
        output.line(format!("WECOM_TOKEN={token}\nWECOM_ENCODING_AES_KEY={key}"))?;
    } else {
        output.line(format!("token = \"{token}\"\nencoding_aes_key = \"{key}\""))?;
    }
    Ok(ExitStatus::Success)
}

/// Random characters, each equally likely.
fn random(count: usize, alphabet: &[u8]) -> Result<String, Error> {
    let mut made = String::with_capacity(count);
    while made.len() < count {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::unreachable(text("no-random").with("error", error)))?;
        // Six bits of each byte. Indices outside of the alphabet are dropped, so no character is
        // more likely than another.
        let indices = bytes.iter().map(|byte| usize::from(byte & 0x3f));
        let chars = indices.filter_map(|index| alphabet.get(index).copied().map(char::from));
        made.extend(chars.take(count.saturating_sub(made.len())));
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use tower_wecom::{EncodingAesKey, Token};

    use super::*;

    #[test]
    fn the_text_has_every_character_of_the_alphabet_and_no_other() {
        let text = random(20_000, ALPHABET).unwrap();
        assert_eq!(text.len(), 20_000);
        assert!(ALPHABET.iter().all(|c| text.contains(char::from(*c))));
        assert!(text.bytes().all(|c| ALPHABET.contains(&c)));
    }

    #[test]
    fn token_and_key_are_valid() {
        let key = format!(
            "{}{}",
            random(42, ALPHABET).unwrap(),
            random(1, LAST).unwrap()
        );
        assert!(key.parse::<EncodingAesKey>().is_ok());
        assert!(
            random(TOKEN_CHARS, ALPHABET)
                .unwrap()
                .parse::<Token>()
                .is_ok()
        );
    }
}
