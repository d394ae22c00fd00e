//! Metric math, through the real SDK.

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
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, ScanBy};
use jiff::Timestamp;
use twin::Twin;

const NAMESPACE: &str = "Cutover/App";
/// When a twin's story begins.
const START: i64 = 1_772_442_000;

/// Two services in the last three minutes: `orders` with all its data, `stock` with a gap.
fn services() -> Twin {
    let twin = sdk::twin();
    let start = twin.clock().now();
    twin.clock().advance(Duration::from_mins(3));
    let put = |metric: &str, service: &str, values: [Option<f64>; 3]| {
        for (minute, value) in (0..).zip(values) {
            let at = start + Duration::from_mins(minute);
            if let Some(value) = value {
                twin.cloudwatch(|cloudwatch| {
                    cloudwatch.put_datapoint(NAMESPACE, metric, &[("Service", service)], at, value);
                });
            }
        }
    };
    put("Requests", "orders", [Some(100.0), Some(100.0), Some(0.0)]);
    put("Failed", "orders", [Some(1.0), Some(5.0), Some(0.0)]);
    put("Requests", "stock", [Some(100.0), None, Some(50.0)]);
    put("Failed", "stock", [Some(3.0), None, Some(5.0)]);
    twin
}

fn metric(id: &str, name: &str, service: &str) -> MetricDataQuery {
    let service = Dimension::builder().name("Service").value(service).build();
    let metric = Metric::builder()
        .namespace(NAMESPACE)
        .metric_name(name)
        .dimensions(service)
        .build();
    sdk::sums(id, metric)
}

fn at(time: Timestamp) -> DateTime {
    DateTime::from_nanos(time.as_nanosecond()).unwrap()
}

/// Asks for an expression over `r`, `f` (of `orders`) and `s` (the requests of `stock`).
async fn asked(twin: &Twin, expression: &str) -> Result<Vec<MetricDataResult>, (String, String)> {
    let start = Timestamp::from_second(START).unwrap();
    let query = MetricDataQuery::builder()
        .id("e1")
        .expression(expression)
        .period(60)
        .build();
    let answer = Client::new(&sdk::config(twin))
        .get_metric_data()
        .metric_data_queries(query)
        .metric_data_queries(metric("r", "Requests", "orders"))
        .metric_data_queries(metric("f", "Failed", "orders"))
        .metric_data_queries(metric("s", "Requests", "stock"))
        .start_time(at(start))
        .end_time(at(start + Duration::from_mins(3)))
        .scan_by(ScanBy::TimestampAscending)
        .send()
        .await;
    match answer {
        Ok(answer) => Ok(answer.metric_data_results().to_vec()),
        Err(error) => Err((
            error.code().unwrap_or_default().to_owned(),
            error.message().unwrap_or_default().to_owned(),
        )),
    }
}

/// The minutes with their values.
async fn values(twin: &Twin, expression: &str) -> Vec<(i64, f64)> {
    let results = asked(twin, expression).await.unwrap();
    assert_eq!(results.len(), 1, "{expression}");
    let minutes = results[0].timestamps().iter().map(|at| (at.secs() - START) / 60);
    minutes.zip(results[0].values().iter().copied()).collect()
}

#[tokio::test(start_paused = true)]
async fn arithmetic_is_done_where_all_have_data() {
    let twin = services();
    for (expression, expected) in [
        ("r + 2 * f", vec![(0, 102.0), (1, 110.0), (2, 0.0)]),
        ("-(r - 1) / 3", vec![(0, -33.0), (1, -33.0), (2, 1.0 / 3.0)]),
        ("f ^ 2", vec![(0, 1.0), (1, 25.0), (2, 0.0)]),
        ("r + s", vec![(0, 200.0), (2, 50.0)]),
        // Nothing comes of a division by zero.
        ("100 * f / r", vec![(0, 1.0), (1, 5.0)]),
        ("f - AVG(f)", vec![(0, -1.0), (1, 3.0), (2, -2.0)]),
        ("f / MAX(f) + MIN(f)", vec![(0, 0.2), (1, 1.0), (2, 0.0)]),
        ("f * PERIOD(f)", vec![(0, 60.0), (1, 300.0), (2, 0.0)]),
        ("f >= 1 AND r > 99", vec![(0, 1.0), (1, 1.0), (2, 0.0)]),
    ] {
        assert_eq!(values(&twin, expression).await, expected, "{expression}");
    }
}

#[tokio::test(start_paused = true)]
async fn functions_do_as_they_are_documented() {
    let twin = services();
    for (expression, expected) in [
        ("SUM([r, s])", vec![(0, 200.0), (1, 100.0), (2, 50.0)]),
        ("AVG(METRICS(\"f\"))", vec![(0, 1.0), (1, 5.0), (2, 0.0)]),
        ("MAX(METRICS())", vec![(0, 100.0), (1, 100.0), (2, 50.0)]),
        ("FILL(s, 7)", vec![(0, 100.0), (1, 7.0), (2, 50.0)]),
        ("FILL(s, REPEAT)", vec![(0, 100.0), (1, 100.0), (2, 50.0)]),
        ("FILL(s, f)", vec![(0, 100.0), (1, 5.0), (2, 50.0)]),
        ("FILL(SUM(SEARCH('nothing', 'Sum', 60)), 0)", vec![]),
        ("IF(f > 2, r, 0)", vec![(0, 0.0), (1, 100.0), (2, 0.0)]),
        ("IF(f > 2, r)", vec![(1, 100.0)]),
        ("IF(r > 0, 100 * f / r, 0)", vec![(0, 1.0), (1, 5.0), (2, 0.0)]),
    ] {
        assert_eq!(values(&twin, expression).await, expected, "{expression}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_share_over_all_services_is_one_series() {
    let twin = services();
    let share = "100*SUM(SEARCH('{Cutover/App,Service} MetricName=\"Failed\"', 'Sum', 60))\
                 /SUM(SEARCH('{Cutover/App,Service} MetricName=\"Requests\"', 'Sum', 60))";
    assert_eq!(values(&twin, share).await, [(0, 2.0), (1, 5.0), (2, 10.0)]);
    let insights = "SELECT SUM(Failed) FROM SCHEMA(\"Cutover/App\", Service) WHERE Service = 'stock'";
    assert_eq!(values(&twin, insights).await, [(0, 3.0), (2, 5.0)]);
}

#[tokio::test(start_paused = true)]
async fn a_search_returns_each_series_it_finds() {
    let twin = services();
    let found = asked(
        &twin,
        "SEARCH('{Cutover/App,Service} MetricName=\"Failed\"', 'Sum', 60)",
    )
    .await
    .unwrap();
    let labels: Vec<_> = found.iter().map(|result| result.label().unwrap()).collect();
    assert_eq!(labels, ["Failed orders", "Failed stock"]);
    assert!(found.iter().all(|result| result.id() == Some("e1")));
    let none = asked(&twin, "SEARCH('{Cutover/App} Failed', 'Sum', 60)")
        .await
        .unwrap();
    assert!(none.is_empty(), "these metrics have a dimension");
    let shares = asked(&twin, "SEARCH('MetricName=\"Failed\"', 'Sum', 60) / 100")
        .await
        .unwrap();
    assert_eq!(shares[0].values(), [0.01, 0.05, 0.0]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_evaluated_is_refused_with_its_reason() {
    let twin = services();
    for (expression, reason) in [
        ("r +", "Invalid syntax"),
        ("MEDIAN(r)", "Function 'MEDIAN' not found"),
        ("r + m9", "'m9'"),
        ("AVG(r)", "does not return a time series"),
        ("e1 + 1", "circular"),
        ("FILL(r)", "FILL"),
        ("METRICS() + METRICS()", "two arrays"),
        ("SEARCH('{A', 'Sum', 60)", "Invalid syntax"),
        ("SELECT SUM(Failed) FROM x GROUP BY y", "Invalid syntax"),
    ] {
        let (code, message) = asked(&twin, expression).await.unwrap_err();
        assert_eq!(code, "ValidationError", "{expression}");
        assert!(message.starts_with("Error in expression 'e1': "), "{message}");
        assert!(message.contains(reason), "{expression}: {message}");
    }
}
