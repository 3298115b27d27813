//! A connection that is made anew after it has failed.

use std::sync::Arc;
use std::time::Duration;

use lapin::options::ConfirmSelectOptions;
use lapin::tcp::OwnedTLSConfig;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::error::PublishError;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// A broker that is silent for twice as long is gone. In seconds.
const HEARTBEAT: u16 = 10;

pub(super) struct Link {
    uri: AMQPUri,
    tls: OwnedTLSConfig,
    open: Mutex<Option<Open>>,
}

/// A connection with a channel for what is confirmed.
#[derive(Clone)]
struct Open {
    connection: Arc<Connection>,
    channel: Channel,
}

impl Link {
    pub(super) fn new(mut uri: AMQPUri, tls: OwnedTLSConfig) -> Self {
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        let open = Mutex::new(None);
        Self { uri, tls, open }
    }

    /// A channel whose messages are confirmed.
    pub(super) async fn confirmed(&self) -> Result<Channel, PublishError> {
        let mut place = self.open.lock().await;
        if let Some(Open {
            connection,
            channel,
        }) = &*place
        {
            if connection.status().blocked() {
                return Err(PublishError::refused("its memory or its disk is full"));
            }
            if connection.status().connected() && channel.status().connected() {
                return Ok(channel.clone());
            }
        }
        *place = None;
        let connection = self.connect().await?;
        let channel = connection
            .create_channel()
            .await
            .map_err(PublishError::new)?;
        let options = ConfirmSelectOptions::default();
        channel
            .confirm_select(options)
            .await
            .map_err(PublishError::new)?;
        *place = Some(Open {
            connection: Arc::new(connection),
            channel: channel.clone(),
        });
        Ok(channel)
    }

    /// Another connection.
    pub(super) async fn connect(&self) -> Result<Connection, PublishError> {
        let runtime = lapin::runtime::default_runtime().map_err(PublishError::new)?;
        let properties =
            ConnectionProperties::default().with_connection_name("tower-wecom-publish".into());
        let (uri, tls) = (self.uri.clone(), self.tls.clone());
        let connection = Connection::connect_uri_with_config(uri, properties, tls, runtime);
        timeout(CONNECT_WITHIN, connection)
            .await
            .map_err(|_| PublishError::timed_out())?
            .map_err(PublishError::new)
    }
}
