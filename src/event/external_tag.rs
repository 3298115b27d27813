//! The tags of customers. See [`ExternalTagEvent`].

use super::family::family;
use crate::payload::{fields, text_codes};

family! {
    /// The tags that a corp has for its customers changed: a tag, a group of tags, or their order.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92130, 96361. Sent
    /// to suites as a notice. Document 92277. Only actions in WeCom itself are reported, not those
    /// of API calls. The callback does not contain names or the order. Read the tags through the
    /// API. These kinds are not about the tags of a single customer: see
    /// [`EditExternalContact`](super::EditExternalContact).
    #[doc(alias = "企业客户标签")]
    pub enum ExternalTagEvent {
        /// A tag or a group of tags was created.
        CREATE_EXTERNAL_TAG = "change_external_tag" / "create" => CreateExternalTag,
        /// A tag or a group of tags was updated.
        UPDATE_EXTERNAL_TAG = "change_external_tag" / "update" => UpdateExternalTag,
        /// A tag or a group of tags was deleted.
        DELETE_EXTERNAL_TAG = "change_external_tag" / "delete" => DeleteExternalTag,
        /// The order of tags or of groups of tags changed.
        SHUFFLE_EXTERNAL_TAG = "change_external_tag" / "shuffle" => ShuffleExternalTag,
    }
}

fields! {
    /// A tag or a group of tags was created.
    #[doc(alias = "create")]
    #[doc(alias = "企业客户标签创建事件")]
    #[event]
    pub struct CreateExternalTag {
        /// The id of the tag or of the group.
        id id: String = "Id",
        /// Whether it is a tag or a group.
        one tag_type: ExternalTagType = "TagType",
        /// The rule group that it belongs to. Only sent to the customer contact app of a corp.
        may strategy_id: String = "StrategyId",
    }

    /// A tag or a group of tags was updated.
    #[doc(alias = "update")]
    #[doc(alias = "企业客户标签变更事件")]
    #[event]
    pub struct UpdateExternalTag {
        /// The id of the tag or of the group.
        id id: String = "Id",
        /// Whether it is a tag or a group.
        one tag_type: ExternalTagType = "TagType",
        /// The rule group that it belongs to. Only sent to the customer contact app of a corp.
        may strategy_id: String = "StrategyId",
    }

    /// A tag or a group of tags was deleted.
    ///
    /// The tags of a deleted group are deleted with it. There are no further events for them.
    #[doc(alias = "delete")]
    #[doc(alias = "企业客户标签删除事件")]
    #[event]
    pub struct DeleteExternalTag {
        /// The id of the tag or of the group.
        id id: String = "Id",
        /// Whether it is a tag or a group.
        one tag_type: ExternalTagType = "TagType",
        /// The rule group that it belongs to. Only sent to the customer contact app of a corp.
        may strategy_id: String = "StrategyId",
    }

    /// The order of tags or of groups of tags changed.
    ///
    /// The `order` of most of them can have changed. Read all of them again through the API,
    /// without delay.
    #[doc(alias = "shuffle")]
    #[doc(alias = "企业客户标签重排事件")]
    #[event]
    pub struct ShuffleExternalTag {
        /// The group in which the order of the tags changed. Empty or absent if the order of the
        /// groups themselves changed.
        one id: String = "Id",
        /// The rule group in which the order of the tags changed, if they belong to one. Only sent
        /// to the customer contact app of a corp.
        may strategy_id: String = "StrategyId",
    }
}

text_codes! {
    /// Whether it is a tag or a group of tags.
    pub enum ExternalTagType {
        /// A tag.
        Tag = "tag",
        /// A group of tags.
        TagGroup = "tag_group",
    }
}
