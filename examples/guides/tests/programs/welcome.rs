use super::support::{Program, folder};

const PATH: &str = env!("CARGO_BIN_EXE_welcome");

#[test]
fn a_new_customer_is_welcomed_once_and_no_line_has_the_code() {
    let mut program = Program::start(PATH, &folder("welcome"), &[]);
    let kind = "change_external_contact/add_external_contact";
    let added = program.wecom().deliver(kind).unwrap();
    let from_the_fair = added.payload();
    for _ in 0..2 {
        program.deliver_payload(&from_the_fair);
    }
    program.deliver_payload(
        &added
            .set("State", "")
            .set("ExternalUserID", "wm2")
            .payload(),
    );
    let without_code = program.wecom().deliver(kind).unwrap().unset("WelcomeCode");
    program.deliver_payload(&without_code.set("ExternalUserID", "wm3").payload());
    program.deliver(
        "change_external_contact/add_half_external_contact",
        &[("State", "")],
    );
    program.deliver(
        "change_external_contact/del_follow_user",
        &[("ExternalUserID", "wm2")],
    );

    let mut lines = Vec::new();
    while lines
        .last()
        .is_none_or(|line| line != "lin.mei has lost the customer wm2")
    {
        lines.push(program.line());
    }
    let starting = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!(
        starting("Some(\"lin.mei\") has the customer"),
        3,
        "{lines:?}"
    );
    assert_eq!(starting("welcome "), 3, "{lines:?}");
    assert_eq!(
        lines.iter().filter(|line| line.contains("voucher")).count(),
        1,
        "{lines:?}"
    );
    assert!(!lines.iter().any(|line| line.contains("wc_")), "{lines:?}");
    program.stop("INT");
}
