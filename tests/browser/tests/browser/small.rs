//! Tests the page on a phone and in Chinese.

use crate::app::App;
use crate::tab::{Look, Tab};

const PHONE: Look = Look {
    width: 360,
    height: 740,
    language: "zh-CN",
    is_dark: true,
};

fn assert_fits(tab: &mut Tab, width: u32) {
    let wide = tab.eval("document.documentElement.scrollWidth");
    assert!(
        wide.as_u64().unwrap() <= u64::from(width),
        "{wide} > {width}"
    );
    let parts = "[...document.querySelectorAll('section, ul, pre, dl')]
        .filter((it) => it.checkVisibility() && it.scrollWidth > it.clientWidth).map((it) => it.id)";
    let parts = tab.eval(parts);
    assert_eq!(parts, serde_json::json!([]), "these scroll sideways");
}

#[test]
fn on_a_phone_in_chinese_nothing_scrolls_sideways() {
    let app = App::start();
    let mut tab = Tab::open(&app, &PHONE);
    assert_eq!(tab.eval("document.documentElement.lang"), "zh-CN");
    assert_eq!(tab.text("#to-samples"), "示例");
    assert_fits(&mut tab, 360);
    let long = "a".repeat(300);
    app.deliver(&format!(
        "<xml><Event>{long}</Event><{long}>{long}</{long}></xml>"
    ));
    tab.wait_for("document.querySelectorAll('.row').length === 1");
    assert_fits(&mut tab, 360);

    tab.click("#to-samples");
    assert_fits(&mut tab, 360);
    tab.click("[data-name='change_contact_create_user']");
    tab.wait_for("document.querySelector('#event').textContent.includes('lin.mei')");
    // The details are visible now, instead of the list.
    assert_eq!(
        tab.eval("document.querySelector('#detail').checkVisibility()"),
        true
    );
    assert_eq!(
        tab.eval("document.querySelector('#entries').checkVisibility()"),
        false
    );
    assert!(tab.text("#summary").contains("已确认"));
    assert_fits(&mut tab, 360);
    tab.click("#back");
    assert_eq!(
        tab.eval("document.querySelector('#entries').checkVisibility()"),
        true
    );
    tab.click(".row:nth-child(2)");
    assert_fits(&mut tab, 360);
    // Buttons are large enough for a finger.
    let low = "Math.min(...[...document.querySelectorAll('button')].filter((it) => it.checkVisibility()).map((it) => it.offsetHeight))";
    assert!(tab.eval(low).as_u64().unwrap() >= 40);

    // The dark theme applies, and the page remembers the language.
    let back = tab.eval("getComputedStyle(document.body).backgroundColor");
    assert_eq!(back, "rgb(18, 22, 28)");
    tab.click("#language");
    assert_eq!(tab.text("#to-samples"), "Samples");
    let url = app.url();
    tab.call("Page.navigate", serde_json::json!({ "url": url }));
    tab.wait_for(
        "document.querySelector('#live.on') && document.querySelectorAll('.row').length === 2",
    );
    assert_eq!(tab.text("#to-samples"), "Samples");
    tab.assert_quiet();
}

#[test]
fn the_chinese_page_contains_no_english_text() {
    let app = App::start();
    let mut tab = Tab::open(&app, &PHONE);
    tab.click("#to-samples");
    tab.click("[data-name='change_contact_create_user']");
    tab.wait_for("document.querySelector('#summary').textContent.includes('200')");
    for word in ["Send again", "Typed value", "Callbacks", "undefined"] {
        assert_eq!(
            tab.eval(&format!("document.body.innerText.includes({word:?})")),
            false,
            "{word}"
        );
    }
}
