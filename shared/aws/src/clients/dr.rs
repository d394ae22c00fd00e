//! The clients of `dr-failover`. Whatever is asked of another region, or of a control plane that may be in the one that
//! is gone, is given a short time and little patience: a dark region must not cost more than one probe.

use std::time::Duration;

use aws_config::Region;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_async::time::SharedTimeSource;
use cutover_core::dr::side::Side;

use super::{BACKOFF_MAX, Common, Elsewhere, endpoints, in_process, on_aws, own_quota};
use crate::config::dr::DrConfig;
use crate::round_trips::RoundTrips;

/// An attempt that takes longer to get to another region and back will not answer.
const FAR_ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// One more, for a packet that was lost.
const FAR_ATTEMPTS_MAX: u32 = 2;
const FAR_BACKOFF_FIRST: Duration = Duration::from_millis(50);
/// RDS takes its time to accept an operation that moves a writer, and a cold function to answer.
const CHANGE_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(8);
const CHANGE_TIMEOUT: Duration = Duration::from_secs(20);

/// One client per service and region.
#[derive(Debug, Clone)]
pub struct DrClients {
    pub ssm: aws_sdk_ssm::Client,
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    pub sns: aws_sdk_sns::Client,
    pub rds: aws_sdk_rds::Client,
    pub autoscaling: aws_sdk_autoscaling::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub route53: aws_sdk_route53::Client,
    pub primary_rds: aws_sdk_rds::Client,
    pub primary_cloudwatch: aws_sdk_cloudwatch::Client,
    /// Of the migration's region, where one is configured.
    pub migration: Option<(aws_sdk_ssm::Client, aws_sdk_lambda::Client)>,
    /// Of the witness's region, where one is configured.
    pub witness: Option<aws_sdk_cloudwatch::Client>,
    pub round_trips: RoundTrips,
    pub time: SharedTimeSource,
}

impl DrClients {
    /// Clients for AWS, in the regions that the configuration names.
    #[must_use]
    pub fn from_environment(lookup: &dyn Fn(&str) -> Option<String>, config: &DrConfig) -> Self {
        let here = on_aws(config.settings.dr.region().to_owned());
        let endpoint = endpoints(lookup);
        Self::of(&Common::new(here, &endpoint, &|_| None), config)
    }

    /// Clients for somewhere else, whose own region counts for nothing.
    #[must_use]
    pub fn elsewhere(elsewhere: Elsewhere, config: &DrConfig) -> Self {
        let here = in_process(Elsewhere {
            region: config.settings.dr.region().to_owned(),
            ..elsewhere
        });
        Self::of(
            &Common::new(here, &|_| None, &|service| Some(own_quota(service))),
            config,
        )
    }

    fn of(common: &Common<'_>, config: &DrConfig) -> Self {
        let primary = config.settings.primary.region();
        let migration = config.migration.as_ref().map(|migration| {
            let region = migration.function.region.as_str();
            (
                client!(common, aws_sdk_ssm, "SSM", |far| far
                    .region(place(region))
                    .retry_config(patience(common))
                    .timeout_config(time_allowed(config))),
                client!(common, aws_sdk_lambda, "LAMBDA", |far| far
                    .region(place(region))
                    .retry_config(patience(common))
                    .timeout_config(time_allowed(config))),
            )
        });
        let far_cloudwatch = |region: &str| {
            client!(common, aws_sdk_cloudwatch, "CLOUDWATCH", |far| far
                .region(place(region))
                .retry_config(patience(common))
                .timeout_config(time_allowed(config)))
        };
        Self {
            ssm: client!(common, aws_sdk_ssm, "SSM"),
            cloudwatch: client!(common, aws_sdk_cloudwatch, "CLOUDWATCH"),
            sns: client!(common, aws_sdk_sns, "SNS"),
            rds: client!(common, aws_sdk_rds, "RDS"),
            autoscaling: client!(common, aws_sdk_autoscaling, "AUTO_SCALING"),
            lambda: client!(common, aws_sdk_lambda, "LAMBDA"),
            route53: client!(common, aws_sdk_route53, "ROUTE_53", |far| far
                .retry_config(patience(common))
                .timeout_config(time_allowed(config))),
            primary_rds: client!(common, aws_sdk_rds, "RDS", |far| far
                .region(place(primary))
                .retry_config(patience(common))
                .timeout_config(time_allowed(config))),
            primary_cloudwatch: far_cloudwatch(primary),
            migration,
            witness: config
                .witness
                .as_ref()
                .map(|witness| far_cloudwatch(&witness.region)),
            round_trips: common.round_trips.clone(),
            time: common.time(),
        }
    }

    #[must_use]
    pub fn rds_of(&self, side: Side) -> &aws_sdk_rds::Client {
        match side {
            Side::Primary => &self.primary_rds,
            Side::Dr => &self.rds,
        }
    }

    #[must_use]
    pub fn cloudwatch_of(&self, side: Side) -> &aws_sdk_cloudwatch::Client {
        match side {
            Side::Primary => &self.primary_cloudwatch,
            Side::Dr => &self.cloudwatch,
        }
    }
}

fn place(region: &str) -> Region {
    Region::new(region.to_owned())
}

/// As everywhere, only shorter: whether there is jitter is not decided here.
fn patience(common: &Common<'_>) -> RetryConfig {
    let usual = common.config.retry_config().cloned();
    usual
        .unwrap_or_else(RetryConfig::standard)
        .with_max_attempts(FAR_ATTEMPTS_MAX)
        .with_initial_backoff(FAR_BACKOFF_FIRST)
        .with_max_backoff(BACKOFF_MAX)
}

fn time_allowed(config: &DrConfig) -> TimeoutConfig {
    let whole = config.probes.timeout;
    let attempt = whole.min(FAR_ATTEMPT_TIMEOUT);
    TimeoutConfig::builder()
        .connect_timeout(attempt.min(super::CONNECT_TIMEOUT))
        .operation_attempt_timeout(attempt)
        .operation_timeout(whole)
        .build()
}

/// What a call that changes something is given, wherever it goes: whether it was heard is worth waiting for.
#[must_use]
pub(crate) fn time_for_a_change() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(CHANGE_ATTEMPT_TIMEOUT)
        .operation_timeout(CHANGE_TIMEOUT)
        .build()
}
