//! The probes of `doctor --to` and their order.

use super::session::Session;
use crate::diagnosis::Checked;
use crate::exit::Error;

/// What the probes have found.
pub(super) struct Probed {
    pub(super) checked: Vec<Checked>,
    pub(super) was_reached: bool,
}

/// Which probes are sent in addition to those that change nothing.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// A text message, and with a bot the conversation that follows.
    pub(super) messages: bool,
    /// Each documented kind.
    pub(super) every_kind: bool,
}

/// Sends all probes, as far as the earlier ones allow.
pub(super) async fn probe(mut session: Session<'_>, wanted: Wanted) -> Result<Probed, Error> {
    let was_reached = session.connection().await;
    if was_reached {
        let is_checked = session.plain_url_check().await?;
        let is_steady = is_checked && session.plus_sign().await?;
        if is_steady {
            session.forged_url_check().await?;
        }
        let delivered = session.delivery(is_checked).await?;
        // If the genuine delivery is rejected, a rejected forgery proves nothing.
        if is_steady && delivered.was_accepted {
            session.forged_delivery().await?;
        }
        if is_steady && delivered.is_fine {
            session.padding().await?;
            session.ciphertexts().await?;
            session.large_delivery().await?;
            session.expectation().await?;
            session.chunks().await?;
            session.unknown_message_delivery().await?;
        }
        if is_checked && delivered.is_fine && wanted.messages {
            session.messages().await?;
        }
        if is_checked && wanted.every_kind {
            session.every_kind().await?;
        }
    }
    Ok(Probed {
        checked: session.found,
        was_reached,
    })
}
