use std::fmt;

use lapin::tcp::{OwnedIdentity, OwnedTLSConfig};
use lapin::uri::AMQPUri;

use super::broker::RabbitMq;
use super::link::Link;
use super::names::Names;
use crate::error::PublishError;
use crate::pem::{check_certificates, check_key};

impl RabbitMq {
    /// Connects: `amqp[s]://user:password@host[:port]/vhost`, and declares what is not there. The
    /// vhost `/` is written `%2f`.
    ///
    /// # Errors
    ///
    /// If the URL is invalid, the broker does not answer within 10 seconds, or a queue of that name
    /// has other settings.
    pub async fn connect(url: &str) -> Result<Self, PublishError> {
        Self::builder().connect(url).await
    }

    /// With other settings than the default ones.
    pub fn builder() -> RabbitMqBuilder {
        RabbitMqBuilder::default()
    }
}

/// The settings of [`RabbitMq`].
#[derive(Clone)]
#[must_use]
pub struct RabbitMqBuilder {
    name: String,
    declares: bool,
    tls: OwnedTLSConfig,
}

impl Default for RabbitMqBuilder {
    fn default() -> Self {
        Self {
            name: "wecom".to_owned(),
            declares: true,
            tls: OwnedTLSConfig::default(),
        }
    }
}

impl RabbitMqBuilder {
    /// The name of the exchange and the queue, and the beginning of the other queues' names:
    /// `wecom` unless set.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Whether to declare the exchange and the queues: yes unless set.
    ///
    /// A user that may not do that needs them beforehand: a program with more rights declares them
    /// when it connects. With the name `wecom` the user of a receiver needs the permission to write
    /// to `^wecom$`. That of a consumer needs to read from `^wecom$` and to write to
    /// `^amq\.default$`, the default exchange, through which a failed callback goes into a queue
    /// for pauses.
    pub fn declares(mut self, declares: bool) -> Self {
        self.declares = declares;
        self
    }

    /// Trusts these certificates too, PEM, for `amqps://`. Those of the machine are trusted anyway.
    pub fn root_certificates(mut self, pem: impl Into<String>) -> Self {
        self.tls.cert_chain = Some(pem.into());
        self
    }

    /// Shows this certificate and key to the broker, PEM, for `amqps://`.
    ///
    /// To log in with it instead of a password add `?auth_mechanism=external` to the URL. The
    /// broker needs the plugin `rabbitmq_auth_mechanism_ssl`, `EXTERNAL` among its
    /// `auth_mechanisms`, and a user by the name of the certificate's subject (see
    /// `ssl_cert_login_from`).
    pub fn client_certificate(
        mut self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        let (pem, key) = (certificate.into(), key.into());
        self.tls.identity = Some(OwnedIdentity::PKCS8 { pem, key });
        self
    }

    /// Connects. See [`RabbitMq::connect`].
    ///
    /// # Errors
    ///
    /// If the URL, a certificate or the key is invalid, the broker does not answer within 10
    /// seconds, or a queue of that name has other settings.
    pub async fn connect(self, url: &str) -> Result<RabbitMq, PublishError> {
        // The parser's own text may contain the URL.
        let uri: AMQPUri = url.parse().map_err(|_| {
            PublishError::setup(
                "the URL of RabbitMQ is invalid: write amqps://user:password@host:port/vhost, \
                 with %2f for the vhost /",
            )
        })?;
        check(&self.tls)?;
        let broker = RabbitMq::new(Link::new(uri, self.tls), Names::new(self.name));
        if self.declares {
            broker.declare().await?;
        }
        Ok(broker)
    }
}

fn check(tls: &OwnedTLSConfig) -> Result<(), PublishError> {
    if let Some(roots) = &tls.cert_chain {
        check_certificates(roots.as_bytes())?;
    }
    if let Some(OwnedIdentity::PKCS8 { pem, key }) = &tls.identity {
        check_certificates(pem)?;
        check_key(key)?;
    }
    Ok(())
}

impl fmt::Debug for RabbitMqBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RabbitMqBuilder")
            .field("name", &self.name)
            .field("declares", &self.declares)
            .finish_non_exhaustive()
    }
}
