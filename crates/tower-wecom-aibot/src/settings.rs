use std::time::Duration;

use http::Uri;
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::dial::ProxySetting;
use super::lease::LeaseSetting;
use super::limits::Limits;
use super::secret::BotSecret;
use super::unanswered::Hook;

/// WeCom's address. Private deployments have their own.
pub(crate) const URL: &str = "wss://openws.work.weixin.qq.com";

/// All settings of a bot. [`Bot`](crate::Bot) documents them.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) bot_id: String,
    pub(crate) secret: BotSecret,
    pub(crate) name: Option<String>,
    pub(crate) url: String,
    pub(crate) uri: Uri,
    pub(crate) ping_every: Duration,
    pub(crate) missed_pings: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) ack_timeout: Duration,
    pub(crate) send_timeout: Duration,
    pub(crate) drain_timeout: Duration,
    pub(crate) first_pause: Duration,
    pub(crate) last_pause: Duration,
    pub(crate) too_often_pause: Duration,
    pub(crate) max_refusals: u32,
    pub(crate) limits: Limits,
    pub(crate) stream_life: Duration,
    pub(crate) stream_pace: Duration,
    pub(crate) first_chunk_index: usize,
    pub(crate) image_max_bytes: usize,
    pub(crate) max_frame_size: usize,
    pub(crate) queue: usize,
    pub(crate) max_running: usize,
    pub(crate) max_waiting: usize,
    pub(crate) proxy: ProxySetting,
    pub(crate) roots: Vec<CertificateDer<'static>>,
    pub(crate) lease: Option<LeaseSetting>,
    pub(crate) on_unanswered: Option<Hook>,
}

impl Settings {
    pub(crate) fn new(bot_id: String, secret: BotSecret) -> Self {
        Self {
            bot_id,
            secret,
            name: None,
            url: URL.to_owned(),
            uri: Uri::from_static("/"),
            ping_every: Duration::from_secs(30),
            missed_pings: 2,
            connect_timeout: Duration::from_secs(15),
            ack_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(30),
            first_pause: Duration::from_secs(1),
            last_pause: Duration::from_secs(30),
            too_often_pause: Duration::from_secs(60),
            max_refusals: 5,
            limits: Limits::default(),
            stream_life: Duration::from_secs(6 * 60),
            stream_pace: Duration::from_millis(500),
            first_chunk_index: 0,
            image_max_bytes: 10 << 20,
            max_frame_size: 1 << 20,
            queue: 1_024,
            max_running: 256,
            max_waiting: 1_024,
            proxy: ProxySetting::default(),
            roots: Vec::new(),
            lease: None,
            on_unanswered: None,
        }
    }

    /// The tenant of the bot's callbacks.
    pub(crate) fn tenant(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.bot_id)
    }
}
