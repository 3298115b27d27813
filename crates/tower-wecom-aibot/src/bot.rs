use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{Response, Uri};
use http_body::Body;
use tower::Service;
use zeroize::Zeroizing;

use super::bot_core::Core;
use super::connect::Endpoint;
use super::dial::{Dialer, ProxySetting, Target, Tls, certificates};
use super::dispatch::LiveRequest;
use super::error::ServeError;
use super::handle::BotHandle;
use super::lease::{Lease, LeaseSetting};
use super::limits::Limits;
#[cfg(feature = "media")]
use super::media::Media;
use super::secret::BotSecret;
use super::serve::Server;
use super::settings::Settings;
use super::unanswered::Unanswered;

/// The shortest and the longest life of a stream. Document 101463 and a measurement disagree.
const STREAM_LIFE: (Duration, Duration) = (Duration::from_secs(360), Duration::from_secs(600));

/// An AI bot with a long connection. See the [crate's page](crate).
#[must_use = "a bot does nothing until `serve` is awaited"]
pub struct Bot {
    settings: Settings,
    core: OnceLock<Arc<Core>>,
}

impl Bot {
    /// A bot, by the id and the Secret that WeCom's console shows for the long connection.
    pub fn new(bot_id: impl Into<String>, secret: BotSecret) -> Self {
        Self {
            settings: Settings::new(bot_id.into(), secret),
            core: OnceLock::new(),
        }
    }

    /// Serves the bot: connects, and gives each message and event to the service, until
    /// [`BotHandle::shutdown`] is called.
    ///
    /// The service is an `EventRouter`, an axum `Router`, or any other tower service for the
    /// requests that `WeComLayer` makes. It is cloned for each callback. The [`Reply`] in the
    /// extensions of its response is sent as the answer.
    ///
    /// [`Reply`]: tower_wecom::Reply
    ///
    /// # Errors
    ///
    /// If another connection of the bot displaces this one, if WeCom refuses the credentials
    /// several times, or if a setting is invalid. A lost connection is no error: the bot connects
    /// again.
    ///
    /// # Panics
    ///
    /// If it is polled outside of a tokio runtime with IO and time.
    pub async fn serve<S, ResBody>(self, service: S) -> Result<(), ServeError>
    where
        S: Service<LiveRequest, Response = Response<ResBody>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
        ResBody: Body + Send + 'static,
    {
        let core = Arc::clone(self.core());
        let endpoint = self.endpoint()?;
        // `self` is consumed, so this is the first call.
        let outbox = core.outbox.receiver();
        let outbox = outbox.ok_or_else(|| ServeError::Setting("the bot serves already".into()))?;
        Server::new(core, endpoint, service, outbox).run().await
    }

    /// As [`serve`](Self::serve), and shuts down when the signal completes.
    ///
    /// # Errors
    ///
    /// Those of [`serve`](Self::serve).
    ///
    /// # Panics
    ///
    /// As [`serve`](Self::serve).
    pub async fn serve_with_graceful_shutdown<S, ResBody>(
        self,
        service: S,
        signal: impl Future<Output = ()>,
    ) -> Result<(), ServeError>
    where
        S: Service<LiveRequest, Response = Response<ResBody>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
        ResBody: Body + Send + 'static,
    {
        let handle = self.handle();
        let mut serve = std::pin::pin!(self.serve(service));
        tokio::select! {
            ended = &mut serve => return ended,
            () = signal => handle.shutdown(),
        }
        serve.await
    }

    /// The handle, for the rest of the program.
    ///
    /// Take it after all settings: a handle that was taken earlier belongs to no connection.
    #[must_use]
    pub fn handle(&self) -> BotHandle {
        BotHandle(Arc::clone(self.core()))
    }

    fn core(&self) -> &Arc<Core> {
        self.core.get_or_init(|| Core::new(self.settings.clone()))
    }

    fn endpoint(&self) -> Result<Endpoint, ServeError> {
        let settings = &self.settings;
        let uri: Option<Uri> = settings.url.parse().ok();
        let target = uri.and_then(|uri| Target::of(&uri, "ws", "wss"));
        let target = target.ok_or_else(|| {
            ServeError::Setting("the URL must be wss://host[:port][/path]".to_owned())
        })?;
        settings.proxy.check(&target).map_err(ServeError::Setting)?;
        let tls = Tls::new(&settings.roots).map_err(ServeError::Setting)?;
        let proxy = settings.proxy.clone();
        Ok(Endpoint {
            url: settings.url.clone(),
            target,
            dialer: Dialer { proxy, tls },
        })
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self.core = OnceLock::new();
        self
    }
}

/// The server, and the way to it.
impl Bot {
    /// Sets the server. The default is WeCom's, `wss://openws.work.weixin.qq.com`. Private
    /// deployments have their own. `ws://` has no encryption: it is for tests.
    pub fn url(self, url: impl Into<String>) -> Self {
        self.with(|settings| settings.url = url.into())
    }

    /// Adds root certificates, in PEM, to those of this machine: for a private deployment, or for a
    /// firewall that opens TLS.
    ///
    /// # Errors
    ///
    /// [`ServeError::Setting`] if the text has no certificate or an invalid one.
    pub fn root_certificates(self, pem: impl AsRef<[u8]>) -> Result<Self, ServeError> {
        let roots = certificates(pem.as_ref()).map_err(ServeError::Setting)?;
        Ok(self.with(|settings| settings.roots.extend(roots)))
    }

    /// Sets the proxy, `http://[user:password@]host[:port]`. It is asked for a tunnel (`CONNECT`).
    ///
    /// By default the environment decides: `HTTPS_PROXY` and `NO_PROXY`, in capitals or not, for
    /// `wss://` alone.
    pub fn proxy(self, url: impl Into<String>) -> Self {
        let url = Zeroizing::new(url.into());
        self.with(|settings| settings.proxy = ProxySetting::Url(url))
    }

    /// Uses no proxy, whatever the environment has.
    pub fn no_proxy(self) -> Self {
        self.with(|settings| settings.proxy = ProxySetting::None)
    }

    /// Lets several processes take turns at the connection. Each of them serves, and one at a time
    /// is connected. The lease lasts 15 seconds from its last renewal.
    pub fn lease(self, lease: impl Lease) -> Self {
        self.lease_for(lease, Duration::from_secs(15))
    }

    /// As [`lease`](Self::lease), for a time of your own. At least 3 seconds.
    ///
    /// A holder that has died is replaced at the latest 2 seconds after the end of its lease.
    pub fn lease_for(self, lease: impl Lease, duration: Duration) -> Self {
        let duration = duration.max(Duration::from_secs(3));
        let lease = Arc::new(lease);
        self.with(|settings| settings.lease = Some(LeaseSetting { lease, duration }))
    }
}

/// Files.
#[cfg(feature = "media")]
impl Bot {
    /// Downloads of the files in messages, with the proxy and the root certificates of this bot.
    ///
    /// # Errors
    ///
    /// [`ServeError::Setting`] if a setting is invalid.
    pub fn media(&self) -> Result<Media, ServeError> {
        Ok(Media::new(self.endpoint()?.dialer))
    }
}

/// What the service gets.
impl Bot {
    /// Sets the name: [`Callback::tenant`](tower_wecom::Callback::tenant). The default is the bot's
    /// id.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.with(|settings| settings.name = Some(name.into()))
    }

    /// Sets the URI of the requests, for a service that routes by path. The default is `/`.
    pub fn uri(self, uri: Uri) -> Self {
        self.with(|settings| settings.uri = uri)
    }

    /// Sets how many callbacks run at once, and how many wait behind them. The defaults are 256 and
    /// 1,024. One more is reported as unanswered.
    pub fn max_callbacks(self, running: usize, waiting: usize) -> Self {
        self.with(|settings| {
            settings.max_running = running.max(1);
            settings.max_waiting = waiting;
        })
    }

    /// Sets the largest frame that is read, in bytes. The default is 1 MiB. A larger one ends the
    /// connection.
    pub fn max_frame_size(self, bytes: usize) -> Self {
        self.with(|settings| settings.max_frame_size = bytes)
    }

    /// Sets a hook for each callback whose sender gets no answer. It must not block.
    pub fn on_unanswered(self, hook: impl Fn(&Unanswered) + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.on_unanswered = Some(Arc::new(hook)))
    }
}

/// What is sent.
impl Bot {
    /// Sets the limits that are kept on our side.
    pub fn limits(self, limits: Limits) -> Self {
        self.with(|settings| settings.limits = limits)
    }

    /// Sets how many frames may wait for the connection. The default is 1,024.
    pub fn queue(self, frames: usize) -> Self {
        self.with(|settings| settings.queue = frames)
    }

    /// Sets how long a frame may wait until it is written, while the bot is not connected for
    /// example. The default is 30 seconds.
    pub fn send_timeout(self, time: Duration) -> Self {
        self.with(|settings| settings.send_timeout = time)
    }

    /// Sets how long the ack of a frame is waited for. The default is 10 seconds; WeCom needs less
    /// than one.
    pub fn ack_timeout(self, time: Duration) -> Self {
        self.with(|settings| settings.ack_timeout = time)
    }

    /// Sets the life of a stream: 6 to 10 minutes. The default is 6 minutes, as in the
    /// document; others have measured more.
    pub fn stream_life(self, life: Duration) -> Self {
        let (least, most) = STREAM_LIFE;
        self.with(|settings| settings.stream_life = life.clamp(least, most))
    }

    /// Sets the shortest time between two frames of a stream. The default is 500 ms.
    pub fn stream_pace(self, pace: Duration) -> Self {
        self.with(|settings| settings.stream_pace = pace)
    }

    /// Sets the `chunk_index` of an upload's first chunk. The default is 0; WeCom's document has 0
    /// in a table and 1 in a sample.
    pub fn first_chunk_index(self, index: usize) -> Self {
        self.with(|settings| settings.first_chunk_index = index)
    }

    /// Sets the largest image that is uploaded, in bytes. The default is 10 MiB; sources disagree
    /// on 2 MB and 10 MB.
    pub fn image_max_bytes(self, bytes: usize) -> Self {
        self.with(|settings| settings.image_max_bytes = bytes)
    }
}

/// The connection.
impl Bot {
    /// Sets how often a ping is sent, and how many in a row may stay unanswered. The defaults are
    /// 30 seconds and 2.
    pub fn pings(self, every: Duration, unanswered: usize) -> Self {
        self.with(|settings| {
            settings.ping_every = every;
            settings.missed_pings = unanswered.max(1);
        })
    }

    /// Sets the time for connecting and subscribing. The default is 15 seconds.
    pub fn connect_timeout(self, time: Duration) -> Self {
        self.with(|settings| settings.connect_timeout = time)
    }

    /// Sets the first and the longest pause between two connections. The defaults are 1 and 30
    /// seconds. A pause is doubled each time, and shortened by up to a half at random. After a
    /// connection of a minute it is short again.
    pub fn reconnect_pauses(self, first: Duration, longest: Duration) -> Self {
        self.with(|settings| {
            settings.first_pause = first;
            settings.last_pause = longest;
        })
    }

    /// Sets how often in a row the subscription may be refused before
    /// [`serve`](Self::serve) ends. The default is 5. 45009, too often, does not count.
    pub fn max_refusals(self, tries: u32) -> Self {
        self.with(|settings| settings.max_refusals = tries.max(1))
    }

    /// Sets the pause after 45009, subscribed too often. The default is a minute; WeCom documents
    /// none.
    pub fn too_often_pause(self, pause: Duration) -> Self {
        self.with(|settings| settings.too_often_pause = pause)
    }

    /// Sets how long running handlers may take on shutdown. The default is 30 seconds.
    pub fn drain_timeout(self, time: Duration) -> Self {
        self.with(|settings| settings.drain_timeout = time)
    }
}

/// Without the URL: it may have a user and a password.
impl fmt::Debug for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bot")
            .field("bot_id", &self.settings.bot_id)
            .finish_non_exhaustive()
    }
}
