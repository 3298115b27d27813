//! Uploads. See [`MediaEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// Something about media that were uploaded.
    #[doc(alias = "素材管理")]
    pub enum MediaEvent {
        /// An asynchronous upload has ended.
        UPLOAD_MEDIA_JOB_FINISH = "upload_media_job_finish" => UploadMediaJobFinish,
    }
}

fields! {
    /// An asynchronous upload has ended, well or badly.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 96219, 96488, 97126. Sent to the
    /// app that began the upload. How it went, and the id of the file, the API tells.
    #[doc(alias = "upload_media_job_finish")]
    #[doc(alias = "异步上传临时素材")]
    #[doc(alias = "回调异步任务结果")]
    #[event]
    pub struct UploadMediaJobFinish {
        /// The id that the upload got when it began, 128 bytes at most. The API knows it for 60 minutes.
        id job_id: String = "JobId",
    }
}
