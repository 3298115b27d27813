//! Chains of upstream and downstream corps. See [`ChainEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A chain of upstream and downstream corps changed: the chain itself, its groups, or its
    /// corps.
    ///
    /// Sent to self-built apps. Document 95796. The corp that created the chain chooses which apps
    /// may call the chain's interfaces (上下游 - 可调用接口的应用), and these apps get the
    /// callbacks. Changes that such an app made itself are not sent. The events contain only ids.
    /// Read the rest through the API.
    #[doc(alias = "上下游变更回调")]
    pub enum ChainEvent {
        /// A chain was created.
        CREATE_CHAIN = "change_chain" / "create_chain" => CreateChain,
        /// A chain was updated.
        UPDATE_CHAIN = "change_chain" / "update_chain" => UpdateChain,
        /// A chain was deleted.
        DELETE_CHAIN = "change_chain" / "delete_chain" => DeleteChain,
        /// Groups were created in a chain.
        CREATE_CHAIN_GROUP = "change_chain" / "create_group" => CreateChainGroup,
        /// Groups of a chain were updated.
        UPDATE_CHAIN_GROUP = "change_chain" / "update_group" => UpdateChainGroup,
        /// Groups of a chain were deleted.
        DELETE_CHAIN_GROUP = "change_chain" / "delete_group" => DeleteChainGroup,
        /// Corps joined a chain.
        CORP_JOIN = "change_chain" / "corp_join" => CorpJoin,
        /// Corps of a chain were updated.
        UPDATE_CORP = "change_chain" / "update_corp" => UpdateCorp,
        /// Corps were removed from a chain.
        REMOVE_CORP = "change_chain" / "remove_corp" => RemoveCorp,
    }
}

fields! {
    /// A chain was created.
    #[doc(alias = "create_chain")]
    #[doc(alias = "创建上下游空间事件")]
    #[event]
    pub struct CreateChain {
        /// The chain's id.
        id chain_id: String = "ChainId",
    }

    /// A chain was updated.
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

    /// Groups were created in a chain.
    #[doc(alias = "create_group")]
    #[doc(alias = "新增上下游分组事件")]
    #[event]
    pub struct CreateChainGroup {
        /// The chain's id.
        id chain_id: String = "ChainId",
        /// The ids of the new groups.
        list group_ids: u64 = "GroupIds" of "GroupId",
    }

    /// Groups of a chain were updated.
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
        /// The ids of the deleted groups.
        list group_ids: u64 = "GroupIds" of "GroupId",
    }

    /// Corps joined a chain.
    #[doc(alias = "corp_join")]
    #[doc(alias = "企业加入上下游事件")]
    #[event]
    pub struct CorpJoin {
        /// The chain's id.
        id chain_id: String = "ChainId",
        /// The ids of the corps.
        list corp_ids: String = "CorpIds" of "CorpId",
    }

    /// Corps of a chain were updated.
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
