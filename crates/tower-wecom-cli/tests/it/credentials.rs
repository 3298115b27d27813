use tower_wecom::ReceiveId;

use crate::support::{
    App, ID, KEY, OTHER_ID, OTHER_KEY, OTHER_TOKEN, Wecom, config, config_of, profiles, wecom,
};

#[test]
fn flags_override_the_environment_and_the_environment_overrides_the_file() {
    let app = App::tower_wecom(config_of(
        OTHER_TOKEN,
        OTHER_KEY,
        ReceiveId::exact(OTHER_ID),
    ));
    let check = ["verify-url", "--to", &app.url];
    let file = |token: &str| {
        format!(
            "token = \"{token}\"\nencoding_aes_key = \"{OTHER_KEY}\"\nreceive_id = \"{OTHER_ID}\"\n"
        )
    };

    let by_file = Wecom::new().file("wecom.toml", file(OTHER_TOKEN));
    assert_eq!(by_file.run(&check).code, 0);
    let by_environment = Wecom::new()
        .file("wecom.toml", file("wrong"))
        .env("WECOM_TOKEN", OTHER_TOKEN);
    assert_eq!(by_environment.run(&check).code, 0);
    let by_flag = Wecom::new()
        .file("wecom.toml", file("wrong"))
        .env("WECOM_TOKEN", "wrong");
    assert_eq!(by_flag.run(&check).code, 1);
    let ran = by_flag.run(&[&check[..], &["--token", OTHER_TOKEN]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_profile_of_the_file_is_chosen_by_name() {
    let app = App::tower_wecom(config_of(
        OTHER_TOKEN,
        OTHER_KEY,
        ReceiveId::exact(OTHER_ID),
    ));
    let wecom = Wecom::new().file("my.toml", profiles());
    let check = ["verify-url", "--to", &app.url, "--config", "my.toml"];
    assert_eq!(wecom.run(&check).code, 1);
    let ran = wecom.run(&[&check[..], &["--profile", "other"]].concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let ran = wecom.run(&[&check[..], &["--profile", "none"]].concat());
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("It has: other"), "{}", ran.err);
}

#[test]
fn without_credentials_the_documented_ones_are_used_for_loopback_only_with_a_note() {
    let app = App::tower_wecom(config());
    let ran = wecom(&["verify-url", "--to", &app.url]);
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains("WeCom's documentation"), "{}", ran.err);

    for command in [
        &["verify-url", "--to"][..],
        &["doctor", "--to"],
        &["trigger", "message/text", "--to"],
        &["replay", ".", "--to"],
        &["seal", "--echo", "1", "--to"],
    ] {
        let ran = wecom(&[command, &["http://192.0.2.1/wecom"]].concat());
        assert_eq!(ran.code, 2, "{command:?}: {ran:?}");
        assert!(ran.err.contains("no credentials"), "{}", ran.err);
    }
}

#[test]
fn no_secret_is_ever_printed() {
    let (token, key) = ("s3cretToken", "s3cretKey0s3cretKey0s3cretKey0s3cretKey0abc");
    let app = App::tower_wecom(config());
    let wecom = Wecom::new()
        .env("WECOM_TOKEN", token)
        .env("WECOM_ENCODING_AES_KEY", key)
        .env("WECOM_RECEIVE_ID", "s3cretId")
        .file("request.txt", "/?msg_signature=a&timestamp=1&nonce=2");
    let commands = [
        &["--help"][..],
        &["doctor", "--help"],
        &["trigger", "--help"],
        &["doctor", "--to", &app.url],
        &["verify-url", "--to", &app.url],
        &["trigger", "message/text", "--to", &app.url],
        &["doctor", "--request", "request.txt"],
        &["seal", "--echo", "1"],
        &["doctor", "--to", "http://127.0.0.1:1/"],
    ];
    for command in commands {
        let ran = wecom.run(command);
        let shown = format!("{}{}", ran.out, ran.err);
        assert!(
            !shown.contains("s3cretT") && !shown.contains("s3cretK"),
            "{command:?}: {shown}"
        );
    }
}

#[test]
fn malformed_credentials_have_an_error() {
    let app = App::tower_wecom(config());
    let short = &KEY[1..];
    let ran = wecom(&[
        "verify-url",
        "--to",
        &app.url,
        "--token",
        "t",
        "--encoding-aes-key",
        short,
        "--receive-id",
        ID,
    ]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err
            .contains("EncodingAESKey has 42 characters, WeCom's has 43"),
        "{}",
        ran.err
    );
    let ran = wecom(&[
        "verify-url",
        "--to",
        &app.url,
        "--token",
        "t",
        "--encoding-aes-key",
        KEY,
    ]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--receive-id"), "{}", ran.err);
    let ran = wecom(&["verify-url", "--to", &app.url, "--token", "t"]);
    assert!(
        ran.err.contains("there is no EncodingAESKey"),
        "{}",
        ran.err
    );
}

#[test]
fn an_empty_receive_id_is_valid() {
    let app = App::tower_wecom(config_of("t", KEY, ReceiveId::empty()));
    let wecom = Wecom::new()
        .env("WECOM_TOKEN", "t")
        .env("WECOM_ENCODING_AES_KEY", KEY)
        .env("WECOM_RECEIVE_ID", "");
    assert_eq!(wecom.run(&["verify-url", "--to", &app.url]).code, 0);
}

#[test]
fn a_key_with_a_blank_or_quotes_is_not_a_matter_of_its_length() {
    for (key, text) in [
        (format!("{KEY} "), "at position 43: remove it"),
        (format!("{KEY}\n"), "at position 43: remove it"),
        (
            format!("\"{KEY}\""),
            "quote at position 0: remove the quotes",
        ),
        (format!("'{KEY}'"), "quote at position 0: remove the quotes"),
    ] {
        let ran = Wecom::new()
            .env("WECOM_ENCODING_AES_KEY", &key)
            .env("WECOM_TOKEN", "a")
            .env("WECOM_RECEIVE_ID", "b")
            .run(&["seal", "--echo", "1"]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(text), "{ran:?}");
        assert!(!ran.err.contains("remove the ="), "{ran:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_with_secrets_that_everybody_may_read_gets_a_warning() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let app = App::tower_wecom(config());
    let wecom = Wecom::new()
        .file("wecom.toml", profiles())
        .file(
            "open.toml",
            "receive_id = \"a\"\n[profiles.a]\ntoken = \"b\"\n",
        )
        .file("public.toml", format!("receive_id = \"{ID}\"\n"));
    let run = |name: &str, mode| {
        let path = wecom.folder().join(name);
        set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        wecom
            .run(&["verify-url", "--to", &app.url, "--config", name])
            .err
    };
    let warning = "every user of this machine can read";
    assert!(run("wecom.toml", 0o644).contains(warning));
    assert!(run("wecom.toml", 0o644).contains("chmod 600"));
    assert!(run("open.toml", 0o604).contains(warning));
    for mode in [0o600, 0o640, 0o400] {
        assert!(!run("wecom.toml", mode).contains(warning), "{mode:o}");
    }
    assert!(!run("public.toml", 0o644).contains(warning));
}
