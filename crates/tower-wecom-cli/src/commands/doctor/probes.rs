//! The probes of `doctor --to` and their order.

use super::session::Session;
use crate::diagnosis::Checked;
use crate::exit::Error;

/// What the probes have found.
pub(super) struct Probed {
    pub(super) checked: Vec<Checked>,
    pub(super) was_reached: bool,
}

/// Sends all probes, as far as the earlier ones allow.
pub(super) async fn probe(mut session: Session<'_>) -> Result<Probed, Error> {
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
            session.large_delivery().await?;
        }
    }
    Ok(Probed {
        checked: session.found,
        was_reached,
    })
}
