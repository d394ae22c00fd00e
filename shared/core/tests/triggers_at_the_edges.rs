//! Where a trigger is only just recognised, and where it no longer is.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod samples;

use std::collections::BTreeSet;

use cutover_core::text::Text;
use cutover_core::trigger::{
    DETAIL_BYTES_MAX, EVENT_AGE_SECONDS_MAX, EVENT_AHEAD_SECONDS_MAX, Happening, ID_BYTES_MAX, KEY_BYTES_MAX,
    MESSAGE_BYTES_MAX, PAYLOAD_BYTES_MAX, Shape, StateValue, Trigger, Unrecognised, Why,
};
use jiff::SignedDuration;
use samples::{alarm, now, read, replication, sample, why, with, without};
use serde_json::{Value, json};

const STOPPED: &str = "dms.task.stopped";
const ALARM: &str = "cloudwatch.alarm.metric-in-alarm";

#[test]
fn an_event_counts_for_an_hour_and_from_five_minutes_ahead() {
    let at = |seconds: i64| {
        let moment = now() + SignedDuration::from_secs(seconds);
        why(&with(STOPPED, "/time", &json!(moment.to_string())))
    };
    assert_eq!(at(-EVENT_AGE_SECONDS_MAX), None);
    assert_eq!(at(-EVENT_AGE_SECONDS_MAX - 1), Some(Why::TooOld));
    assert_eq!(at(EVENT_AHEAD_SECONDS_MAX), None);
    assert_eq!(at(EVENT_AHEAD_SECONDS_MAX + 1), Some(Why::InTheFuture));
}

#[test]
fn times_are_read_in_every_spelling_and_others_are_refused() {
    for spelling in [
        "2026-03-02T09:00:00Z",
        "2026-03-02T09:00:00.000+0000",
        "2026-03-02T10:00:00+01:00",
        "2026-03-02 09:00:00.000",
        "2026-03-02 09:00:00",
    ] {
        let event = replication(with(STOPPED, "/time", &json!(spelling)));
        assert_eq!(event.at.to_string(), "2026-03-02T09:00:00Z", "{spelling}");
    }
    for nonsense in [
        json!("yesterday"),
        json!("2026-03-02"),
        json!("09:00"),
        json!("+999999999-01-01T00:00:00Z"),
    ] {
        assert_eq!(
            why(&with(STOPPED, "/time", &nonsense)),
            Some(Why::Malformed),
            "{nonsense}"
        );
    }
    for absent in [json!(null), json!(""), json!(1_772_442_000), json!({})] {
        assert_eq!(
            why(&with(STOPPED, "/time", &absent)),
            Some(Why::NoTime),
            "{absent}"
        );
    }
}

#[test]
fn an_alarm_is_as_old_as_its_state_and_not_as_its_envelope() {
    let old = json!("2026-03-02T07:00:00.000+0000");
    assert_eq!(why(&with(ALARM, "/time", &old)), None);
    assert_eq!(
        why(&with(ALARM, "/detail/state/timestamp", &old)),
        Some(Why::TooOld)
    );
    let event = alarm(without(ALARM, "/detail/state/timestamp"));
    assert_eq!(event.at.to_string(), "2026-03-02T09:00:00Z");
}

#[test]
fn a_payload_is_read_up_to_its_limit() {
    let padded = |bytes: usize| {
        let mut payload = sample(STOPPED);
        payload.resize(bytes, b' ');
        why(&read(&payload))
    };
    assert_eq!(padded(PAYLOAD_BYTES_MAX), None);
    assert_eq!(padded(PAYLOAD_BYTES_MAX + 1), Some(Why::TooLarge));
}

#[test]
fn what_is_large_deep_or_no_text_is_answered_with_its_name() {
    let cases: [(Vec<u8>, Why); 7] = [
        (vec![b'{'; 6_000_000], Why::TooLarge),
        (vec![b'['; 100_000], Why::TooDeep),
        (br#"{"a":"#.repeat(50_000), Why::TooDeep),
        (
            [b"[".repeat(100_000), b"]".repeat(100_000)].concat(),
            Why::TooDeep,
        ),
        (b"{\"action\":\"\xff\xfe\"}".to_vec(), Why::NotJson),
        (Vec::new(), Why::NotJson),
        (b"null".to_vec(), Why::NotAnObject),
    ];
    for (payload, expected) in cases {
        let start = String::from_utf8_lossy(&payload[..payload.len().min(20)]).into_owned();
        assert_eq!(why(&read(&payload)), Some(expected), "{start}");
    }
}

#[test]
fn an_sns_message_has_the_limits_of_a_payload() {
    let message = |text: String| {
        why(&with(
            "sns.dms.task-failed",
            "/Records/0/Sns/Message",
            &json!(text),
        ))
    };
    assert_eq!(message("[".repeat(10_000)), Some(Why::TooDeep));
    assert_eq!(message("[]".to_owned()), Some(Why::NotAnObject));
    assert_eq!(message(String::new()), Some(Why::Malformed));
}

#[test]
fn every_key_is_short_and_its_own() {
    let mut keys = BTreeSet::new();
    for shape in Shape::ALL {
        for why in Why::ALL {
            let key = Unrecognised {
                why,
                shape,
                detail: Text::default(),
            }
            .key();
            assert!(key.len() <= KEY_BYTES_MAX, "{key} has {} bytes", key.len());
            assert!(keys.insert(key.clone()), "{key} is there twice");
        }
    }
    assert_eq!(keys.len(), Shape::ALL.len() * Why::ALL.len());
}

#[test]
fn what_is_kept_of_an_event_is_short() {
    let long = json!("x".repeat(5_000));
    let event = replication(with(STOPPED, "/id", &long));
    assert_eq!(event.id.unwrap().len(), ID_BYTES_MAX);
    let event = replication(with(STOPPED, "/detail/detailMessage", &long));
    assert_eq!(event.message.as_str().len(), MESSAGE_BYTES_MAX);
    let event = replication(with(STOPPED, "/detail/eventType", &long));
    assert_eq!(event.happening, Happening::Stopped, "the id still tells");
    let Trigger::Unrecognised(unrecognised) = with(ALARM, "/account", &long) else {
        panic!("a foreign account");
    };
    assert!(unrecognised.detail.as_str().len() <= DETAIL_BYTES_MAX);
}

#[test]
fn an_envelope_is_not_a_command_whatever_else_it_says() {
    for marker in ["detail-type", "alarmData", "Records"] {
        for value in [json!(null), json!({}), json!([]), json!("x")] {
            let payload = json!({"action": "rollback", marker: value});
            let trigger = read(payload.to_string().as_bytes());
            assert!(why(&trigger).is_some(), "{payload} is {trigger:?}");
        }
    }
    assert_eq!(read(br#"{"action":"rollback","source":"me"}"#), Trigger::Manual);
    assert_eq!(why(&read(br#"{"action":7}"#)), Some(Why::UnknownEnvelope));
}

#[test]
fn of_several_records_the_first_that_is_recognised_counts() {
    let record = |name: &str| serde_json::from_slice::<Value>(&sample(name)).unwrap()["Records"][0].clone();
    let both = json!({"Records": [record("sns.dms.other-task"), record("sns.dms.task-failed"), record("sns.alarm.metric-in-alarm")]});
    let event = replication(read(both.to_string().as_bytes()));
    assert_eq!(event.happening, Happening::Failed);
    let neither = json!({"Records": [record("sns.dms.other-task"), record("sns.alarm.foreign-topic")]});
    assert_eq!(
        why(&read(neither.to_string().as_bytes())),
        Some(Why::ForeignResource)
    );
    assert_eq!(why(&read(br#"{"Records":[]}"#)), Some(Why::Malformed));
}

#[test]
fn a_record_is_known_however_its_fields_are_spelt() {
    let text = String::from_utf8(sample("sns.alarm.metric-in-alarm")).unwrap();
    for (event_source, sns) in [("eventSource", "sns"), ("EVENTSOURCE", "SNS")] {
        let spelt = text
            .replace("\"EventSource\"", &format!("\"{event_source}\""))
            .replace("\"Sns\"", &format!("\"{sns}\""));
        assert_eq!(alarm(read(spelt.as_bytes())).to, StateValue::Alarm);
    }
}
