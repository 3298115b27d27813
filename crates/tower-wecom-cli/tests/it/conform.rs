use std::fs;

use crate::support::{Wecom, wecom};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/open.jsonl");

#[test]
fn all_200_vectors_of_other_implementations_pass() {
    let ran = wecom(&["conform", VECTORS]);
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (0, "200 passed, 0 failed\n", "")
    );
    let ran = wecom(&["conform", "--json", VECTORS]);
    assert_eq!(ran.json(), serde_json::json!({"passed": 200, "failed": 0}));
}

#[test]
fn a_vector_that_fails_is_a_line_and_exit_code_1() {
    let text = fs::read_to_string(VECTORS).unwrap();
    // Each kind once, with a wrong expectation.
    let mut seen = Vec::new();
    let mut wrong = Vec::new();
    for line in text.lines() {
        let mut vector: serde_json::Value = serde_json::from_str(line).unwrap();
        let kind = vector["kind"].as_str().unwrap().to_owned();
        if seen.contains(&kind) {
            continue;
        }
        let field = match kind.as_str() {
            "encrypt_known_random" => "body",
            "signature_only" => "msg_signature",
            "negative" => "expected_error",
            _ => "expected_plaintext",
        };
        vector[field] = "other".into();
        wrong.push(vector.to_string());
        seen.push(kind);
    }
    wrong.push("{\"id\": \"half".to_owned());
    wrong.push(text.lines().next().unwrap().to_owned());
    let wecom = Wecom::new().file("wrong.jsonl", wrong.join("\n"));
    let ran = wecom.run(&["conform", "wrong.jsonl"]);
    assert_eq!(ran.code, 1);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.last(), Some(&"1 passed, 7 failed"));
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.starts_with("FAIL  "))
            .count(),
        7
    );
    assert!(
        ran.out.contains("FAIL  line 7: not a vector"),
        "{}",
        ran.out
    );
}

#[test]
fn a_missing_file_is_exit_code_3() {
    assert_eq!(wecom(&["conform", "nowhere.jsonl"]).code, 3);
}

#[test]
fn a_file_without_vectors_is_not_a_success() {
    for text in ["", "\n\n", "  \n"] {
        let ran = Wecom::new().stdin(text).run(&["conform", "-"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("no vector"), "{ran:?}");
        let ran = Wecom::new().stdin(text).run(&["conform", "--json", "-"]);
        assert_eq!(
            (ran.code, ran.json()),
            (1, serde_json::json!({"passed": 0, "failed": 0}))
        );
    }
}
