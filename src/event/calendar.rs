//! Calendars and schedules. See [`CalendarEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A calendar or a schedule changed.
    ///
    /// An app gets callbacks about the calendars and schedules that it created through the API,
    /// when one of their administrators changes them. A self-built app that may archive schedules
    /// also gets callbacks, in the same form, about the schedules in the main calendars of the
    /// archived members (document 101698). `from_user_name` can then be the id of an app. No event
    /// contains the changes. Read the calendar or the schedule through the API.
    #[doc(alias = "日程回调通知")]
    pub enum CalendarEvent {
        /// A schedule was created.
        ADD_SCHEDULE = "add_schedule" => AddSchedule,
        /// A schedule was updated.
        MODIFY_SCHEDULE = "modify_schedule" => ModifySchedule,
        /// A schedule was deleted.
        DELETE_SCHEDULE = "delete_schedule" => DeleteSchedule,
        /// A participant answered the invitation to a schedule.
        RESPOND_SCHEDULE = "respond_schedule" => RespondSchedule,
        /// A calendar was updated.
        MODIFY_CALENDAR = "modify_calendar" => ModifyCalendar,
        /// A calendar was deleted.
        DELETE_CALENDAR = "delete_calendar" => DeleteCalendar,
    }
}

fields! {
    /// A schedule was created.
    ///
    /// Sent to self-built apps that may archive schedules. Document 101698. Libraries know it from
    /// older versions of documents 93651 and 93704.
    #[doc(alias = "add_schedule")]
    #[doc(alias = "创建日程事件通知")]
    #[event]
    pub struct AddSchedule {
        /// The UserID of the acting member, or the id of the acting app.
        may from_user_name: String = "FromUserName",
        /// The id of the schedule's calendar.
        may cal_id: String = "CalId",
        /// The id of the schedule.
        id schedule_id: String = "ScheduleId",
    }

    /// A schedule was updated.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97731, 97773, 97809.
    #[doc(alias = "modify_schedule")]
    #[doc(alias = "修改日程事件")]
    #[event]
    pub struct ModifySchedule {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The id of the schedule's calendar.
        may cal_id: String = "CalId",
        /// The id of the schedule.
        id schedule_id: String = "ScheduleId",
    }

    /// A schedule was deleted.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97732, 97774, 97810.
    #[doc(alias = "delete_schedule")]
    #[doc(alias = "删除日程事件")]
    #[event]
    pub struct DeleteSchedule {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The id of the schedule's calendar.
        may cal_id: String = "CalId",
        /// The id of the schedule.
        id schedule_id: String = "ScheduleId",
    }

    /// A participant accepted the invitation to a schedule, declined it, or left it open.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 98099, 98110, 98111. The callback does not contain the answer. Read the schedule through the
    /// API.
    #[doc(alias = "respond_schedule")]
    #[doc(alias = "日程回执事件")]
    #[event]
    pub struct RespondSchedule {
        /// The participant's UserID.
        may from_user_name: String = "FromUserName",
        /// The id of the schedule's calendar.
        may cal_id: String = "CalId",
        /// The id of the schedule.
        id schedule_id: String = "ScheduleId",
    }

    /// A calendar was updated.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97730, 97772, 97808.
    #[doc(alias = "modify_calendar")]
    #[doc(alias = "修改日历事件")]
    #[event]
    pub struct ModifyCalendar {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The id of the calendar.
        id cal_id: String = "CalId",
    }

    /// A calendar was deleted.
    ///
    /// Sent to self-built apps, apps developed for a corp (代开发) and third-party apps. Documents
    /// 97728, 97771, 97806.
    #[doc(alias = "delete_calendar")]
    #[doc(alias = "删除日历事件")]
    #[event]
    pub struct DeleteCalendar {
        /// The UserID of the acting member.
        may from_user_name: String = "FromUserName",
        /// The id of the calendar.
        id cal_id: String = "CalId",
    }
}
