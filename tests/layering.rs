//! The floors of the crate as a test: each file of `src/` has a row that says what it may import, and rows point only to
//! rows above them. So nothing imports upwards or in a ring. CONTRIBUTING.md explains the floors.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::fs;
use std::path::{Path, PathBuf};

/// Bottom up. A folder's own name stands for what its `mod.rs` re-exports.
const ROWS: &[(&str, &[&str])] = &[
    // Floor 0: no http, no tower, no async.
    ("readme", &[]),
    ("trace", &[]),
    ("hook", &["trace"]),
    ("clock", &[]),
    ("query", &[]),
    ("crypto/error", &[]),
    ("crypto/key", &["crypto/error"]),
    ("crypto/signature", &["crypto/key"]),
    ("crypto/frame", &["crypto/error"]),
    (
        "crypto/cipher",
        &["crypto/error", "crypto/frame", "crypto/key"],
    ),
    (
        "crypto/media",
        &["crypto/cipher", "crypto/error", "crypto/frame"],
    ),
    ("crypto/resource", &["crypto/cipher", "crypto/error"]),
    (
        "crypto",
        &[
            "crypto/media",
            "crypto/resource",
            "crypto/error",
            "crypto/key",
            "crypto/signature",
            "crypto/frame",
            "crypto/cipher",
        ],
    ),
    ("payload/error", &[]),
    ("payload/element", &[]),
    ("payload/builder", &["payload/element", "payload/error"]),
    (
        "payload/xml",
        &["payload/builder", "payload/element", "payload/error"],
    ),
    ("payload/repair", &[]),
    (
        "payload/json",
        &[
            "payload/builder",
            "payload/element",
            "payload/error",
            "payload/repair",
        ],
    ),
    (
        "payload/read",
        &[
            "payload/element",
            "payload/error",
            "payload/xml",
            "payload/json",
        ],
    ),
    ("payload/secret", &[]),
    ("payload/misfits", &[]),
    ("payload/level", &["payload/element", "payload/misfits"]),
    (
        "payload/fields",
        &["payload/element", "payload/misfits", "payload/secret"],
    ),
    ("payload/record", &["payload/fields"]),
    ("payload/write", &[]),
    (
        "payload",
        &[
            "payload/error",
            "payload/element",
            "payload/read",
            "payload/fields",
            "payload/level",
            "payload/misfits",
            "payload/record",
            "payload/secret",
            "payload/write",
        ],
    ),
    // Floor 1: the model.
    ("event/kind", &[]),
    ("event/header", &[]),
    ("event/unknown", &["event/kind", "payload"]),
    ("event/family", &["event/kind", "event/unknown", "payload"]),
    (
        "event/words",
        &["event/family", "event/header", "event/kind", "payload"],
    ),
    (
        "event/batch_job",
        &["event/family", "event/kind", "payload"],
    ),
    ("event/app", &["event/family", "payload"]),
    ("event/approval", &["event/family", "payload"]),
    ("event/calendar", &["event/family", "payload"]),
    ("event/chain", &["event/family", "payload"]),
    ("event/chat_archive", &["event/family", "payload"]),
    ("event/contact", &["event/family", "payload"]),
    ("event/customer_acquisition", &["event/family", "payload"]),
    ("event/customer_service", &["event/family", "payload"]),
    ("event/device", &["event/family", "payload"]),
    ("event/email", &["event/family", "payload"]),
    ("event/external_chat", &["event/family", "payload"]),
    ("event/external_contact", &["event/family", "payload"]),
    ("event/external_tag", &["event/family", "payload"]),
    ("event/hardware", &["event/family", "payload"]),
    ("event/license", &["event/family", "payload"]),
    ("event/living", &["event/family", "payload"]),
    ("event/media", &["event/family", "payload"]),
    ("event/meeting", &["event/family", "payload"]),
    ("event/meeting_room", &["event/family", "payload"]),
    ("event/membership", &["event/family", "payload"]),
    ("event/menu", &["event/family", "payload"]),
    ("event/message", &["event/family", "payload"]),
    ("event/payment", &["event/family", "payload"]),
    ("event/school", &["event/family", "payload"]),
    ("event/security", &["event/family", "payload"]),
    ("event/share", &["event/family", "payload"]),
    ("event/smartsheet", &["event/family", "payload"]),
    ("event/template_card", &["event/family", "payload"]),
    ("event/vip_account", &["event/family", "payload"]),
    ("event/wedoc", &["event/family", "payload"]),
    ("event/wedrive", &["event/family", "payload"]),
    (
        "event/bot",
        &["event/family", "event/template_card", "payload"],
    ),
    ("event/suite", &["event/family", "event/license", "payload"]),
    (
        "event/sum",
        &[
            "payload",
            "event/app",
            "event/approval",
            "event/batch_job",
            "event/bot",
            "event/calendar",
            "event/chain",
            "event/chat_archive",
            "event/contact",
            "event/customer_acquisition",
            "event/customer_service",
            "event/device",
            "event/email",
            "event/external_chat",
            "event/external_contact",
            "event/external_tag",
            "event/family",
            "event/hardware",
            "event/kind",
            "event/license",
            "event/living",
            "event/media",
            "event/meeting",
            "event/meeting_room",
            "event/membership",
            "event/menu",
            "event/message",
            "event/payment",
            "event/school",
            "event/security",
            "event/share",
            "event/smartsheet",
            "event/suite",
            "event/template_card",
            "event/unknown",
            "event/vip_account",
            "event/wedoc",
            "event/wedrive",
        ],
    ),
    (
        "event/parse",
        &[
            "event/header",
            "event/kind",
            "event/sum",
            "event/unknown",
            "event/words",
            "payload",
        ],
    ),
    (
        "event",
        &[
            "event/app",
            "event/approval",
            "event/batch_job",
            "event/bot",
            "event/calendar",
            "event/chain",
            "event/chat_archive",
            "event/contact",
            "event/customer_acquisition",
            "event/customer_service",
            "event/device",
            "event/email",
            "event/external_chat",
            "event/external_contact",
            "event/external_tag",
            "event/family",
            "event/hardware",
            "event/header",
            "event/kind",
            "event/license",
            "event/living",
            "event/media",
            "event/meeting",
            "event/meeting_room",
            "event/membership",
            "event/menu",
            "event/message",
            "event/parse",
            "event/payment",
            "event/school",
            "event/security",
            "event/share",
            "event/smartsheet",
            "event/suite",
            "event/sum",
            "event/template_card",
            "event/unknown",
            "event/vip_account",
            "event/wedoc",
            "event/wedrive",
        ],
    ),
    // Floor 2: answers.
    ("reply/builder", &[]),
    ("reply/error", &[]),
    ("reply/media", &["reply/builder", "reply/error", "payload"]),
    ("reply/stream", &["reply/builder", "reply/error", "payload"]),
    (
        "reply/card_link",
        &["reply/builder", "reply/error", "payload"],
    ),
    (
        "reply/card_part",
        &["reply/builder", "reply/card_link", "reply/error", "payload"],
    ),
    (
        "reply/card_choice",
        &["reply/builder", "reply/card_part", "reply/error", "payload"],
    ),
    (
        "reply/card",
        &[
            "reply/card_choice",
            "reply/card_link",
            "reply/card_part",
            "reply/error",
            "reply/stream",
            "payload",
        ],
    ),
    (
        "reply/template_card",
        &[
            "reply/builder",
            "reply/card",
            "reply/card_choice",
            "reply/card_link",
            "reply/card_part",
            "reply/error",
            "payload",
        ],
    ),
    (
        "reply/passive",
        &[
            "reply/error",
            "reply/media",
            "reply/stream",
            "reply/template_card",
        ],
    ),
    (
        "reply/render",
        &["reply/media", "reply/passive", "event", "payload"],
    ),
    ("reply/unhandled", &[]),
    ("reply/deferred", &[]),
    (
        "reply",
        &[
            "reply/builder",
            "reply/card",
            "reply/card_choice",
            "reply/card_link",
            "reply/card_part",
            "reply/deferred",
            "reply/error",
            "reply/media",
            "reply/passive",
            "reply/render",
            "reply/stream",
            "reply/template_card",
            "reply/unhandled",
        ],
    ),
    ("fact", &["crypto"]),
    ("rejection", &["crypto", "fact", "payload", "query"]),
    // Floor 3: the protocol, without IO.
    ("receive_id", &["crypto"]),
    ("config", &["clock", "crypto", "event", "receive_id"]),
    (
        "callback",
        &["clock", "config", "crypto", "event", "payload"],
    ),
    ("envelope", &["fact", "payload", "rejection"]),
    (
        "protocol",
        &[
            "callback",
            "config",
            "crypto",
            "envelope",
            "event",
            "fact",
            "payload",
            "query",
            "rejection",
            "reply",
            "trace",
        ],
    ),
    ("body", &[]),
    ("answer_by", &[]),
    ("verdict", &["reply"]),
    // Floor 4: tower middlewares.
    ("middleware/options", &["query", "rejection"]),
    ("middleware/resolve", &["config", "envelope"]),
    ("middleware/tenants", &["middleware/resolve", "config"]),
    ("middleware/deadline", &[]),
    (
        "middleware/read",
        &["middleware/deadline", "fact", "rejection"],
    ),
    (
        "middleware/span",
        &["callback", "config", "fact", "rejection", "trace"],
    ),
    (
        "middleware/probe",
        &["middleware/span", "callback", "rejection"],
    ),
    (
        "middleware/answer",
        &[
            "middleware/probe",
            "middleware/span",
            "body",
            "callback",
            "protocol",
            "rejection",
            "reply",
            "trace",
            "verdict",
        ],
    ),
    (
        "middleware/request",
        &["middleware/answer", "body", "callback", "payload"],
    ),
    (
        "middleware/future",
        &[
            "middleware/answer",
            "middleware/deadline",
            "middleware/options",
            "middleware/probe",
            "middleware/read",
            "middleware/request",
            "middleware/resolve",
            "middleware/span",
            "body",
            "callback",
            "fact",
            "protocol",
            "query",
            "rejection",
            "trace",
        ],
    ),
    (
        "middleware/service",
        &[
            "middleware/future",
            "middleware/options",
            "middleware/read",
            "middleware/resolve",
            "body",
            "callback",
            "config",
            "fact",
            "query",
            "rejection",
        ],
    ),
    (
        "middleware/layer",
        &[
            "middleware/options",
            "middleware/resolve",
            "middleware/service",
            "config",
            "rejection",
        ],
    ),
    (
        "middleware",
        &[
            "middleware/future",
            "middleware/layer",
            "middleware/probe",
            "middleware/request",
            "middleware/resolve",
            "middleware/service",
            "middleware/tenants",
        ],
    ),
    ("router/outcome", &["reply"]),
    ("router/on", &["callback", "event"]),
    ("router/next", &["router/on", "router/outcome"]),
    (
        "router/handler",
        &["router/next", "router/on", "router/outcome", "event"],
    ),
    (
        "router/route",
        &[
            "router/handler",
            "router/next",
            "router/on",
            "callback",
            "event",
            "trace",
        ],
    ),
    (
        "router/service",
        &[
            "router/on",
            "router/outcome",
            "router/route",
            "callback",
            "reply",
            "trace",
        ],
    ),
    (
        "router/paths",
        &["body", "callback", "event", "reply", "trace"],
    ),
    (
        "router",
        &[
            "router/handler",
            "router/next",
            "router/on",
            "router/outcome",
            "router/paths",
            "router/route",
            "router/service",
        ],
    ),
    ("tickets/ticket", &["payload"]),
    ("tickets/error", &["router"]),
    ("tickets/store", &["tickets/ticket", "router"]),
    ("tickets/memory", &["tickets/store", "tickets/ticket"]),
    (
        "tickets/suite",
        &[
            "tickets/error",
            "tickets/memory",
            "tickets/store",
            "tickets/ticket",
            "callback",
            "clock",
            "event",
            "reply",
            "router",
        ],
    ),
    (
        "tickets",
        &[
            "tickets/error",
            "tickets/memory",
            "tickets/store",
            "tickets/suite",
            "tickets/ticket",
        ],
    ),
    ("dedup/key", &["callback"]),
    (
        "dedup/kept",
        &["dedup/key", "body", "callback", "reply", "trace"],
    ),
    ("dedup/store", &["dedup/kept", "dedup/key"]),
    ("dedup/memory", &["dedup/kept", "dedup/key", "dedup/store"]),
    ("dedup/options", &["answer_by", "callback", "event", "hook"]),
    ("dedup/timer", &[]),
    ("dedup/guard", &["dedup/kept", "dedup/key", "dedup/store"]),
    (
        "dedup/run",
        &[
            "dedup/guard",
            "dedup/kept",
            "dedup/key",
            "dedup/options",
            "dedup/store",
            "dedup/timer",
            "body",
            "callback",
            "reply",
            "trace",
            "verdict",
        ],
    ),
    ("dedup/future", &["body"]),
    (
        "dedup/service",
        &[
            "dedup/future",
            "dedup/key",
            "dedup/memory",
            "dedup/options",
            "dedup/run",
            "dedup/store",
            "body",
            "callback",
        ],
    ),
    (
        "dedup/layer",
        &[
            "dedup/key",
            "dedup/memory",
            "dedup/options",
            "dedup/service",
            "dedup/store",
            "callback",
        ],
    ),
    (
        "dedup",
        &[
            "dedup/future",
            "dedup/kept",
            "dedup/key",
            "dedup/layer",
            "dedup/memory",
            "dedup/options",
            "dedup/service",
            "dedup/store",
        ],
    ),
    ("deadline/background", &[]),
    ("deadline/late", &["callback"]),
    ("deadline/options", &["deadline/late", "callback", "event"]),
    (
        "deadline/watch",
        &[
            "deadline/background",
            "deadline/late",
            "deadline/options",
            "callback",
            "hook",
            "reply",
            "trace",
            "verdict",
        ],
    ),
    (
        "deadline/future",
        &[
            "deadline/background",
            "deadline/options",
            "deadline/watch",
            "body",
            "callback",
            "reply",
            "trace",
        ],
    ),
    (
        "deadline/service",
        &[
            "deadline/background",
            "deadline/future",
            "deadline/options",
            "answer_by",
            "body",
            "callback",
        ],
    ),
    (
        "deadline/layer",
        &[
            "deadline/background",
            "deadline/late",
            "deadline/options",
            "deadline/service",
            "callback",
        ],
    ),
    (
        "deadline",
        &[
            "deadline/background",
            "deadline/future",
            "deadline/late",
            "deadline/layer",
            "deadline/options",
            "deadline/service",
        ],
    ),
    // Floor 5: adapters, each behind its feature.
    (
        "axum",
        &["callback", "event", "rejection", "reply", "router", "trace"],
    ),
    ("test_util/clock", &["clock"]),
    ("test_util/sample", &[]),
    ("test_util/draft", &["payload"]),
    ("test_util/received", &["payload"]),
    (
        "test_util/platform",
        &["config", "crypto", "payload", "test_util/received"],
    ),
    (
        "test_util/answer",
        &[
            "rejection",
            "reply",
            "test_util/platform",
            "test_util/received",
        ],
    ),
    (
        "test_util/delivery",
        &[
            "test_util/answer",
            "test_util/draft",
            "test_util/platform",
            "test_util/sample",
        ],
    ),
    ("test_util/store_contract", &["crypto", "dedup"]),
    (
        "test_util",
        &[
            "test_util/answer",
            "test_util/clock",
            "test_util/delivery",
            "test_util/platform",
            "test_util/received",
            "test_util/sample",
            "test_util/store_contract",
        ],
    ),
];

#[test]
fn rows_point_only_to_rows_above_them() {
    for (index, (module, imports)) in ROWS.iter().enumerate() {
        let (above, _) = ROWS.split_at(index);
        for import in *imports {
            assert!(
                above.iter().any(|(name, _)| name == import),
                "{module} points down to {import}"
            );
        }
    }
}

#[test]
fn every_file_imports_what_its_row_allows() {
    let files = sources(&root());
    for file in &files {
        let module = module_of(file);
        if module == "lib" {
            continue;
        }
        let row = ROWS.iter().find(|(name, _)| *name == module);
        let Some((_, allowed)) = row else {
            panic!("{module} has no row")
        };
        for import in imports(file, &module) {
            assert!(
                allowed.contains(&import.as_str()),
                "{module} imports {import}"
            );
        }
    }
    assert_eq!(files.len(), ROWS.len() + 1, "a row without a file");
}

#[test]
fn paths_into_the_crate_stand_in_use_lines_alone() {
    for file in sources(&root()) {
        for line in code(&file)
            .lines()
            .filter(|line| !is_use(line) && !line.contains('"'))
        {
            let inline = line.replace("$crate::", "");
            assert!(!inline.contains("crate::"), "{}: {line}", file.display());
        }
    }
}

#[test]
fn a_mod_file_is_a_manual_page_and_nothing_else() {
    for file in sources(&root()) {
        let is_page = file
            .file_name()
            .is_some_and(|name| name == "mod.rs" || name == "lib.rs");
        for statement in code(&file).split(';').map(str::trim).filter(|_| is_page) {
            let statement = statement.trim_start_matches(['#', '!']);
            let statement = statement.rsplit(']').next().unwrap().trim();
            let allowed = ["", "mod ", "pub mod ", "pub use ", "pub(crate) use "];
            let is_allowed = allowed.iter().any(|start| {
                if start.is_empty() {
                    statement.is_empty()
                } else {
                    statement.starts_with(start)
                }
            });
            assert!(is_allowed, "{}: {statement}", file.display());
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// `src/event/mod.rs` is `event`, `src/event/kind.rs` is `event/kind`.
fn module_of(file: &Path) -> String {
    let path = file.strip_prefix(root()).unwrap().with_extension("");
    let parts: Vec<_> = path.iter().map(|part| part.to_str().unwrap()).collect();
    parts.join("/").trim_end_matches("/mod").to_owned()
}

/// The lines that are neither comments nor unit tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("\n#[cfg(test)]").next().unwrap();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    text.lines()
        .filter(is_code)
        .map(|line| format!("{line}\n"))
        .collect()
}

fn is_use(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("use ") || line.starts_with("pub use ") || line.starts_with("pub(crate) use ")
}

/// The modules that a file's `use` statements name.
fn imports(file: &Path, module: &str) -> Vec<String> {
    let is_page = file.ends_with("mod.rs");
    let folder = if is_page {
        module
    } else {
        module.rsplit_once('/').map_or("", |(folder, _)| folder)
    };
    let mut found = Vec::new();
    for statement in code(file)
        .split(';')
        .filter_map(|statement| statement.rsplit_once("use "))
    {
        let path = statement.1.trim();
        if let Some(path) = path.strip_prefix("crate::") {
            found.extend(heads(path));
        } else if let Some(path) = path.strip_prefix("super::") {
            found.extend(heads(path).into_iter().map(|head| join(folder, &head)));
        } else if is_page {
            found.extend(heads(path).into_iter().map(|head| join(folder, &head)));
        }
    }
    found
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// The first names of a path or of each path in braces: `a::b` is `a`, `{a, b::c}` are `a` and `b`.
fn heads(path: &str) -> Vec<String> {
    let paths = path
        .strip_prefix('{')
        .map_or(path, |inside| inside.trim_end_matches('}'));
    let is_list = paths.len() != path.len();
    let paths: Vec<_> = if is_list {
        paths.split(',').collect()
    } else {
        vec![paths]
    };
    let head = |path: &str| {
        path.trim()
            .split("::")
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    paths
        .into_iter()
        .map(head)
        .filter(|head| !head.is_empty())
        .collect()
}
