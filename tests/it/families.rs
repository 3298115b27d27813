//! A handler can take each family from the extensions, and in axum as an argument.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{Extensions, Request, Response};
use tower::service_fn;
use tower_wecom::event::*;
use tower_wecom::{RequestBody, WeComLayer};

use crate::catalogue::entries;
use crate::support::{answer, config, platform};

/// Repeats the same line for each family.
macro_rules! each_family {
    ($($Family:ident)+) => {
        /// The families that have a value in the extensions.
        fn found_in(extensions: &Extensions) -> Vec<&'static str> {
            let mut found = Vec::new();
            $( found.extend(extensions.get::<$Family>().map(|_| stringify!($Family))); )+
            found
        }

        /// The families that a handler gets as an argument.
        async fn extracted_from(parts: &mut Parts) -> Vec<&'static str> {
            let mut found = Vec::new();
            $(
                if $Family::from_request_parts(parts, &()).await.is_ok() {
                    found.push(stringify!($Family));
                }
                let optional = Option::<$Family>::from_request_parts(parts, &()).await.unwrap();
                assert_eq!(optional.is_some(), found.last() == Some(&stringify!($Family)));
            )+
            found
        }

        const ALL: &[&str] = &[$(stringify!($Family)),+];
    };
}

each_family! {
    AppEvent
    ApprovalEvent
    BatchJobResult
    BotEvent
    CalendarEvent
    ChainEvent
    ChatArchiveEvent
    ContactEvent
    CustomerAcquisitionEvent
    CustomerServiceEvent
    DeviceEvent
    EmailEvent
    ExternalChatEvent
    ExternalContactEvent
    ExternalTagEvent
    GroupBotEvent
    HardwareEvent
    LicenseEvent
    LivingEvent
    MediaEvent
    MeetingEvent
    MeetingRoomEvent
    MembershipEvent
    MenuEvent
    Message
    PaymentEvent
    SchoolEvent
    SecurityEvent
    ShareEvent
    SmartSheetEvent
    SuiteEvent
    TemplateCardEvent
    UnknownEvent
    VipAccountEvent
    WeDocEvent
    WeDriveEvent
}

#[test]
fn every_family_is_in_this_list() {
    for row in known_kinds() {
        assert!(ALL.contains(&row.family), "{}", row.family);
    }
}

#[tokio::test]
async fn a_callback_brings_its_own_family_and_no_other() {
    let payloads = entries()
        .into_iter()
        .map(|entry| (entry.sample_text(), entry.known().family));
    let unknown = "<xml><Event>new</Event></xml>".to_owned();
    let of_a_family =
        "<xml><Event>change_contact</Event><ChangeType>new</ChangeType></xml>".to_owned();
    let more = [
        (unknown, "UnknownEvent"),
        ("junk".to_owned(), "UnknownEvent"),
        (of_a_family, "ContactEvent"),
        ("{\"msgtype\":\"new\"}".to_owned(), "BotEvent"),
    ];
    for (payload, family) in payloads.chain(more) {
        let inner = service_fn(move |request: Request<RequestBody<String>>| async move {
            let (mut parts, _) = request.into_parts();
            assert_eq!(found_in(&parts.extensions), [family]);
            assert_eq!(extracted_from(&mut parts).await, [family]);
            Ok::<_, Infallible>(Response::new(String::new()))
        });
        let service = WeComLayer::new(config()).layer(inner);
        let request = platform().deliver_xml(payload).unwrap();
        assert_eq!(answer(service, request).await.status, 200);
    }
}
