//! One click sends a real callback and shows what the handler got.

use std::time::Duration;

use crate::app::App;
use crate::tab::{DESKTOP, Tab};

const CREATE_USER: &str = "[data-name='change_contact_create_user']";

#[test]
fn a_click_on_a_sample_shows_the_callback_with_its_typed_fields_within_a_second() {
    let mut app = App::start();
    let mut tab = Tab::open(&app, &DESKTOP);
    tab.click(CREATE_USER);
    let took = tab.wait_for(
        "document.querySelector('#event').textContent.includes('\"user_id\": \"lin.mei\"')",
    );
    println!("from the click to the typed value: {} ms", took.as_millis());
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(tab.text("#kind"), "change_contact/create_user");
    assert!(
        tab.text("#payload")
            .contains("<UserID><![CDATA[lin.mei]]></UserID>")
    );
    assert!(tab.text("#summary").contains("acknowledged · 200"));
    assert_eq!(tab.eval("document.querySelectorAll('.row').length"), 1);
    // The handler of the example received it, decrypted.
    let line = app.line();
    assert!(line.contains("\"user_id\":\"lin.mei\""), "{line}");
    tab.assert_quiet();
}

#[test]
fn callbacks_of_wecom_and_rejected_requests_are_listed_and_can_be_filtered() {
    let app = App::start();
    let mut tab = Tab::open(&app, &DESKTOP);
    let payload = "<xml><Event>brand_new</Event><Note>from outside</Note></xml>";
    assert!(app.deliver(payload).starts_with("HTTP/1.1 200"));
    assert!(app.deliver(payload).starts_with("HTTP/1.1 200"));
    let forged = app.post(
        "/wecom?msg_signature=0000000000000000000000000000000000000000&timestamp=1&nonce=1",
        "<xml><Encrypt>AAAA</Encrypt></xml>",
    );
    assert!(forged.starts_with("HTTP/1.1 403"));
    tab.wait_for("document.querySelectorAll('.row').length === 3");
    let rows = tab.text("#entry-list");
    assert!(
        rows.contains("unknown kind") && rows.contains("duplicate of #1"),
        "{rows}"
    );

    tab.click(".row");
    assert!(tab.text("#reason").contains("the signature is wrong"));
    assert!(
        tab.text("#rejection-details")
            .contains("1 pair of Token and key was tried")
    );
    assert_eq!(tab.eval("document.querySelector('#again').disabled"), true);

    tab.click("#filter");
    tab.write("outside");
    tab.wait_for("document.querySelectorAll('.row').length === 2");
    tab.write(" signature");
    tab.wait_for("document.querySelectorAll('.row').length === 0");
    assert_eq!(tab.text("#count"), "(0/3)");
    tab.assert_quiet();
}

#[test]
fn send_again_edit_and_copy_work() {
    let mut app = App::start();
    let mut tab = Tab::open(&app, &DESKTOP);
    tab.click(CREATE_USER);
    tab.wait_for("document.querySelector('#summary').textContent.includes('200')");
    tab.click("#again");
    tab.wait_for("document.querySelector('#properties').textContent.includes('duplicate of #1')");

    tab.click("#edit");
    tab.wait_for("document.querySelector('#editor').open");
    tab.eval("document.querySelector('#text').value = document.querySelector('#text').value.replaceAll('lin.mei', 'another')");
    tab.click("#editor-go");
    tab.wait_for("document.querySelector('#event').textContent.includes('another')");
    for user in ["lin.mei", "lin.mei", "another"] {
        let line = app.line();
        assert!(line.contains(&format!("\"user_id\":\"{user}\"")), "{line}");
    }

    tab.click("#copy-curl");
    tab.wait_for("document.querySelector('#editor').open");
    let command = tab.eval("document.querySelector('#text').value");
    assert!(
        command
            .as_str()
            .unwrap()
            .starts_with("curl -i 'http://127.0.0.1:"),
        "{command}"
    );
    tab.press("Escape");
    tab.wait_for("!document.querySelector('#editor').open");
    tab.click("#copy-test");
    tab.wait_for("document.querySelector('#editor').open");
    let test = tab.eval("document.querySelector('#text').value");
    assert!(
        test.as_str()
            .unwrap()
            .contains("async fn takes_change_contact_create_user()")
    );
    tab.press("Escape");
    tab.wait_for("!document.querySelector('#editor').open");

    tab.click("[data-name='change_contact_create_user'] + .edit");
    tab.wait_for("document.querySelector('#editor').open");
    assert!(tab.eval("document.querySelector('#text').value.includes('<ChangeType>')") == true);
    tab.press("Escape");
    tab.wait_for("!document.querySelector('#editor').open");
    tab.click("#check");
    tab.wait_for("document.querySelector('#kind').textContent === 'url_check'");
    tab.click("#clear");
    tab.wait_for("document.querySelectorAll('.row').length === 0");
    tab.assert_quiet();
}
