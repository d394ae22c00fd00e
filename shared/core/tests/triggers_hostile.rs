//! Nothing is acted on that is not ours in every place that says so.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod samples;

use samples::ours::is_acted_on_only_if_ours;
use samples::{ACCOUNT, REGION, corpus, edited, read, sample, why};
use serde_json::{Value, json};

/// Where something else is read when there is nothing: no text there is no reason to refuse.
const MAY_BE_ABSENT: [&str; 5] = [
    "/state/timestamp",
    "/StateChangeTime",
    "/Event Time",
    "/previousState/value",
    "/OldStateValue",
];

/// Places in a sample, and what makes it somebody else's, or nobody's, there.
type Places = Vec<(&'static str, Value)>;

const ALARM_NAME: &str = "migration-dev-target-errors";

fn old() -> Value {
    json!("2026-03-01T09:00:00.000+0000")
}

fn foreign_envelope() -> Places {
    vec![
        ("/account", json!("444455556666")),
        ("/region", json!("eu-west-1")),
        ("/source", json!("me")),
        ("/detail-type", json!("Something Else")),
    ]
}

fn foreign_alarms(pointer: &'static str) -> Places {
    let arn = |account: &str, region: &str, name: &str| {
        json!(format!("arn:aws:cloudwatch:{region}:{account}:alarm:{name}"))
    };
    vec![
        (pointer, arn("444455556666", REGION, ALARM_NAME)),
        (pointer, arn(ACCOUNT, "eu-west-1", ALARM_NAME)),
        (pointer, arn(ACCOUNT, REGION, "other")),
    ]
}

fn foreign_topics() -> Places {
    vec![
        (
            "/Records/0/Sns/TopicArn",
            json!("arn:aws:sns:eu-central-1:444455556666:t"),
        ),
        (
            "/Records/0/Sns/TopicArn",
            json!("arn:aws:sns:eu-west-1:111122223333:t"),
        ),
        ("/Records/0/EventSource", json!("aws:sqs")),
    ]
}

fn of_a_task() -> Places {
    let other = json!("arn:aws:dms:eu-central-1:111122223333:task:OTHER");
    let mut places = foreign_envelope();
    places.extend([("/time", old()), ("/resources/0", other), ("/detail", json!({}))]);
    places
}

fn of_an_alarm() -> Places {
    let mut places = [foreign_envelope(), foreign_alarms("/resources/0")].concat();
    places.extend([
        ("/detail/alarmName", json!("other")),
        ("/detail/state/value", json!("OK")),
        ("/detail/state/timestamp", old()),
        ("/detail/previousState/value", json!("ALARM")),
    ]);
    places
}

fn of_an_alarm_action() -> Places {
    let mut places = foreign_alarms("/alarmArn");
    places.extend([
        ("/accountId", json!("444455556666")),
        ("/region", json!("eu-west-1")),
        ("/source", json!("me")),
        ("/alarmData/alarmName", json!("other")),
        ("/alarmData/state/value", json!("OK")),
        ("/alarmData/state/timestamp", old()),
        ("/alarmData/previousState/value", json!("ALARM")),
    ]);
    places
}

fn of_an_alarm_s_topic() -> Places {
    let mut places = [
        foreign_topics(),
        foreign_alarms("/Records/0/Sns/Message/AlarmArn"),
    ]
    .concat();
    places.extend([
        ("/Records/0/Sns/Message/AWSAccountId", json!("444455556666")),
        ("/Records/0/Sns/Message/AlarmName", json!("other")),
        ("/Records/0/Sns/Message/StateChangeTime", old()),
        ("/Records/0/Sns/Message/NewStateValue", json!("OK")),
        ("/Records/0/Sns/Message/OldStateValue", json!("ALARM")),
    ]);
    places
}

fn of_a_task_s_topic() -> Places {
    let mut places = foreign_topics();
    places.extend([
        ("/Records/0/Sns/Message/SourceId", json!("other")),
        ("/Records/0/Sns/Message/Event Source", json!("me")),
        ("/Records/0/Sns/Message/Event ID", json!("none")),
        ("/Records/0/Sns/Message/Event Time", old()),
    ]);
    places
}

fn of_the_schedule() -> Places {
    let mut places = foreign_envelope();
    places.push(("/time", old()));
    places
}

#[test]
fn no_trigger_survives_the_change_of_what_makes_it_ours() {
    let essential = [
        ("dms.task.stopped", of_a_task()),
        ("cloudwatch.alarm.metric-in-alarm", of_an_alarm()),
        ("alarm-action.metric", of_an_alarm_action()),
        ("sns.alarm.metric-in-alarm", of_an_alarm_s_topic()),
        ("sns.dms.task-failed", of_a_task_s_topic()),
        ("schedule.rule", of_the_schedule()),
    ];
    for (name, places) in essential {
        let payload = sample(name);
        assert!(is_acted_on_only_if_ours(&payload), "{name} is acted on as it is");
        for (pointer, value) in places {
            let mut values = vec![value, json!("\u{202e}")];
            if !MAY_BE_ABSENT.iter().any(|end| pointer.ends_with(end)) {
                values.extend([json!(7), json!([{}]), json!(null)]);
            }
            for value in values {
                let trigger = read(&edited(&payload, pointer, Some(&value)));
                assert!(
                    why(&trigger).is_some(),
                    "{name} with {pointer} = {value} is {trigger:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_kept_in_the_corpus_is_acted_on_only_if_ours() {
    let acted_on: Vec<String> = corpus()
        .into_iter()
        .filter(|sample| is_acted_on_only_if_ours(&sample.payload))
        .map(|sample| sample.name)
        .collect();
    assert_eq!(acted_on, ["controls-in-the-message", "time-with-a-zone-name"]);
}
