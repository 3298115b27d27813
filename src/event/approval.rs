//! Approvals. See [`ApprovalEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// An approval has moved on.
    ///
    /// WeCom has two kinds of approvals: those of its own approval app ([`SysApprovalChange`]) and those that an app
    /// starts through the approval flow engine ([`OpenApprovalChange`]). Both send the whole approval as it stands.
    #[doc(alias = "审批回调通知")]
    pub enum ApprovalEvent {
        /// An approval of WeCom's own approval app has moved on.
        SYS_APPROVAL_CHANGE = "sys_approval_change" => SysApprovalChange,
        /// An approval that an app has started through the approval flow engine has moved on.
        OPEN_APPROVAL_CHANGE = "open_approval_change" => OpenApprovalChange,
    }
}

fields! {
    /// An approval of WeCom's own approval app has moved on, or somebody has done something with it.
    ///
    /// The approval is known by `sp_no_str`, and by `sp_no` where that is missing. Its steps stand in `sp_record` and,
    /// in newer callbacks, once more in `process_list`, which has the people who carry it out as well. For own apps,
    /// apps developed for a corp (代开发) and third-party apps: documents 91815, 92633, 96508.
    #[doc(alias = "sys_approval_change")]
    #[doc(alias = "审批申请状态变化回调通知")]
    #[event]
    pub struct SysApprovalChange in "ApprovalInfo" {
        /// The approval's number as a text. Older callbacks do not have it.
        one sp_no_str: String = "SpNoStr",
        /// The approval's number as a number. Approvals of an education bureau and its schools do not have it; prefer
        /// `sp_no_str`.
        one sp_no: u64 = "SpNo",
        /// The name of the template.
        one sp_name: String = "SpName",
        /// How the approval stands.
        one sp_status: SpStatus = "SpStatus",
        /// The template's id.
        may template_id: String = "TemplateId",
        /// When it was submitted, in seconds since 1970.
        one apply_time: u64 = "ApplyTime",
        /// Who has submitted it.
        one applyer: Applyer = "Applyer",
        /// The steps, in the older form.
        many sp_record: SpRecord = "SpRecord",
        /// The people who get a copy.
        many notifyer: Notifyer = "Notifyer",
        /// The steps, in the newer form. Older callbacks do not have it.
        list process_list: ProcessNode = "ProcessList" of "NodeList",
        /// The comments.
        many comments: SpComment = "Comments",
        /// What has happened. The wire leaves out the last letter of "status".
        one status_change_event: ApprovalChange = "StatuChangeEvent" | "StatusChangeEvent",
    }

    /// An approval that an app has started through the approval flow engine has moved on.
    ///
    /// Sent when its state changes, and for each approver who acts while it is pending. For own apps, apps developed
    /// for a corp (代开发) and third-party apps: documents 90240, 90269, 90376, 93798, 96468, 97114.
    #[doc(alias = "open_approval_change")]
    #[doc(alias = "审批状态通知事件")]
    #[event]
    pub struct OpenApprovalChange in "ApprovalInfo" {
        /// The number that the app itself has given to the approval.
        id third_no: String = "ThirdNo",
        /// The name of the template.
        one open_sp_name: String = "OpenSpName",
        /// The template's id.
        may open_template_id: String = "OpenTemplateId",
        /// How the approval stands.
        one open_sp_status: OpenSpStatus = "OpenSpStatus",
        /// When it was submitted, in seconds since 1970.
        one apply_time: u64 = "ApplyTime",
        /// The applicant's name.
        may apply_user_name: String = "ApplyUserName",
        /// The applicant's UserID.
        may apply_user_id: String = "ApplyUserId",
        /// The name of the applicant's department.
        one apply_user_party: String = "ApplyUserParty",
        /// The URL of the applicant's picture.
        one apply_user_image: String = "ApplyUserImage",
        /// The steps.
        list approval_nodes: ApprovalNode = "ApprovalNodes" of "ApprovalNode",
        /// The people who get a copy. Not always sent.
        list notify_nodes: NotifyNode = "NotifyNodes" of "NotifyNode",
        /// The step that it is at: an index into `approval_nodes`, from 0.
        one approver_step: u64 = "approverstep" | "ApproverStep",
    }

    /// Who has submitted an approval.
    #[doc(alias = "申请人")]
    pub struct Applyer {
        /// The UserID.
        may user_id: String = "UserId",
        /// The id of the department.
        one party: u64 = "Party",
    }

    /// A step of an approval, in the older form.
    #[doc(alias = "审批节点")]
    pub struct SpRecord {
        /// How the step stands.
        one sp_status: ApprovalNodeStatus = "SpStatus",
        /// How many of its approvers have to agree.
        one approver_attr: ApproverAttr = "ApproverAttr",
        /// Its approvers. There can be several where a tag or a superior stands for them.
        many details: SpDetail = "Details",
    }

    /// An approver in a [`SpRecord`].
    #[doc(alias = "Approver")]
    #[doc(alias = "Approvor")]
    #[doc(alias = "分支审批人")]
    pub struct SpDetail {
        /// The UserID.
        may user_id: String = "UserId" in "Approver" | "Approvor",
        /// What the approver has remarked; can be empty.
        one speech: String = "Speech",
        /// What the approver has decided.
        one sp_status: ApprovalNodeStatus = "SpStatus",
        /// When the approver did so, in seconds since 1970; 0 if not yet.
        one sp_time: u64 = "SpTime",
        /// The media ids of files attached to the remark.
        many attach: String = "Attach" | "MediaId",
    }

    /// Who gets a copy of an approval.
    #[doc(alias = "抄送人")]
    pub struct Notifyer {
        /// The UserID.
        may user_id: String = "UserId",
    }

    /// A step of an approval, in the newer form.
    #[doc(alias = "流程节点")]
    pub struct ProcessNode {
        /// What its people do.
        one node_type: ProcessNodeType = "NodeType",
        /// How the step stands.
        one sp_status: ProcessStatus = "SpStatus",
        /// How its people act together.
        one apv_rel: ApvRel = "ApvRel",
        /// Its people.
        many sub_node_list: ProcessPerson = "SubNodeList",
    }

    /// A person in a [`ProcessNode`].
    #[doc(alias = "子节点")]
    pub struct ProcessPerson {
        /// The UserID.
        may user_id: String = "UserId" in "UserInfo",
        /// What the person has remarked.
        one speech: String = "Speech",
        /// What the person has decided or done.
        one sp_yj: ProcessStatus = "SpYj",
        /// When the person did so, in seconds since 1970.
        one sp_time: u64 = "Sptime" | "SpTime",
        /// The media ids of files attached to the remark.
        many media_ids: String = "MediaIds",
    }

    /// A comment on an approval.
    #[doc(alias = "备注")]
    pub struct SpComment {
        /// The UserID of who has written it.
        may user_id: String = "UserId" in "CommentUserInfo",
        /// When it was written, in seconds since 1970.
        one comment_time: u64 = "CommentTime",
        /// The text.
        one comment_content: String = "CommentContent",
        /// The comment's id.
        may comment_id: String = "CommentId",
        /// The media ids of attached files.
        many attach: String = "Attach" | "MediaId",
    }

    /// A step of an approval of the approval flow engine.
    #[doc(alias = "审批流程节点")]
    pub struct ApprovalNode {
        /// How the step stands.
        one node_status: ApprovalNodeStatus = "NodeStatus",
        /// How many of its approvers have to agree.
        one node_attr: ApproverAttr = "NodeAttr",
        /// How its approvers are chosen.
        one node_type: OpenNodeType = "NodeType",
        /// Its approvers. There can be several where a tag or a superior stands for them.
        list items: ApprovalItem = "Items" of "Item",
    }

    /// An approver in an [`ApprovalNode`].
    #[doc(alias = "分支审批人")]
    pub struct ApprovalItem {
        /// The name.
        one item_name: String = "ItemName",
        /// The UserID.
        may item_user_id: String = "ItemUserId" | "ItemUserid",
        /// The URL of the picture.
        one item_image: String = "ItemImage",
        /// What the approver has decided.
        one item_status: ApprovalNodeStatus = "ItemStatus",
        /// What the approver has remarked; can be empty.
        one item_speech: String = "ItemSpeech",
        /// When the approver did so, in seconds since 1970; 0 if not yet.
        one item_op_time: u64 = "ItemOpTime",
        /// The name of the department; documents 90269, 93798 and 97114 alone have it.
        one item_party: String = "ItemParty",
    }

    /// Who gets a copy of an approval of the approval flow engine.
    #[doc(alias = "抄送人")]
    pub struct NotifyNode {
        /// The name.
        one item_name: String = "ItemName",
        /// The UserID.
        may item_user_id: String = "ItemUserId" | "ItemUserid",
        /// The URL of the picture.
        one item_image: String = "ItemImage",
        /// The name of the department; documents 90269, 93798 and 97114 alone have it.
        one item_party: String = "ItemParty",
    }
}

number_codes! {
    /// How an approval of WeCom's own approval app stands.
    #[doc(alias = "申请单状态")]
    pub enum SpStatus {
        /// Somebody has still to decide.
        Pending = 1,
        /// Approved.
        Passed = 2,
        /// Rejected.
        Rejected = 3,
        /// Withdrawn by the applicant.
        Withdrawn = 4,
        /// Revoked after it had been approved.
        Revoked = 6,
        /// Deleted.
        Deleted = 7,
        /// Paid.
        Paid = 10,
    }
}

number_codes! {
    /// How a step of an approval stands, or what one approver in it has decided.
    #[doc(alias = "审批节点状态")]
    pub enum ApprovalNodeStatus {
        /// Not decided yet.
        Pending = 1,
        /// Approved.
        Approved = 2,
        /// Rejected.
        Rejected = 3,
        /// Transferred to somebody else.
        Transferred = 4,
    }
}

number_codes! {
    /// How many of the approvers of a step have to agree. The codes are not those of [`ApvRel`].
    #[doc(alias = "节点审批方式")]
    pub enum ApproverAttr {
        /// One of them is enough.
        #[doc(alias = "或签")]
        AnyOne = 1,
        /// All of them.
        #[doc(alias = "会签")]
        All = 2,
    }
}

number_codes! {
    /// What the people of a [`ProcessNode`] do.
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
    /// How the people of a [`ProcessNode`] act together. The codes are not those of [`ApproverAttr`].
    #[doc(alias = "多人办理方式")]
    pub enum ApvRel {
        /// All have to agree.
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
    /// What has happened to an approval of WeCom's own approval app.
    #[doc(alias = "审批申请状态变化类型")]
    pub enum ApprovalChange {
        /// It was submitted.
        Submit = 1,
        /// Somebody has agreed.
        Agree = 2,
        /// Somebody has rejected it.
        Reject = 3,
        /// An approver has transferred it to somebody else.
        Transfer = 4,
        /// The approvers were urged.
        Urge = 5,
        /// The applicant has withdrawn it.
        Withdraw = 6,
        /// It was revoked after it had been approved.
        Revoke = 8,
        /// Somebody has commented on it.
        Comment = 10,
        /// Somebody has sent it back to an approver.
        SendBack = 11,
        /// Somebody has added an approver.
        AddApprover = 12,
        /// Somebody has agreed and added an approver.
        AgreeAndAddApprover = 13,
        /// Somebody has carried it out.
        Handle = 14,
        /// Somebody who was to carry it out has handed it over to somebody else.
        HandOver = 15,
    }
}

number_codes! {
    /// How an approval of the approval flow engine stands.
    #[doc(alias = "申请单当前审批状态")]
    pub enum OpenSpStatus {
        /// Somebody has still to decide.
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
        /// The superior.
        Superior = 3,
    }
}

number_codes! {
    /// How a step of an approval stands in its newer form, or what one of its people has decided.
    #[doc(alias = "节点状态")]
    pub enum ProcessStatus {
        /// Somebody has still to act.
        Pending = 1,
        /// Agreed.
        Agreed = 2,
        /// Rejected.
        Rejected = 3,
        /// Transferred to somebody else.
        Transferred = 4,
        /// Sent back to one of the approvers before.
        SentBack = 11,
        /// Another approver was added.
        ApproverAdded = 12,
        /// Agreed, and another approver was added.
        AgreedAndApproverAdded = 13,
        /// Carried out.
        Handled = 14,
        /// Handed over to somebody else who carries it out.
        HandedOver = 15,
    }
}
