//! SDK clients: built once, every option that matters spelled out.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

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
    pub time: SharedTimeSource,
}

/// Where calls go when not to AWS over TLS: the twin, in process.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    pub http_client: SharedHttpClient,
    pub time: SharedTimeSource,
    pub region: String,
    pub credentials: aws_sdk_ssm::config::SharedCredentialsProvider,
    /// [`retries`], or those without jitter.
    pub retries: RetryConfig,
}

impl Clients {
    /// Clients for AWS, from the environment that Lambda sets. `AWS_ENDPOINT_URL` and its per-service forms are
    /// honoured.
    pub async fn from_environment() -> Self {
        let http_client = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http_client)
            .retry_config(retries())
            .timeout_config(timeouts())
            .load()
            .await;
        Self::of(&config)
    }

    /// Clients for somewhere else.
    #[must_use]
    pub fn elsewhere(elsewhere: Elsewhere) -> Self {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(elsewhere.http_client)
            .time_source(elsewhere.time)
            .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
                aws_smithy_async::rt::sleep::TokioSleep::new(),
            ))
            .region(Region::new(elsewhere.region))
            .credentials_provider(elsewhere.credentials)
            .retry_config(elsewhere.retries)
            .timeout_config(timeouts())
            .build();
        Self::of(&config)
    }

    fn of(config: &SdkConfig) -> Self {
        Self {
            ssm: aws_sdk_ssm::Client::new(config),
            route53: aws_sdk_route53::Client::new(config),
            dms: aws_sdk_databasemigration::Client::new(config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(config),
            sns: aws_sdk_sns::Client::new(config),
            time: config.time_source().unwrap_or_default(),
        }
    }
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
