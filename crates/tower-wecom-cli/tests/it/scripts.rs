//! The behaviour that scripts and shells rely on.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use crate::support::{App, Wecom, config, wecom};

const COMMANDS: [&str; 12] = [
    "samples",
    "trigger",
    "verify-url",
    "doctor",
    "open",
    "explain",
    "seal",
    "conform",
    "keygen",
    "record",
    "replay",
    "completions",
];

#[test]
fn every_help_has_an_example_and_the_main_help_has_the_exit_codes() {
    let ran = wecom(&["--help"]);
    assert_eq!(ran.code, 0);
    for text in ["Exit codes", "  3  ", "Example"].iter().chain(&COMMANDS) {
        assert!(ran.out.contains(text), "{text}: {}", ran.out);
    }
    for command in COMMANDS {
        let ran = wecom(&[command, "--help"]);
        assert_eq!(ran.code, 0);
        let example = ran.out.split("Example").nth(1).expect(command);
        assert!(example.contains("wecom "), "{command}: {}", ran.out);
    }
}

#[test]
fn the_readme_has_every_command_and_every_code() {
    let root = env!("CARGO_MANIFEST_DIR");
    let readme = std::fs::read_to_string(format!("{root}/README.md")).unwrap();
    for command in COMMANDS {
        assert!(readme.contains(&format!("wecom {command}")), "{command}");
    }
    let mut source = String::new();
    for folder in ["src/commands", "src/diagnosis", "src/http"] {
        append_files(Path::new(root).join(folder).as_path(), &mut source);
    }
    let mut count = 0;
    for made in ["Finding::failure(", "Finding::warning("] {
        for rest in source.split(made).skip(1) {
            let literal = rest
                .trim_start()
                .strip_prefix('"')
                .and_then(|rest| rest.split('"').next());
            let Some(code) = literal else { continue };
            assert!(
                readme.contains(&format!("`{code}`")),
                "{code} is not in the README"
            );
            count += 1;
        }
    }
    assert!(count > 30, "{count} codes were found");
    let table = readme
        .split("| code |")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let codes = table
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2));
    for code in codes {
        assert!(
            source.contains(&format!("\"{code}\"")),
            "{code} is only in the README"
        );
    }
}

fn append_files(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            append_files(&path, text);
        } else {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn an_invalid_command_line_is_exit_code_2() {
    for args in [
        &["nonsense"][..],
        &[],
        &["trigger", "message/text"],
        &["trigger", "message/text", "--to", "ftp://127.0.0.1/"],
        &[
            "trigger",
            "message/text",
            "--to",
            "http://127.0.0.1/",
            "--set",
            "UserID",
        ],
        &[
            "trigger",
            "message/text",
            "--to",
            "http://127.0.0.1/",
            "--flavour",
            "other",
        ],
        &["doctor"],
        &["seal"],
        &["completions", "cmd"],
    ] {
        assert_eq!(wecom(args).code, 2, "{args:?}");
    }
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = wecom(&["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("verify-url"), "{shell}");
    }
    let script = wecom(&["completions", "bash"]).out;
    let checked = std::process::Command::new("bash")
        .args(["-n", "-c", &script])
        .status();
    assert!(checked.unwrap().success());
}

#[test]
fn a_pipe_that_is_closed_early_does_not_panic() {
    for args in [
        &["samples"][..],
        &["samples", "--json"],
        &["completions", "zsh"],
        &["conform", "--help"],
    ] {
        let wecom = Wecom::new();
        let mut child = wecom
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        let status = child.wait().unwrap();
        assert_eq!((status.code(), stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn colours_are_for_terminals_or_on_request() {
    let app = App::tower_wecom(config());
    let check = ["verify-url", "--to", &app.url];
    assert!(!wecom(&check).out.contains('\u{1b}'));
    let forced = Wecom::new().env("CLICOLOR_FORCE", "1");
    assert!(forced.run(&check).out.contains('\u{1b}'));
    let refused = Wecom::new().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    let shown = refused.run(&check).out;
    assert!(
        !shown.contains('\u{1b}') || std::env::var_os("CLICOLOR_FORCE").is_some(),
        "{shown}"
    );
}

#[test]
fn the_binary_accepts_the_keys_it_makes() {
    let toml = wecom(&["keygen"]).out;
    assert_ne!(toml, wecom(&["keygen"]).out);
    let wecom_with_it = Wecom::new().file("wecom.toml", format!("{toml}receive_id = \"a\"\n"));
    assert_eq!(wecom_with_it.run(&["seal", "--echo", "1"]).code, 0);

    let json = wecom(&["keygen", "--json"]).json();
    let [token, key] = ["token", "encoding_aes_key"].map(|name| json[name].as_str().unwrap());
    assert_eq!((token.len(), key.len()), (32, 43));
    assert!(
        token
            .chars()
            .chain(key.chars())
            .all(|c| c.is_ascii_alphanumeric())
    );
    let env = wecom(&["keygen", "--env"]).out;
    assert!(
        env.starts_with("WECOM_TOKEN=") && env.contains("\nWECOM_ENCODING_AES_KEY="),
        "{env}"
    );
}
