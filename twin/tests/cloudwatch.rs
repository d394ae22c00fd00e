//! `CloudWatch`, through the real SDK, which speaks CBOR.

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
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    ComparisonOperator, Dimension, Metric, MetricDataQuery, MetricDataResult, MetricDatum, MetricStat,
    ScanBy, StateValue, Statistic, StatusCode,
};
use jiff::Timestamp;
use twin::Twin;
use twin::cloudwatch::Feed;

const DIMENSIONS: [(&str, &str); 2] = [
    ("ReplicationInstanceIdentifier", "cutover-dev"),
    ("ReplicationTaskIdentifier", "ABC"),
];

fn dimension(pair: (&str, &str)) -> Dimension {
    Dimension::builder().name(pair.0).value(pair.1).build()
}

fn lag(stat: &str, period: i32, dimensions: &[(&str, &str)]) -> MetricDataQuery {
    let metric = Metric::builder()
        .namespace("AWS/DMS")
        .metric_name("CDCLatencyTarget")
        .set_dimensions(Some(dimensions.iter().copied().map(dimension).collect()))
        .build();
    let stat = MetricStat::builder()
        .metric(metric)
        .period(period)
        .stat(stat)
        .build();
    MetricDataQuery::builder().id("lag").metric_stat(stat).build()
}

fn at(time: Timestamp) -> DateTime {
    DateTime::from_nanos(time.as_nanosecond()).unwrap()
}

async fn asked(twin: &Twin, query: MetricDataQuery, minutes: u64) -> MetricDataResult {
    let now = twin.clock().now();
    let answer = Client::new(&sdk::config(twin))
        .get_metric_data()
        .metric_data_queries(query)
        .start_time(at(now - Duration::from_secs(minutes * 60)))
        .end_time(at(now + Duration::from_mins(1)))
        .scan_by(ScanBy::TimestampAscending)
        .send()
        .await
        .unwrap();
    answer.metric_data_results()[0].clone()
}

#[tokio::test(start_paused = true)]
async fn a_live_metric_has_a_point_each_minute_and_none_in_a_gap() {
    let twin = sdk::twin();
    let feed = |feed: Feed| {
        twin.cloudwatch(|cloudwatch| cloudwatch.feed("AWS/DMS", "CDCLatencyTarget", &DIMENSIONS, feed));
    };
    feed(Feed::Constant(2.0));
    twin.clock().sleep(Duration::from_secs(150)).await;
    feed(Feed::Silent);
    twin.clock().sleep(Duration::from_mins(2)).await;
    feed(Feed::Constant(75.0));
    twin.clock().sleep(Duration::from_secs(40)).await;
    let result = asked(&twin, lag("Maximum", 60, &DIMENSIONS), 10).await;
    assert_eq!(result.status_code(), Some(&StatusCode::Complete));
    assert_eq!(result.values(), [2.0, 2.0, 2.0, 75.0]);
    let start = 1_772_442_000;
    let seconds: Vec<i64> = result.timestamps().iter().map(|at| at.secs() - start).collect();
    assert_eq!(seconds, [0, 60, 120, 300]);
}

#[tokio::test(start_paused = true)]
async fn a_missing_dimension_finds_nothing() {
    let twin = sdk::twin();
    twin.cloudwatch(|cloudwatch| {
        cloudwatch.feed("AWS/DMS", "CDCLatencyTarget", &DIMENSIONS, Feed::Constant(2.0));
    });
    let result = asked(&twin, lag("Maximum", 60, &DIMENSIONS[..1]), 10).await;
    assert!(result.values().is_empty());
    let mut swapped = DIMENSIONS;
    swapped.reverse();
    let result = asked(&twin, lag("Maximum", 60, &swapped), 10).await;
    assert_eq!(result.values(), [2.0]);
}

#[tokio::test(start_paused = true)]
async fn points_are_put_together_by_period() {
    let twin = sdk::twin();
    let client = Client::new(&sdk::config(&twin));
    let base = twin.clock().now();
    let datum = |second: u64, value: f64| {
        let time = at(base + Duration::from_secs(second));
        MetricDatum::builder()
            .metric_name("ServeFromDr")
            .timestamp(time)
            .value(value)
            .build()
    };
    let put = client.put_metric_data().namespace("Cutover/DR");
    put.metric_data(datum(0, 1.0))
        .metric_data(datum(61, 3.0))
        .metric_data(datum(301, 7.0))
        .send()
        .await
        .unwrap();
    twin.clock().sleep(Duration::from_mins(10)).await;
    for (stat, expected) in [
        ("Average", [2.0, 7.0]),
        ("Sum", [4.0, 7.0]),
        ("SampleCount", [2.0, 1.0]),
        ("Minimum", [1.0, 7.0]),
        ("Maximum", [3.0, 7.0]),
    ] {
        let metric = Metric::builder()
            .namespace("Cutover/DR")
            .metric_name("ServeFromDr")
            .build();
        let metric_stat = MetricStat::builder()
            .metric(metric)
            .period(300)
            .stat(stat)
            .build();
        let query = MetricDataQuery::builder()
            .id("one")
            .metric_stat(metric_stat)
            .build();
        assert_eq!(asked(&twin, query, 10).await.values(), expected, "{stat}");
    }
    let error = client
        .put_metric_data()
        .namespace("AWS/DMS")
        .metric_data(datum(0, 1.0))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"));
}

#[tokio::test(start_paused = true)]
async fn many_points_come_in_pages_newest_first() {
    let twin = sdk::twin();
    twin.cloudwatch(|cloudwatch| {
        cloudwatch.feed("AWS/DMS", "CDCLatencyTarget", &DIMENSIONS, Feed::Constant(1.0));
    });
    twin.clock().sleep(Duration::from_mins(6)).await;
    let now = twin.clock().now();
    let request = Client::new(&sdk::config(&twin))
        .get_metric_data()
        .metric_data_queries(lag("Average", 60, &DIMENSIONS))
        .start_time(at(now - Duration::from_hours(1)))
        .end_time(at(now + Duration::from_secs(1)))
        .max_datapoints(3);
    let mut pages = request.into_paginator().send();
    let mut seconds = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        seconds.extend(
            page.metric_data_results()[0]
                .timestamps()
                .iter()
                .map(DateTime::secs),
        );
    }
    assert_eq!(seconds.len(), 7);
    assert!(seconds.is_sorted_by(|a, b| a > b), "{seconds:?}");
}

#[tokio::test(start_paused = true)]
async fn alarms_are_defined_set_described_and_deleted() {
    let twin = sdk::twin();
    let client = Client::new(&sdk::config(&twin));
    for name in ["dev-errors", "dev-lag", "prod-lag"] {
        let put = client
            .put_metric_alarm()
            .alarm_name(name)
            .namespace("AWS/DMS")
            .metric_name("CDCLatencyTarget");
        let put = put
            .statistic(Statistic::Maximum)
            .period(60)
            .evaluation_periods(3)
            .threshold(60.0);
        put.comparison_operator(ComparisonOperator::GreaterThanThreshold)
            .send()
            .await
            .unwrap();
    }
    let set = client
        .set_alarm_state()
        .alarm_name("dev-lag")
        .state_value(StateValue::Alarm)
        .state_reason("story");
    set.send().await.unwrap();
    let alarms = client
        .describe_alarms()
        .alarm_name_prefix("dev-")
        .max_records(1)
        .into_paginator()
        .send();
    let alarms = alarms.collect::<Result<Vec<_>, _>>().await.unwrap();
    let states: Vec<_> = alarms
        .iter()
        .flat_map(aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput::metric_alarms)
        .map(|alarm| alarm.state_value.clone().unwrap())
        .collect();
    assert_eq!(states, [StateValue::InsufficientData, StateValue::Alarm]);
    let firing = client
        .describe_alarms()
        .state_value(StateValue::Alarm)
        .send()
        .await
        .unwrap();
    assert_eq!(firing.metric_alarms()[0].alarm_name(), Some("dev-lag"));
    assert_eq!(firing.metric_alarms()[0].threshold(), Some(60.0));
    client
        .delete_alarms()
        .alarm_names("dev-lag")
        .send()
        .await
        .unwrap();
    let error = client
        .set_alarm_state()
        .alarm_name("dev-lag")
        .state_value(StateValue::Ok)
        .state_reason("x")
        .send()
        .await
        .unwrap_err();
    assert!(error.as_service_error().unwrap().is_resource_not_found());
}

#[tokio::test(start_paused = true)]
async fn a_request_so_large_that_the_sdk_compresses_it_is_read() {
    let twin = sdk::twin();
    let client = Client::new(&sdk::config(&twin));
    let datum = |number: u32| {
        let region = dimension(("Region", &format!("{number}-{}", "x".repeat(200))));
        MetricDatum::builder()
            .metric_name("ServeFromDr")
            .dimensions(region)
            .value(1.0)
            .build()
    };
    let data = (0..200).map(datum).collect();
    client
        .put_metric_data()
        .namespace("Cutover/DR")
        .set_metric_data(Some(data))
        .send()
        .await
        .unwrap();
    assert_eq!(twin.log()[0].outcome, twin::CallOutcome::Ok);
}
