//! The address book: members, departments and tags. See [`ContactEvent`].

use super::family::family;
use crate::payload::{fields, number_codes};

family! {
    /// The address book of a corp changed: a member, a department or a tag.
    ///
    /// Documents 90970, 90971, 90972 are for a self-built app, and 90639, 90640, 90641 for a suite.
    /// WeCom leaves out what the app may not see. A URL of the contact assistant that was set up
    /// after 2022-08-15 gets ids and departments, and hardly anything else (document 96302). Events
    /// arrive in no particular order, and some never arrive. Where it matters, read the object
    /// through the API.
    ///
    /// ```
    /// use tower_wecom::ContactEvent;
    ///
    /// fn leaver(event: &ContactEvent) -> Option<&str> {
    ///     match event {
    ///         ContactEvent::DeleteUser(user) => Some(&user.user_id),
    ///         _ => None,
    ///     }
    /// }
    /// ```
    #[doc(alias = "handleContactChanged")]
    #[doc(alias = "通讯录变更事件")]
    pub enum ContactEvent {
        /// A department was created.
        CREATE_PARTY = "change_contact" / "create_party" => CreateParty,
        /// A member was created.
        CREATE_USER = "change_contact" / "create_user" => CreateUser,
        /// A department was deleted.
        DELETE_PARTY = "change_contact" / "delete_party" => DeleteParty,
        /// A member was deleted.
        DELETE_USER = "change_contact" / "delete_user" => DeleteUser,
        /// A department was updated.
        UPDATE_PARTY = "change_contact" / "update_party" => UpdateParty,
        /// A tag was given to members or departments, or taken from them.
        UPDATE_TAG = "change_contact" / "update_tag" => UpdateTag,
        /// A member was updated.
        UPDATE_USER = "change_contact" / "update_user" => UpdateUser,
    }
}

fields! {
    /// A member was created, or became visible to the app.
    ///
    /// Document 90970 for a self-built app, 90639 for a suite. Only the ids and `department` are
    /// always sent. The other fields depend on what the app, the administrator and the member have
    /// agreed to.
    #[doc(alias = "handleUserCreated")]
    #[doc(alias = "新增成员事件")]
    #[doc(alias = "create_user")]
    #[event]
    pub struct CreateUser {
        /// The member's UserID.
        id user_id: String = "UserID",
        /// The member's id for the whole provider. At most 64 bytes. Only sent to suites.
        may open_user_id: String = "OpenUserID",
        /// The member's name. Suites usually get the UserID instead.
        one name: String = "Name",
        /// The member's departments, as far as the app may see them.
        csv department: u64 = "Department",
        /// The member's main department.
        one main_department: u64 = "MainDepartment",
        /// Whether the member leads each of `department`, in the same order: 1 or 0. The length can
        /// differ if the app may not see all departments.
        csv is_leader_in_dept: u32 = "IsLeaderInDept",
        /// The UserIDs of the member's direct superiors.
        csv direct_leader: String = "DirectLeader",
        /// The job title. At most 64 bytes.
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
        /// The URL of the avatar.
        one avatar: String = "Avatar",
        /// The alias.
        one alias: String = "Alias",
        /// The landline number.
        one telephone: String = "Telephone",
        /// The postal address. Not sent to suites.
        one address: String = "Address",
        /// The corp's custom fields.
        one ext_attr: ExtAttr = "ExtAttr",
    }

    /// A member was updated.
    ///
    /// Document 90970 for a self-built app, 90639 for a suite. **Only changed fields are sent.**
    /// `None` means "unchanged", never "no value".
    #[doc(alias = "handleUserUpdated")]
    #[doc(alias = "更新成员事件")]
    #[doc(alias = "update_user")]
    #[event]
    pub struct UpdateUser {
        /// The member's UserID. If it changed, this is the old one.
        id user_id: String = "UserID",
        /// The member's id for the whole provider. At most 64 bytes. Only sent to suites, and not
        /// always.
        may open_user_id: String = "OpenUserID",
        /// The new UserID, if it changed.
        may new_user_id: String = "NewUserID",
        /// The member's name. Suites usually get the UserID instead.
        one name: String = "Name",
        /// The member's departments, as far as the app may see them.
        csv department: u64 = "Department",
        /// The member's main department.
        one main_department: u64 = "MainDepartment",
        /// Whether the member leads each of `department`, in the same order: 1 or 0. The length can
        /// differ if the app may not see all departments.
        csv is_leader_in_dept: u32 = "IsLeaderInDept",
        /// The UserIDs of the member's direct superiors.
        csv direct_leader: String = "DirectLeader",
        /// The job title. At most 64 bytes.
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
        /// The URL of the avatar.
        one avatar: String = "Avatar",
        /// The alias.
        one alias: String = "Alias",
        /// The landline number.
        one telephone: String = "Telephone",
        /// The postal address. Not sent to suites.
        one address: String = "Address",
        /// The corp's custom fields. A field that is not among them can still exist.
        one ext_attr: ExtAttr = "ExtAttr",
    }

    /// A member was deleted, or is no longer visible to the app. This is the leaver whose access
    /// must end.
    ///
    /// Document 90970 for a self-built app, 90639 for a suite.
    #[doc(alias = "handleUserDeleted")]
    #[doc(alias = "删除成员事件")]
    #[doc(alias = "delete_user")]
    #[event]
    pub struct DeleteUser {
        /// The member's UserID.
        id user_id: String = "UserID",
        /// The member's id for the whole provider. At most 64 bytes. Only sent to suites.
        may open_user_id: String = "OpenUserID",
    }

    /// A department was created.
    ///
    /// Document 90971 for a self-built app, 90640 for a suite.
    #[doc(alias = "handlePartyCreated")]
    #[doc(alias = "新增部门事件")]
    #[doc(alias = "create_party")]
    #[event]
    pub struct CreateParty {
        /// The department's id.
        id id: u64 = "Id",
        /// The department's name. Suites usually get the id instead.
        one name: String = "Name",
        /// The id of the parent department.
        one parent_id: u64 = "ParentId",
        /// The department's weight among its siblings. A larger weight is further to the front.
        one order: u64 = "Order",
    }

    /// A department was updated. Only changed fields are sent.
    ///
    /// Document 90971 for a self-built app, 90640 for a suite.
    #[doc(alias = "handlePartyUpdated")]
    #[doc(alias = "更新部门事件")]
    #[doc(alias = "update_party")]
    #[event]
    pub struct UpdateParty {
        /// The department's id.
        id id: u64 = "Id",
        /// The department's name. Suites usually get the id instead.
        one name: String = "Name",
        /// The id of the parent department.
        one parent_id: u64 = "ParentId",
    }

    /// A department was deleted.
    ///
    /// Document 90971 for a self-built app, 90640 for a suite.
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
    /// Document 90972 for a self-built app, 90641 for a suite. WeCom's advice is to read the tag
    /// through the API and not to rely on the lists. The lists can be incomplete after a department
    /// was deleted.
    #[doc(alias = "handleUserTagUpdated")]
    #[doc(alias = "标签成员变更事件")]
    #[doc(alias = "update_tag")]
    #[event]
    pub struct UpdateTag {
        /// The tag's id.
        id tag_id: u64 = "TagId",
        /// The UserIDs of the members that have the tag now.
        csv add_user_items: String = "AddUserItems",
        /// The UserIDs of the members that no longer have the tag.
        csv del_user_items: String = "DelUserItems",
        /// The ids of the departments that have the tag now.
        csv add_party_items: u64 = "AddPartyItems",
        /// The ids of the departments that no longer have the tag.
        csv del_party_items: u64 = "DelPartyItems",
    }

    /// A corp's custom fields of a member.
    #[doc(alias = "扩展属性")]
    pub struct ExtAttr {
        /// The fields.
        many items: ExtAttrItem = "Item",
    }

    /// A custom field of a member.
    pub struct ExtAttrItem {
        /// The name that the corp gave to the field.
        one name: String = "Name",
        /// Whether it is a text or a link.
        one r#type: ExtAttrType = "Type",
        /// The text, if the field is a text.
        one text: ExtAttrText = "Text",
        /// The link, if the field is a link.
        one web: ExtAttrWeb = "Web",
        /// The text in an older form of the callback, which has no type.
        one value: String = "Value",
    }

    /// The text of an [`ExtAttrItem`].
    pub struct ExtAttrText {
        /// The text.
        one value: String = "Value",
    }

    /// The link of an [`ExtAttrItem`].
    pub struct ExtAttrWeb {
        /// The text that is displayed.
        one title: String = "Title",
        /// The URL.
        one url: String = "Url",
    }
}

number_codes! {
    /// A member's gender.
    #[doc(alias = "性别")]
    pub enum Gender {
        /// Not stated, or hidden from the app.
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
    /// Whether a custom field is a text or a link.
    pub enum ExtAttrType {
        /// A text.
        Text = 0,
        /// A link.
        Web = 1,
    }
}
