//! Other events that exist in both flavours: jobs, shared apps, administrators.

use tower_wecom::event::{BatchJobResult, ChangeAppAdmin, ShareAgentChange};
use tower_wecom::{EventRouter, On};

use crate::account::SUITE_DATA;
use crate::log::Log;
use crate::server::{takes, takes_of_own_app, takes_of_suite};

#[tokio::test]
async fn handle_batch_jobs_finished_is_a_handler_of_batch_job_result() {
    let events = |log: Log| {
        EventRouter::new()
            .on(move |job: BatchJobResult| log.tell(format!("{} {:?}", job.job_id, job.err_code)))
    };
    let told = "jobid_Qz7m2Ld0xVb9Rk4TsHw1 Some(0)";
    takes_of_own_app(events, &[("batch_job_result", told)]).await;
    takes_of_suite(events, &[("batch_job_result_export", told)]).await;
}

#[tokio::test]
async fn handle_share_agent_changed_is_a_handler_of_share_agent_change() {
    let events = |log: Log| {
        EventRouter::new().on(move |app: ShareAgentChange| {
            log.tell(app.corp_id.unwrap_or_else(|| "our own".to_owned()))
        })
    };
    takes_of_own_app(events, &[("share_agent_change", "our own")]).await;
    takes_of_suite(events, &[("share_agent_change", "ww5d20c8e1f7b394a6")]).await;
}

#[tokio::test]
async fn handle_change_app_admin_is_a_handler_of_change_app_admin() {
    let events = |log: Log| {
        EventRouter::new().on(move |app: On<ChangeAppAdmin>| {
            log.tell(format!("{:?}", app.callback().header().agent_id))
        })
    };
    takes_of_own_app(events, &[("change_app_admin", "Some(1000027)")]).await;
    // A suite receives it as `Event=` too, at the data URL. There is no such `InfoType`.
    let samples = ["share_agent_change", "change_app_admin"];
    takes(
        SUITE_DATA,
        &samples,
        events,
        &[("change_app_admin", "Some(1000027)")],
    )
    .await;
}
