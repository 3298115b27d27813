//! Uploads. See [`MediaEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// Uploaded media.
    #[doc(alias = "素材管理")]
    pub enum MediaEvent {
        /// An asynchronous upload ended.
        UPLOAD_MEDIA_JOB_FINISH = "upload_media_job_finish" => UploadMediaJobFinish,
    }
}

fields! {
    /// An asynchronous upload ended, with or without success.
    ///
    /// Sent to the app that started the upload: self-built apps, apps developed for a corp (代开发)
    /// and third-party apps. Documents 96219, 96488, 97126. The callback does not contain the
    /// result. Read it and the id of the file through the API.
    #[doc(alias = "upload_media_job_finish")]
    #[doc(alias = "异步上传临时素材")]
    #[doc(alias = "回调异步任务结果")]
    #[event]
    pub struct UploadMediaJobFinish {
        /// The id that the upload got at its start. At most 128 bytes. The API knows it for 60
        /// minutes.
        id job_id: String = "JobId",
    }
}
