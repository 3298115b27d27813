use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use super::error::SendError;
use super::frame::{Ack, ReqId};
use super::moment::after;
use super::refusal::Refusal;

/// A frame that waits for the connection.
pub(crate) struct Outgoing {
    pub(crate) frame: String,
    pub(crate) req_id: ReqId,
    /// Sent before the frame is written. If it cannot be sent, the caller has given up, and the
    /// frame must not be written.
    pub(crate) written: oneshot::Sender<()>,
    pub(crate) ack: oneshot::Sender<Ack>,
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
        let (written, is_written) = oneshot::channel();
        let (ack, acked) = oneshot::channel();
        let outgoing = Outgoing {
            frame,
            req_id,
            written,
            ack,
        };
        let by = after(Instant::now(), self.send_timeout);
        match timeout_at(by, self.queue.send(outgoing)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(SendError::Ended),
            Err(_) => return Err(SendError::NotConnected),
        }
        wait_until_written(is_written, by).await?;
        match timeout(self.ack_timeout, acked).await {
            Ok(Ok(ack)) if ack.errcode == 0 => Ok(ack),
            Ok(Ok(ack)) => Err(Refusal::new(ack.errcode, &ack.errmsg).into()),
            Ok(Err(_)) | Err(_) => Err(SendError::Unacked),
        }
    }
}

async fn wait_until_written(
    mut is_written: oneshot::Receiver<()>,
    by: Instant,
) -> Result<(), SendError> {
    match timeout_at(by, &mut is_written).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(SendError::Ended),
        Err(_) => {
            // From here on the connection cannot write it any more, but perhaps it has just done
            // so.
            is_written.close();
            is_written.try_recv().map_err(|_| SendError::NotConnected)
        }
    }
}
