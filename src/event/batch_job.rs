//! The end of an asynchronous job: [`BatchJobResult`].

use super::family::{Scope, is_family};
use super::kind::EventKind;
use crate::payload::{Element, Misfits, Payload, fields, read_nested, read_record, text_codes};

fields! {
    /// An asynchronous job ended: an import of members or departments, an export, or a translation
    /// of ids.
    ///
    /// Sent to the app that started the job, to the suite or to the provider. Its kind is
    /// [`batch_job_result`](super::EventKind::BATCH_JOB_RESULT). Documents 90973, 94946, 94956,
    /// 95797, 91875. The fields are inside `BatchJob` on every official page. One library has seen
    /// them beside it.
    #[doc(alias = "batch_job_result")]
    #[doc(alias = "handleBatchJobsFinished")]
    #[doc(alias = "异步任务完成通知")]
    #[event]
    pub struct BatchJobResult {
        /// The id that the job got at its start. At most 64 characters.
        id job_id: String = "JobId",
        /// The type of the job.
        one job_type: JobType = "JobType",
        /// 0 for success. Not sent for [`JobType::ContactIdTranslate`].
        one err_code: i64 = "ErrCode",
        /// The error as a text, `ok` for success. Not sent for [`JobType::ContactIdTranslate`].
        one err_msg: String = "ErrMsg",
    }
}

text_codes! {
    /// The type of an asynchronous job.
    pub enum JobType {
        /// A translation of address book ids into names, for a provider (document 91875).
        ContactIdTranslate = "contact_id_translate",
        /// An export of the departments.
        ExportDepartment = "export_department",
        /// An export of the members with few fields.
        ExportSimpleUser = "export_simple_user",
        /// An export of the members of a tag. This is the spelling of document 96298.
        ExportTag = "export_tag",
        /// An export of the members of a tag. This is the spelling of documents 94946 and 94956.
        ExportTagUser = "export_taguser",
        /// An export of the members with all fields.
        ExportUser = "export_user",
        /// An import of the contacts of an upstream and downstream chain (document 95797).
        ImportChainContact = "import_chain_contact",
        /// An invitation of members.
        InviteUser = "invite_user",
        /// A replacement of all departments.
        ReplaceParty = "replace_party",
        /// A replacement of all members.
        ReplaceUser = "replace_user",
        /// An import that created and updated members.
        SyncUser = "sync_user",
    }
}

impl BatchJobResult {
    /// Reads the fields inside `BatchJob`, or else beside it.
    pub(super) fn read<'a>(root: Element<'a>, misfits: &mut Misfits<'a>) -> Option<Self> {
        let is_beside = root.child("JobId").is_some();
        let job = root
            .child("BatchJob")
            .filter(|job| !is_beside || job.child("JobId").is_some());
        let mut record = Self::default();
        let is_read = match job {
            Some(job) => read_nested(&mut record, job, misfits).is_ok(),
            None => read_record(&mut record, root, misfits),
        };
        is_read.then_some(record)
    }
}

is_family!(BatchJobResult, Scope::Kind(BatchJobResult::PATH));

impl Payload for BatchJobResult {
    const PATH: &'static str = "batch_job_result";
}

impl EventKind {
    /// `batch_job_result`: [`BatchJobResult`].
    pub const BATCH_JOB_RESULT: Self = Self::constant(BatchJobResult::PATH);
}
