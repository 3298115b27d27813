use std::collections::{BTreeMap, HashMap};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Value, json};

/// The code of an upload's fault. WeCom's own are not documented.
const INVALID: i64 = 40_058;

/// The uploads that have begun.
#[derive(Default)]
pub(super) struct Uploads {
    begun: HashMap<String, Upload>,
    count: u64,
}

struct Upload {
    init: Value,
    chunks: BTreeMap<u64, Vec<u8>>,
}

impl Uploads {
    /// Answers a step: the body of the ack, or a code.
    pub(super) fn step(&mut self, cmd: &str, body: &Value) -> Result<Value, i64> {
        let id = body["upload_id"].as_str().unwrap_or_default();
        match cmd {
            "aibot_upload_media_init" => self.begin(body),
            "aibot_upload_media_chunk" => self.add(id, body),
            _ => self.finish(id),
        }
    }

    fn begin(&mut self, init: &Value) -> Result<Value, i64> {
        let size = init["total_size"].as_u64().unwrap_or_default();
        let chunks = init["total_chunks"].as_u64().unwrap_or_default();
        let name = init["filename"].as_str().map_or(0, str::len);
        if size < 5 || !(1..=100).contains(&chunks) || !(1..=256).contains(&name) {
            return Err(INVALID);
        }
        self.count = self.count.saturating_add(1);
        let id = format!("UP{}", self.count);
        let (init, chunks) = (init.clone(), BTreeMap::new());
        self.begun.insert(id.clone(), Upload { init, chunks });
        Ok(json!({ "upload_id": id }))
    }

    fn add(&mut self, id: &str, body: &Value) -> Result<Value, i64> {
        let upload = self.begun.get_mut(id).ok_or(INVALID)?;
        let index = body["chunk_index"].as_u64().ok_or(INVALID)?;
        let data = body["base64_data"].as_str().ok_or(INVALID)?;
        let data = STANDARD.decode(data).map_err(|_| INVALID)?;
        if data.len() > 512 * 1024 {
            return Err(INVALID);
        }
        upload.chunks.insert(index, data);
        Ok(Value::Null)
    }

    fn finish(&mut self, id: &str) -> Result<Value, i64> {
        let upload = self.begun.get(id).ok_or(INVALID)?;
        let file = upload
            .chunks
            .values()
            .flatten()
            .copied()
            .collect::<Vec<_>>();
        let digest = Md5::digest(&file);
        let md5: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let chunks = u64::try_from(upload.chunks.len()).ok();
        let size = u64::try_from(file.len()).ok();
        let md5_of_init = upload.init["md5"].as_str();
        let is_whole = upload.init["total_chunks"].as_u64() == chunks
            && upload.init["total_size"].as_u64() == size
            && md5_of_init.is_none_or(|of_init| of_init == md5);
        if !is_whole {
            return Err(INVALID);
        }
        let kind = upload.init["type"].clone();
        let media_id = format!("MEDIA-{id}");
        Ok(json!({ "type": kind, "media_id": media_id, "created_at": 1_795_852_801 }))
    }
}
