//! Chinese and English: what is printed differs, and what scripts read does not.

use axum::Router;
use axum::routing::any;
use http::StatusCode;

use crate::support::{App, Ran, Wecom, config, profiles, strict, wecom};

const IN_CHINESE: [(&str, &str); 3] = [
    ("LC_ALL", "zh_CN.UTF-8"),
    ("LC_MESSAGES", "zh_CN"),
    ("LANG", "zh_CN.UTF-8"),
];

fn is_chinese(text: &str) -> bool {
    text.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// A request that is signed with the Token of WeCom's documentation.
fn captured() -> String {
    wecom(&["seal", "--echo", "123456", "--as", "http"]).out
}

#[test]
fn the_environment_or_the_option_chooses_the_language() {
    let of = |variables: &[(&str, &str)], args: &[&str]| {
        let mut wecom = Wecom::new();
        for (name, value) in variables {
            wecom = wecom.env(name, value);
        }
        let out = wecom.run(args).out;
        out.contains("用法：") || out.contains("个样例")
    };
    let samples = ["samples", "change_contact/create_user"];
    assert!(!of(&[("LANG", "C.UTF-8")], &["--help"]));
    for variable in IN_CHINESE {
        assert!(of(&[variable], &["--help"]), "{variable:?}");
        assert!(of(&[variable], &samples), "{variable:?}");
        assert!(!of(&[variable], &["--help", "--lang", "en"]));
    }
    assert!(!of(
        &[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")],
        &["--help"]
    ));
    assert!(of(
        &[("LC_ALL", "en_US.UTF-8")],
        &["--lang=zh", "doctor", "-h"]
    ));
    assert_eq!(wecom(&["samples", "--lang", "fr"]).code, 2);
}

#[test]
fn doctor_finds_the_same_in_both_languages() {
    let html = Router::new().route("/wecom", any(async || (StatusCode::FORBIDDEN, "<html>")));
    let apps = [
        App::tower_wecom(config()),
        App::start(strict()),
        App::start(html),
        App::start(Router::new()),
    ];
    for app in apps {
        let run = |lang: &str| wecom(&["doctor", "--lang", lang, "--to", &app.url]);
        let (english, chinese) = (run("en"), run("zh"));
        assert_eq!(english.code, chinese.code, "{chinese:?}");
        let levels = |ran: &Ran, words: [&str; 4]| {
            let lines = ran.out.lines();
            let levels = lines.map(|line| words.iter().position(|word| line.starts_with(word)));
            levels.collect::<Vec<_>>()
        };
        assert_eq!(
            levels(&english, ["ok  ", "note", "warn", "FAIL"]),
            levels(&chinese, ["通过", "提示", "警告", "失败"]),
            "{english:?} {chinese:?}"
        );
        for line in chinese.out.lines() {
            assert!(is_chinese(line), "{line}");
        }
        assert!(!is_chinese(&english.out), "{english:?}");
        assert!(chinese.err.starts_with("提示："), "{chinese:?}");
    }
}

#[test]
fn json_and_exit_codes_are_the_same_in_both_languages() {
    let request = captured();
    let rows: [&[&str]; 7] = [
        &["doctor", "--json", "--request", "request", "--token", "a"],
        &[
            "doctor",
            "--json",
            "--request",
            "request",
            "--encoding-aes-key",
            "short",
        ],
        &["open", "--json", "request", "--token", "a"],
        &["explain", "--json", "request"],
        &["samples", "--json", "create_user"],
        &[
            "trigger",
            "--json",
            "message/txt",
            "--to",
            "http://127.0.0.1:9/",
        ],
        &["verify-url", "--json", "--to", "http://127.0.0.1:9/"],
    ];
    for args in rows {
        let wecom = Wecom::new().file("request", &request);
        let mut both = ["en", "zh"].map(|lang| {
            let ran = wecom.run(&[args, &["--lang", lang]].concat());
            (ran.code, ran.out, ran.err)
        });
        for (_, out, _) in &mut both {
            // The age of the request.
            *out = out.replace(|c: char| c.is_ascii_digit(), "");
        }
        assert_eq!(both[0], both[1], "{args:?}");
        assert!(!both[1].2.contains("错误"), "{args:?}");
    }
}

#[test]
fn a_captured_request_is_explained_in_both_languages() {
    let rows: [(&[&str], &str, &str); 4] = [
        (
            &["doctor", "--request", "request", "--token", "another"],
            "FAIL  wrong Token: the request is signed with the Token of WeCom's documentation",
            "失败  Token 不对：请求是用企业微信官方文档的 Token 签名的",
        ),
        (
            &["doctor", "--request", "request", "--encoding-aes-key", "a"],
            "FAIL  EncodingAESKey has 1 characters, WeCom's has 43: is this the Token?",
            "失败  EncodingAESKey 有 1 个字符，企业微信的是 43 个：这是不是 Token？",
        ),
        (
            &["doctor", "--request", "request", "--receive-id", "ww2"],
            "the receive id is wx5823bf96d3bd56c7. You expect ww2",
            "ReceiveId 是 wx5823bf96d3bd56c7，而你配置的是 ww2",
        ),
        (
            &["explain", "request"],
            "it is still encrypted: `wecom open` decrypts a captured request",
            "它还是加密的：`wecom open` 可以解密截获的请求",
        ),
    ];
    for (args, english, chinese) in rows {
        // The values that are not given come from the file.
        let file = profiles();
        let file = file.split("[profiles").next().unwrap();
        let wecom = Wecom::new()
            .file("wecom.toml", file)
            .file("request", captured());
        for (lang, expected) in [("en", english), ("zh", chinese)] {
            let ran = wecom.run(&[args, &["--lang", lang]].concat());
            assert_eq!(ran.code, 1, "{ran:?}");
            assert!(ran.out.contains(expected), "{expected}: {ran:?}");
        }
    }
}

#[test]
fn samples_and_trigger_find_by_the_chinese_name() {
    let app = App::tower_wecom(config());
    let found = wecom(&["samples", "新增成员"]);
    assert_eq!(found.code, 0);
    assert!(
        found.out.contains("change_contact/create_user  self-built"),
        "{found:?}"
    );

    let trigger = |name: &str, flavour: &[&str]| {
        wecom(&[&["trigger", "--json", name, "--to", &app.url], flavour].concat())
    };
    let sent = trigger("新增成员事件", &[]);
    assert_eq!(
        sent.json()["sample"],
        "change_contact_create_user",
        "{sent:?}"
    );
    let sent = trigger("新增成员事件", &["--flavour", "third-party"]);
    assert_eq!(sent.json()["flavour"], "third-party", "{sent:?}");
    // An app and a bot have kinds of this name.
    let sent = trigger("文本消息", &["--flavour", "self-built"]);
    assert_eq!(sent.json()["kind"], "message/text", "{sent:?}");
    let several = trigger("文本消息", &[]);
    assert_eq!(several.code, 2);
    assert!(
        several.err.contains("message/text, bot/text"),
        "{several:?}"
    );
}

#[test]
fn an_unknown_chinese_name_gets_near_ones() {
    for name in ["新增成员", "新加成员事件", "成员新增"] {
        let ran = wecom(&["trigger", name, "--to", "http://127.0.0.1:9/"]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(
            ran.err
                .contains("change_contact/create_user (新增成员事件)"),
            "{ran:?}"
        );
    }
    // Apps and suites get the callback, and its name is there once.
    let ran = wecom(&["trigger", "新增成员", "--to", "http://127.0.0.1:9/"]);
    assert_eq!(ran.err.matches("create_user").count(), 1, "{ran:?}");
    let ran = wecom(&["samples", "新加成员"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("新增成员事件"), "{ran:?}");
}

/// The cells of a table begin at the same column, and a Chinese character is two columns wide.
#[test]
fn the_columns_of_samples_are_aligned() {
    use unicode_width::UnicodeWidthStr;

    let listed = wecom(&["samples", "change_contact"]);
    let titles = ["member created", "department created", "member deleted"];
    let starts = titles.map(|title| {
        let line = listed
            .out
            .lines()
            .find(|line| line.ends_with(title))
            .unwrap();
        line.strip_suffix(title).unwrap().width()
    });
    assert_eq!(starts, [starts[0]; 3], "{}", listed.out);
}

#[test]
fn the_help_in_chinese_has_the_same_commands_and_options() {
    for command in ["samples", "trigger", "doctor", "record", "aibot"] {
        let words = |lang: &str| {
            let help = wecom(&[command, "--help", "--lang", lang]).out;
            let mut words: Vec<_> = help
                .lines()
                .filter(|line| line.trim_start().starts_with('-'))
                .filter_map(|line| line.split_whitespace().find(|word| word.starts_with("--")))
                .map(|word| word.trim_end_matches(',').to_owned())
                .collect();
            words.sort();
            words.dedup();
            (words, help)
        };
        let ((english, _), (chinese, help)) = (words("en"), words("zh"));
        assert_eq!(english, chinese, "{command}");
        for heading in [
            "Usage:",
            "Options:",
            "Arguments:",
            "Commands:",
            "Examples",
            "[default",
            "[env",
        ] {
            assert!(!help.contains(heading), "{heading} in {help}");
        }
    }
}
