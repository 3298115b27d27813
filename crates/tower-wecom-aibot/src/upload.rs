use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest, Md5};
use serde::Deserialize;
use serde_json::json;
#[cfg(doc)]
use tower_wecom::Reply;

use super::bot_core::Core;
use super::error::SendError;
use super::frame::{Ack, Command};

/// The size of a chunk before base64. Document 101463: at most 512 KB.
const CHUNK_BYTES: usize = 512 * 1024;
const CHUNKS_MAX: usize = 100;
const FILE_MIN_BYTES: usize = 5;
const NAME_MAX_BYTES: usize = 256;
/// How often a frame of an upload is sent at most. Each step may run twice.
const TRIES: usize = 3;

/// The kind of a file that is uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaKind {
    /// Any file.
    File,
    /// A picture.
    Image,
    /// A voice message.
    Voice,
    /// A video.
    Video,
}

impl MediaKind {
    /// WeCom's name for it: `file`, `image`, `voice`, `video`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
        }
    }
}

/// A file that WeCom has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// Its id, for [`Reply::file`], [`image`](Reply::image), [`voice`](Reply::voice) or
    /// [`video`](Reply::video). Valid for three days.
    pub media_id: String,
    /// The time of the upload, in seconds since 1970, if WeCom sends it.
    pub created_at: Option<u64>,
}

#[derive(Deserialize)]
struct Started {
    upload_id: String,
}

#[derive(Deserialize)]
struct Finished {
    media_id: String,
    created_at: Option<serde_json::Value>,
}

pub(crate) async fn run(
    core: &Core,
    kind: MediaKind,
    name: &str,
    file: &[u8],
) -> Result<Uploaded, SendError> {
    check(core, kind, name, file.len())?;
    core.upload_limiter.take("").await?;
    let digest = Md5::digest(file);
    let md5: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let body = json!({
        "type": kind.as_str(),
        "filename": name,
        "total_size": file.len(),
        "total_chunks": file.chunks(CHUNK_BYTES).len(),
        "md5": md5,
    });
    let ack = step(core, Command::UploadInit, &body.to_string()).await?;
    let Started { upload_id } = read(ack.body)?;
    for (index, chunk) in file.chunks(CHUNK_BYTES).enumerate() {
        let body = json!({
            "upload_id": upload_id,
            "chunk_index": index.saturating_add(core.settings.first_chunk_index),
            "base64_data": STANDARD.encode(chunk),
        });
        step(core, Command::UploadChunk, &body.to_string()).await?;
    }
    let body = json!({ "upload_id": upload_id });
    let ack = step(core, Command::UploadFinish, &body.to_string()).await?;
    let finished: Finished = read(ack.body)?;
    let created_at = finished.created_at.and_then(|time| match time {
        serde_json::Value::String(text) => text.parse().ok(),
        time => time.as_u64(),
    });
    Ok(Uploaded {
        media_id: finished.media_id,
        created_at,
    })
}

fn check(core: &Core, kind: MediaKind, name: &str, size: usize) -> Result<(), SendError> {
    let most = CHUNK_BYTES.saturating_mul(CHUNKS_MAX);
    let reason = if size < FILE_MIN_BYTES {
        "a file must have 5 bytes at least"
    } else if size > most {
        "a file can have 50 MiB at most"
    } else if name.is_empty() || name.len() > NAME_MAX_BYTES {
        "the name of a file must have 1 to 256 bytes"
    } else if kind == MediaKind::Image && size > core.settings.image_max_bytes {
        "the image is larger than `Bot::image_max_bytes`"
    } else {
        return Ok(());
    };
    Err(SendError::Unfit(reason))
}

async fn step(core: &Core, command: Command, body: &str) -> Result<Ack, SendError> {
    let mut tries = 1;
    loop {
        let req_id = core.new_id(command.as_str());
        match core.request(command, req_id, body).await {
            Err(error) if tries < TRIES && may_succeed_later(&error) => {
                tries = tries.saturating_add(1)
            }
            result => return result,
        }
    }
}

fn may_succeed_later(error: &SendError) -> bool {
    match error {
        SendError::Unacked => true,
        SendError::Refused(refusal) => refusal.is_not_subscribed() || refusal.is_passing(),
        _ => false,
    }
}

fn read<T: for<'a> Deserialize<'a>>(body: Option<Bytes>) -> Result<T, SendError> {
    let body = body.unwrap_or_default();
    let read = serde_json::from_slice(&body);
    read.map_err(|_| SendError::Unfit("the ack of an upload has no id"))
}
