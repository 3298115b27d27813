//! Tests late, repeated and misdirected callbacks: an attacker who has captured a callback may
//! replay it any number of times.

use example_isv::{COMMAND_PATH, DATA_PATH};

use crate::support::{CORP, Life, OTHER_CORP, SUITE, tenant};

const CREATED: &str = "change_contact_create_user";
const DELETED: &str = "change_contact_delete_user";

#[tokio::test]
async fn a_replay_restores_no_deleted_member_and_deletes_no_member() {
    let life = Life::with_a_tenant().await;
    let created = life.sample(CREATED, 40);
    let deleted = life.sample(DELETED, 30);
    for notice in [&created, &deleted, &created] {
        life.notify(notice).await;
    }
    assert_eq!(life.members(CORP).await, [""; 0]);

    life.notify(&life.sample(CREATED, 20)).await;
    life.notify(&deleted).await;
    assert_eq!(life.members(CORP).await, ["lin.mei Lin Mei"]);

    // A deletion may come first. Within the same second it counts as the later event.
    for (deleted_before, created_before) in [(10, 11), (9, 9)] {
        life.notify(&life.sample(DELETED, deleted_before)).await;
        life.notify(&life.sample(CREATED, created_before)).await;
        assert_eq!(life.members(CORP).await, [""; 0], "{created_before}");
    }
    life.end().await;
}

#[tokio::test]
async fn a_replay_of_a_new_user_id_brings_neither_id_back() {
    let life = Life::with_a_tenant().await;
    life.notify(&life.sample(CREATED, 40)).await;
    let renamed = "<UserID>lin.mei</UserID><NewUserID>mei.lin</NewUserID>";
    life.event_of(CORP, "update_user", 30, renamed).await;
    life.notify(&life.sample(CREATED, 40)).await;
    assert_eq!(life.members(CORP).await, ["mei.lin Lin Mei"]);

    // Another member gets the old id, and the first member leaves.
    life.notify(&life.sample(CREATED, 20)).await;
    life.event_of(CORP, "delete_user", 10, "<UserID>mei.lin</UserID>")
        .await;
    life.event_of(CORP, "update_user", 30, renamed).await;
    assert_eq!(life.members(CORP).await, ["lin.mei Lin Mei"]);
    life.end().await;
}

#[tokio::test]
async fn a_corp_that_returns_has_none_of_its_old_members() {
    let life = Life::with_a_tenant().await;
    let before = life.sample(CREATED, 40);
    life.notify(&before).await;
    life.notify(&life.sample("cancel_auth", 30)).await;
    life.notify(&life.create_auth("code-4", 20)).await;
    life.tenants_become(&[tenant(CORP, "North Depot", "permanent-5", None)])
        .await;
    life.notify(&before).await;
    assert_eq!(life.members(CORP).await, [""; 0]);
    life.notify(&life.sample(CREATED, 10)).await;
    assert_eq!(life.members(CORP).await, ["lin.mei Lin Mei"]);
    life.end().await;
}

#[tokio::test]
async fn a_corp_that_has_not_authorised_the_suite_has_no_members() {
    let life = Life::with_a_tenant().await;
    let lin = "<UserID>lin.mei</UserID>";
    life.event_of(OTHER_CORP, "create_user", 19, lin).await;
    life.event_of(OTHER_CORP, "update_user", 18, lin).await;
    let renamed = "<UserID>lin.mei</UserID><NewUserID>mei.lin</NewUserID>";
    life.event_of(OTHER_CORP, "update_user", 17, renamed).await;
    let noticed = life.sample(CREATED, 16).replace(CORP, OTHER_CORP);
    life.notify(&noticed).await;
    assert_eq!(life.members(OTHER_CORP).await, [""; 0]);
    life.end().await;
}

#[tokio::test]
async fn an_expired_code_becomes_no_job() {
    let life = Life::with_a_tenant().await;
    let old = life.create_auth("code-2", 601);
    let reset = life.sample("reset_permanent_code", 601);
    // The API does not answer, so jobs stay open.
    life.api_is_open.send_replace(false);
    for notice in [&old, &reset] {
        life.notify(notice).await;
    }
    assert_eq!(life.database.open_jobs().await.unwrap(), 0);
    life.notify(&life.create_auth("code-2", 500)).await;
    assert_eq!(life.database.open_jobs().await.unwrap(), 1);
    life.api_is_open.send_replace(true);
    life.end().await;
}

#[tokio::test]
async fn a_notice_without_a_time_changes_nothing() {
    let life = Life::with_a_tenant().await;
    let before = life.database.tenants().await.unwrap();
    for kind in ["cancel_auth", "create_auth", "change_auth", CREATED] {
        let notice = life.sample(kind, 1);
        let time = format!("<TimeStamp>{}</TimeStamp>", life.now - 1);
        assert!(notice.contains(&time));
        let answer = life.deliver(COMMAND_PATH, &notice.replace(&time, "")).await;
        assert_eq!(answer, (500, String::new()), "{kind}");
    }
    assert_eq!(life.database.open_jobs().await.unwrap(), 0);
    assert_eq!(life.database.tenants().await.unwrap(), before);
    assert_eq!(life.members(CORP).await, [""; 0]);
    life.end().await;
}

#[tokio::test]
async fn a_call_that_hangs_does_not_delay_the_next_code() {
    let life = Life::begin().await;
    for code in ["hangs", "code-1"] {
        life.notify(&life.create_auth(code, 30)).await;
    }
    life.notify(&life.sample("suite_ticket", 20)).await;
    let tenant = tenant(CORP, "North Depot", "permanent-1", None);
    life.tenants_become(&[tenant]).await;
    assert_eq!(
        life.database.open_jobs().await.unwrap(),
        1,
        "the job is still open"
    );
    life.end().await;
}

#[tokio::test]
async fn a_notice_that_is_not_encrypted_for_the_suite_is_not_trusted() {
    let life = Life::with_a_tenant().await;
    let before = life.database.tenants().await.unwrap();
    // With the receive id of another corp, on the URL that accepts every receive id.
    let platform = life.platform(DATA_PATH).receive_id(OTHER_CORP);
    let ours = format!("<SuiteId><![CDATA[{SUITE}]]></SuiteId>");
    let suite = format!("<SuiteId>{OTHER_CORP}</SuiteId>");
    let provider = format!("<ServiceCorpId>{OTHER_CORP}</ServiceCorpId>");
    for names in [&ours, &suite, &provider] {
        let notice = life.sample(CREATED, 1).replace(&ours, names);
        let request = platform.deliver_xml(notice).unwrap();
        assert_eq!(life.send(request).await, (500, String::new()), "{names}");
    }
    // Encrypted for this suite, with the id of another suite in the text.
    for kind in ["cancel_auth", "change_auth", "create_auth", CREATED] {
        let notice = life.sample(kind, 1).replace(SUITE, "ww0000000000000009");
        let answer = life.deliver(COMMAND_PATH, &notice).await;
        assert_eq!(answer, (500, String::new()), "{kind}");
    }
    assert_eq!(life.database.open_jobs().await.unwrap(), 0);
    assert_eq!(life.database.tenants().await.unwrap(), before);
    assert_eq!(life.members(CORP).await, [""; 0]);
    life.end().await;
}
