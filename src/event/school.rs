//! Schools: students, parents and departments. See [`SchoolEvent`].

use super::family::family;
use crate::payload::{fields, text_codes};

family! {
    /// The address book of a school has changed: a student, a parent or a department.
    ///
    /// Students and parents: documents 92032, 96716 and 92051; departments: 92052, 96717 and 92050; many at once, to
    /// suites only: 97281. The app must be allowed to use the school's address book, and an app of one's own gets the
    /// events with those of external contacts (外部联系人变更回调). Hardly more than the id is sent: read the rest through the
    /// API.
    ///
    /// The samples of the documents misspell the kinds of departments, as in `create_deparmtment`. Both spellings are
    /// one kind here.
    #[doc(alias = "家校通讯录变更回调")]
    #[doc(alias = "家校沟通")]
    pub enum SchoolEvent {
        /// A student was made.
        CREATE_STUDENT = "change_school_contact" / "create_student" => CreateStudent,
        /// A student was changed, or a parent of one.
        UPDATE_STUDENT = "change_school_contact" / "update_student" => UpdateStudent,
        /// A student was deleted.
        DELETE_STUDENT = "change_school_contact" / "delete_student" => DeleteStudent,
        /// A parent was made.
        CREATE_PARENT = "change_school_contact" / "create_parent" => CreateParent,
        /// A parent was changed.
        UPDATE_PARENT = "change_school_contact" / "update_parent" => UpdateParent,
        /// A parent was deleted.
        DELETE_PARENT = "change_school_contact" / "delete_parent" => DeleteParent,
        /// A parent has followed the school.
        SUBSCRIBE_SCHOOL = "change_school_contact" / "subscribe" => SubscribeSchool,
        /// A parent has ceased to follow the school.
        UNSUBSCRIBE_SCHOOL = "change_school_contact" / "unsubscribe" => UnsubscribeSchool,
        /// A department of the school was made.
        CREATE_SCHOOL_DEPARTMENT = "change_school_contact" / "create_department" | "create_deparmtment" => CreateSchoolDepartment,
        /// A department of the school was changed.
        UPDATE_SCHOOL_DEPARTMENT = "change_school_contact" / "update_department" | "update_deparmtment" => UpdateSchoolDepartment,
        /// A department of the school was deleted.
        DELETE_SCHOOL_DEPARTMENT = "change_school_contact" / "delete_department" | "delete_deparmtment" => DeleteSchoolDepartment,
        /// Many changes of a school's address book in one notice.
        CHANGE_SCHOOL_CONTACT_BATCH = "change_school_contact_batch" => ChangeSchoolContactBatch,
    }
}

fields! {
    /// A student was made.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92032, 96716. Notice to a suite: document 92051.
    #[doc(alias = "create_student")]
    #[doc(alias = "新增学生事件")]
    #[event]
    pub struct CreateStudent {
        /// The student's UserID in the school's address book.
        id id: String = "Id",
    }

    /// A student was changed, or a parent of one.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92032, 96716. Notice to a suite: document 92051.
    #[doc(alias = "update_student")]
    #[doc(alias = "编辑学生事件")]
    #[event]
    pub struct UpdateStudent {
        /// The student's UserID in the school's address book; the old one, if it has changed.
        id id: String = "Id",
        /// The new UserID, if it has changed; suites only.
        may new_id: String = "NewId",
    }

    /// A student was deleted.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92032, 96716. Notice to a suite: document 92051.
    #[doc(alias = "delete_student")]
    #[doc(alias = "删除学生事件")]
    #[event]
    pub struct DeleteStudent {
        /// The student's UserID in the school's address book.
        id id: String = "Id",
    }

    /// A parent was made.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92032, 96716. Notice to a suite: document 92051.
    #[doc(alias = "create_parent")]
    #[doc(alias = "新增家长事件")]
    #[event]
    pub struct CreateParent {
        /// The parent's UserID in the school's address book.
        id id: String = "Id",
    }

    /// A parent was changed.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92032, 96716. Notice to a suite: document 92051.
    #[doc(alias = "update_parent")]
    #[doc(alias = "编辑家长事件")]
    #[event]
    pub struct UpdateParent {
        /// The parent's UserID in the school's address book; the old one, if it has changed.
        id id: String = "Id",
        /// The new UserID, if it has changed; suites only.
        may new_id: String = "NewId",
    }

    /// A parent was deleted.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92032, 96716. Notice to a suite: document 92051.
    #[doc(alias = "delete_parent")]
    #[doc(alias = "删除家长事件")]
    #[event]
    pub struct DeleteParent {
        /// The parent's UserID in the school's address book.
        id id: String = "Id",
    }

    /// A parent has followed the school, and so gets its notices.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92032, 96716. Notice to a suite: document 92051.
    #[doc(alias = "subscribe")]
    #[doc(alias = "家长关注事件")]
    #[event]
    pub struct SubscribeSchool {
        /// The parent's UserID in the school's address book.
        id id: String = "Id",
    }

    /// A parent has ceased to follow the school.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92032, 96716. Notice to a suite: document 92051.
    #[doc(alias = "unsubscribe")]
    #[doc(alias = "家长取消关注事件")]
    #[event]
    pub struct UnsubscribeSchool {
        /// The parent's UserID in the school's address book.
        id id: String = "Id",
    }

    /// A department of the school was made.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92052, 96717. Notice to a suite: document 92050.
    #[doc(alias = "create_department")]
    #[doc(alias = "创建部门事件")]
    #[event]
    pub struct CreateSchoolDepartment {
        /// The department's id.
        id id: String = "Id",
    }

    /// A department of the school was changed.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92052, 96717. Notice to a suite: document 92050.
    #[doc(alias = "update_department")]
    #[doc(alias = "更新部门事件")]
    #[event]
    pub struct UpdateSchoolDepartment {
        /// The department's id.
        id id: String = "Id",
    }

    /// A department of the school was deleted.
    ///
    /// For own apps and apps developed for a corp (代开发): documents 92052, 96717. Notice to a suite: document 92050.
    #[doc(alias = "delete_department")]
    #[doc(alias = "删除部门事件")]
    #[event]
    pub struct DeleteSchoolDepartment {
        /// The department's id.
        id id: String = "Id",
    }

    /// Many changes of a school's address book in one notice, as WeCom sends them when they come shortly after each
    /// other.
    ///
    /// Notice to a suite: document 97281.
    #[doc(alias = "change_school_contact_batch")]
    #[doc(alias = "家校通讯录批量变更事件")]
    #[event]
    pub struct ChangeSchoolContactBatch {
        /// The changes, 1,000 at most.
        many change_list: SchoolChange = "ChangeList",
    }

    /// One of the changes in a [`ChangeSchoolContactBatch`].
    pub struct SchoolChange {
        /// When it happened, in seconds since 1970.
        one time_stamp: u64 = "TimeStamp",
        /// What has happened.
        one change_type: SchoolChangeType = "ChangeType",
        /// The UserID of the student or the parent, or the id of the department; the old one, if it has changed.
        one id: String = "Id",
        /// The new one, if it has changed; with updates only.
        may new_id: String = "NewId",
    }
}

text_codes! {
    /// What has happened in one of the changes in a [`ChangeSchoolContactBatch`].
    pub enum SchoolChangeType {
        /// A student was made.
        CreateStudent = "create_student",
        /// A student was changed, or a parent of one.
        UpdateStudent = "update_student",
        /// A student was deleted.
        DeleteStudent = "delete_student",
        /// A parent was made.
        CreateParent = "create_parent",
        /// A parent was changed.
        UpdateParent = "update_parent",
        /// A parent was deleted.
        DeleteParent = "delete_parent",
        /// A parent has followed the school.
        Subscribe = "subscribe",
        /// A parent has ceased to follow the school.
        Unsubscribe = "unsubscribe",
        /// A department was made.
        CreateDepartment = "create_department" | "create_deparmtment",
        /// A department was changed.
        UpdateDepartment = "update_department" | "update_deparmtment",
        /// A department was deleted.
        DeleteDepartment = "delete_department" | "delete_deparmtment",
    }
}
