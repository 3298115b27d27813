//! The address book: members, departments and tags. See [`ContactEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// The address book of a corp has changed: a member, a department or a tag.
    ///
    /// Documents 90970, 90971, 90972 for an app of one's own, 90639, 90640, 90641 for suites. What an app may not see is not
    /// sent: URLs set up after 2022-08-15 for the contact assistant get ids and departments and hardly anything else
    /// (document 96302). Events come in no order, and some never come; read the object through the API where it matters.
    #[doc(alias = "handleContactChanged")]
    #[doc(alias = "通讯录变更事件")]
    pub enum ContactEvent {
        /// A department was made.
        CREATE_PARTY = "change_contact" / "create_party" => CreateParty,
        /// A member was made.
        CREATE_USER = "change_contact" / "create_user" => CreateUser,
        /// A department was deleted.
        DELETE_PARTY = "change_contact" / "delete_party" => DeleteParty,
        /// A member was deleted.
        DELETE_USER = "change_contact" / "delete_user" => DeleteUser,
        /// A department was changed.
        UPDATE_PARTY = "change_contact" / "update_party" => UpdateParty,
        /// A tag was given to or taken from members or departments.
        UPDATE_TAG = "change_contact" / "update_tag" => UpdateTag,
        /// A member was changed.
        UPDATE_USER = "change_contact" / "update_user" => UpdateUser,
    }
}

fields! {
    /// A member was made, or came into what the app may see.
    ///
    /// Document 90970 (own app), 90639 (suite). Only the ids and `department` come everywhere; the rest depends on what the
    /// app, the administrator and the member have agreed to.
    #[doc(alias = "handleUserCreated")]
    #[doc(alias = "新增成员事件")]
    #[doc(alias = "create_user")]
    #[event]
    pub struct CreateUser {
        /// The member's UserID.
        id user_id: String = "UserID",
        /// The member's id for the whole provider, 64 bytes at most; suites only.
        may open_user_id: String = "OpenUserID",
        /// The name. Suites get the UserID instead, as a rule.
        one name: String = "Name",
        /// The departments that the app may see.
        csv department: u64 = "Department",
        /// The main department.
        one main_department: u64 = "MainDepartment",
        /// For each of `department`, in its order, whether the member leads it: 1 or 0. Can be of another length when the
        /// app may not see all departments.
        csv is_leader_in_dept: u32 = "IsLeaderInDept",
        /// The UserIDs of the direct superiors.
        csv direct_leader: String = "DirectLeader",
        /// The job title, 64 bytes at most.
        one position: String = "Position",
        /// The mobile number.
        one mobile: String = "Mobile",
        /// The gender.
        one gender: Gender = "Gender",
        /// The e-mail address.
        one email: String = "Email",
        /// The corporate e-mail address.
        one biz_mail: String = "BizMail",
        /// Whether the member has activated WeCom.
        one status: UserStatus = "Status",
        /// The URL of the picture.
        one avatar: String = "Avatar",
        /// The alias.
        one alias: String = "Alias",
        /// The landline number.
        one telephone: String = "Telephone",
        /// The postal address; not sent to suites.
        one address: String = "Address",
        /// The fields that the corp has added of its own.
        one ext_attr: ExtAttr = "ExtAttr",
    }

    /// A member was changed.
    ///
    /// Document 90970 (own app), 90639 (suite). **Only what has changed is sent**: `None` means "as before", never "none".
    #[doc(alias = "handleUserUpdated")]
    #[doc(alias = "更新成员事件")]
    #[doc(alias = "update_user")]
    #[event]
    pub struct UpdateUser {
        /// The member's UserID; the old one, if it has changed.
        id user_id: String = "UserID",
        /// The member's id for the whole provider, 64 bytes at most; suites only, and not always.
        may open_user_id: String = "OpenUserID",
        /// The new UserID, if it has changed.
        may new_user_id: String = "NewUserID",
        /// The name. Suites get the UserID instead, as a rule.
        one name: String = "Name",
        /// The departments that the app may see.
        csv department: u64 = "Department",
        /// The main department.
        one main_department: u64 = "MainDepartment",
        /// For each of `department`, in its order, whether the member leads it: 1 or 0. Can be of another length when the
        /// app may not see all departments.
        csv is_leader_in_dept: u32 = "IsLeaderInDept",
        /// The UserIDs of the direct superiors.
        csv direct_leader: String = "DirectLeader",
        /// The job title, 64 bytes at most.
        one position: String = "Position",
        /// The mobile number.
        one mobile: String = "Mobile",
        /// The gender.
        one gender: Gender = "Gender",
        /// The e-mail address.
        one email: String = "Email",
        /// The corporate e-mail address.
        one biz_mail: String = "BizMail",
        /// Whether the member has activated WeCom.
        one status: UserStatus = "Status",
        /// The URL of the picture.
        one avatar: String = "Avatar",
        /// The alias.
        one alias: String = "Alias",
        /// The landline number.
        one telephone: String = "Telephone",
        /// The postal address; not sent to suites.
        one address: String = "Address",
        /// The fields that the corp has added of its own. One that is not among them may exist all the same.
        one ext_attr: ExtAttr = "ExtAttr",
    }

    /// A member was deleted, or left what the app may see. This is the leaver whose access must end.
    ///
    /// Document 90970 (own app), 90639 (suite).
    #[doc(alias = "handleUserDeleted")]
    #[doc(alias = "删除成员事件")]
    #[doc(alias = "delete_user")]
    #[event]
    pub struct DeleteUser {
        /// The member's UserID.
        id user_id: String = "UserID",
        /// The member's id for the whole provider, 64 bytes at most; suites only.
        may open_user_id: String = "OpenUserID",
    }

    /// A department was made.
    ///
    /// Document 90971 (own app), 90640 (suite).
    #[doc(alias = "handlePartyCreated")]
    #[doc(alias = "新增部门事件")]
    #[doc(alias = "create_party")]
    #[event]
    pub struct CreateParty {
        /// The department's id.
        id id: u64 = "Id",
        /// The name. Suites get the id instead, as a rule.
        one name: String = "Name",
        /// The department above.
        one parent_id: u64 = "ParentId",
        /// The weight in the order of its siblings: the larger, the further to the front.
        one order: u64 = "Order",
    }

    /// A department was changed. Only what has changed is sent.
    ///
    /// Document 90971 (own app), 90640 (suite).
    #[doc(alias = "handlePartyUpdated")]
    #[doc(alias = "更新部门事件")]
    #[doc(alias = "update_party")]
    #[event]
    pub struct UpdateParty {
        /// The department's id.
        id id: u64 = "Id",
        /// The name. Suites get the id instead, as a rule.
        one name: String = "Name",
        /// The department above.
        one parent_id: u64 = "ParentId",
    }

    /// A department was deleted.
    ///
    /// Document 90971 (own app), 90640 (suite).
    #[doc(alias = "handlePartyDeleted")]
    #[doc(alias = "删除部门事件")]
    #[doc(alias = "delete_party")]
    #[event]
    pub struct DeleteParty {
        /// The department's id.
        id id: u64 = "Id",
    }

    /// A tag was given to members or departments, or taken from them.
    ///
    /// Document 90972 (own app), 90641 (suite). WeCom advises to read the tag again and not to rely on the lists: what a
    /// deleted department had may be missing.
    #[doc(alias = "handleUserTagUpdated")]
    #[doc(alias = "标签成员变更事件")]
    #[doc(alias = "update_tag")]
    #[event]
    pub struct UpdateTag {
        /// The tag's id.
        id tag_id: u64 = "TagId",
        /// The UserIDs of members that have it now.
        csv add_user_items: String = "AddUserItems",
        /// The UserIDs of members that have it no more.
        csv del_user_items: String = "DelUserItems",
        /// The ids of departments that have it now.
        csv add_party_items: u64 = "AddPartyItems",
        /// The ids of departments that have it no more.
        csv del_party_items: u64 = "DelPartyItems",
    }

    /// The fields that a corp has added to its members.
    #[doc(alias = "扩展属性")]
    pub struct ExtAttr {
        /// The fields.
        many items: ExtAttrItem = "Item",
    }

    /// A field that a corp has added to its members.
    pub struct ExtAttrItem {
        /// What the corp calls it.
        one name: String = "Name",
        /// Whether it is a text or a link.
        one r#type: ExtAttrType = "Type",
        /// The text, of a field that is one.
        one text: ExtAttrText = "Text",
        /// The link, of a field that is one.
        one web: ExtAttrWeb = "Web",
        /// The text in an older form of the callback, which had no type.
        one value: String = "Value",
    }

    /// The text of an [`ExtAttrItem`].
    pub struct ExtAttrText {
        /// The text.
        one value: String = "Value",
    }

    /// The link of an [`ExtAttrItem`].
    pub struct ExtAttrWeb {
        /// What is shown.
        one title: String = "Title",
        /// Where it leads.
        one url: String = "Url",
    }
}

number_codes! {
    /// A member's gender.
    #[doc(alias = "性别")]
    pub enum Gender {
        /// Not stated, or not for the app to see.
        Undefined = 0,
        /// Male.
        Male = 1,
        /// Female.
        Female = 2,
    }
}

number_codes! {
    /// Whether a member has activated WeCom.
    #[doc(alias = "激活状态")]
    pub enum UserStatus {
        /// Activated.
        Activated = 1,
        /// Disabled by the corp.
        Disabled = 2,
        /// Not activated yet.
        NotActivated = 4,
        /// Left the corp.
        Left = 5,
    }
}

number_codes! {
    /// Whether an added field is a text or a link.
    pub enum ExtAttrType {
        /// A text.
        Text = 0,
        /// A link.
        Web = 1,
    }
}
