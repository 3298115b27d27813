//! Tests the whole life of a suite over HTTP, and checks the tables after each step.

use example_isv::{COMMAND_PATH, DATA_PATH, Tenant};
use tower_wecom::test_util::Platform;
use tower_wecom::tickets::{StoredTicket, SuiteTicketStore};

use crate::support::{CORP, Life, OTHER_CORP, SUITE, command, tenant};

#[tokio::test]
async fn the_life_of_a_suite_from_the_url_checks_to_the_last_corp() {
    let mut life = Life::begin().await;
    life.both_urls_are_checked_for_the_provider().await;
    life.an_authorisation_waits_for_the_first_ticket().await;
    life.a_ticket_of_another_suite_is_rejected().await;
    life.the_ticket_creates_the_tenant().await;
    life.a_late_retry_replaces_no_ticket().await;
    life.a_second_corp_authorises_while_the_api_is_slow().await;
    life.changes_of_both_address_books_reach_the_same_handler()
        .await;
    life.a_change_of_the_authorisation_is_fetched().await;
    life.a_reset_brings_a_new_permanent_code().await;
    life.a_corp_that_leaves_is_deleted().await;
    life.late_notices_do_not_bring_it_back().await;
    life.it_may_authorise_again().await;
    life.a_forged_callback_changes_no_table().await;
    life.end().await;
}

impl Life {
    async fn both_urls_are_checked_for_the_provider(&self) {
        for path in [COMMAND_PATH, DATA_PATH] {
            let platform = self.platform(path);
            let answer = self.send(platform.url_check("1616140317555161061").unwrap());
            assert_eq!(answer.await, (200, "1616140317555161061".to_owned()));
            let for_the_suite = platform.receive_id(SUITE).url_check("1").unwrap();
            assert_eq!(self.send(for_the_suite).await.0, 403);
        }
    }

    async fn an_authorisation_waits_for_the_first_ticket(&mut self) {
        let created = self.create_auth("code-1", 60);
        self.notify(&created).await;
        // WeCom sends it again.
        self.notify(&created).await;
        assert_eq!(self.database.open_jobs().await.unwrap(), 1);
        assert_eq!(self.database.tenants().await.unwrap(), []);
    }

    async fn a_ticket_of_another_suite_is_rejected(&self) {
        for other in ["<SuiteId>ww0000000000000009</SuiteId>", ""] {
            let notice = self.sample("suite_ticket", 30);
            let of_ours = format!("<SuiteId><![CDATA[{SUITE}]]></SuiteId>");
            assert!(notice.contains(&of_ours));
            let answer = self
                .deliver(COMMAND_PATH, &notice.replace(&of_ours, other))
                .await;
            assert_eq!(answer, (500, String::new()));
        }
        assert_eq!(self.database.get(SUITE).await.unwrap(), None);
    }

    async fn the_ticket_creates_the_tenant(&mut self) {
        let ticket = self.sample("suite_ticket", 30);
        self.notify(&ticket).await;
        let stored = self.database.get(SUITE).await.unwrap().unwrap();
        let expected = StoredTicket::new("stk_mB4v7Xc1Zq0Lw9Np3Ty6Rd8", self.now - 30);
        assert_eq!(stored, expected);
        let tenant = tenant(CORP, "North Depot", "permanent-1", None);
        self.tenants_become(&[tenant]).await;
        assert_eq!(self.database.open_jobs().await.unwrap(), 0);

        // The code is used up. A retry of the notice does not use it again.
        self.notify(&self.create_auth("code-1", 60)).await;
        assert_eq!(self.database.open_jobs().await.unwrap(), 0);
    }

    async fn a_late_retry_replaces_no_ticket(&self) {
        let late = self.sample("suite_ticket", 630).replace("stk_", "old_");
        self.notify(&late).await;
        let stored = self.database.get(SUITE).await.unwrap().unwrap();
        assert_eq!(stored.unix_seconds(), self.now - 30);
        assert!(stored.expose().starts_with("stk_"));
    }

    async fn a_second_corp_authorises_while_the_api_is_slow(&mut self) {
        self.api_is_open.send_replace(false);
        self.notify(&self.create_auth("code-2", 25)).await;
        // Other notices are answered in the meantime, and change nothing else.
        self.notify(&self.sample("suite_ticket", 20)).await;
        assert_eq!(self.database.tenants().await.unwrap().len(), 1);
        self.api_is_open.send_replace(true);
        let expected = [
            tenant(OTHER_CORP, "South Depot", "permanent-2", None),
            tenant(CORP, "North Depot", "permanent-1", None),
        ];
        self.tenants_become(&expected).await;
    }

    async fn changes_of_both_address_books_reach_the_same_handler(&self) {
        let created = self.sample("change_contact_create_user", 19);
        self.notify(&created).await;
        self.notify(&created.replace(CORP, OTHER_CORP)).await;
        assert_eq!(self.members(CORP).await, ["lin.mei Lin Mei"]);
        assert_eq!(self.members(OTHER_CORP).await, ["lin.mei Lin Mei"]);

        // On the data URL, the corp is the receive id.
        let chen = "<UserID>chen.bo</UserID><Name>Chen Bo</Name>";
        self.event_of(CORP, "create_user", 18, chen).await;
        let renamed = "<UserID>lin.mei</UserID><NewUserID>mei.lin</NewUserID>";
        self.event_of(OTHER_CORP, "update_user", 18, renamed).await;
        assert_eq!(
            self.members(CORP).await,
            ["chen.bo Chen Bo", "lin.mei Lin Mei"]
        );
        assert_eq!(self.members(OTHER_CORP).await, ["mei.lin Lin Mei"]);

        let deleted = self.sample("change_contact_delete_user", 18);
        assert!(deleted.contains("lin.mei"));
        self.notify(&deleted).await;
        self.event_of(OTHER_CORP, "delete_user", 18, "<UserID>nobody</UserID>")
            .await;
        for kind in ["delete_party", "update_tag"] {
            self.notify(&self.sample(&format!("change_contact_{kind}"), 18))
                .await;
        }
        assert_eq!(self.members(CORP).await, ["chen.bo Chen Bo"]);
        assert_eq!(self.members(OTHER_CORP).await, ["mei.lin Lin Mei"]);
    }

    async fn a_change_of_the_authorisation_is_fetched(&mut self) {
        self.api.set_scope(CORP, "departments 7 and 12");
        self.notify(&self.sample("change_auth", 17)).await;
        let expected = [
            tenant(OTHER_CORP, "South Depot", "permanent-2", None),
            tenant(
                CORP,
                "North Depot",
                "permanent-1",
                Some("departments 7 and 12"),
            ),
        ];
        self.tenants_become(&expected).await;
        // The same corp again: it gets a new job, although one has ended.
        self.api.set_scope(CORP, "all");
        self.notify(&self.sample("change_auth", 16)).await;
        let expected = [
            tenant(OTHER_CORP, "South Depot", "permanent-2", None),
            tenant(CORP, "North Depot", "permanent-1", Some("all")),
        ];
        self.tenants_become(&expected).await;
    }

    async fn a_reset_brings_a_new_permanent_code(&mut self) {
        let reset = self.sample("reset_permanent_code", 15);
        self.notify(&reset).await;
        let expected = [
            tenant(OTHER_CORP, "South Depot", "permanent-2", None),
            tenant(CORP, "North Depot", "permanent-3", Some("all")),
        ];
        self.tenants_become(&expected).await;
    }

    async fn a_corp_that_leaves_is_deleted(&mut self) {
        self.notify(&self.sample("cancel_auth", 10)).await;
        let gone = Tenant {
            corp_id: CORP.to_owned(),
            corp_name: None,
            permanent_code: None,
            scope: None,
        };
        let stays = tenant(OTHER_CORP, "South Depot", "permanent-2", None);
        self.tenants_become(&[stays, gone]).await;
        assert_eq!(self.members(CORP).await, [""; 0]);
        assert_eq!(self.members(OTHER_CORP).await, ["mei.lin Lin Mei"]);
    }

    async fn late_notices_do_not_bring_it_back(&self) {
        let before = self.database.tenants().await.unwrap();
        self.notify(&self.sample("change_contact_create_user", 19))
            .await;
        self.notify(&self.sample("change_auth", 16)).await;
        // Its code came before it left, and is exchanged now.
        self.notify(&self.create_auth("code-3", 12)).await;
        self.jobs_end().await;
        assert_eq!(self.database.tenants().await.unwrap(), before);
        assert_eq!(self.members(CORP).await, [""; 0]);
    }

    async fn it_may_authorise_again(&mut self) {
        self.notify(&self.create_auth("code-4", 5)).await;
        let expected = [
            tenant(OTHER_CORP, "South Depot", "permanent-2", None),
            tenant(CORP, "North Depot", "permanent-5", None),
        ];
        self.tenants_become(&expected).await;
        // The retry of the old cancellation is too late.
        self.notify(&self.sample("cancel_auth", 10)).await;
        self.tenants_become(&expected).await;
    }

    async fn a_forged_callback_changes_no_table(&self) {
        let before = self.database.tenants().await.unwrap();
        let cancelled = self.sample("cancel_auth", 0);
        let url = |path| format!("http://{}{path}", self.address);
        let stranger = Platform::new(&command("SomebodyElse")).path(url(COMMAND_PATH));
        let of_another_suite = self.platform(COMMAND_PATH).receive_id("ww9");
        for platform in [stranger, of_another_suite] {
            let request = platform.deliver_xml(&cancelled).unwrap();
            assert_eq!(self.send(request).await.0, 403);
        }
        // Nothing on the data URL cancels an authorisation.
        let data = self.platform(DATA_PATH).receive_id(OTHER_CORP);
        let request = data.deliver_xml(&cancelled).unwrap();
        assert_eq!(self.send(request).await, (200, "success".to_owned()));
        assert_eq!(self.database.tenants().await.unwrap(), before);
    }
}
