//! Chains of upstream and downstream corps. See [`ChainEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A chain of upstream and downstream corps has changed: itself, its groups, or the corps in it.
    ///
    /// For own apps: document 95796. Sent to the apps that the corp which made the chain lets use the chain's
    /// interfaces (上下游 - 可调用接口的应用); what such an app changes itself is not sent. The events hold ids and no more: read
    /// the rest through the API.
    #[doc(alias = "上下游变更回调")]
    pub enum ChainEvent {
        /// A chain was made.
        CREATE_CHAIN = "change_chain" / "create_chain" => CreateChain,
        /// A chain was changed.
        UPDATE_CHAIN = "change_chain" / "update_chain" => UpdateChain,
        /// A chain was deleted.
        DELETE_CHAIN = "change_chain" / "delete_chain" => DeleteChain,
        /// Groups of a chain were made.
        CREATE_CHAIN_GROUP = "change_chain" / "create_group" => CreateChainGroup,
        /// Groups of a chain were changed.
        UPDATE_CHAIN_GROUP = "change_chain" / "update_group" => UpdateChainGroup,
        /// Groups of a chain were deleted.
        DELETE_CHAIN_GROUP = "change_chain" / "delete_group" => DeleteChainGroup,
        /// Corps have joined a chain.
        CORP_JOIN = "change_chain" / "corp_join" => CorpJoin,
        /// Corps of a chain were changed.
        UPDATE_CORP = "change_chain" / "update_corp" => UpdateCorp,
        /// Corps were removed from a chain.
        REMOVE_CORP = "change_chain" / "remove_corp" => RemoveCorp,
    }
}

fields! {
    /// A chain was made.
    #[doc(alias = "create_chain")]
    #[doc(alias = "创建上下游空间事件")]
    #[event]
    pub struct CreateChain {
        /// The chain's id.
        id chain_id: String = "ChainId",
    }

    /// A chain was changed.
    #[doc(alias = "update_chain")]
    #[doc(alias = "更新上下游空间事件")]
    #[event]
    pub struct UpdateChain {
        /// The chain's id.
        id chain_id: String = "ChainId",
    }

    /// A chain was deleted.
    #[doc(alias = "delete_chain")]
    #[doc(alias = "删除上下游空间事件")]
    #[event]
    pub struct DeleteChain {
        /// The chain's id.
        id chain_id: String = "ChainId",
    }

    /// Groups of a chain were made.
    #[doc(alias = "create_group")]
    #[doc(alias = "新增上下游分组事件")]
    #[event]
    pub struct CreateChainGroup {
        /// The chain's id.
        id chain_id: String = "ChainId",
        /// The ids of the new groups.
        list group_ids: u64 = "GroupIds" of "GroupId",
    }

    /// Groups of a chain were changed.
    #[doc(alias = "update_group")]
    #[doc(alias = "更新上下游分组事件")]
    #[event]
    pub struct UpdateChainGroup {
        /// The chain's id.
        id chain_id: String = "ChainId",
        /// The ids of the groups.
        list group_ids: u64 = "GroupIds" of "GroupId",
    }

    /// Groups of a chain were deleted.
    #[doc(alias = "delete_group")]
    #[doc(alias = "删除上下游分组事件")]
    #[event]
    pub struct DeleteChainGroup {
        /// The chain's id.
        id chain_id: String = "ChainId",
        /// The ids that the groups had.
        list group_ids: u64 = "GroupIds" of "GroupId",
    }

    /// Corps have joined a chain.
    #[doc(alias = "corp_join")]
    #[doc(alias = "企业加入上下游事件")]
    #[event]
    pub struct CorpJoin {
        /// The chain's id.
        id chain_id: String = "ChainId",
        /// The ids of the corps.
        list corp_ids: String = "CorpIds" of "CorpId",
    }

    /// Corps of a chain were changed.
    #[doc(alias = "update_corp")]
    #[doc(alias = "更新企业事件")]
    #[event]
    pub struct UpdateCorp {
        /// The chain's id.
        id chain_id: String = "ChainId",
        /// The ids of the corps.
        list corp_ids: String = "CorpIds" of "CorpId",
    }

    /// Corps were removed from a chain.
    #[doc(alias = "remove_corp")]
    #[doc(alias = "移除企业事件")]
    #[event]
    pub struct RemoveCorp {
        /// The chain's id.
        id chain_id: String = "ChainId",
        /// The ids of the corps.
        list corp_ids: String = "CorpIds" of "CorpId",
    }
}
