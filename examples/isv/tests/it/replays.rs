//! What comes late, again, or from where it should not: whoever has captured a callback may send it as often as he likes.

use crate::support::{CORP, Life, tenant};

#[tokio::test]
async fn a_call_that_hangs_does_not_keep_the_next_code_waiting() {
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
        "it is tried again"
    );
    life.end().await;
}
