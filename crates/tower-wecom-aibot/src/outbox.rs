use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::error::SendError;
use super::frame::{Ack, ReqId};
use super::moment::after;
use super::refusal::Refusal;

/// What has become of a frame. Whichever side is first decides: the connection or the caller.
#[derive(Clone, Copy)]
enum Fate {
    /// It was given to the connection at this moment.
    Written(Instant),
    /// The caller has given up before that.
    GivenUp,
}

/// A frame that waits for the connection.
pub(crate) struct Outgoing {
    pub(crate) frame: String,
    pub(crate) req_id: ReqId,
    pub(crate) ack: oneshot::Sender<Ack>,
    fate: Arc<OnceLock<Fate>>,
}

impl Outgoing {
    /// Marks the frame as written. Returns whether its caller still waits: if not, the frame must
    /// not be written.
    pub(crate) fn is_wanted(&self) -> bool {
        let written = Fate::Written(Instant::now());
        !self.ack.is_closed() && self.fate.set(written).is_ok()
    }
}

/// The queue of frames. It outlives the connections.
pub(crate) struct Outbox {
    queue: mpsc::Sender<Outgoing>,
    receiver: Mutex<Option<mpsc::Receiver<Outgoing>>>,
    send_timeout: Duration,
    ack_timeout: Duration,
}

impl Outbox {
    pub(crate) fn new(length: usize, send_timeout: Duration, ack_timeout: Duration) -> Self {
        let (queue, receiver) = mpsc::channel(length.max(1));
        Self {
            queue,
            receiver: Mutex::new(Some(receiver)),
            send_timeout,
            ack_timeout,
        }
    }

    /// The end that the connection reads. `None` after the first call.
    pub(crate) fn receiver(&self) -> Option<mpsc::Receiver<Outgoing>> {
        let mut receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        receiver.take()
    }

    /// Whether no frame waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.capacity() == self.queue.max_capacity()
    }

    /// Sends a frame and waits for its ack.
    pub(crate) async fn send(&self, frame: String, req_id: ReqId) -> Result<Ack, SendError> {
        let (ack, acked) = oneshot::channel();
        let fate = Arc::new(OnceLock::new());
        let outgoing = Outgoing {
            frame,
            req_id,
            ack,
            fate: Arc::clone(&fate),
        };
        let by = after(Instant::now(), self.send_timeout);
        match timeout_at(by, self.queue.send(outgoing)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(SendError::Ended),
            Err(_) => return Err(SendError::NotConnected),
        }
        let ack = self.wait_for(acked, &fate, by).await?;
        match ack.errcode {
            0 => Ok(ack),
            code => Err(Refusal::new(code, &ack.errmsg).into()),
        }
    }

    /// Waits for the ack of a frame that has to be written by a moment.
    ///
    /// Nothing wakes the caller when the frame is written, because the ack mostly follows soon. So
    /// it looks for that when the earliest possible time for the ack is over.
    async fn wait_for(
        &self,
        mut acked: oneshot::Receiver<Ack>,
        fate: &OnceLock<Fate>,
        by: Instant,
    ) -> Result<Ack, SendError> {
        let step = self.ack_timeout.max(Duration::from_millis(1));
        let written_at = loop {
            let until = by.min(after(Instant::now(), step));
            if let Ok(ended) = timeout_at(until, &mut acked).await {
                return ended.map_err(|_| lost(fate));
            }
            // At the last moment the caller withdraws the frame, unless it has just been written.
            let fate = match until < by {
                true => fate.get(),
                false => Some(fate.get_or_init(|| Fate::GivenUp)),
            };
            match fate {
                None => {}
                Some(Fate::Written(at)) => break *at,
                Some(Fate::GivenUp) => return Err(SendError::NotConnected),
            }
        };
        let acked = timeout_at(after(written_at, self.ack_timeout), acked).await;
        let acked = acked.map_err(|_| SendError::Unacked)?;
        acked.map_err(|_| SendError::Unacked)
    }
}

/// What it means that the connection has dropped a frame.
fn lost(fate: &OnceLock<Fate>) -> SendError {
    match fate.get() {
        Some(Fate::Written(_)) => SendError::Unacked,
        _ => SendError::Ended,
    }
}
