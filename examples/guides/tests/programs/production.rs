use std::thread::sleep;
use std::time::Duration;

use super::support::{Program, folder};

const PATH: &str = env!("CARGO_BIN_EXE_production");

#[test]
fn the_receiver_is_ready_and_has_numbers_to_alert_on() {
    let mut program = Program::start(PATH, &folder("production"), &[]);
    assert_eq!(program.get("/ready").0, "200");
    program.deliver("change_contact/create_user", &[("UserID", "lin")]);
    let line = program.line();
    assert!(
        line.starts_with("change_contact/create_user ") && !line.ends_with(')'),
        "{line}"
    );

    let forged = program
        .wecom()
        .receive_id("ww-another")
        .deliver("change_contact/create_user");
    let (status, _) = program.send(&forged.unwrap().request().unwrap());
    assert_eq!(status, "403");
    let numbers = loop {
        let (status, numbers) = program.get("/metrics");
        assert_eq!(status, "200");
        if numbers.contains("wecom_inbox_waiting 0\n") {
            break numbers;
        }
        sleep(Duration::from_millis(50));
    };
    assert!(numbers.contains("wecom_inbox_dead 0\n"), "{numbers}");
    assert!(
        numbers.contains("wecom_rejections_total{kind=\"receive_id\"} 1\n"),
        "{numbers}"
    );
    program.stop("TERM");
}
