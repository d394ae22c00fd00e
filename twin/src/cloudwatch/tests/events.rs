use serde_json::{Value, json};

use super::*;
use crate::cloudwatch::{Comparison, Missing};

#[tokio::test(start_paused = true)]
async fn a_metric_alarm_tells_its_change_in_the_real_shape() {
    let twin = with_lag_alarm();
    minutes(&twin, 1);
    feed(&twin, 75.0);
    minutes(&twin, 1);
    let (events, _) = told(&twin);
    assert_eq!(
        changes(&events),
        ["lag: INSUFFICIENT_DATA → OK -", "lag: OK → ALARM -"]
    );
    let event = &events[1];
    assert_eq!(event.source, "aws.cloudwatch");
    assert_eq!(event.detail_type, "CloudWatch Alarm State Change");
    assert_eq!(event.resources, [LAG_ARN]);
    let state = &event.detail["state"];
    assert_eq!(
        state["reason"],
        "Threshold Crossed: 1 datapoint [75.0 (02/03/26 09:01:00)] was greater than the threshold (60.0)."
    );
    assert_eq!(state["timestamp"], "2026-03-02T09:02:00.000+0000");
    let data: Value = serde_json::from_str(state["reasonData"].as_str().unwrap()).unwrap();
    let expected = json!({
        "version": "1.0",
        "queryDate": "2026-03-02T09:02:00.000+0000",
        "startDate": "2026-03-02T09:01:00.000+0000",
        "statistic": "Maximum",
        "period": 60,
        "recentDatapoints": [75.0],
        "threshold": 60.0,
        "evaluatedDatapoints":
            [{ "timestamp": "2026-03-02T09:01:00.000+0000", "sampleCount": 1.0, "value": 75.0 }],
    });
    assert_eq!(data, expected);
    let previous = &event.detail["previousState"];
    assert_eq!(previous["timestamp"], "2026-03-02T09:01:00.000+0000");
    let configuration = &event.detail["configuration"];
    assert_eq!(configuration["description"], "The target is behind");
    let metric = &configuration["metrics"][0];
    assert_eq!(metric["returnData"], true);
    let stat = json!({
        "metric":
            { "name": "CDCLatencyTarget", "namespace": "AWS/DMS", "dimensions": { "Task": "ABC" } },
        "period": 60,
        "stat": "Maximum",
    });
    assert_eq!(metric["metricStat"], stat);
    assert_eq!(metric["id"].as_str().map(str::len), Some(36));
}

#[tokio::test(start_paused = true)]
async fn an_alarm_on_an_expression_shows_all_its_metrics() {
    let twin = with_lag_alarm();
    twin.cloudwatch(|cloudwatch| {
        let metrics = vec![("m1".to_owned(), lag())];
        let watched = Watched::Expression {
            expression: "m1 * 10".to_owned(),
            metrics,
        };
        let definition = AlarmDefinition {
            name: "tenfold".to_owned(),
            watched,
            threshold: 30.0,
            comparison: Comparison::LessThan,
            missing: Missing::Breaching,
            ..AlarmDefinition::default()
        };
        cloudwatch.define_alarm(definition).unwrap();
    });
    minutes(&twin, 1);
    let (events, _) = told(&twin);
    let event = events
        .iter()
        .find(|event| event.detail["alarmName"] == "tenfold")
        .unwrap();
    assert_eq!(
        event.detail["state"]["reason"],
        "Threshold Crossed: 1 datapoint [20.0 (02/03/26 09:00:00)] was less than the threshold (30.0)."
    );
    let metrics = &event.detail["configuration"]["metrics"];
    assert_eq!(
        metrics[0],
        json!({ "id": "result", "expression": "m1 * 10", "returnData": true })
    );
    assert_eq!(metrics[1]["id"], "m1");
    assert_eq!(metrics[1]["returnData"], false);
    assert_eq!(metrics[1]["metricStat"]["stat"], "Maximum");
}

#[tokio::test(start_paused = true)]
async fn a_composite_tells_which_alarm_made_it_change() {
    let twin = with_lag_alarm();
    minutes(&twin, 1);
    twin.cloudwatch(|cloudwatch| cloudwatch.create_composite("any", "ALARM(lag)", None).unwrap());
    let (events, _) = told(&twin);
    assert_eq!(changes(&events[1..]), ["any: INSUFFICIENT_DATA → OK -"]);
    set(&twin, "lag", "ALARM");
    let (events, _) = told(&twin);
    assert_eq!(changes(&events), ["lag: OK → ALARM -", "any: OK → ALARM -"]);
    let detail = &events[1].detail;
    assert_eq!(
        detail["state"]["reason"],
        format!("{LAG_ARN} transitioned to ALARM at Monday 02 March, 2026 09:01:00 UTC")
    );
    let data: Value = serde_json::from_str(detail["state"]["reasonData"].as_str().unwrap()).unwrap();
    let state = json!({ "value": "ALARM", "timestamp": "2026-03-02T09:01:00.000+0000" });
    assert_eq!(
        data,
        json!({ "triggeringAlarms": [{ "arn": LAG_ARN, "state": state }] })
    );
    assert_eq!(detail["configuration"], json!({ "alarmRule": "ALARM(lag)" }));
}

#[tokio::test(start_paused = true)]
async fn all_alarms_that_speak_for_a_composite_are_named_the_latest_first() {
    let twin = with_lag_alarm();
    twin.cloudwatch(|cloudwatch| {
        cloudwatch.create_alarm("errors");
        cloudwatch.create_alarm("calm");
        cloudwatch
            .create_composite("both", "ALARM(errors) AND ALARM(lag) AND NOT ALARM(calm)", None)
            .unwrap();
    });
    for (alarm, state) in [
        ("errors", "ALARM"),
        ("calm", "OK"),
        ("calm", "ALARM"),
        ("lag", "ALARM"),
    ] {
        set(&twin, alarm, state);
    }
    told(&twin);
    set(&twin, "calm", "OK");
    let (events, _) = told(&twin);
    let data = events[1].detail["state"]["reasonData"].as_str().unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    let alarms = data["triggeringAlarms"].as_array().unwrap().iter();
    let names = alarms.map(|alarm| {
        alarm["arn"]
            .as_str()
            .unwrap()
            .rsplit(':')
            .next()
            .unwrap()
            .to_owned()
    });
    assert_eq!(names.collect::<Vec<_>>(), ["calm", "lag", "errors"]);
}

#[tokio::test(start_paused = true)]
async fn a_state_that_stays_tells_nothing() {
    let twin = with_lag_alarm();
    minutes(&twin, 1);
    told(&twin);
    minutes(&twin, 5);
    set(&twin, "lag", "OK");
    assert_eq!(told(&twin), (Vec::new(), Vec::new()));
}
