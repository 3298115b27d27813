//! Tests the page without a mouse.

use crate::app::App;
use crate::tab::{DESKTOP, Tab};

const FOCUS: &str = "(document.activeElement.id || document.activeElement.className)";

#[test]
fn the_keyboard_alone_sends_selects_filters_and_goes_back() {
    let app = App::start();
    let mut tab = Tab::open(&app, &DESKTOP);
    tab.press("s");
    assert_eq!(tab.eval(FOCUS), "find");
    tab.write("create_user self-built");
    tab.press("ArrowDown");
    assert_eq!(tab.eval(FOCUS), "play");
    tab.press("Enter");
    tab.wait_for(
        "document.querySelector('#event').textContent.includes('\"user_id\": \"lin.mei\"')",
    );
    tab.press("Enter");
    tab.wait_for("document.querySelectorAll('.row').length === 2");

    tab.press("Escape");
    assert!(tab.eval(FOCUS).as_str().unwrap().starts_with("row-"));
    let seen = |tab: &mut Tab| {
        tab.eval("document.activeElement.querySelector('.small').textContent.split(' ')[0]")
    };
    tab.press("Home");
    assert_eq!(seen(&mut tab), "#2");
    tab.press("ArrowDown");
    assert_eq!(seen(&mut tab), "#1");
    assert_eq!(
        tab.eval("document.activeElement.getAttribute('aria-selected')"),
        "true"
    );
    tab.press("Enter");
    assert_eq!(tab.eval(FOCUS), "detail");
    tab.press("Escape");
    assert_eq!(seen(&mut tab), "#1");
    tab.press("e");
    tab.wait_for("document.querySelector('#editor').open && document.activeElement.id === 'text'");
    tab.press("Escape");
    tab.wait_for("!document.querySelector('#editor').open");

    tab.press("/");
    assert_eq!(tab.eval(FOCUS), "filter");
    tab.write("nothing has this");
    tab.wait_for("document.querySelectorAll('.row').length === 0");
    // The focus is visible.
    let outline = tab.eval("getComputedStyle(document.activeElement).outlineStyle");
    assert_eq!(outline, "solid");
    tab.assert_quiet();
}

#[test]
fn every_control_can_be_reached_by_tab_and_has_a_name() {
    let app = App::start();
    let mut tab = Tab::open(&app, &DESKTOP);
    tab.click("[data-name='change_contact_create_user']");
    tab.wait_for("document.querySelector('#summary').textContent.includes('200')");
    tab.press("s");
    tab.write("change_contact_create_user");
    let mut reached = Vec::new();
    for _ in 0..40 {
        tab.press("Tab");
        reached.push(tab.eval(FOCUS).as_str().unwrap_or_default().to_owned());
    }
    for id in [
        "check",
        "play",
        "clear",
        "filter",
        "again",
        "edit",
        "copy-test",
        "copy-curl",
        "payload",
        "event",
        "language",
    ] {
        assert!(reached.iter().any(|it| it == id), "{id} in {reached:?}");
    }
    assert!(
        reached.iter().any(|it| it.starts_with("row-")),
        "{reached:?}"
    );
    let tree = tab.call("Accessibility.getFullAXTree", serde_json::json!({}));
    let nameless: Vec<_> = tree["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|node| {
            let role = node["role"]["value"].as_str().unwrap_or_default();
            let is_ours = [
                "button",
                "searchbox",
                "textbox",
                "combobox",
                "listbox",
                "option",
            ]
            .contains(&role);
            is_ours
                && node["ignored"] != true
                && node["name"]["value"]
                    .as_str()
                    .unwrap_or_default()
                    .is_empty()
        })
        .collect();
    assert!(nameless.is_empty(), "{nameless:?}");
}
