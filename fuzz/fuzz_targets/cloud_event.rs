#![no_main]
//! Reads messages of a broker, and writes those of any payload.

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tower_wecom::protocol;
use tower_wecom_publish::CloudEvent;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Message(&'a [u8]),
    Callback {
        payload: &'a [u8],
        receive_id: &'a str,
        tenant: Option<&'a str>,
        age: i64,
        path: &'a str,
    },
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Message(bytes) => {
        let Ok(event) = CloudEvent::from_json(bytes) else {
            return;
        };
        let _ = format!("{event:?} {:?}", event.restore().event());
        let _ = (event.arrived_at(), event.kind());
        let again = CloudEvent::from_json(&event.to_json()).unwrap();
        assert_eq!(again.payload(), event.payload());
        assert_eq!(again.id(), event.id());
    }
    Input::Callback {
        payload,
        receive_id,
        tenant,
        age,
        path,
    } => {
        let tenant = tenant.map(str::to_owned);
        let callback = protocol::restore(payload.to_vec().into(), receive_id, tenant, age);
        let event = CloudEvent::new(&callback, path);
        let read = CloudEvent::from_json(&event.to_json()).unwrap();
        assert_eq!(read.payload(), payload);
        assert_eq!(read.id(), event.id());
        let restored = read.restore();
        assert_eq!(restored.kind(), callback.kind());
        assert_eq!(restored.tenant(), callback.tenant());
        assert_eq!(restored.receive_id(), receive_id);
        for text in [event.event_type(), event.source()] {
            assert!(!text.chars().any(char::is_control));
        }
    }
});
