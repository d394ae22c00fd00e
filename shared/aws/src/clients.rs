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

/// What all clients of a function have in common, and what tells them apart.
struct Common<'a> {
    config: SdkConfig,
    endpoint: &'a dyn Fn(&str) -> Option<String>,
    quota: &'a dyn Fn(&'static str) -> Option<RetryPartition>,
    round_trips: RoundTrips,
}

impl<'a> Common<'a> {
    fn new(
        config: SdkConfig,
        endpoint: &'a dyn Fn(&str) -> Option<String>,
        quota: &'a dyn Fn(&'static str) -> Option<RetryPartition>,
    ) -> Self {
        Self {
            config,
            endpoint,
            quota,
            round_trips: RoundTrips::default(),
        }
    }

    fn at(&self, service: &str) -> SdkConfig {
        match (self.endpoint)(service) {
            Some(url) => self.config.to_builder().endpoint_url(url).build(),
            None => self.config.clone(),
        }
    }

    fn time(&self) -> SharedTimeSource {
        self.config.time_source().unwrap_or_default()
    }
}

// Each service has a builder type of its own, so this cannot be a function.
macro_rules! client {
    ($common:expr, $service:ident, $endpoint:literal) => {
        client!($common, $service, $endpoint, |config| config)
    };
    ($common:expr, $service:ident, $endpoint:literal, |$config:ident| $changed:expr) => {{
        let $config =
            $service::config::Builder::from(&$common.at($endpoint)).interceptor($common.round_trips.clone());
        let mut config: $service::config::Builder = $changed;
        config.set_retry_partition(($common.quota)($endpoint));
        $service::Client::from_conf(config.build())
    }};
}

mod dr;

pub use dr::DrClients;
pub(crate) use dr::time_for_a_change;

impl Clients {
    /// Clients for AWS, from the variables that Lambda sets. `AWS_ENDPOINT_URL` and its per-service forms are
    /// honoured. The SDK's own loader would bring profiles, STS and instance metadata along, none of which a
    /// function has.
    pub fn from_environment(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let region = lookup("AWS_REGION").or_else(|| lookup("AWS_DEFAULT_REGION"));
        let region =
            region.ok_or_else(|| Failure::new(Class::Permanent, "configuration: AWS_REGION is not set"))?;
        let endpoint = endpoints(lookup);
        Ok(Self::of(&Common::new(on_aws(region), &endpoint, &|_| None)))
    }

    /// Clients for somewhere else. They share no quota of retries with others in this process, as no two functions do
    /// on AWS.
    #[must_use]
    pub fn elsewhere(elsewhere: Elsewhere) -> Self {
        Self::of(&Common::new(in_process(elsewhere), &|_| None, &|service| {
            Some(own_quota(service))
        }))
    }

    fn of(common: &Common<'_>) -> Self {
        Self {
            ssm: client!(common, aws_sdk_ssm, "SSM"),
            route53: client!(common, aws_sdk_route53, "ROUTE_53"),
            dms: client!(common, aws_sdk_databasemigration, "DATABASE_MIGRATION_SERVICE"),
            cloudwatch: client!(common, aws_sdk_cloudwatch, "CLOUDWATCH"),
            sns: client!(common, aws_sdk_sns, "SNS"),
            eventbridge: client!(common, aws_sdk_eventbridge, "EVENTBRIDGE"),
            round_trips: common.round_trips.clone(),
            time: common.time(),
        }
    }
}

fn endpoints(lookup: &dyn Fn(&str) -> Option<String>) -> impl Fn(&str) -> Option<String> + '_ {
    |service| lookup(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| lookup("AWS_ENDPOINT_URL"))
}

fn own_quota(service: &'static str) -> RetryPartition {
    let bucket = TokenBucket::default();
    RetryPartition::custom(service).token_bucket(bucket).build()
}

fn on_aws(region: String) -> SdkConfig {
    let http_client = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    common(region, retries())
        .http_client(http_client)
        .credentials_provider(SharedCredentialsProvider::new(
            EnvironmentVariableCredentialsProvider::new(),
        ))
        .build()
}

fn in_process(elsewhere: Elsewhere) -> SdkConfig {
    common(elsewhere.region, elsewhere.retries)
        .http_client(elsewhere.http_client)
        .time_source(elsewhere.time)
        .credentials_provider(elsewhere.credentials)
        .build()
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
