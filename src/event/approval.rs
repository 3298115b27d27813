//! Approvals. See [`ApprovalEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// The state of an approval changed.
    ///
    /// WeCom has two kinds of approvals. [`SysApprovalChange`] is for approvals of its own approval
    /// app. [`OpenApprovalChange`] is for approvals that an app starts through the approval flow
    /// engine. Both contain the whole approval in its current state.
    #[doc(alias = "审批回调通知")]
    pub enum ApprovalEvent {
        /// An approval of WeCom's own approval app changed.
        SYS_APPROVAL_CHANGE = "sys_approval_change" => SysApprovalChange,
        /// An approval that an app started through the approval flow engine changed.
        OPEN_APPROVAL_CHANGE = "open_approval_change" => OpenApprovalChange,
    }
}

fields! {
    /// An approval of WeCom's own approval app changed its state, or a person acted on it.
    ///
    /// `sp_no_str` identifies the approval. Use `sp_no` where `sp_no_str` is absent. `sp_record`
    /// contains the steps. Newer callbacks contain them again in `process_list`, which also has the
    /// people to carry the approval out. Sent to self-built apps, apps developed for a corp
    /// (代开发) and third-party apps. Documents 91815, 92633, 96508.
    #[doc(alias = "sys_approval_change")]
    #[doc(alias = "审批申请状态变化回调通知")]
    #[event]
    pub struct SysApprovalChange in "ApprovalInfo" {
        /// The approval's number as a text. Older callbacks do not contain it.
        one sp_no_str: String = "SpNoStr",
        /// The approval's number as a number. Approvals of an education bureau and its schools do
        /// not have it. Prefer `sp_no_str`.
        one sp_no: u64 = "SpNo",
        /// The name of the template.
        one sp_name: String = "SpName",
        /// The state of the approval.
        one sp_status: SpStatus = "SpStatus",
        /// The template's id.
        may template_id: String = "TemplateId",
        /// When the approval was submitted. Unix time in seconds.
        one apply_time: u64 = "ApplyTime",
        /// The applicant.
        one applyer: Applyer = "Applyer",
        /// The steps, in the older form.
        many sp_record: SpRecord = "SpRecord",
        /// The people who get a copy.
        many notifyer: Notifyer = "Notifyer",
        /// The steps, in the newer form. Older callbacks do not contain them.
        list process_list: ProcessNode = "ProcessList" of "NodeList",
        /// The comments.
        many comments: SpComment = "Comments",
        /// What happened. The wire name lacks the last letter of "status".
        one status_change_event: ApprovalChange = "StatuChangeEvent" | "StatusChangeEvent",
    }

    /// An approval that an app started through the approval flow engine changed.
    ///
    /// Sent when the state of the approval changes. While it is pending, also sent for each action
    /// of an approver. Sent to self-built apps, apps developed for a corp (代开发) and third-party
    /// apps. Documents 90240, 90269, 90376, 93798, 96468, 97114.
    #[doc(alias = "open_approval_change")]
    #[doc(alias = "审批状态通知事件")]
    #[event]
    pub struct OpenApprovalChange in "ApprovalInfo" {
        /// The number that the app gave to the approval.
        id third_no: String = "ThirdNo",
        /// The name of the template.
        one open_sp_name: String = "OpenSpName",
        /// The template's id.
        may open_template_id: String = "OpenTemplateId",
        /// The state of the approval.
        one open_sp_status: OpenSpStatus = "OpenSpStatus",
        /// When the approval was submitted. Unix time in seconds.
        one apply_time: u64 = "ApplyTime",
        /// The applicant's name.
        may apply_user_name: String = "ApplyUserName",
        /// The applicant's UserID.
        may apply_user_id: String = "ApplyUserId",
        /// The name of the applicant's department.
        one apply_user_party: String = "ApplyUserParty",
        /// The URL of the applicant's avatar.
        one apply_user_image: String = "ApplyUserImage",
        /// The steps.
        list approval_nodes: ApprovalNode = "ApprovalNodes" of "ApprovalNode",
        /// The people who get a copy. Not always sent.
        list notify_nodes: NotifyNode = "NotifyNodes" of "NotifyNode",
        /// The current step, as an index into `approval_nodes`, from 0.
        one approver_step: u64 = "approverstep" | "ApproverStep",
    }

    /// The applicant of an approval.
    #[doc(alias = "申请人")]
    pub struct Applyer {
        /// The applicant's UserID.
        may user_id: String = "UserId",
        /// The id of the applicant's department.
        one party: u64 = "Party",
    }

    /// A step of an approval, in the older form.
    #[doc(alias = "审批节点")]
    pub struct SpRecord {
        /// The state of the step.
        one sp_status: ApprovalNodeStatus = "SpStatus",
        /// How many of its approvers must agree.
        one approver_attr: ApproverAttr = "ApproverAttr",
        /// Its approvers. There can be several if the step names a tag or a superior.
        many details: SpDetail = "Details",
    }

    /// An approver in a [`SpRecord`].
    #[doc(alias = "Approver")]
    #[doc(alias = "Approvor")]
    #[doc(alias = "分支审批人")]
    pub struct SpDetail {
        /// The approver's UserID.
        may user_id: String = "UserId" in "Approver" | "Approvor",
        /// The approver's remark. Can be empty.
        one speech: String = "Speech",
        /// The approver's decision.
        one sp_status: ApprovalNodeStatus = "SpStatus",
        /// When the approver decided. Unix time in seconds, 0 if undecided.
        one sp_time: u64 = "SpTime",
        /// The media ids of the files attached to the remark.
        many attach: String = "Attach" | "MediaId",
    }

    /// A person who gets a copy of an approval.
    #[doc(alias = "抄送人")]
    pub struct Notifyer {
        /// The person's UserID.
        may user_id: String = "UserId",
    }

    /// A step of an approval, in the newer form.
    #[doc(alias = "流程节点")]
    pub struct ProcessNode {
        /// The role of its people.
        one node_type: ProcessNodeType = "NodeType",
        /// The state of the step.
        one sp_status: ProcessStatus = "SpStatus",
        /// How its people act together.
        one apv_rel: ApvRel = "ApvRel",
        /// Its people.
        many sub_node_list: ProcessPerson = "SubNodeList",
    }

    /// A person in a [`ProcessNode`].
    #[doc(alias = "子节点")]
    pub struct ProcessPerson {
        /// The person's UserID.
        may user_id: String = "UserId" in "UserInfo",
        /// The person's remark.
        one speech: String = "Speech",
        /// The person's decision or action.
        one sp_yj: ProcessStatus = "SpYj",
        /// When the person acted. Unix time in seconds.
        one sp_time: u64 = "Sptime" | "SpTime",
        /// The media ids of the files attached to the remark.
        many media_ids: String = "MediaIds",
    }

    /// A comment on an approval.
    #[doc(alias = "备注")]
    pub struct SpComment {
        /// The UserID of the comment's author.
        may user_id: String = "UserId" in "CommentUserInfo",
        /// When the comment was written. Unix time in seconds.
        one comment_time: u64 = "CommentTime",
        /// The text of the comment.
        one comment_content: String = "CommentContent",
        /// The comment's id.
        may comment_id: String = "CommentId",
        /// The media ids of the attached files.
        many attach: String = "Attach" | "MediaId",
    }

    /// A step of an approval from the approval flow engine.
    #[doc(alias = "审批流程节点")]
    pub struct ApprovalNode {
        /// The state of the step.
        one node_status: ApprovalNodeStatus = "NodeStatus",
        /// How many of its approvers must agree.
        one node_attr: ApproverAttr = "NodeAttr",
        /// How its approvers are chosen.
        one node_type: OpenNodeType = "NodeType",
        /// Its approvers. There can be several if the step names a tag or a superior.
        list items: ApprovalItem = "Items" of "Item",
    }

    /// An approver in an [`ApprovalNode`].
    #[doc(alias = "分支审批人")]
    pub struct ApprovalItem {
        /// The approver's name.
        one item_name: String = "ItemName",
        /// The approver's UserID.
        may item_user_id: String = "ItemUserId" | "ItemUserid",
        /// The URL of the approver's avatar.
        one item_image: String = "ItemImage",
        /// The approver's decision.
        one item_status: ApprovalNodeStatus = "ItemStatus",
        /// The approver's remark. Can be empty.
        one item_speech: String = "ItemSpeech",
        /// When the approver decided. Unix time in seconds, 0 if undecided.
        one item_op_time: u64 = "ItemOpTime",
        /// The name of the approver's department. Only documents 90269, 93798 and 97114 have it.
        one item_party: String = "ItemParty",
    }

    /// A person who gets a copy of an approval from the approval flow engine.
    #[doc(alias = "抄送人")]
    pub struct NotifyNode {
        /// The person's name.
        one item_name: String = "ItemName",
        /// The person's UserID.
        may item_user_id: String = "ItemUserId" | "ItemUserid",
        /// The URL of the person's avatar.
        one item_image: String = "ItemImage",
        /// The name of the person's department. Only documents 90269, 93798 and 97114 have it.
        one item_party: String = "ItemParty",
    }
}

number_codes! {
    /// The state of an approval of WeCom's own approval app.
    #[doc(alias = "申请单状态")]
    pub enum SpStatus {
        /// Not decided yet.
        Pending = 1,
        /// Approved.
        Passed = 2,
        /// Rejected.
        Rejected = 3,
        /// Withdrawn by the applicant.
        Withdrawn = 4,
        /// Revoked after its approval.
        Revoked = 6,
        /// Deleted.
        Deleted = 7,
        /// Paid.
        Paid = 10,
    }
}

number_codes! {
    /// The state of a step, or the decision of one of its approvers.
    #[doc(alias = "审批节点状态")]
    pub enum ApprovalNodeStatus {
        /// Not decided yet.
        Pending = 1,
        /// Approved.
        Approved = 2,
        /// Rejected.
        Rejected = 3,
        /// Transferred to another person.
        Transferred = 4,
    }
}

number_codes! {
    /// How many approvers of a step must agree. The codes differ from those of [`ApvRel`].
    #[doc(alias = "节点审批方式")]
    pub enum ApproverAttr {
        /// One is enough.
        #[doc(alias = "或签")]
        AnyOne = 1,
        /// All must agree.
        #[doc(alias = "会签")]
        All = 2,
    }
}

number_codes! {
    /// The role of the people of a [`ProcessNode`].
    #[doc(alias = "节点类型")]
    pub enum ProcessNodeType {
        /// They approve.
        #[doc(alias = "审批人")]
        Approver = 1,
        /// They get a copy.
        #[doc(alias = "抄送人")]
        Copied = 2,
        /// They carry it out.
        #[doc(alias = "办理人")]
        Handler = 3,
    }
}

number_codes! {
    /// How the people of a [`ProcessNode`] act together. The codes differ from those of
    /// [`ApproverAttr`].
    #[doc(alias = "多人办理方式")]
    pub enum ApvRel {
        /// All must agree.
        #[doc(alias = "会签")]
        All = 1,
        /// One is enough.
        #[doc(alias = "或签")]
        AnyOne = 2,
        /// One after the other.
        #[doc(alias = "依次审批")]
        InTurn = 3,
    }
}

number_codes! {
    /// What happened to an approval of WeCom's own approval app.
    #[doc(alias = "审批申请状态变化类型")]
    pub enum ApprovalChange {
        /// It was submitted.
        Submit = 1,
        /// An approver agreed.
        Agree = 2,
        /// An approver rejected it.
        Reject = 3,
        /// An approver transferred it to another person.
        Transfer = 4,
        /// The approvers were urged.
        Urge = 5,
        /// The applicant withdrew it.
        Withdraw = 6,
        /// It was revoked after its approval.
        Revoke = 8,
        /// A comment was added.
        Comment = 10,
        /// It was sent back to an approver.
        SendBack = 11,
        /// An approver was added.
        AddApprover = 12,
        /// An approver agreed and added another approver.
        AgreeAndAddApprover = 13,
        /// It was carried out.
        Handle = 14,
        /// It was handed over to another person to be carried out.
        HandOver = 15,
    }
}

number_codes! {
    /// The state of an approval from the approval flow engine.
    #[doc(alias = "申请单当前审批状态")]
    pub enum OpenSpStatus {
        /// Not decided yet.
        Pending = 1,
        /// Approved.
        Approved = 2,
        /// Rejected.
        Rejected = 3,
        /// Withdrawn by the applicant.
        Withdrawn = 4,
    }
}

number_codes! {
    /// How the approvers of an [`ApprovalNode`] are chosen.
    #[doc(alias = "审批节点类型")]
    pub enum OpenNodeType {
        /// Fixed members.
        Member = 1,
        /// The members of a tag.
        Tag = 2,
        /// A superior.
        Superior = 3,
    }
}

number_codes! {
    /// The state of a step in its newer form, or the decision of one of its people.
    #[doc(alias = "节点状态")]
    pub enum ProcessStatus {
        /// Not acted on yet.
        Pending = 1,
        /// Agreed.
        Agreed = 2,
        /// Rejected.
        Rejected = 3,
        /// Transferred to another person.
        Transferred = 4,
        /// Sent back to an earlier approver.
        SentBack = 11,
        /// Another approver was added.
        ApproverAdded = 12,
        /// Agreed, and another approver was added.
        AgreedAndApproverAdded = 13,
        /// Carried out.
        Handled = 14,
        /// Handed over to another person to be carried out.
        HandedOver = 15,
    }
}
