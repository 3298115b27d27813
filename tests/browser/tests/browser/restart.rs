//! Tests the edit loop: the server stops, is rebuilt and starts again, while the page stays open.

use std::time::Duration;

use crate::app::App;
use crate::tab::{DESKTOP, Tab};

#[test]
fn an_open_page_does_not_delay_the_stop_and_reconnects_to_the_next_server() {
    let app = App::start();
    let address = app.address.clone();
    let mut tab = Tab::open(&app, &DESKTOP);
    tab.click("[data-name='change_contact_create_user']");
    tab.wait_for("document.querySelector('#summary').textContent.includes('200')");
    tab.click("[data-name='info_suite_ticket']");
    tab.wait_for("document.querySelector('#payload').textContent.includes('[secret]')");
    let took = app.stop();
    println!(
        "the server stopped in {} ms with a page open",
        took.as_millis()
    );
    assert!(took < Duration::from_secs(2), "{took:?}");
    tab.wait_for("!document.querySelector('#live.on')");

    let app = App::start_at(&address);
    // The new server has a new key.
    tab.wait_for("document.querySelector('#live').textContent.includes('has printed')");
    tab.open_beside(&app);
    tab.wait_for("document.querySelector('#live.on') && document.querySelector('.row.old')");
    assert!(tab.text("#entry-list").contains("before the restart"));
    // The page does not send an incomplete payload by itself: it opens the editor.
    tab.click(".row");
    tab.click("#again");
    tab.wait_for("document.querySelector('#editor').open");
    assert!(tab.text("#editor-note").contains("replaced"));
    tab.press("Escape");
    tab.wait_for("!document.querySelector('#editor').open");
    tab.click(".row:nth-child(2)");
    tab.click("#again");
    tab.wait_for("document.querySelectorAll('.row').length === 3");
    tab.wait_for("document.querySelector('#summary').textContent.includes('acknowledged · 200')");
    drop(app);
    tab.assert_quiet_but(&[
        "ERR_CONNECTION_REFUSED",
        "ERR_INCOMPLETE_CHUNKED_ENCODING",
        "ERR_CONNECTION_RESET",
        "ERR_EMPTY_RESPONSE",
        "403 (Forbidden)",
    ]);
}
