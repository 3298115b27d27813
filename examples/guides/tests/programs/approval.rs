use super::support::{Program, folder};

const PATH: &str = env!("CARGO_BIN_EXE_approval");

#[test]
fn the_first_tap_of_the_manager_decides_and_the_member_learns_it_once() {
    let program = Program::start(PATH, &folder("approval"), &[]);
    let asked = [("FromUserName", "lin.mei"), ("Content", "3 days")];
    let asked = program
        .wecom()
        .deliver("message/text")
        .unwrap()
        .set(asked[0].0, asked[0].1);
    let asked = asked.set("Content", "3 days").payload();
    let reply = program.deliver_payload(&asked).unwrap();
    assert_eq!(
        reply.get("Content").unwrap(),
        "Asked wang.fang. It is request 1."
    );
    let card = program.line();
    assert!(card.contains(r#""task_id":"leave-1""#), "{card}");
    assert!(card.contains(r#""touser":"wang.fang""#), "{card}");
    // WeCom repeats the message: the same answer, and no second request.
    let copy = program.deliver_payload(&asked).unwrap();
    assert_eq!(copy.get("Content"), reply.get("Content"));

    let tap = |member, key| {
        let elements = [
            ("FromUserName", member),
            ("TaskId", "leave-1"),
            ("EventKey", key),
        ];
        program.deliver("template_card_event", &elements)
    };
    assert!(
        tap("lin.mei", "approved").is_none(),
        "a member may not decide"
    );
    let decided = tap("wang.fang", "rejected").unwrap();
    assert_eq!(
        decided.get("TemplateCard/MainTitle/Title").unwrap(),
        "Leave of lin.mei"
    );
    assert_eq!(decided.get("TemplateCard/ReplaceText").unwrap(), "rejected");
    let notice = program.line();
    assert!(
        notice.contains("Your leave (3 days) is rejected."),
        "{notice}"
    );
    // Another tap changes nothing. Nor is the member notified again.
    let again = tap("wang.fang", "approved").unwrap();
    assert_eq!(again.get("TemplateCard/ReplaceText").unwrap(), "rejected");

    program.deliver("sys_approval_change", &[]);
    assert_eq!(
        program.line(),
        r#"approval Some("202601010042") is Some(Pending)"#
    );
}
