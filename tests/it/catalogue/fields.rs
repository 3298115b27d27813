//! The fields of contact events as a user reads them, of own apps and of third-party apps.

use std::sync::Arc;

use tower_wecom::event::{ExtAttrType, Gender, JobType, UserStatus};
use tower_wecom::{BatchJobResult, ContactEvent, Event};

use super::entries::entry;

const OPEN_USER_ID: &str = "woMd8KCQAAk29s0ZpQhXtR4mUvLbYnDc";

fn contact(key: &str) -> ContactEvent {
    match entry(key).callback().event() {
        Event::Contact(event) => event.clone(),
        other => panic!("{key}: {other:?}"),
    }
}

fn batch_job(key: &str) -> Arc<BatchJobResult> {
    match entry(key).callback().event() {
        Event::BatchJob(job) => Arc::clone(job),
        other => panic!("{key}: {other:?}"),
    }
}

/// The fields that two types share.
macro_rules! assert_member {
    ($user:ident) => {
        assert_eq!($user.user_id, "lin.mei");
        assert_eq!($user.name.as_deref(), Some("Lin Mei"));
        assert_eq!($user.department, Some(vec![7_u64, 12, 305]));
        assert_eq!($user.main_department, Some(7_u64));
        assert_eq!($user.is_leader_in_dept, Some(vec![1_u32, 0, 0]));
        assert_eq!($user.direct_leader, Some(vec!["chen.bo".to_owned()]));
        assert_eq!($user.position.as_deref(), Some("Night shift planner"));
        assert_eq!($user.mobile.as_deref(), Some("13900001234"));
        assert_eq!($user.gender, Some(Gender::Female));
        assert_eq!($user.email.as_deref(), Some("lin.mei@corp.example.test"));
        assert_eq!(
            $user.biz_mail.as_deref(),
            Some("lin.mei@corp.wecom.example.test")
        );
        assert_eq!($user.status, Some(UserStatus::Activated));
        let avatar = "https://wework.qpic.example.test/bizmail/x9/0";
        assert_eq!($user.avatar.as_deref(), Some(avatar));
        assert_eq!($user.alias.as_deref(), Some("mei"));
        assert_eq!($user.telephone.as_deref(), Some("021-5550199"));

        let [locker, page] = &$user.ext_attr.as_ref().unwrap().items.as_ref().unwrap()[..] else {
            panic!("there are two");
        };
        assert_eq!(locker.name.as_deref(), Some("Locker"));
        assert_eq!(locker.r#type, Some(ExtAttrType::Text));
        assert_eq!(
            locker.text.as_ref().unwrap().value.as_deref(),
            Some("B-114")
        );
        assert_eq!((&locker.web, &locker.value), (&None, &None));
        assert_eq!(page.name.as_deref(), Some("Profile page"));
        assert_eq!(page.r#type, Some(ExtAttrType::Web));
        let web = page.web.as_ref().unwrap();
        assert_eq!(web.title.as_deref(), Some("Profile"));
        assert_eq!(web.url.as_deref(), Some("https://www.example.test/u/lin"));
        assert_eq!((&page.text, &page.value), (&None, &None));
    };
}

#[test]
fn a_member_who_was_made_reads_by_its_fields() {
    let ContactEvent::CreateUser(own) = contact("change_contact_create_user") else {
        panic!("another variant");
    };
    assert_member!(own);
    assert_eq!(
        (own.address.as_deref(), &own.open_user_id),
        (Some("3 Harbour Lane"), &None)
    );

    let ContactEvent::CreateUser(suite) = contact("info_change_contact_create_user") else {
        panic!("another variant");
    };
    assert_member!(suite);
    assert_eq!(
        (&suite.address, suite.open_user_id.as_deref()),
        (&None, Some(OPEN_USER_ID))
    );
}

#[test]
fn a_member_who_was_changed_reads_by_its_fields() {
    let ContactEvent::UpdateUser(own) = contact("change_contact_update_user") else {
        panic!("another variant");
    };
    assert_member!(own);
    assert_eq!(own.new_user_id.as_deref(), Some("lin.mei2"));
    assert_eq!(
        (own.address.as_deref(), &own.open_user_id),
        (Some("3 Harbour Lane"), &None)
    );

    let ContactEvent::UpdateUser(suite) = contact("info_change_contact_update_user") else {
        panic!("another variant");
    };
    assert_member!(suite);
    assert_eq!(suite.new_user_id.as_deref(), Some("lin.mei2"));
    assert_eq!(
        (&suite.address, suite.open_user_id.as_deref()),
        (&None, Some(OPEN_USER_ID))
    );
}

#[test]
fn a_leaver_reads_by_its_fields() {
    let rows = [
        ("change_contact_delete_user", None),
        ("info_change_contact_delete_user", Some(OPEN_USER_ID)),
    ];
    for (key, open_user_id) in rows {
        let ContactEvent::DeleteUser(user) = contact(key) else {
            panic!("{key}")
        };
        assert_eq!(
            (user.user_id.as_str(), user.open_user_id.as_deref()),
            ("lin.mei", open_user_id)
        );
    }
}

#[test]
fn a_tag_reads_by_its_fields() {
    for key in [
        "change_contact_update_tag",
        "info_change_contact_update_tag",
    ] {
        let ContactEvent::UpdateTag(tag) = contact(key) else {
            panic!("{key}")
        };
        assert_eq!(tag.tag_id, 14);
        let texts = |items: [&str; 2]| Some(items.map(str::to_owned).to_vec());
        assert_eq!(tag.add_user_items, texts(["lin.mei", "chen.bo"]));
        assert_eq!(tag.del_user_items, texts(["wu.fan", "he.jie"]));
        assert_eq!(tag.add_party_items, Some(vec![12, 305]));
        assert_eq!(tag.del_party_items, Some(vec![44, 51]));
    }
}

#[test]
fn a_department_reads_by_its_fields() {
    for flavour in ["", "info_"] {
        let key = |change: &str| format!("{flavour}change_contact_{change}_party");
        let ContactEvent::CreateParty(made) = contact(&key("create")) else {
            panic!("{flavour}")
        };
        assert_eq!((made.id, made.name.as_deref()), (305, Some("North depot")));
        assert_eq!((made.parent_id, made.order), (Some(7), Some(90)));

        let ContactEvent::UpdateParty(changed) = contact(&key("update")) else {
            panic!("{flavour}")
        };
        assert_eq!(
            (changed.id, changed.name.as_deref()),
            (305, Some("North depot"))
        );
        assert_eq!(changed.parent_id, Some(7));

        let ContactEvent::DeleteParty(gone) = contact(&key("delete")) else {
            panic!("{flavour}")
        };
        assert_eq!(gone.id, 305);
    }
}

#[test]
fn a_batch_job_reads_by_its_fields() {
    let rows = [
        (
            "batch_job_result",
            JobType::ReplaceParty,
            Some(0),
            Some("ok"),
        ),
        (
            "batch_job_result_export",
            JobType::ExportDepartment,
            Some(0),
            Some("ok"),
        ),
        (
            "batch_job_result_import_chain_contact",
            JobType::ImportChainContact,
            Some(0),
            Some("ok"),
        ),
        (
            "info_batch_job_result_contact_id_translate",
            JobType::ContactIdTranslate,
            None,
            None,
        ),
        (
            "info_batch_job_result_export",
            JobType::ExportSimpleUser,
            Some(0),
            Some("ok"),
        ),
    ];
    for (key, job_type, err_code, err_msg) in rows {
        let job = batch_job(key);
        assert_eq!(job.job_id, "jobid_Qz7m2Ld0xVb9Rk4TsHw1", "{key}");
        assert_eq!(job.job_type, Some(job_type), "{key}");
        assert_eq!(
            (job.err_code, job.err_msg.as_deref()),
            (err_code, err_msg),
            "{key}"
        );
    }
}
