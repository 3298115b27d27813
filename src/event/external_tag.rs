//! The tags of customers. See [`ExternalTagEvent`].

use super::family::family;
use crate::payload::{fields, text_codes};

family! {
    /// The tags that a corp has for its customers have changed: a tag, a group of tags, or their order.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92130, 96361. Notice to a suite: document 92277.
    /// Only what people do in WeCom itself is reported, not what an API call did. Names and order do not come with it;
    /// read the tags through the API. Which customer has which tag is not a matter of these kinds: see
    /// [`EditExternalContact`](super::EditExternalContact).
    #[doc(alias = "企业客户标签")]
    pub enum ExternalTagEvent {
        /// A tag or a group of tags was made.
        CREATE_EXTERNAL_TAG = "change_external_tag" / "create" => CreateExternalTag,
        /// A tag or a group of tags was changed.
        UPDATE_EXTERNAL_TAG = "change_external_tag" / "update" => UpdateExternalTag,
        /// A tag or a group of tags was deleted.
        DELETE_EXTERNAL_TAG = "change_external_tag" / "delete" => DeleteExternalTag,
        /// Tags or groups of tags were put into another order.
        SHUFFLE_EXTERNAL_TAG = "change_external_tag" / "shuffle" => ShuffleExternalTag,
    }
}

fields! {
    /// A tag or a group of tags was made.
    #[doc(alias = "create")]
    #[doc(alias = "企业客户标签创建事件")]
    #[event]
    pub struct CreateExternalTag {
        /// The id of the tag or of the group.
        id id: String = "Id",
        /// Whether it is a tag or a group.
        one tag_type: ExternalTagType = "TagType",
        /// The rule group that it belongs to; sent to the customer contact app of a corp only.
        may strategy_id: String = "StrategyId",
    }

    /// A tag or a group of tags was changed.
    #[doc(alias = "update")]
    #[doc(alias = "企业客户标签变更事件")]
    #[event]
    pub struct UpdateExternalTag {
        /// The id of the tag or of the group.
        id id: String = "Id",
        /// Whether it is a tag or a group.
        one tag_type: ExternalTagType = "TagType",
        /// The rule group that it belongs to; sent to the customer contact app of a corp only.
        may strategy_id: String = "StrategyId",
    }

    /// A tag or a group of tags was deleted.
    ///
    /// The tags of a deleted group are deleted with it, and no further event tells so.
    #[doc(alias = "delete")]
    #[doc(alias = "企业客户标签删除事件")]
    #[event]
    pub struct DeleteExternalTag {
        /// The id of the tag or of the group.
        id id: String = "Id",
        /// Whether it is a tag or a group.
        one tag_type: ExternalTagType = "TagType",
        /// The rule group that it belongs to; sent to the customer contact app of a corp only.
        may strategy_id: String = "StrategyId",
    }

    /// Tags or groups of tags were put into another order.
    ///
    /// The `order` of most of them may have changed, so read all of them again through the API, soon.
    #[doc(alias = "shuffle")]
    #[doc(alias = "企业客户标签重排事件")]
    #[event]
    pub struct ShuffleExternalTag {
        /// The group whose tags have another order. Empty or absent when the groups themselves have another order.
        one id: String = "Id",
        /// The rule group whose tags have another order, if they belong to one; sent to the customer contact app of a
        /// corp only.
        may strategy_id: String = "StrategyId",
    }
}

text_codes! {
    /// Whether something is a tag for customers or a group of such tags.
    pub enum ExternalTagType {
        /// A tag.
        Tag = "tag",
        /// A group of tags.
        TagGroup = "tag_group",
    }
}
