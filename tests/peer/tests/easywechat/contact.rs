//! `handleContactChanged` and its seven kinds.

use tower_wecom::event::{
    CreateParty, CreateUser, DeleteParty, DeleteUser, UpdateParty, UpdateTag, UpdateUser,
};
use tower_wecom::{ContactEvent, EventRouter};

use crate::log::Log;
use crate::server::{Expected, takes_of_own_app, takes_of_suite};

/// The callbacks of the address book have the same names in both flavours.
async fn in_both_flavours(events: impl Fn(Log) -> EventRouter, expected: &Expected<'_>) {
    takes_of_own_app(&events, expected).await;
    takes_of_suite(&events, expected).await;
}

#[tokio::test]
async fn handle_contact_changed_is_a_handler_of_the_family() {
    let events = |log: Log| {
        EventRouter::new().on(move |event: ContactEvent| log.tell(event.kind().to_string()))
    };
    let expected = [
        ("change_contact_create_user", "change_contact/create_user"),
        ("change_contact_update_user", "change_contact/update_user"),
        ("change_contact_delete_user", "change_contact/delete_user"),
        ("change_contact_create_party", "change_contact/create_party"),
        ("change_contact_update_party", "change_contact/update_party"),
        ("change_contact_delete_party", "change_contact/delete_party"),
        ("change_contact_update_tag", "change_contact/update_tag"),
    ];
    in_both_flavours(events, &expected).await;
}

#[tokio::test]
async fn handle_user_created_is_a_handler_of_create_user() {
    let events = |log: Log| {
        EventRouter::new()
            .on(move |user: CreateUser| log.tell(format!("{} {:?}", user.user_id, user.department)))
    };
    let told = "lin.mei Some([7, 12, 305])";
    in_both_flavours(events, &[("change_contact_create_user", told)]).await;
}

#[tokio::test]
async fn handle_user_updated_is_a_handler_of_update_user() {
    let events = |log: Log| {
        EventRouter::new().on(move |user: UpdateUser| {
            log.tell(format!("{} {:?}", user.user_id, user.new_user_id))
        })
    };
    let told = "lin.mei Some(\"lin.mei2\")";
    in_both_flavours(events, &[("change_contact_update_user", told)]).await;
}

#[tokio::test]
async fn handle_user_deleted_is_a_handler_of_delete_user() {
    let events = |log: Log| EventRouter::new().on(move |user: DeleteUser| log.tell(user.user_id));
    in_both_flavours(events, &[("change_contact_delete_user", "lin.mei")]).await;
}

#[tokio::test]
async fn handle_party_created_is_a_handler_of_create_party() {
    let events = |log: Log| {
        EventRouter::new().on(move |party: CreateParty| {
            log.tell(format!("{} below {:?}", party.id, party.parent_id))
        })
    };
    let told = "305 below Some(7)";
    in_both_flavours(events, &[("change_contact_create_party", told)]).await;
}

#[tokio::test]
async fn handle_party_updated_is_a_handler_of_update_party() {
    let events = |log: Log| {
        EventRouter::new().on(move |party: UpdateParty| {
            log.tell(format!("{} below {:?}", party.id, party.parent_id))
        })
    };
    let told = "305 below Some(7)";
    in_both_flavours(events, &[("change_contact_update_party", told)]).await;
}

#[tokio::test]
async fn handle_party_deleted_is_a_handler_of_delete_party() {
    let events =
        |log: Log| EventRouter::new().on(move |party: DeleteParty| log.tell(party.id.to_string()));
    in_both_flavours(events, &[("change_contact_delete_party", "305")]).await;
}

#[tokio::test]
async fn handle_user_tag_updated_is_a_handler_of_update_tag() {
    let events = |log: Log| {
        EventRouter::new()
            .on(move |tag: UpdateTag| log.tell(format!("{} {:?}", tag.tag_id, tag.del_party_items)))
    };
    let told = "14 Some([44, 51])";
    in_both_flavours(events, &[("change_contact_update_tag", told)]).await;
}
