use serde_json::json;
use winterbaume_cloudwatch::model::PutCompositeAlarmInput;

use super::*;

/// `any` is ALARM while `lag` is, and acts on the topic unless `maintenance` keeps it from that.
fn with_suppressed_composite(wait: i32, extension: i32) -> Twin {
    let twin = with_lag_alarm();
    minutes(&twin, 1);
    twin.cloudwatch(|cloudwatch| {
        cloudwatch.create_alarm("maintenance");
        let request = PutCompositeAlarmInput {
            alarm_name: "any".to_owned(),
            alarm_rule: "ALARM(lag)".to_owned(),
            actions_suppressor: Some("maintenance".to_owned()),
            actions_suppressor_wait_period: Some(wait),
            actions_suppressor_extension_period: Some(extension),
            alarm_actions: Some(vec![TOPIC.to_owned()]),
            ..PutCompositeAlarmInput::default()
        };
        cloudwatch.put_composite_alarm(&request).unwrap();
    });
    told(&twin);
    twin
}

/// The changes of the composite alone, and how many actions it took.
fn of_composite(twin: &Twin) -> (Vec<String>, usize) {
    let (events, actions) = told(twin);
    let lines = changes(&events)
        .into_iter()
        .filter(|line| line.starts_with("any"));
    let own = actions.iter().filter(|action| action.subject.contains("\"any\""));
    (lines.collect(), own.count())
}

#[tokio::test(start_paused = true)]
async fn a_topic_gets_the_message_and_a_function_the_data() {
    let twin = with_lag_alarm();
    minutes(&twin, 1);
    told(&twin);
    feed(&twin, 75.0);
    minutes(&twin, 1);
    let (events, actions) = told(&twin);
    let [message, invocation] = actions.as_slice() else {
        panic!("{actions:?}");
    };
    assert_eq!((message.to.as_str(), invocation.to.as_str()), (TOPIC, FUNCTION));
    assert_eq!(message.subject, "ALARM: \"lag\" in EU (Frankfurt)");
    let reason = &events[0].detail["state"]["reason"];
    let expected = json!({
        "AlarmName": "lag",
        "AlarmDescription": "The target is behind",
        "AWSAccountId": "111122223333",
        "AlarmConfigurationUpdatedTimestamp": "2026-03-02T09:00:00.000+0000",
        "NewStateValue": "ALARM",
        "NewStateReason": reason,
        "StateChangeTime": "2026-03-02T09:02:00.000+0000",
        "Region": "EU (Frankfurt)",
        "AlarmArn": LAG_ARN,
        "OldStateValue": "OK",
        "OKActions": [TOPIC],
        "AlarmActions": [TOPIC, FUNCTION],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "CDCLatencyTarget",
            "Namespace": "AWS/DMS",
            "StatisticType": "Statistic",
            "Statistic": "MAXIMUM",
            "Unit": null,
            "Dimensions": [{ "value": "ABC", "name": "Task" }],
            "Period": 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 60.0,
            "TreatMissingData": "missing",
            "EvaluateLowSampleCountPercentile": "",
        },
    });
    assert_eq!(message.payload, expected);
    let expected = json!({
        "source": "aws.cloudwatch",
        "alarmArn": LAG_ARN,
        "accountId": "111122223333",
        "time": "2026-03-02T09:02:00.000+0000",
        "region": "eu-central-1",
        "alarmData": events[0].detail,
    });
    assert_eq!(invocation.payload, expected);
}

#[tokio::test(start_paused = true)]
async fn disabled_actions_are_not_taken() {
    let twin = with_lag_alarm();
    minutes(&twin, 1);
    twin.cloudwatch(|cloudwatch| {
        let alarm = cloudwatch.alarms.get_mut("lag").unwrap();
        alarm.actions_enabled = Some(false);
    });
    told(&twin);
    set(&twin, "lag", "ALARM");
    let (events, actions) = told(&twin);
    assert_eq!((events.len(), actions.len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_suppressed_composite_tells_at_once_and_acts_when_it_may() {
    let twin = with_suppressed_composite(60, 120);
    set(&twin, "maintenance", "ALARM");
    set(&twin, "lag", "ALARM");
    assert_eq!(of_composite(&twin), (vec!["any: OK → ALARM Alarm".to_owned()], 0));
    feed(&twin, 75.0);
    set(&twin, "maintenance", "OK");
    minutes(&twin, 1);
    assert_eq!(of_composite(&twin), (vec![], 0), "the extension period runs");
    minutes(&twin, 1);
    assert_eq!(of_composite(&twin), (vec!["any: ALARM → ALARM -".to_owned()], 1));
    minutes(&twin, 3);
    assert_eq!(of_composite(&twin), (vec![], 0));
}

#[tokio::test(start_paused = true)]
async fn a_suppressor_that_does_not_come_leaves_the_actions_after_the_wait() {
    let twin = with_suppressed_composite(60, 60);
    feed(&twin, 75.0);
    minutes(&twin, 1);
    assert_eq!(
        of_composite(&twin),
        (vec!["any: OK → ALARM WaitPeriod".to_owned()], 0)
    );
    minutes(&twin, 1);
    assert_eq!(of_composite(&twin), (vec!["any: ALARM → ALARM -".to_owned()], 1));
}

#[tokio::test(start_paused = true)]
async fn what_recovers_while_it_is_suppressed_never_acts() {
    let twin = with_suppressed_composite(120, 60);
    set(&twin, "lag", "ALARM");
    set(&twin, "lag", "OK");
    let lines = ["any: OK → ALARM WaitPeriod", "any: ALARM → OK WaitPeriod"].map(str::to_owned);
    assert_eq!(of_composite(&twin), (lines.to_vec(), 0));
    minutes(&twin, 3);
    assert_eq!(of_composite(&twin), (vec![], 0));
}

#[tokio::test(start_paused = true)]
async fn the_message_of_a_composite_names_its_rule_and_the_alarms_behind_it() {
    let twin = with_suppressed_composite(0, 0);
    set(&twin, "lag", "ALARM");
    let (_, actions) = told(&twin);
    let message = actions
        .iter()
        .find(|action| action.subject.contains("\"any\""))
        .unwrap();
    assert_eq!(message.subject, "ALARM: \"any\" in EU (Frankfurt)");
    assert_eq!(message.payload["AlarmRule"], "ALARM(lag)");
    assert_eq!(message.payload["OldStateValue"], "OK");
    let state = json!({ "Value": "ALARM", "Timestamp": "2026-03-02T09:01:00.000+0000" });
    assert_eq!(
        message.payload["TriggeringChildren"],
        json!([{ "Arn": LAG_ARN, "State": state }])
    );
    assert!(message.payload.get("Trigger").is_none());
}
