//! Calendars and schedules. See [`CalendarEvent`].

use super::family::family;
use crate::payload::fields;

family! {
    /// A calendar or a schedule has changed.
    ///
    /// An app is told of the calendars and schedules that it has made through the API, when one of their administrators
    /// changes them. An own app that may archive schedules is told of those in the main calendars of the archived
    /// members too, in the same form (document 101698); `from_user_name` can then be the id of an app. No event says
    /// what has changed: read the calendar or the schedule through the API.
    #[doc(alias = "日程回调通知")]
    pub enum CalendarEvent {
        /// A schedule was made.
        ADD_SCHEDULE = "add_schedule" => AddSchedule,
        /// A schedule was changed.
        MODIFY_SCHEDULE = "modify_schedule" => ModifySchedule,
        /// A schedule was deleted.
        DELETE_SCHEDULE = "delete_schedule" => DeleteSchedule,
        /// A participant has answered the invitation to a schedule.
        RESPOND_SCHEDULE = "respond_schedule" => RespondSchedule,
        /// A calendar was changed.
        MODIFY_CALENDAR = "modify_calendar" => ModifyCalendar,
        /// A calendar was deleted.
        DELETE_CALENDAR = "delete_calendar" => DeleteCalendar,
    }
}

fields! {
    /// A schedule was made.
    ///
    /// For own apps that may archive schedules: document 101698. Libraries know it from older states of documents 93651
    /// and 93704.
    #[doc(alias = "add_schedule")]
    #[doc(alias = "创建日程事件通知")]
    #[event]
    pub struct AddSchedule {
        /// The UserID of the member who made it, or the id of the app that did.
        may from_user_name: String = "FromUserName",
        /// The id of the calendar that it is in.
        may cal_id: String = "CalId",
        /// The id of the schedule.
        id schedule_id: String = "ScheduleId",
    }

    /// A schedule was changed.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 97731, 97773, 97809.
    #[doc(alias = "modify_schedule")]
    #[doc(alias = "修改日程事件")]
    #[event]
    pub struct ModifySchedule {
        /// The UserID of the member who changed it.
        may from_user_name: String = "FromUserName",
        /// The id of the calendar that it is in.
        may cal_id: String = "CalId",
        /// The id of the schedule.
        id schedule_id: String = "ScheduleId",
    }

    /// A schedule was deleted.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 97732, 97774, 97810.
    #[doc(alias = "delete_schedule")]
    #[doc(alias = "删除日程事件")]
    #[event]
    pub struct DeleteSchedule {
        /// The UserID of the member who deleted it.
        may from_user_name: String = "FromUserName",
        /// The id of the calendar that it was in.
        may cal_id: String = "CalId",
        /// The id of the schedule.
        id schedule_id: String = "ScheduleId",
    }

    /// A participant has accepted the invitation to a schedule, has declined it, or has left it open.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 98099, 98110, 98111. Which of the
    /// three it is stands in the schedule alone.
    #[doc(alias = "respond_schedule")]
    #[doc(alias = "日程回执事件")]
    #[event]
    pub struct RespondSchedule {
        /// The UserID of the participant.
        may from_user_name: String = "FromUserName",
        /// The id of the calendar that it is in.
        may cal_id: String = "CalId",
        /// The id of the schedule.
        id schedule_id: String = "ScheduleId",
    }

    /// A calendar was changed.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 97730, 97772, 97808.
    #[doc(alias = "modify_calendar")]
    #[doc(alias = "修改日历事件")]
    #[event]
    pub struct ModifyCalendar {
        /// The UserID of the member who changed it.
        may from_user_name: String = "FromUserName",
        /// The id of the calendar.
        id cal_id: String = "CalId",
    }

    /// A calendar was deleted.
    ///
    /// For own apps, apps developed for a corp (代开发) and third-party apps: documents 97728, 97771, 97806.
    #[doc(alias = "delete_calendar")]
    #[doc(alias = "删除日历事件")]
    #[event]
    pub struct DeleteCalendar {
        /// The UserID of the member who deleted it.
        may from_user_name: String = "FromUserName",
        /// The id of the calendar.
        id cal_id: String = "CalId",
    }
}
