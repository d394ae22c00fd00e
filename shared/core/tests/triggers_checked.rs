//! What is checked of an alarm and of a replication event, one field at a time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod samples;

use cutover_core::text::Text;
use cutover_core::trigger::{Happening, StateValue, Why, parse};
use samples::{alarm, edited, identity, now, read, replication, sample, why, with};
use serde_json::{Value, json};

const STOPPED: &str = "dms.task.stopped";
const ALARM: &str = "cloudwatch.alarm.metric-in-alarm";
const ENDED: &str = "cloudwatch.alarm.suppression-ended";

#[test]
fn staying_in_alarm_counts_only_when_its_suppression_ended() {
    let ended = |pointer: &str, value: &Value| why(&with(ENDED, pointer, value));
    assert_eq!(
        ended("/detail/state/actionsSuppressedBy", &json!("Alarm")),
        Some(Why::NoTransition)
    );
    for nothing in [&json!(null), &json!("")] {
        assert_eq!(ended("/detail/state/actionsSuppressedBy", nothing), None);
        assert_eq!(
            ended("/detail/previousState/actionsSuppressedBy", nothing),
            Some(Why::NoTransition)
        );
    }
    let both_ok = edited(&sample(ENDED), "/detail/previousState/value", Some(&json!("OK")));
    let both_ok = edited(&both_ok, "/detail/state/value", Some(&json!("OK")));
    assert_eq!(why(&read(&both_ok)), Some(Why::NoTransition));
}

#[test]
fn an_alarm_that_is_new_comes_from_having_no_data() {
    let event = alarm(with(ALARM, "/detail/previousState", &json!(null)));
    assert_eq!(event.from, StateValue::InsufficientData);
    let created = edited(&sample(ALARM), "/detail/previousState", None);
    let created = edited(&created, "/detail/state/value", Some(&json!("INSUFFICIENT_DATA")));
    assert_eq!(why(&read(&created)), Some(Why::NoTransition));
}

#[test]
fn the_alarm_s_name_and_its_arn_must_be_of_the_same_alarm() {
    for other in [
        "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:migration-dev-health",
        "arn:aws:cloudwatch:eu-central-1:111122223333:alarm-mute-rule:migration-dev-target-errors",
        "arn:aws:sns:eu-central-1:111122223333:alarm:migration-dev-target-errors",
        "migration-dev-target-errors",
        "",
    ] {
        let trigger = with(ALARM, "/resources/0", &json!(other));
        assert_eq!(why(&trigger), Some(Why::Malformed), "{other}");
    }
}

#[test]
fn another_partition_is_as_good_as_the_first() {
    let mut china = identity();
    china.region = "cn-north-1".to_owned();
    let text = String::from_utf8(sample(ALARM)).unwrap();
    let text = text
        .replace("arn:aws:", "arn:aws-cn:")
        .replace("eu-central-1", "cn-north-1");
    assert_eq!(alarm(parse(text.as_bytes(), &china, now())).to, StateValue::Alarm);
}

#[test]
fn the_type_decides_and_the_number_helps_where_it_does_not() {
    let told = |event_type: Value, number: &str| {
        let payload = edited(&sample(STOPPED), "/detail/eventId", Some(&json!(number)));
        replication(read(&edited(&payload, "/detail/eventType", Some(&event_type)))).happening
    };
    assert_eq!(
        told(json!("REPLICATION_TASK_FAILED"), "DMS-EVENT-0069"),
        Happening::Failed
    );
    assert_eq!(told(json!(null), "DMS-EVENT-0078"), Happening::Failed);
    assert_eq!(told(json!("SOMETHING_NEW"), "DMS-EVENT-0078"), Happening::Failed);
    assert_eq!(
        told(json!("SOMETHING_NEW"), "DMS-EVENT-4242"),
        Happening::Other(Text::new("SOMETHING_NEW"))
    );
    assert_eq!(
        told(json!(""), "DMS-EVENT-4242"),
        Happening::Other(Text::new("4242"))
    );
    let unnumbered = edited(&sample(STOPPED), "/detail/eventId", Some(&json!("79")));
    let untyped = edited(&unnumbered, "/detail/eventType", None);
    assert_eq!(why(&read(&untyped)), Some(Why::NoState));
}

#[test]
fn a_notice_names_our_resource_by_its_arn_or_by_the_end_of_it() {
    let named = |source: &str, name: &str| {
        let payload = edited(
            &sample("sns.dms.task-failed"),
            "/Records/0/Sns/Message/Event Source",
            Some(&json!(source)),
        );
        let payload = edited(&payload, "/Records/0/Sns/Message/SourceId", Some(&json!(name)));
        why(&read(&payload))
    };
    let [forward, instance] = [&identity().tasks[0], &identity().related[0]].map(Clone::clone);
    assert_eq!(named("replication-task", &forward), None);
    assert_eq!(named("replication-task", "ZYXWVUTSRQPONMLKJIHGFEDCBA"), None);
    assert_eq!(named("replication-instance", "INSTANCEABCDEFGHIJKLMNOPQR"), None);
    assert_eq!(named("replication-task", &instance), Some(Why::ForeignResource));
    assert_eq!(
        named("replication-task", "INSTANCEABCDEFGHIJKLMNOPQR"),
        Some(Why::ForeignResource)
    );
    assert_eq!(named("replication-task", "Z"), Some(Why::ForeignResource));
    assert_eq!(named("replication-task", ""), Some(Why::ForeignResource));
    assert_eq!(
        named("replication-toaster", &forward),
        Some(Why::UnknownDetailType)
    );
}
