//! Tests and writes the picture of the README. Writing it needs Debian's `optipng` and a Chinese
//! font such as `fonts-wqy-microhei`.

use std::process::Command;
use std::time::Duration;

use crate::app::{App, platform};
use crate::tab::{DESKTOP, Look, Tab};

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/inspector.png");

#[test]
fn the_picture_of_the_readme_is_there() {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PICTURE, screenshot()).unwrap();
        let smaller = Command::new("optipng").args(["-quiet", PICTURE]).status();
        assert!(
            smaller.is_ok_and(|it| it.success()),
            "install Debian's package `optipng`"
        );
    }
    let picture = std::fs::read(PICTURE).expect("UPDATE=1 writes it");
    assert!(picture.starts_with(b"\x89PNG"));
    assert!(picture.len() < 200 * 1024, "{} bytes", picture.len());
    // The PNG header contains the width.
    assert_eq!(picture[16..20], 1280_u32.to_be_bytes());
}

fn screenshot() -> Vec<u8> {
    let app = App::start();
    let mut tab = Tab::open(
        &app,
        &Look {
            height: 720,
            ..DESKTOP
        },
    );
    for name in [
        "message_text",
        "change_contact_update_tag",
        "batch_job_result",
        "aibot_text",
    ] {
        tab.eval(&format!(
            "document.querySelector('[data-name={name}]').click()"
        ));
        tab.wait_for("document.querySelector('#summary').textContent.includes('200')");
        std::thread::sleep(Duration::from_millis(300));
    }
    let other = platform().receive_id("ww-other-corp");
    let request = other
        .deliver_xml("<xml><Event>subscribe</Event></xml>")
        .unwrap();
    app.post(&request.uri().to_string(), request.body());
    tab.click("[data-name='change_contact_create_user']");
    tab.wait_for("document.querySelector('#kind').textContent === 'change_contact/create_user'");
    tab.click("#again");
    tab.wait_for("document.querySelectorAll('.row').length === 7");
    // Wait until the toast and the flash of the new row are gone.
    std::thread::sleep(Duration::from_secs(5));
    tab.picture()
}
