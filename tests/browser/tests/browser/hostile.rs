//! Tests that content from outside stays text.

use crate::app::App;
use crate::tab::{DESKTOP, Tab};

const HOSTILE: [&str; 7] = [
    "<script>window.hit = 1</script>",
    "</script><script>window.hit = 2</script>",
    "\"><img src=x onerror=window.hit=3>",
    "' onmouseover='window.hit=4' autofocus onfocus='window.hit=5",
    "<svg/onload=window.hit=6>",
    "<iframe src=\"http://evil.example/\"></iframe><link rel=stylesheet href=//evil.example/x.css>",
    "${window.hit=7}{{window.hit=8}}</textarea></pre></style>javascript:window.hit=9",
];

#[test]
fn a_hostile_payload_stays_text_everywhere() {
    let app = App::start();
    let mut tab = Tab::open(&app, &DESKTOP);
    for hostile in HOSTILE {
        let name = hostile.replace("]]>", "");
        // In a typed value, in the kind, and in an unknown element.
        for payload in [
            format!(
                "<xml><Event>change_contact</Event><ChangeType>create_user</ChangeType><UserID><![CDATA[{name}]]></UserID><Name><![CDATA[{name}]]></Name></xml>"
            ),
            format!(
                "<xml><Event><![CDATA[{name}]]></Event><Anything><![CDATA[{name}]]></Anything></xml>"
            ),
        ] {
            assert!(
                app.deliver(&payload).starts_with("HTTP/1.1 200"),
                "{payload}"
            );
        }
    }
    let count = HOSTILE.len() * 2;
    tab.wait_for(&format!(
        "document.querySelectorAll('.row').length === {count}"
    ));
    for index in 1..=count {
        tab.click(&format!(".row:nth-child({index})"));
        tab.click("#edit");
        tab.wait_for("document.querySelector('#editor').open");
        tab.press("Escape");
        tab.wait_for("!document.querySelector('#editor').open");
        tab.click("#copy-test");
        tab.wait_for("document.querySelector('#editor').open");
        tab.press("Escape");
        tab.wait_for("!document.querySelector('#editor').open");
    }
    // Names of parameters and paths come from outside too.
    app.post(
        "/wecom?nonce=%3Cscript%3Ewindow.hit=10%3C/script%3E",
        HOSTILE[0],
    );
    tab.wait_for(&format!(
        "document.querySelectorAll('.row').length === {}",
        count + 1
    ));
    tab.click("#language");
    tab.click("#filter");
    tab.write(HOSTILE[0]);
    assert_eq!(tab.eval("typeof window.hit"), "undefined");
    let foreign = "document.querySelectorAll('main img, main svg, main iframe, main script, main link').length";
    assert_eq!(tab.eval(foreign), 0);
    assert_eq!(tab.eval("document.scripts.length"), 1);
    tab.assert_quiet();
}

#[test]
fn the_policy_holds_even_if_a_script_gets_into_the_page() {
    let app = App::start();
    let mut tab = Tab::open(&app, &DESKTOP);
    // As an attacker would with a script in the page: through the DOM, past the sinks of Trusted
    // Types.
    tab.eval("(() => { const it = document.createElement('img'); it.src = 'http://evil.example/x.png'; document.body.append(it); })()");
    tab.eval("(() => { const it = document.createElement('style'); it.append('body { display: none }'); document.head.append(it); })()");
    let sink = "(() => { try { document.body.innerHTML = '<b>x</b>'; return 'in'; } catch { return 'out'; } })()";
    assert_eq!(tab.eval(sink), "out");
    let fetched = "fetch('http://evil.example/').then(() => 'in', () => 'out')";
    assert_eq!(tab.eval(fetched), "out");
    assert_eq!(tab.eval("getComputedStyle(document.body).display"), "flex");
}
