//! Metric alarms on `CloudWatch`, through the real SDK: what they make of data, and of its absence.

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
use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::{ComparisonOperator, MetricAlarm, StateValue, Statistic};
use twin::Twin;
use twin::cloudwatch::Feed;

const NAMESPACE: &str = "Cutover/App";

fn client(twin: &Twin) -> Client {
    Client::new(&sdk::config(twin))
}

/// An alarm on more than 60 errors a minute.
fn errors(twin: &Twin) -> PutMetricAlarmFluentBuilder {
    client(twin)
        .put_metric_alarm()
        .alarm_name("errors")
        .namespace(NAMESPACE)
        .metric_name("Errors")
        .statistic(Statistic::Sum)
        .period(60)
        .evaluation_periods(1)
        .threshold(60.0)
        .comparison_operator(ComparisonOperator::GreaterThanThreshold)
}

fn feed(twin: &Twin, feed: Feed) {
    twin.cloudwatch(|cloudwatch| cloudwatch.feed(NAMESPACE, "Errors", &[], feed));
}

async fn minutes(twin: &Twin, count: u32) {
    for _ in 0..count {
        twin.clock().sleep(Duration::from_mins(1)).await;
        twin.evaluate_alarms();
    }
}

async fn described(twin: &Twin) -> MetricAlarm {
    let answer = client(twin).describe_alarms().send().await.unwrap();
    answer.metric_alarms()[0].clone()
}

async fn state(twin: &Twin) -> StateValue {
    described(twin).await.state_value.unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_alarm_follows_its_metric() {
    let twin = sdk::twin();
    errors(&twin).send().await.unwrap();
    feed(&twin, Feed::Constant(0.0));
    twin.evaluate_alarms();
    assert_eq!(
        state(&twin).await,
        StateValue::InsufficientData,
        "no minute is over yet"
    );
    minutes(&twin, 1).await;
    assert_eq!(state(&twin).await, StateValue::Ok);
    feed(&twin, Feed::Constant(75.0));
    minutes(&twin, 2).await;
    let alarm = described(&twin).await;
    assert_eq!(alarm.state_value(), Some(&StateValue::Alarm));
    let reason = alarm.state_reason().unwrap();
    assert!(
        reason.starts_with("Threshold Crossed: 1 datapoint [75.0 (02/03/26 09:0"),
        "{reason}"
    );
    assert!(
        reason.ends_with("was greater than the threshold (60.0)."),
        "{reason}"
    );
    assert!(
        alarm
            .state_reason_data()
            .unwrap()
            .contains(r#""recentDatapoints":[75.0]"#)
    );
}

#[tokio::test(start_paused = true)]
async fn every_operator_compares_as_it_says() {
    for (operator, value, fires) in [
        (ComparisonOperator::GreaterThanThreshold, 60.0, false),
        (ComparisonOperator::GreaterThanOrEqualToThreshold, 60.0, true),
        (ComparisonOperator::LessThanThreshold, 60.0, false),
        (ComparisonOperator::LessThanOrEqualToThreshold, 60.0, true),
        (ComparisonOperator::GreaterThanThreshold, 61.0, true),
        (ComparisonOperator::LessThanThreshold, 59.0, true),
    ] {
        let twin = sdk::twin();
        errors(&twin)
            .comparison_operator(operator.clone())
            .send()
            .await
            .unwrap();
        feed(&twin, Feed::Constant(value));
        minutes(&twin, 1).await;
        let expected = if fires { StateValue::Alarm } else { StateValue::Ok };
        assert_eq!(state(&twin).await, expected, "{operator} {value}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_of_three_are_enough_where_the_alarm_says_so() {
    let twin = sdk::twin();
    let alarm = errors(&twin).evaluation_periods(3).datapoints_to_alarm(2);
    alarm.send().await.unwrap();
    for value in [0.0, 75.0, 0.0] {
        feed(&twin, Feed::Constant(value));
        minutes(&twin, 1).await;
    }
    assert_eq!(state(&twin).await, StateValue::Ok);
    feed(&twin, Feed::Constant(80.0));
    minutes(&twin, 2).await;
    let alarm = described(&twin).await;
    assert_eq!(alarm.state_value(), Some(&StateValue::Alarm));
    let reason = alarm.state_reason().unwrap();
    assert!(
        reason.starts_with("Threshold Crossed: 2 out of the last 3 datapoints [80.0 ("),
        "{reason}"
    );
    let end = "were greater than the threshold (60.0) (minimum 2 datapoints for OK -> ALARM transition).";
    assert!(reason.ends_with(end), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn missing_data_is_treated_as_the_alarm_says() {
    for (rule, expected, reason) in [
        (
            "missing",
            StateValue::InsufficientData,
            "Insufficient Data: 1 datapoint was unknown.",
        ),
        (
            "ignore",
            StateValue::Ok,
            "was not greater than the threshold (60.0).",
        ),
        (
            "breaching",
            StateValue::Alarm,
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as \
             [Breaching].",
        ),
        (
            "notBreaching",
            StateValue::Ok,
            "was not greater than the threshold (60.0).",
        ),
    ] {
        let twin = sdk::twin();
        errors(&twin).treat_missing_data(rule).send().await.unwrap();
        feed(&twin, Feed::Constant(1.0));
        minutes(&twin, 1).await;
        feed(&twin, Feed::Silent);
        minutes(&twin, 2).await;
        assert_eq!(
            state(&twin).await,
            StateValue::Ok,
            "{rule}: older data is still found"
        );
        minutes(&twin, 2).await;
        let alarm = described(&twin).await;
        assert_eq!(alarm.state_value(), Some(&expected), "{rule}");
        assert!(
            alarm.state_reason().unwrap().ends_with(reason),
            "{rule}: {alarm:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_longer_period_ends_with_the_minute_that_is_over() {
    let twin = sdk::twin();
    errors(&twin).period(300).send().await.unwrap();
    feed(&twin, Feed::Constant(10.0));
    minutes(&twin, 5).await;
    assert_eq!(state(&twin).await, StateValue::Ok);
    feed(&twin, Feed::Constant(20.0));
    minutes(&twin, 2).await;
    assert_eq!(
        state(&twin).await,
        StateValue::Ok,
        "3 × 10 + 2 × 20 are 70, but one minute has only begun"
    );
    minutes(&twin, 1).await;
    assert_eq!(state(&twin).await, StateValue::Alarm);
}

#[tokio::test(start_paused = true)]
async fn a_state_set_by_hand_lasts_until_the_data_says_otherwise() {
    let twin = sdk::twin();
    errors(&twin).treat_missing_data("ignore").send().await.unwrap();
    let set = client(&twin).set_alarm_state().alarm_name("errors");
    set.state_value(StateValue::Alarm)
        .state_reason("drill")
        .send()
        .await
        .unwrap();
    minutes(&twin, 3).await;
    assert_eq!(state(&twin).await, StateValue::Alarm);
    feed(&twin, Feed::Constant(0.0));
    minutes(&twin, 1).await;
    assert_eq!(state(&twin).await, StateValue::Ok);
}

#[tokio::test(start_paused = true)]
async fn an_alarm_that_watches_nothing_changes_only_by_hand() {
    let twin = sdk::twin();
    twin.cloudwatch(|cloudwatch| {
        cloudwatch.create_alarm("story");
        assert!(cloudwatch.set_alarm_state("story", "ALARM", "the story says so"));
    });
    minutes(&twin, 5).await;
    let (state, _) = twin
        .cloudwatch(|cloudwatch| cloudwatch.alarm_state("story"))
        .unwrap();
    assert_eq!(state, "ALARM");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_an_alarm_is_refused() {
    let twin = sdk::twin();
    let anomaly = ComparisonOperator::GreaterThanUpperThreshold;
    let refusals = [
        (
            errors(&twin).comparison_operator(anomaly),
            "InvalidAction",
            "GreaterThanUpperThreshold",
        ),
        (
            errors(&twin).treat_missing_data("alarming"),
            "ValidationError",
            "TreatMissingData",
        ),
        (
            errors(&twin).datapoints_to_alarm(2),
            "ValidationError",
            "DatapointsToAlarm",
        ),
        (
            errors(&twin).evaluation_periods(2000),
            "ValidationError",
            "across more than a day",
        ),
    ];
    for (request, code, message) in refusals {
        let error = request.send().await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{message}");
        assert!(error.message().unwrap().contains(message), "{error:?}");
    }
}
