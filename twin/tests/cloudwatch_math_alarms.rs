//! Alarms on metric math, through the real SDK.

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
use aws_sdk_cloudwatch::types::{
    ComparisonOperator, Metric, MetricAlarm, MetricDataQuery, MetricDatum, StateValue,
};
use twin::Twin;

const NAMESPACE: &str = "Cutover/App";

fn client(twin: &Twin) -> Client {
    Client::new(&sdk::config(twin))
}

async fn after_a_minute(twin: &Twin) -> MetricAlarm {
    twin.clock().sleep(Duration::from_mins(1)).await;
    twin.evaluate_alarms();
    let answer = client(twin).describe_alarms().send().await.unwrap();
    answer.metric_alarms()[0].clone()
}

fn query(id: &str, metric: &str) -> MetricDataQuery {
    let metric = Metric::builder().namespace(NAMESPACE).metric_name(metric).build();
    sdk::sums(id, metric)
}

fn math(expression: &str) -> MetricDataQuery {
    MetricDataQuery::builder()
        .id("e1")
        .expression(expression)
        .return_data(true)
        .build()
}

/// An alarm on an expression over `failed` and `all`.
fn share(twin: &Twin, expression: &str) -> PutMetricAlarmFluentBuilder {
    client(twin)
        .put_metric_alarm()
        .alarm_name("share")
        .metrics(math(expression))
        .metrics(query("failed", "Failed"))
        .metrics(query("all", "Requests"))
        .evaluation_periods(1)
        .threshold(5.0)
        .comparison_operator(ComparisonOperator::GreaterThanThreshold)
}

#[tokio::test(start_paused = true)]
async fn an_alarm_on_a_share_follows_both_its_metrics() {
    let twin = sdk::twin();
    let put = |metric: &str, value: f64| {
        let datum = MetricDatum::builder().metric_name(metric).value(value).build();
        client(&twin)
            .put_metric_data()
            .namespace(NAMESPACE)
            .metric_data(datum)
            .send()
    };
    share(&twin, "100 * failed / all").send().await.unwrap();
    put("Requests", 200.0).await.unwrap();
    put("Failed", 8.0).await.unwrap();
    assert_eq!(after_a_minute(&twin).await.state_value(), Some(&StateValue::Ok));
    put("Requests", 200.0).await.unwrap();
    put("Failed", 12.0).await.unwrap();
    let alarm = after_a_minute(&twin).await;
    assert_eq!(alarm.state_value(), Some(&StateValue::Alarm));
    assert!(alarm.state_reason().unwrap().contains("[6.0 ("), "{alarm:?}");
    assert!(!alarm.state_reason_data().unwrap().contains("statistic"));
}

#[tokio::test(start_paused = true)]
async fn an_alarm_may_select_over_all_services() {
    let twin = sdk::twin();
    let select = "SELECT SUM(Failed) FROM SCHEMA(\"Cutover/App\", Service)";
    let select = MetricDataQuery::builder()
        .id("q1")
        .expression(select)
        .period(60)
        .build();
    let put = client(&twin)
        .put_metric_alarm()
        .alarm_name("failed")
        .metrics(select);
    let put = put.evaluation_periods(1).threshold(5.0);
    let put = put.comparison_operator(ComparisonOperator::GreaterThanThreshold);
    put.send().await.unwrap();
    let now = twin.clock().now();
    twin.cloudwatch(|cloudwatch| {
        for (service, failed) in [("orders", 2.0), ("stock", 4.0)] {
            cloudwatch.put_datapoint(NAMESPACE, "Failed", &[("Service", service)], now, failed);
        }
    });
    let alarm = after_a_minute(&twin).await;
    assert_eq!(alarm.state_value(), Some(&StateValue::Alarm));
    assert!(alarm.state_reason().unwrap().contains("[6.0 ("), "{alarm:?}");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_come_to_one_series_cannot_be_an_alarm() {
    let twin = sdk::twin();
    let search = r#"SUM(SEARCH('{Cutover/App} MetricName="Errors"', 'Sum', 60))"#;
    let refusals = [
        (share(&twin, "failed").metrics(math("all")), "Exactly one element"),
        (share(&twin, "failed / unknown"), "Error in expression 'e1'"),
        (share(&twin, search), "SEARCH is not supported on Metric Alarms"),
        (share(&twin, "METRICS()"), "multi time series"),
    ];
    for (request, message) in refusals {
        let error = request.send().await.unwrap_err();
        assert_eq!(error.code(), Some("ValidationError"), "{message}");
        assert!(error.message().unwrap().contains(message), "{error:?}");
    }
}
