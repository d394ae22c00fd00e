//! SDK clients whose requests end in a twin.

#![allow(dead_code, reason = "each test file uses the clients it needs")]

pub mod ears;
pub mod health;
pub mod hosted;
pub mod orders;
pub mod pair;
pub mod rule;
pub mod worker;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_cloudwatch::types::{Metric, MetricDataQuery, MetricStat};
use aws_sdk_ssm::config::{AsyncSleep, Credentials, SharedAsyncSleep, SharedCredentialsProvider, Sleep};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use twin::{Clock, Twin, TwinOptions};

/// A twin that throttles nothing, for tests about something else.
pub fn twin() -> Twin {
    Twin::new(TwinOptions {
        rates: false,
        ..TwinOptions::default()
    })
}

/// A twin, and Parameter Store on it.
pub fn parameter_store() -> (Twin, aws_sdk_ssm::Client) {
    let twin = twin();
    let client = aws_sdk_ssm::Client::new(&config(&twin));
    (twin, client)
}

/// What metric math takes a metric in as: its sums by the minute, under a name, not part of the answer.
pub fn sums(id: &str, metric: Metric) -> MetricDataQuery {
    let stat = MetricStat::builder()
        .metric(metric)
        .period(60)
        .stat("Sum")
        .build();
    MetricDataQuery::builder()
        .id(id)
        .metric_stat(stat)
        .return_data(false)
        .build()
}

pub fn config(twin: &Twin) -> SdkConfig {
    config_with(twin.clock(), twin.http_client(), twin.region())
}

pub fn config_with(clock: &Clock, client: SharedHttpClient, region: &str) -> SdkConfig {
    let credentials = Credentials::new("AKIATWIN", "secret", None, None, "tests");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(client)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep))
        .time_source(clock.time_source())
        .build()
}

/// Waits on tokio's clock, and therefore on the twin's.
#[derive(Debug)]
struct TokioSleep;

impl AsyncSleep for TokioSleep {
    fn sleep(&self, duration: std::time::Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
}
