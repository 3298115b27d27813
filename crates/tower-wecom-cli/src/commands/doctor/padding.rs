//! Receivers that unpad to 16 bytes, as PKCS#7 does for AES. WeCom pads to 32 bytes.

use super::payloads::filling;
use super::session::Session;
use crate::commands::shared::{platform_error, url_check_of};
use crate::diagnosis::Finding;
use crate::exit::Error;
use crate::language::{Text, text};

/// One padding of each sort: the shortest and the longest that 16 bytes have, and the shortest and
/// the longest that only 32 bytes have.
const SHORT: [usize; 2] = [1, 16];
const LONG: [usize; 2] = [17, 32];
/// The shortest text to be echoed.
const MIN_ECHO: usize = 8;

impl Session<'_> {
    /// Whether the receiver accepts URL checks with short paddings and rejects those with long
    /// ones. For a receiver that rejected a URL check.
    pub(super) async fn rejects_long_padding(&mut self) -> Result<bool, Error> {
        Ok(self.echoes_all(SHORT).await? && !self.echoes_all(LONG).await?)
    }

    /// Sends a URL check and a delivery with each padding.
    pub(super) async fn padding(&mut self) -> Result<(), Error> {
        if !self.echoes_all(LONG).await? && self.echoes_all(SHORT).await? {
            self.add(text("check-padding"), [bad_padding(text("a-url-check"))]);
            return Ok(());
        }
        if !self.accepts_all(LONG).await? && self.accepts_all(SHORT).await? {
            self.add(text("check-padding"), [bad_padding(text("a-delivery"))]);
            return Ok(());
        }
        let finding = Finding::ok("padding", text("paddings-removed"));
        self.add(text("check-padding"), [finding]);
        Ok(())
    }

    async fn echoes_all(&mut self, paddings: [usize; 2]) -> Result<bool, Error> {
        for padding in paddings {
            let missing = filling(MIN_ECHO.saturating_add(self.check_id), padding);
            let echo = "7".repeat(MIN_ECHO.saturating_add(missing));
            let check = url_check_of(&self.platform, &echo, |echostr| !echostr.contains('+'));
            let check = check.map_err(platform_error)?;
            let query = check.request.uri().query().unwrap_or_default().to_owned();
            if self.is_echoed(&query, &echo).await != Some(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn accepts_all(&mut self, paddings: [usize; 2]) -> Result<bool, Error> {
        for padding in paddings {
            let request = self.padded_event(padding)?;
            let response = self.client.deliver(request).await;
            if !response.is_ok_and(|response| response.status.is_success()) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

pub(super) fn bad_padding(what: Text) -> Finding {
    let message = text("padding").texts("what", [what]);
    Finding::failure("padding", message).advice(text("padding-advice"))
}
