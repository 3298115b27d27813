use bytes::Bytes;
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::{Callback, Config, Rejection};

/// The decrypted content of a request.
#[derive(Clone, Debug)]
pub(crate) enum Opened {
    Echo(Bytes),
    Delivery(Callback),
}

/// Verifies and decrypts a request of any age.
///
/// # Errors
///
/// If the request is not genuine for this configuration.
pub(crate) fn open(
    config: &Config,
    is_url_check: bool,
    query: &str,
    body: &[u8],
) -> Result<Opened, Rejection> {
    let config = config.clone().dangerous_any_age();
    let now = config.now();
    let query = Query::parse(query, DEFAULT_NONCE_MAX_LEN)?;
    if is_url_check {
        return protocol::verify_url(&config, &query, now).map(Opened::Echo);
    }
    let envelope = Envelope::parse(Bytes::copy_from_slice(body))?;
    protocol::open(&config, &query, &envelope, now).map(Opened::Delivery)
}
