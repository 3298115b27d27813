//! Schools: students, parents and departments. See [`SchoolEvent`].

use super::family::family;
use crate::payload::{fields, text_codes};

family! {
    /// The address book of a school changed: a student, a parent or a department.
    ///
    /// Documents 92032, 96716 and 92051 are for students and parents, documents 92052, 96717 and
    /// 92050 for departments. Document 97281 is for many changes at once, which only suites get.
    /// The app must be allowed to use the school's address book. A self-built app gets these events
    /// together with those of external contacts (外部联系人变更回调). A callback contains little
    /// more than the id. Read the rest through the API.
    ///
    /// The documents' samples misspell the kinds of departments, as in `create_deparmtment`. Both
    /// spellings are one kind here.
    #[doc(alias = "家校通讯录变更回调")]
    #[doc(alias = "家校沟通")]
    pub enum SchoolEvent {
        /// A student was created.
        CREATE_STUDENT = "change_school_contact" / "create_student" => CreateStudent,
        /// A student or a parent of a student was updated.
        UPDATE_STUDENT = "change_school_contact" / "update_student" => UpdateStudent,
        /// A student was deleted.
        DELETE_STUDENT = "change_school_contact" / "delete_student" => DeleteStudent,
        /// A parent was created.
        CREATE_PARENT = "change_school_contact" / "create_parent" => CreateParent,
        /// A parent was updated.
        UPDATE_PARENT = "change_school_contact" / "update_parent" => UpdateParent,
        /// A parent was deleted.
        DELETE_PARENT = "change_school_contact" / "delete_parent" => DeleteParent,
        /// A parent followed the school.
        SUBSCRIBE_SCHOOL = "change_school_contact" / "subscribe" => SubscribeSchool,
        /// A parent unfollowed the school.
        UNSUBSCRIBE_SCHOOL = "change_school_contact" / "unsubscribe" => UnsubscribeSchool,
        /// A department of the school was created.
        CREATE_SCHOOL_DEPARTMENT = "change_school_contact" / "create_department" | "create_deparmtment" => CreateSchoolDepartment,
        /// A department of the school was updated.
        UPDATE_SCHOOL_DEPARTMENT = "change_school_contact" / "update_department" | "update_deparmtment" => UpdateSchoolDepartment,
        /// A department of the school was deleted.
        DELETE_SCHOOL_DEPARTMENT = "change_school_contact" / "delete_department" | "delete_deparmtment" => DeleteSchoolDepartment,
        /// Many changes of a school's address book in one notice.
        CHANGE_SCHOOL_CONTACT_BATCH = "change_school_contact_batch" => ChangeSchoolContactBatch,
    }
}

fields! {
    /// A student was created.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92032, 96716. Sent
    /// to suites as a notice. Document 92051.
    #[doc(alias = "create_student")]
    #[doc(alias = "新增学生事件")]
    #[event]
    pub struct CreateStudent {
        /// The student's UserID in the school's address book.
        id id: String = "Id",
    }

    /// A student or a parent of a student was updated.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92032, 96716. Sent
    /// to suites as a notice. Document 92051.
    #[doc(alias = "update_student")]
    #[doc(alias = "编辑学生事件")]
    #[event]
    pub struct UpdateStudent {
        /// The student's UserID in the school's address book. If it changed, this is the old one.
        id id: String = "Id",
        /// The new UserID, if it changed. Only sent to suites.
        may new_id: String = "NewId",
    }

    /// A student was deleted.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92032, 96716. Sent
    /// to suites as a notice. Document 92051.
    #[doc(alias = "delete_student")]
    #[doc(alias = "删除学生事件")]
    #[event]
    pub struct DeleteStudent {
        /// The student's UserID in the school's address book.
        id id: String = "Id",
    }

    /// A parent was created.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92032, 96716. Sent
    /// to suites as a notice. Document 92051.
    #[doc(alias = "create_parent")]
    #[doc(alias = "新增家长事件")]
    #[event]
    pub struct CreateParent {
        /// The parent's UserID in the school's address book.
        id id: String = "Id",
    }

    /// A parent was updated.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92032, 96716. Sent
    /// to suites as a notice. Document 92051.
    #[doc(alias = "update_parent")]
    #[doc(alias = "编辑家长事件")]
    #[event]
    pub struct UpdateParent {
        /// The parent's UserID in the school's address book. If it changed, this is the old one.
        id id: String = "Id",
        /// The new UserID, if it changed. Only sent to suites.
        may new_id: String = "NewId",
    }

    /// A parent was deleted.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92032, 96716. Sent
    /// to suites as a notice. Document 92051.
    #[doc(alias = "delete_parent")]
    #[doc(alias = "删除家长事件")]
    #[event]
    pub struct DeleteParent {
        /// The parent's UserID in the school's address book.
        id id: String = "Id",
    }

    /// A parent followed the school and gets its notices from now on.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92032, 96716. Sent
    /// to suites as a notice. Document 92051.
    #[doc(alias = "subscribe")]
    #[doc(alias = "家长关注事件")]
    #[event]
    pub struct SubscribeSchool {
        /// The parent's UserID in the school's address book.
        id id: String = "Id",
    }

    /// A parent unfollowed the school.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92032, 96716. Sent
    /// to suites as a notice. Document 92051.
    #[doc(alias = "unsubscribe")]
    #[doc(alias = "家长取消关注事件")]
    #[event]
    pub struct UnsubscribeSchool {
        /// The parent's UserID in the school's address book.
        id id: String = "Id",
    }

    /// A department of the school was created.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92052, 96717. Sent
    /// to suites as a notice. Document 92050.
    #[doc(alias = "create_department")]
    #[doc(alias = "创建部门事件")]
    #[event]
    pub struct CreateSchoolDepartment {
        /// The department's id.
        id id: String = "Id",
    }

    /// A department of the school was updated.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92052, 96717. Sent
    /// to suites as a notice. Document 92050.
    #[doc(alias = "update_department")]
    #[doc(alias = "更新部门事件")]
    #[event]
    pub struct UpdateSchoolDepartment {
        /// The department's id.
        id id: String = "Id",
    }

    /// A department of the school was deleted.
    ///
    /// Sent to self-built apps and apps developed for a corp (代开发). Documents 92052, 96717. Sent
    /// to suites as a notice. Document 92050.
    #[doc(alias = "delete_department")]
    #[doc(alias = "删除部门事件")]
    #[event]
    pub struct DeleteSchoolDepartment {
        /// The department's id.
        id id: String = "Id",
    }

    /// Many changes of a school's address book in one notice. WeCom sends it when the changes
    /// follow each other quickly.
    ///
    /// Sent to suites as a notice. Document 97281.
    #[doc(alias = "change_school_contact_batch")]
    #[doc(alias = "家校通讯录批量变更事件")]
    #[event]
    pub struct ChangeSchoolContactBatch {
        /// The changes. At most 1,000.
        many change_list: SchoolChange = "ChangeList",
    }

    /// One of the changes in a [`ChangeSchoolContactBatch`].
    pub struct SchoolChange {
        /// When it happened. Unix time in seconds.
        one time_stamp: u64 = "TimeStamp",
        /// What happened.
        one change_type: SchoolChangeType = "ChangeType",
        /// The UserID of the student or the parent, or the id of the department. If it changed,
        /// this is the old one.
        one id: String = "Id",
        /// The new id, if it changed. Only sent for updates.
        may new_id: String = "NewId",
    }
}

text_codes! {
    /// The type of a change in a [`ChangeSchoolContactBatch`].
    pub enum SchoolChangeType {
        /// A student was created.
        CreateStudent = "create_student",
        /// A student or a parent of a student was updated.
        UpdateStudent = "update_student",
        /// A student was deleted.
        DeleteStudent = "delete_student",
        /// A parent was created.
        CreateParent = "create_parent",
        /// A parent was updated.
        UpdateParent = "update_parent",
        /// A parent was deleted.
        DeleteParent = "delete_parent",
        /// A parent followed the school.
        Subscribe = "subscribe",
        /// A parent unfollowed the school.
        Unsubscribe = "unsubscribe",
        /// A department was created.
        CreateDepartment = "create_department" | "create_deparmtment",
        /// A department was updated.
        UpdateDepartment = "update_department" | "update_deparmtment",
        /// A department was deleted.
        DeleteDepartment = "delete_department" | "delete_deparmtment",
    }
}
