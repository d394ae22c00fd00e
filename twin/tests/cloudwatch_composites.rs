//! Composite alarms on `CloudWatch`, through the real SDK.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::error::ProvideErrorMetadata;
use aws_sdk_cloudwatch::types::{ActionsSuppressedBy, AlarmType, CompositeAlarm, StateValue};
use twin::Twin;

fn client(twin: &Twin) -> Client {
    Client::new(&sdk::config(twin))
}

/// The alarms `a`, `b` and `maintenance`, all of them OK.
fn three_alarms() -> Twin {
    let twin = sdk::twin();
    for name in ["a", "b", "maintenance"] {
        twin.cloudwatch(|cloudwatch| cloudwatch.create_alarm(name));
        set(&twin, name, "OK");
    }
    twin
}

fn set(twin: &Twin, name: &str, state: &str) {
    assert!(twin.cloudwatch(|cloudwatch| cloudwatch.set_alarm_state(name, state, "by hand")));
}

async fn composite(twin: &Twin, name: &str) -> CompositeAlarm {
    let answer = client(twin)
        .describe_alarms()
        .alarm_types(AlarmType::CompositeAlarm);
    let answer = answer.alarm_names(name).send().await.unwrap();
    assert!(answer.metric_alarms().is_empty());
    answer.composite_alarms()[0].clone()
}

async fn put(twin: &Twin, name: &str, rule: &str) -> Result<(), (String, String)> {
    let put = client(twin)
        .put_composite_alarm()
        .alarm_name(name)
        .alarm_rule(rule)
        .send()
        .await;
    put.map(drop).map_err(|error| {
        let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
        (text(error.code()), text(error.message()))
    })
}

#[tokio::test(start_paused = true)]
async fn a_composite_follows_its_alarms_and_so_does_one_above_it() {
    let twin = three_alarms();
    put(&twin, "both", "ALARM(a) AND ALARM(\"b\")").await.unwrap();
    put(&twin, "above", "ALARM(both) OR INSUFFICIENT_DATA(a)")
        .await
        .unwrap();
    let alarm = composite(&twin, "both").await;
    assert_eq!(alarm.state_value(), Some(&StateValue::Ok));
    let created = "alarm:both was created and its alarm rule evaluates to OK";
    assert!(alarm.state_reason().unwrap().ends_with(created), "{alarm:?}");
    set(&twin, "a", "ALARM");
    assert_eq!(
        composite(&twin, "both").await.state_value(),
        Some(&StateValue::Ok)
    );
    set(&twin, "b", "ALARM");
    let alarm = composite(&twin, "both").await;
    assert_eq!(alarm.state_value(), Some(&StateValue::Alarm));
    let reason = alarm.state_reason().unwrap();
    assert!(
        reason.contains(":alarm:b transitioned to ALARM at Monday 02 March, 2026 09:00:0"),
        "{reason}"
    );
    assert_eq!(
        composite(&twin, "above").await.state_value(),
        Some(&StateValue::Alarm)
    );
    set(&twin, "b", "OK");
    assert_eq!(
        composite(&twin, "above").await.state_value(),
        Some(&StateValue::Ok)
    );
    set(&twin, "a", "INSUFFICIENT_DATA");
    assert_eq!(
        composite(&twin, "above").await.state_value(),
        Some(&StateValue::Alarm)
    );
}

#[tokio::test(start_paused = true)]
async fn a_composite_set_by_hand_returns_when_one_of_its_alarms_changes() {
    let twin = three_alarms();
    put(&twin, "any", "ALARM(a) OR ALARM(b)").await.unwrap();
    let set_state = client(&twin).set_alarm_state().alarm_name("any");
    set_state
        .state_value(StateValue::Alarm)
        .state_reason("drill")
        .send()
        .await
        .unwrap();
    twin.clock().sleep(Duration::from_mins(1)).await;
    twin.evaluate_alarms();
    assert_eq!(
        composite(&twin, "any").await.state_value(),
        Some(&StateValue::Alarm)
    );
    set(&twin, "a", "INSUFFICIENT_DATA");
    assert_eq!(composite(&twin, "any").await.state_value(), Some(&StateValue::Ok));
}

#[tokio::test(start_paused = true)]
async fn suppression_is_described_with_its_reason() {
    let twin = three_alarms();
    let put = client(&twin)
        .put_composite_alarm()
        .alarm_name("any")
        .alarm_rule("ALARM(a)");
    let put = put.actions_suppressor("maintenance");
    let put = put
        .actions_suppressor_wait_period(120)
        .actions_suppressor_extension_period(60);
    put.send().await.unwrap();
    let by = async || {
        let alarm = composite(&twin, "any").await;
        assert_eq!(
            alarm.actions_suppressed_by().is_some(),
            alarm.actions_suppressed_reason().is_some()
        );
        alarm.actions_suppressed_by().cloned()
    };
    assert_eq!(by().await, None);
    set(&twin, "a", "ALARM");
    assert_eq!(by().await, Some(ActionsSuppressedBy::WaitPeriod));
    set(&twin, "maintenance", "ALARM");
    assert_eq!(by().await, Some(ActionsSuppressedBy::Alarm));
    assert_eq!(
        composite(&twin, "any").await.state_value(),
        Some(&StateValue::Alarm)
    );
    set(&twin, "maintenance", "OK");
    assert_eq!(by().await, Some(ActionsSuppressedBy::ExtensionPeriod));
    twin.clock().sleep(Duration::from_mins(1)).await;
    twin.evaluate_alarms();
    assert_eq!(by().await, None);
}

#[tokio::test(start_paused = true)]
async fn who_names_no_type_gets_metric_alarms_only() {
    let twin = three_alarms();
    put(&twin, "aa", "ALARM(a)").await.unwrap();
    let names = async |types: &[AlarmType]| {
        let mut request = client(&twin).describe_alarms().max_records(2);
        for kind in types {
            request = request.alarm_types(kind.clone());
        }
        let pages = request
            .into_paginator()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .unwrap();
        let mut names = Vec::new();
        for page in pages {
            names.extend(
                page.metric_alarms()
                    .iter()
                    .map(|alarm| alarm.alarm_name.clone().unwrap()),
            );
            names.extend(
                page.composite_alarms()
                    .iter()
                    .map(|alarm| alarm.alarm_name.clone().unwrap()),
            );
        }
        names
    };
    assert_eq!(names(&[]).await, ["a", "b", "maintenance"]);
    assert_eq!(names(&[AlarmType::CompositeAlarm]).await, ["aa"]);
    let both = [AlarmType::MetricAlarm, AlarmType::CompositeAlarm];
    assert_eq!(names(&both).await, ["a", "aa", "b", "maintenance"]);
}

#[tokio::test(start_paused = true)]
async fn what_others_depend_on_is_deleted_after_them() {
    let twin = three_alarms();
    put(&twin, "any", "ALARM(a)").await.unwrap();
    put(&twin, "other", "ALARM(b)").await.unwrap();
    let delete = async |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let deleted = client(&twin)
            .delete_alarms()
            .set_alarm_names(Some(names))
            .send()
            .await;
        deleted
            .map(drop)
            .map_err(|error| error.message().unwrap_or_default().to_owned())
    };
    let depends = "Cannot delete a as there are composite alarm(s) depending on it.";
    assert_eq!(delete(&["a"]).await, Err(depends.to_owned()));
    assert!(
        delete(&["any", "other"])
            .await
            .unwrap_err()
            .contains("only one composite alarm")
    );
    assert_eq!(delete(&["any", "missing"]).await, Ok(()));
    assert_eq!(delete(&["a"]).await, Ok(()));
    assert!(
        twin.cloudwatch(|cloudwatch| cloudwatch.alarm_state("a"))
            .is_none()
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_a_composite_is_refused() {
    let twin = three_alarms();
    for (name, rule, reason) in [
        (
            "any",
            "ALARM(gone) OR ALARM(a)",
            "alarm:gone] in the alarm rule do not exist",
        ),
        ("any", " ALARM(a)", "leading or trailing whitespace"),
        ("any", "ALARM(a) AND", "Unsupported token '<EOF>' at char 12"),
        ("a", "ALARM(b)", "AlarmName"),
    ] {
        let (code, message) = put(&twin, name, rule).await.unwrap_err();
        assert_eq!(code, "ValidationError");
        assert!(message.contains(reason), "{message}");
    }
    let without_periods = client(&twin)
        .put_composite_alarm()
        .alarm_name("any")
        .alarm_rule("ALARM(a)");
    let error = without_periods.actions_suppressor("b").send().await.unwrap_err();
    assert!(error.message().unwrap().contains("ActionsSuppressorWaitPeriod"));
}

/// Posts a body as it stands. `header` tells the protocol.
async fn posted(twin: &Twin, header: (&'static str, &'static str), body: &'static str) -> String {
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIA/20260302/eu-central-1/monitoring/aws4_request, \
                         SignedHeaders=host, Signature=0";
    let mut headers = http::HeaderMap::new();
    headers.insert("authorization", authorization.parse().unwrap());
    headers.insert(header.0, header.1.parse().unwrap());
    let request = winterbaume_core::MockRequest {
        method: "POST".to_owned(),
        uri: "/".to_owned(),
        headers,
        body: bytes::Bytes::from_static(body.as_bytes()),
    };
    let response = twin.answer(request, None).await;
    assert_eq!(response.status, 200, "{response:?}");
    String::from_utf8(response.body.to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn composites_are_put_and_described_in_the_other_protocols_too() {
    let twin = three_alarms();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let put = "Action=PutCompositeAlarm&AlarmName=formed&AlarmRule=OK%28a%29&ActionsSuppressor=b\
               &ActionsSuppressorWaitPeriod=60&ActionsSuppressorExtensionPeriod=120";
    posted(&twin, form, put).await;
    let describe = "Action=DescribeAlarms&AlarmTypes.member.1=CompositeAlarm";
    let answer = posted(&twin, form, describe).await;
    assert!(answer.contains("<CompositeAlarms><member>"), "{answer}");
    assert!(
        answer.contains("<ActionsSuppressedBy>WaitPeriod</ActionsSuppressedBy>"),
        "{answer}"
    );

    let put = ("x-amz-target", "GraniteServiceVersion20100801.PutCompositeAlarm");
    posted(
        &twin,
        put,
        r#"{"AlarmName":"noted","AlarmRule":"ALARM(formed) AND ALARM(a)"}"#,
    )
    .await;
    let describe = ("x-amz-target", "GraniteServiceVersion20100801.DescribeAlarms");
    let body = r#"{"AlarmNames":["noted"],"AlarmTypes":["CompositeAlarm"]}"#;
    let answer: serde_json::Value = serde_json::from_str(&posted(&twin, describe, body).await).unwrap();
    assert_eq!(answer["CompositeAlarms"][0]["StateValue"], "OK");
    assert!(answer["CompositeAlarms"][0]["StateTransitionedTimestamp"].is_number());
}
