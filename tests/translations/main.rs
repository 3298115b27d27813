//! The Chinese pages have what the English pages have.
//!
//! `docs/zh/NAME.md` belongs to `docs/NAME.md`, in folders too, and `README.zh-CN.md` to the
//! `README.md` beside it. A test cannot compare the prose of two languages. It compares the rest,
//! from heading to heading: `compare.rs` has the list. So a change of one page alone is seen if it
//! is about code, options, links, figures or the outline. CONTRIBUTING.md has the form of the pages.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may"
)]

mod code;
mod compare;
mod emphasis;
mod links;
mod page;
mod slug;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use compare::differences;
use emphasis::without_effect;
use links::{Site, broken};
use page::Page;

/// The pages below `docs/` that have no Chinese page, and why.
const ENGLISH_ONLY: &[(&str, &str)] = &[
    ("docs/events.md", "made by a test: a table of names"),
    (
        "docs/proof.md",
        "made by scripts/proof: commands and results",
    ),
    ("docs/style.md", "about English"),
];

#[test]
fn each_english_page_has_a_chinese_page_or_a_reason_to_have_none() {
    let site = Site::read(Path::new("."));
    let mut found = Vec::new();
    for path in site.pages().filter(|path| Site::english(path).is_none()) {
        let chinese = Site::chinese(path);
        let is_listed = ENGLISH_ONLY.iter().any(|(listed, _)| *listed == path);
        match (site.has(&chinese), is_listed) {
            (false, false) => found.push(format!(
                "{path} has no Chinese page. Write {chinese}, or add the page to ENGLISH_ONLY with \
                 the reason."
            )),
            (true, true) => found.push(format!(
                "{path} has a Chinese page, {chinese}. Remove it from ENGLISH_ONLY."
            )),
            _ => {}
        }
    }
    for (path, _) in ENGLISH_ONLY.iter().filter(|(path, _)| !site.has(path)) {
        found.push(format!(
            "{path} does not exist. Remove it from ENGLISH_ONLY."
        ));
    }
    for path in site.pages() {
        if let Some(english) = Site::english(path).filter(|english| !site.has(english)) {
            found.push(format!(
                "{path} has no English page: {english} does not exist."
            ));
        }
    }
    assert_none(&found);
}

#[test]
fn each_chinese_page_has_what_its_english_page_has() {
    let site = Site::read(Path::new("."));
    let mut found = Vec::new();
    for path in site.pages() {
        if let Some(english) = Site::english(path).and_then(|path| site.page(&path)) {
            found.extend(differences(&site, english, site.page(path).unwrap()));
        }
    }
    assert_none(&found);
}

#[test]
fn each_link_leads_to_a_file_and_to_a_heading_that_it_has() {
    let site = Site::read(Path::new("."));
    assert_none(
        &site
            .pages()
            .flat_map(|path| broken(&site, path))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn each_emphasis_in_chinese_has_an_effect() {
    let site = Site::read(Path::new("."));
    let mut found = Vec::new();
    for path in site.pages().filter(|path| Site::english(path).is_some()) {
        for section in &site.page(path).unwrap().sections {
            let places = without_effect(&section.prose).into_iter();
            let heading = &section.heading;
            found.extend(places.map(|place| {
                format!("{path}, `{heading}`: in `{place}` the `*` has no effect. Move it past the punctuation.")
            }));
        }
    }
    assert_none(&found);
}

#[test]
fn each_page_with_code_in_rust_is_compiled() {
    let modules = ["src/readme.rs", "src/lib.rs"];
    let site = Site::read(Path::new("."));
    let mut found = Vec::new();
    for path in site.pages() {
        let is_compiled = |fence: &str| fence.starts_with("rust") && !fence.contains("ignore");
        if !site.page(path).unwrap().fences().any(is_compiled) {
            continue;
        }
        let (folder, name) = match path.split_once("/README") {
            Some((folder, name)) if folder.starts_with("crates/") => {
                (format!("{folder}/"), format!("../README{name}"))
            }
            // They need packages that depend on this crate.
            _ if path.contains("/guides/") => {
                ("examples/guides/".to_owned(), format!("../../../{path}"))
            }
            _ => (String::new(), format!("../{path}")),
        };
        let texts = modules.map(|module| fs::read_to_string(format!("{folder}{module}")));
        let include = format!("include_str!(\"{name}\")");
        if !texts.iter().flatten().any(|text| text.contains(&include)) {
            found.push(format!(
                "{path} has code that is not compiled. Add it to {folder}src/readme.rs."
            ));
        }
    }
    assert_none(&found);
}

/// A pair that agrees. The tests below change one of the two.
const ENGLISH: &str = r#"# Pages

English | [中文](zh/page.md)

It has [a list](#a-list) and [a site][site] of 1,000 pages, in `page.rs`.

## A list

- `first`: 4.6 µs
- [second](other.md#start)

```rust,no_run
// A comment.
fn name() -> &'static str { "a name" }
```

## `Code` and a trace

| a | b |
|---|---|
| 1 | 2 |

```text
a request was rejected reason=nothing
```

```sh
cargo run # starts it
```

```console
$ wecom doctor
ok    the server answers
```

[site]: https://example.com/
"#;
const CHINESE: &str = r#"# 页面

[English](../page.md) | 中文

包含[列表](#a-list)，以及一个有 1,000 页的[站点](https://example.com/)，见 `page.rs`。

## <a id="a-list"></a>列表

- `first`：4.6 µs
- [第二项](other.md#start)

```rust,no_run
// 一条
// 注释。
fn name() -> &'static str { "名称" }
```

## <a id="code-and-a-trace"></a>`Code` 与日志

| 甲 | 乙 |
|---|---|
| 1 | 2 |

```text
a request was rejected reason=nothing
```

```sh
cargo run # 启动
```

```console
$ wecom doctor
ok    服务器有应答
```
"#;
const OTHER: &str = "# Other\n\n## Start\n";
const OTHER_IN_CHINESE: &str = "# 另一页\n\n## <a id=\"start\"></a>开始\n";

fn compared(english: &str, chinese: &str) -> Vec<String> {
    let site = Site::of([
        Page::read("docs/page.md", english),
        Page::read("docs/zh/page.md", chinese),
        Page::read("docs/other.md", OTHER),
        Page::read("docs/zh/other.md", OTHER_IN_CHINESE),
    ]);
    let page = |path| site.page(path).unwrap();
    differences(&site, page("docs/page.md"), page("docs/zh/page.md"))
}

#[test]
fn a_pair_in_which_only_the_language_differs_agrees() {
    assert_none(&compared(ENGLISH, CHINESE));
}

#[test]
fn a_change_of_one_page_alone_is_found() {
    // What one page has, what it gets instead, and the heading and the difference in the message.
    let changes = [
        ("## A list", "## The list", "列表", "the-list"),
        ("## A list", "### A list", "列表", "`### A list`"),
        (
            "## A list\n",
            "## New\n\n## A list\n",
            "列表",
            "<a id=\"new\">",
        ),
        (
            "## <a id=\"a-list\"></a>列表",
            "## 列表",
            "列表",
            "<a id=\"a-list\">",
        ),
        ("\n## `Code` and a trace", "\n", "与日志", "no such heading"),
        ("fn name()", "fn title()", "列表", "fn title()"),
        ("\"名称\"", "\"another name\"", "列表", "another name"),
        ("rust,no_run", "rust", "列表", "```rust"),
        ("reason=nothing", "reason=none", "与日志", "reason=none"),
        ("rejected reason=", "拒绝 reason=", "与日志", "拒绝"),
        ("cargo run", "cargo test", "与日志", "cargo test"),
        ("wecom doctor", "wecom verify-url", "与日志", "verify-url"),
        ("`first`", "`one`", "列表", "`one`"),
        ("4.6 µs", "4.5 µs", "列表", "4.5"),
        ("1,000", "100", "页面", "100"),
        ("| 1 | 2 |\n", "", "与日志", "rows"),
        ("- [", "[", "列表", "items"),
        ("other.md#start", "other.md", "列表", "docs/other.md"),
        (
            "https://example.com/",
            "https://example.com/new",
            "页面",
            "https://example.com/new",
        ),
        (
            "(other.md#start)",
            "(../other.md#start)",
            "列表",
            "docs/zh/other.md",
        ),
        (
            "English | [中文](zh/page.md)",
            "[中文](zh/page.md)",
            "页面",
            "third line",
        ),
        (
            "[English](../page.md) | 中文",
            "[English](../page.md)",
            "页面",
            "third line",
        ),
    ];
    for (old, new, heading, difference) in changes {
        let english = compared(&ENGLISH.replacen(old, new, 1), CHINESE).concat();
        let chinese = compared(ENGLISH, &CHINESE.replacen(old, new, 1)).concat();
        let is_found = [(ENGLISH, &english), (CHINESE, &chinese)]
            .into_iter()
            .all(|(page, message)| message.is_empty() != page.contains(old));
        assert!(is_found, "{old:?} as {new:?}: {english:?}, {chinese:?}");
        let message = if chinese.is_empty() { english } else { chinese };
        for part in ["docs/zh/page.md", heading, difference] {
            assert!(message.contains(part), "{old:?} as {new:?}: {message}");
        }
    }
}

#[test]
fn emphasis_without_an_effect_is_found() {
    for text in [
        "**一**，二",
        "一**二**三",
        "“**一**”二",
        "**一。** 二",
        "**`a`**",
        "`**`一",
        "- **一**二",
    ] {
        assert_eq!(without_effect(text), [""; 0], "{text}");
    }
    for text in ["**“一”**二", "一**（二）**", "**一。**二", "**`a`**二"] {
        assert_eq!(without_effect(text).len(), 1, "{text}");
    }
}

#[test]
fn a_link_without_a_target_is_found() {
    let found = |text: &str| {
        let site = Site::of([
            Page::read("docs/page.md", text),
            Page::read("docs/other.md", OTHER),
        ]);
        broken(&site, "docs/page.md").concat()
    };
    let page = |target: &str| format!("# Page\n\n[link]({target})\n");
    for target in [
        "other.md#start",
        "other.md",
        "#page",
        "../README.md",
        "https://a.b/#c",
    ] {
        assert_eq!(found(&page(target)), "", "{target}");
    }
    for target in ["other.md#end", "another.md", "#other", "../README"] {
        assert!(found(&page(target)).contains(target), "{target}");
    }
}

fn assert_none(found: &[String]) {
    let found: BTreeSet<_> = found.iter().map(String::as_str).collect();
    let found: Vec<_> = found.into_iter().collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}
