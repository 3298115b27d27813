//! The end of an asynchronous job: [`BatchJobResult`].

use super::family::{Scope, is_family};
use super::kind::EventKind;
use crate::payload::{Element, Misfits, Payload, Record, fields, read_nested, text_codes};

fields! {
    /// An asynchronous job has ended: an import of members or departments, an export, a translation of ids.
    ///
    /// Sent to the app that started the job, to the suite or to the provider, with the kind
    /// [`batch_job_result`](super::EventKind::BATCH_JOB_RESULT). Documents 90973, 94946, 94956, 95797, 91875.
    /// The fields stand inside `BatchJob` on every official page; one library has seen them beside it.
    #[doc(alias = "batch_job_result")]
    #[doc(alias = "handleBatchJobsFinished")]
    #[doc(alias = "异步任务完成通知")]
    #[event]
    pub struct BatchJobResult {
        /// The id that the job got when it was started; 64 characters at most.
        id job_id: String = "JobId",
        /// What the job did.
        one job_type: JobType = "JobType",
        /// 0 for success. Not sent for [`JobType::ContactIdTranslate`].
        one err_code: i64 = "ErrCode",
        /// The error in words, `ok` for success. Not sent for [`JobType::ContactIdTranslate`].
        one err_msg: String = "ErrMsg",
    }
}

text_codes! {
    /// What an asynchronous job did.
    pub enum JobType {
        /// Translated ids of the address book into names, for a provider (document 91875).
        ContactIdTranslate = "contact_id_translate",
        /// Exported the departments.
        ExportDepartment = "export_department",
        /// Exported the members, with few fields.
        ExportSimpleUser = "export_simple_user",
        /// Exported the members of a tag, as document 96298 spells it.
        ExportTag = "export_tag",
        /// Exported the members of a tag, as documents 94946 and 94956 spell it.
        ExportTagUser = "export_taguser",
        /// Exported the members with all fields.
        ExportUser = "export_user",
        /// Imported the contacts of an upstream and downstream chain (document 95797).
        ImportChainContact = "import_chain_contact",
        /// Invited members.
        InviteUser = "invite_user",
        /// Replaced all departments.
        ReplaceParty = "replace_party",
        /// Replaced all members.
        ReplaceUser = "replace_user",
        /// Made and changed members.
        SyncUser = "sync_user",
    }
}

impl BatchJobResult {
    /// Inside `BatchJob` first, then beside it.
    pub(super) fn read<'a>(root: Element<'a>, misfits: &mut Misfits<'a>) -> Option<Self> {
        let is_beside = root.child("JobId").is_some();
        let job = root
            .child("BatchJob")
            .filter(|job| !is_beside || job.child("JobId").is_some());
        match job {
            Some(job) => read_nested(job, misfits).ok().flatten(),
            None => Self::read_record(root, misfits),
        }
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
