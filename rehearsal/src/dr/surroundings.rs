//! What is around the clusters: metrics with a past, somebody's alarm, the application, secrets, keys, and records.

use jiff::{SignedDuration, Timestamp};
use twin::cloudwatch::{AlarmDefinition, Comparison, Feed, Missing, Watched, WatchedMetric};
use twin::route53::{HealthCheckSpec, RecordSet};
use twin::{AwsError, Twin};

use super::setting::{DrSetting, Routing};
use super::stage::{APPLICATION, CANARY, DR_CLUSTER, DR_REGION, GROUP, RECORD, TTL_SECONDS};
use crate::stage::{ENVIRONMENT, ZONE};

const CANARY_METRIC: (&str, &str) = ("Orders", "CanarySuccessPercent");
const APPLICATION_INSTANCES: usize = 4;
/// Minutes of metrics that a story begins with.
const HISTORY_MINUTES: i64 = 10;
/// The lag before the story begins, in milliseconds.
const LAG_MILLISECONDS: f64 = 300.0;
/// As RDS writes it. Nobody checks it here.
const SECRET: &str = r#"{"username":"probe","password":"not-a-secret"}"#;

/// The story does not begin in a world without a past: alarms have seen some minutes.
pub(super) fn history(twin: &Twin) {
    let now = twin.clock().now();
    twin.cloudwatch(|cloudwatch| {
        for minute in 1..=HISTORY_MINUTES {
            let at = now
                .checked_sub(SignedDuration::from_mins(minute))
                .unwrap_or(Timestamp::MIN);
            let lag = [("DBClusterIdentifier", DR_CLUSTER)];
            cloudwatch.put_datapoint("AWS/RDS", "AuroraGlobalDBRPOLag", &lag, at, LAG_MILLISECONDS);
            let serving = [("Environment", ENVIRONMENT)];
            cloudwatch.put_datapoint("Cutover/DR", "ServeFromDr", &serving, at, 0.0);
        }
    });
}

/// What the application has in the DR region.
pub(super) fn application(twin: &Twin, endpoint: &str) {
    twin.autoscaling(|groups| groups.create_group(GROUP, APPLICATION_INSTANCES));
    twin.ssm(|ssm| {
        ssm.put(&format!("{APPLICATION}/endpoint"), endpoint);
        ssm.put(&format!("{APPLICATION}/secret"), "orders/primary");
    });
}

/// Fails by itself while the primary region is dark or out of reach: see [`DrStage::feed_canary`].
pub(super) fn canary(twin: &Twin) -> Result<(), AwsError> {
    feed_canary(twin, 100.0);
    let (namespace, metric) = CANARY_METRIC;
    twin.cloudwatch(|cloudwatch| {
        cloudwatch.define_alarm(AlarmDefinition {
            name: CANARY.to_owned(),
            watched: Watched::Metric(WatchedMetric {
                namespace: namespace.to_owned(),
                metric: metric.to_owned(),
                statistic: "Average".to_owned(),
                period_seconds: 60,
                ..WatchedMetric::default()
            }),
            comparison: Comparison::LessThan,
            threshold: 90.0,
            evaluation_periods: 1,
            missing: Missing::Breaching,
            ..AlarmDefinition::default()
        })?;
        cloudwatch.alarm_has_been(CANARY, "OK");
        Ok(())
    })
}

pub(super) fn feed_canary(twin: &Twin, percent: f64) {
    let (namespace, metric) = CANARY_METRIC;
    let now = twin.clock().now();
    twin.cloudwatch(|cloudwatch| {
        let begun = cloudwatch.datapoints(namespace, metric, &[], Timestamp::MIN);
        let history = now.checked_sub(SignedDuration::from_mins(HISTORY_MINUTES));
        let since = if begun.is_empty() {
            history.unwrap_or(now)
        } else {
            now
        };
        cloudwatch.feed_since(namespace, metric, &[], Feed::Constant(percent), since);
    });
}

/// The template's health checks, and the records: its own, or somebody's weighted pair.
pub(super) fn records(home: &Twin, twin: &Twin, routing: Routing, [primary, dr]: &[String; 2]) {
    let follows = HealthCheckSpec::of_alarm(twin.region(), &format!("serve-from-dr-{ENVIRONMENT}"));
    let against = HealthCheckSpec {
        inverted: true,
        ..follows.clone()
    };
    home.route53(|route53| {
        let (one, other) = (
            route53.create_health_check(follows),
            route53.create_health_check(against),
        );
        let pair = match routing {
            Routing::HealthChecks => {
                let record = |role: &str, endpoint: &str| {
                    RecordSet::failover(RECORD, "CNAME", role, TTL_SECONDS, endpoint)
                };
                let secondary = RecordSet {
                    set_identifier: Some("dr".to_owned()),
                    ..record("SECONDARY", dr).checked_by(&other)
                };
                [record("PRIMARY", primary).checked_by(&one), secondary]
            }
            Routing::Weights => {
                let record = |identifier: &str, weight: u8, endpoint: &str| {
                    RecordSet::weighted(RECORD, "CNAME", identifier, weight, TTL_SECONDS, endpoint)
                };
                [record("primary", 100, primary), record("dr", 0, dr)]
            }
        };
        for record in pair {
            route53.put_record(ZONE, record);
        }
    });
}

/// The ARNs of the secrets with which the clusters are asked for their roles.
pub(super) fn secret_arns(account: &str) -> [String; 2] {
    ["orders-primary", "orders-dr"]
        .map(|name| format!("arn:aws:secretsmanager:{DR_REGION}:{account}:secret:{name}-AbCdEf"))
}

/// Those secrets, encrypted as the parameters say.
pub(super) fn secrets(twin: &Twin, setting: &DrSetting) {
    let key = setting.parameters.get("SecretKeyArn").map(String::as_str);
    twin.ssm(|ssm| {
        for arn in secret_arns(twin.account()) {
            ssm.put_secret(&arn, SECRET, key);
        }
    });
}

/// The keys of the account that the clusters are encrypted with: each with the one of its region, if there is one.
pub(super) fn keys(home: &Twin, setting: &DrSetting, clusters: [&str; 2]) {
    let keys = setting.parameters.get("ClusterKeyArns").map(String::as_str);
    let region = |arn: &str| arn.split(':').nth(3).map(str::to_owned);
    home.rds(|rds| {
        for cluster in clusters {
            let mut keys = keys.unwrap_or_default().split(',');
            if let Some(key) = keys.find(|key| region(key) == region(cluster)) {
                rds.encrypt(cluster, key);
            }
        }
    });
}
