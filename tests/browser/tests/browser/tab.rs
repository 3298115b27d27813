//! A page with the means of a user: its text, a mouse and a keyboard.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::app::App;
use crate::chromium::Chromium;

/// The longest time that a user would wait.
const TIMEOUT: Duration = Duration::from_secs(10);

pub struct Tab {
    chromium: Chromium,
    session: String,
    host: String,
}

pub struct Look {
    pub width: u32,
    pub height: u32,
    pub language: &'static str,
    pub is_dark: bool,
}

pub const DESKTOP: Look = Look {
    width: 1280,
    height: 800,
    language: "en-GB",
    is_dark: false,
};

impl Tab {
    /// Opens the page of the app and waits until it is live.
    pub fn open(app: &App, look: &Look) -> Self {
        let mut chromium = Chromium::start();
        let target = chromium.call(None, "Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = chromium.call(None, "Target.attachToTarget", attach);
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        let host = app.address.clone();
        let mut tab = Self {
            chromium,
            session,
            host,
        };
        for domain in ["Page", "Network", "Runtime", "Log", "Audits"] {
            tab.call(&format!("{domain}.enable"), json!({}));
        }
        let metrics = json!({"width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": false});
        tab.call("Emulation.setDeviceMetricsOverride", metrics);
        let agent = tab.eval("navigator.userAgent");
        let agent = json!({"userAgent": agent, "acceptLanguage": look.language});
        tab.call("Emulation.setUserAgentOverride", agent);
        let scheme = if look.is_dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        tab.call("Emulation.setEmulatedMedia", media);
        tab.call("Page.navigate", json!({"url": app.url()}));
        tab.wait_for("document.querySelector('#live.on') && document.querySelector('.play')");
        tab
    }

    /// Opens the address that a new app has printed, in another tab.
    pub fn open_beside(&mut self, app: &App) {
        let target = json!({"url": app.url()});
        self.chromium.call(None, "Target.createTarget", target);
    }

    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.chromium.call(Some(&self.session), method, parameters)
    }

    /// Evaluates an expression in the page.
    pub fn eval(&mut self, expression: &str) -> Value {
        let parameters =
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", parameters);
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    pub fn text(&mut self, selector: &str) -> String {
        let text = self.eval(&format!(
            "document.querySelector({selector:?})?.textContent ?? ''"
        ));
        text.as_str().unwrap().to_owned()
    }

    /// Waits until a condition holds. Returns how long that took.
    pub fn wait_for(&mut self, condition: &str) -> Duration {
        let start = Instant::now();
        let condition = format!("Boolean({condition})");
        while self.eval(&condition) != true {
            if start.elapsed() > TIMEOUT {
                let page = self.eval("document.body.innerText.slice(-2000)");
                panic!("{condition} has not come true in {page}");
            }
            sleep(Duration::from_millis(10));
        }
        start.elapsed()
    }

    /// Clicks into the middle of an element, which has to be visible.
    pub fn click(&mut self, selector: &str) {
        let place = self.eval(&format!(
            "(() => {{ const it = document.querySelector({selector:?}); it.scrollIntoView({{block: 'nearest'}});
             const box = it.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
             return [x, y, it.contains(document.elementFromPoint(x, y))]; }})()"
        ));
        assert_eq!(place[2], true, "{selector} is hidden behind something");
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// Types a text into the focused element.
    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }

    /// Presses a key, such as `Enter`, `ArrowDown`, `/`.
    pub fn press(&mut self, key: &str) {
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            "ArrowUp" => 38,
            "ArrowDown" => 40,
            "ArrowRight" => 39,
            "ArrowLeft" => 37,
            "Home" => 36,
            "End" => 35,
            _ => 0,
        };
        let text = match key {
            "Enter" => "\r",
            key if key.len() == 1 => key,
            _ => "",
        };
        let down =
            json!({"type": "keyDown", "key": key, "text": text, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", down);
        let up = json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", up);
    }

    /// A screenshot as PNG.
    pub fn picture(&mut self) -> Vec<u8> {
        use base64::Engine;

        let picture = self.call("Page.captureScreenshot", json!({"format": "png"}));
        let data = picture["data"].as_str().unwrap();
        base64::engine::general_purpose::STANDARD
            .decode(data)
            .unwrap()
    }

    /// Asserts that the page requested nothing from other hosts and reported no errors.
    pub fn assert_quiet(&mut self) {
        self.assert_quiet_but(&[]);
    }

    pub fn assert_quiet_but(&mut self, expected: &[&str]) {
        let mut requests = 0;
        for event in self.chromium.events() {
            let parameters = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Network.requestWillBeSent" => {
                    let url = parameters["request"]["url"].as_str().unwrap();
                    let own = format!("http://{}/", self.host);
                    assert!(url.starts_with(&own) || url.starts_with("data:"), "{url}");
                    requests += 1;
                }
                "Network.webSocketCreated" => panic!("{event}"),
                "Log.entryAdded" | "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" => {
                    let text = event.to_string();
                    assert!(expected.iter().any(|it| text.contains(it)), "{event}");
                }
                "Audits.issueAdded" => {
                    let code = parameters["issue"]["code"].as_str().unwrap_or_default();
                    assert!(!code.contains("ContentSecurityPolicy"), "{event}");
                }
                _ => {}
            }
        }
        assert!(requests > 2, "{requests}");
    }
}
