//! SDK clients: built once, every option that matters spelled out.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ssm::config::SharedCredentialsProvider;
use aws_sdk_ssm::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use cutover_core::error::{Class, Failure};

use crate::round_trips::RoundTrips;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// An attempt that takes longer will not answer.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// Leaves an invocation of 60 s time to write down where it stands.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(20);
/// Enough to ride out a burst of throttling.
const ATTEMPTS_MAX: u32 = 8;
const BACKOFF_FIRST: Duration = Duration::from_millis(300);
const BACKOFF_MAX: Duration = Duration::from_secs(3);

/// One client per service.
#[derive(Debug, Clone)]
pub struct Clients {
    pub ssm: aws_sdk_ssm::Client,
    pub route53: aws_sdk_route53::Client,
    pub dms: aws_sdk_databasemigration::Client,
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    pub sns: aws_sdk_sns::Client,
    pub eventbridge: aws_sdk_eventbridge::Client,
    pub round_trips: RoundTrips,
    pub time: SharedTimeSource,
}

/// Where calls go when not to AWS over TLS: the twin, in process.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    pub http_client: SharedHttpClient,
    pub time: SharedTimeSource,
    pub region: String,
    pub credentials: SharedCredentialsProvider,
    /// [`retries`], or those without jitter.
    pub retries: RetryConfig,
}

impl Clients {
    /// Clients for AWS, from the variables that Lambda sets. `AWS_ENDPOINT_URL` and its per-service forms are
    /// honoured. The SDK's own loader would bring profiles, STS and instance metadata along, none of which a
    /// function has.
    pub fn from_environment(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let region = lookup("AWS_REGION").or_else(|| lookup("AWS_DEFAULT_REGION"));
        let region =
            region.ok_or_else(|| Failure::new(Class::Permanent, "configuration: AWS_REGION is not set"))?;
        let http_client = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = common(region, retries())
            .http_client(http_client)
            .credentials_provider(SharedCredentialsProvider::new(
                EnvironmentVariableCredentialsProvider::new(),
            ))
            .build();
        let endpoint = |service: &str| {
            lookup(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| lookup("AWS_ENDPOINT_URL"))
        };
        Ok(Self::of(&config, &endpoint, &|_| None))
    }

    /// Clients for somewhere else. They share no quota of retries with others in this process, as no two functions do
    /// on AWS.
    #[must_use]
    pub fn elsewhere(elsewhere: Elsewhere) -> Self {
        let config = common(elsewhere.region, elsewhere.retries)
            .http_client(elsewhere.http_client)
            .time_source(elsewhere.time)
            .credentials_provider(elsewhere.credentials)
            .build();
        let quota = |service: &'static str| {
            let bucket = TokenBucket::default();
            Some(RetryPartition::custom(service).token_bucket(bucket).build())
        };
        Self::of(&config, &|_| None, &quota)
    }

    fn of(
        config: &SdkConfig,
        endpoint: &dyn Fn(&str) -> Option<String>,
        quota: &dyn Fn(&'static str) -> Option<RetryPartition>,
    ) -> Self {
        let at = |service: &str| match endpoint(service) {
            Some(url) => config.to_builder().endpoint_url(url).build(),
            None => config.clone(),
        };
        let round_trips = RoundTrips::default();
        // Each service has a builder type of its own, so this cannot be a function.
        macro_rules! client {
            ($service:ident, $endpoint:literal) => {{
                let mut config =
                    $service::config::Builder::from(&at($endpoint)).interceptor(round_trips.clone());
                config.set_retry_partition(quota($endpoint));
                $service::Client::from_conf(config.build())
            }};
        }
        Self {
            ssm: client!(aws_sdk_ssm, "SSM"),
            route53: client!(aws_sdk_route53, "ROUTE_53"),
            dms: client!(aws_sdk_databasemigration, "DATABASE_MIGRATION_SERVICE"),
            cloudwatch: client!(aws_sdk_cloudwatch, "CLOUDWATCH"),
            sns: client!(aws_sdk_sns, "SNS"),
            eventbridge: client!(aws_sdk_eventbridge, "EVENTBRIDGE"),
            round_trips,
            time: config.time_source().unwrap_or_default(),
        }
    }
}

fn common(region: String, retries: RetryConfig) -> aws_types::sdk_config::Builder {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .region(Region::new(region))
        .retry_config(retries)
        .timeout_config(timeouts())
        // Bodies are small, and an attempt has a timeout of its own.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

/// How often and how patiently a call is tried again.
#[must_use]
pub fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(ATTEMPTS_MAX)
        .with_initial_backoff(BACKOFF_FIRST)
        .with_max_backoff(BACKOFF_MAX)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}
