//! A global database in two regions, the records and alarms around it, and `dr-failover` in the second region, as
//! `template.yaml` deploys it with `Role=dr`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cutover_aws::clients::DrClients;
use cutover_aws::config::dr::DrConfig;
use cutover_aws::dr::probes::Probing;
use cutover_aws::dr::world::AwsDrWorld;
use cutover_core::dr::state::State;
use cutover_core::error::{Class, Failure};
use cutover_core::subject::Snapshot;
use jiff::{SignedDuration, Timestamp};
use twin::cloudwatch::{AlarmDefinition, Comparison, Feed, Missing, Watched, WatchedMetric};
use twin::deployment::Deployment;
use twin::rds::{GlobalSpec, MemberSpec};
use twin::route53::{HealthCheckSpec, RecordSet};
use twin::{Twin, TwinOptions};

use super::probe::{Failover, TwinProbe};
use super::schedule::Setting;
use crate::deployed;
use crate::stage::{ENVIRONMENT, ZONE};
use crate::way_in::elsewhere_as;

pub(super) const PRIMARY_REGION: &str = "eu-central-1";
pub(super) const DR_REGION: &str = "eu-west-1";
pub(super) const FUNCTION: &str = "dr-failover-dev";
pub(super) const GLOBAL: &str = "orders";
pub(super) const PRIMARY_CLUSTER: &str = "orders-primary";
pub(super) const DR_CLUSTER: &str = "orders-dr";
/// Of the template.
pub(super) const REPLICATION_ALARM: &str = "cutover-dr-replication-dev";
/// Somebody's own, on what they try against the primary region each minute.
pub(super) const CANARY_ALARM: &str = "orders-canary";
pub(super) const JOURNAL: &str = "/dr/dev/journal/";
const STATE: &str = "/dr/dev/state";
const APPLICATION: &str = "/app/orders/database";
const RECORD: &str = "orders.db.example.com";
const RECORD_ZONE: &str = "db.example.com.";
const TTL_SECONDS: u32 = 30;
const SERVE_ALARM: &str = "serve-from-dr-dev";
const CANARY_METRIC: (&str, &str) = ("Orders", "CanarySuccess");
const ENGINE_VERSION: &str = "16.4";
const INSTANCES: usize = 2;
/// Minutes of metrics that a storm begins with.
const HISTORY_MINUTES: i64 = 6;
const MILLISECONDS_PER_SECOND: f64 = 1000.0;

/// One environment on a twin of its own.
#[derive(Clone)]
pub(super) struct Stage {
    /// Seen from the primary region.
    pub twin: Twin,
    /// The same from the DR region.
    pub there: Twin,
    /// Endpoints of the clusters, by which their traffic is told apart.
    pub primary_endpoint: String,
    pub dr_endpoint: String,
    pub topic: String,
    canary_speaks: bool,
}

impl Stage {
    pub(super) async fn build(seed: u64, setting: &Setting) -> Result<Self, Failure> {
        let twin = Twin::new(TwinOptions {
            seed,
            ..TwinOptions::default()
        });
        let there = twin.at(DR_REGION);
        let (primary, dr) = twin.rds(|rds| {
            rds.fencing(setting.fencing);
            rds.set_lag(setting.lag);
            rds.create_global(&GlobalSpec {
                identifier: GLOBAL.to_owned(),
                engine_version: ENGINE_VERSION.to_owned(),
                primary: MemberSpec::new(PRIMARY_REGION, PRIMARY_CLUSTER, INSTANCES),
                secondary: MemberSpec::new(DR_REGION, DR_CLUSTER, INSTANCES),
            })
        });
        let endpoint = |cluster: &str| {
            let endpoints = twin.rds(|rds| rds.endpoints(cluster));
            endpoints.map(|(writer, _)| writer).unwrap_or_default()
        };
        let (primary_endpoint, dr_endpoint) = (endpoint(&primary), endpoint(&dr));
        let deployment =
            deployed::of(&parameters(setting, &primary, &dr), twin.account(), DR_REGION).map_err(broken)?;
        let stage = Self {
            canary_speaks: setting.canary_speaks,
            topic: deployment.topics.first().cloned().unwrap_or_default(),
            twin,
            there,
            primary_endpoint,
            dr_endpoint,
        };
        stage.history(setting);
        stage.records();
        // What was set up is no news to anybody.
        stage.twin.forget_emissions();
        stage.there.deploy(&deployment).map_err(broken)?;
        stage.alarms(&deployment).map_err(broken)?;
        Box::pin(stage.host(setting, &deployment)).await?;
        Ok(stage)
    }

    /// It does not begin in a world without a past: alarms have seen some minutes.
    fn history(&self, setting: &Setting) {
        let now = self.twin.clock().now();
        let lag = setting.lag.as_secs_f64() * MILLISECONDS_PER_SECOND;
        self.there.cloudwatch(|cloudwatch| {
            for minute in 1..=HISTORY_MINUTES {
                let at = now.checked_sub(SignedDuration::from_mins(minute)).unwrap_or(now);
                let cluster = [("DBClusterIdentifier", DR_CLUSTER)];
                cloudwatch.put_datapoint("AWS/RDS", "AuroraGlobalDBRPOLag", &cluster, at, lag);
                let environment = [("Environment", ENVIRONMENT)];
                cloudwatch.put_datapoint("Cutover/DR", "ServeFromDr", &environment, at, 0.0);
            }
            let since = now.checked_sub(SignedDuration::from_mins(HISTORY_MINUTES));
            let (namespace, metric) = CANARY_METRIC;
            cloudwatch.feed_since(namespace, metric, &[], Feed::Constant(1.0), since.unwrap_or(now));
        });
        self.there.ssm(|ssm| {
            ssm.put(&format!("{APPLICATION}/endpoint"), &self.primary_endpoint);
        });
    }

    /// What is tried against the primary region from the other succeeds from now on, or fails, or is not even reported.
    pub(super) fn canary(&self, well: bool) {
        let feed = match (well, self.canary_speaks) {
            (true, _) => Feed::Constant(1.0),
            (false, true) => Feed::Constant(0.0),
            (false, false) => Feed::Silent,
        };
        let (namespace, metric) = CANARY_METRIC;
        self.there
            .cloudwatch(|cloudwatch| cloudwatch.feed(namespace, metric, &[], feed));
    }

    fn alarms(&self, deployment: &Deployment) -> Result<(), twin::AwsError> {
        self.there.cloudwatch(|cloudwatch| {
            let (namespace, metric) = CANARY_METRIC;
            cloudwatch.define_alarm(AlarmDefinition {
                name: CANARY_ALARM.to_owned(),
                watched: Watched::Metric(WatchedMetric {
                    namespace: namespace.to_owned(),
                    metric: metric.to_owned(),
                    statistic: "Minimum".to_owned(),
                    period_seconds: 60,
                    ..WatchedMetric::default()
                }),
                comparison: Comparison::LessThan,
                threshold: 1.0,
                missing: Missing::Breaching,
                ..AlarmDefinition::default()
            })?;
            let names = deployment.alarms.iter();
            let names = names.filter_map(|alarm| alarm.get("AlarmName")?.as_str());
            for name in names.chain([CANARY_ALARM]) {
                cloudwatch.alarm_has_been(name, "OK");
            }
            Ok(())
        })
    }

    /// The template's health checks and records.
    fn records(&self) {
        let follows = HealthCheckSpec::of_alarm(DR_REGION, SERVE_ALARM);
        let against = HealthCheckSpec {
            inverted: true,
            ..follows.clone()
        };
        self.twin.route53(|route53| {
            route53.create_zone(ZONE, RECORD_ZONE);
            let checks = [follows, against].map(|check| route53.create_health_check(check));
            let sides = [
                ("PRIMARY", &self.primary_endpoint),
                ("SECONDARY", &self.dr_endpoint),
            ];
            for ((role, endpoint), check) in sides.into_iter().zip(checks) {
                let record = RecordSet::failover(RECORD, "CNAME", role, TTL_SECONDS, endpoint);
                let identifier = if role == "PRIMARY" { "primary" } else { "dr" };
                let record = RecordSet {
                    set_identifier: Some(identifier.to_owned()),
                    ..record.checked_by(&check)
                };
                route53.put_record(ZONE, record);
            }
        });
    }

    async fn host(&self, setting: &Setting, deployment: &Deployment) -> Result<(), Failure> {
        let spec = deployment.functions.iter().find(|spec| spec.name == FUNCTION);
        let spec = spec.ok_or_else(|| broken(format!("it deploys no {FUNCTION}")))?;
        let variables = &spec.environment;
        let config = DrConfig::read(dr_failover::NAME, &|name| variables.get(name).cloned())?;
        let credentials = self.there.credentials(FUNCTION);
        let as_itself = elsewhere_as(&self.there, self.there.http_client(), credentials);
        let clients = DrClients::elsewhere(as_itself, &config);
        let probe = TwinProbe {
            twin: self.there.clone(),
            logs_in: setting.logs_in,
            timeout: config.probes.timeout,
        };
        let world = AwsDrWorld::new(&clients, &config, Probing::Elsewhere(Arc::new(probe)));
        Box::pin(world.warm_up()).await;
        self.there
            .host(FUNCTION, Arc::new(Failover { config, world }), spec.timeout);
        Ok(())
    }

    /// Who is led the traffic by the data plane now: the answer that every resolver gets.
    pub(super) fn led_to(&self) -> Option<String> {
        let answer = self
            .twin
            .route53(|route53| route53.answer(ZONE, RECORD, "CNAME", 0));
        let cluster = match answer.first()?.as_str() {
            endpoint if endpoint == self.primary_endpoint => PRIMARY_CLUSTER,
            endpoint if endpoint == self.dr_endpoint => DR_CLUSTER,
            _ => return None,
        };
        Some(cluster.to_owned())
    }

    /// The identifier of the cluster that is the writer.
    pub(super) fn writer(&self) -> String {
        let arn = self.twin.rds(|rds| rds.primary(GLOBAL)).unwrap_or_default();
        identifier(&arn).to_owned()
    }

    /// The snapshot, if there is one that can be read.
    pub(super) fn state(&self) -> Option<State> {
        State::decode(&self.there.ssm(|ssm| ssm.value(STATE))?).ok()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.twin.clock().now()
    }

    pub(super) async fn sleep(&self, duration: Duration) {
        self.twin.clock().sleep(duration).await;
    }
}

pub(super) fn identifier(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or_default()
}

/// As somebody would give them who deploys it for these clusters.
fn parameters(setting: &Setting, primary: &str, dr: &str) -> BTreeMap<String, String> {
    let secret = |name: &str| format!("arn:aws:secretsmanager:{DR_REGION}:111122223333:secret:{name}-AbCdEf");
    let mut parameters = vec![
        ("Role", "dr".to_owned()),
        ("Environment", ENVIRONMENT.to_owned()),
        ("DrGlobalClusterId", GLOBAL.to_owned()),
        ("PrimaryClusterArn", primary.to_owned()),
        ("DrClusterArn", dr.to_owned()),
        ("DrCanaryAlarms", CANARY_ALARM.to_owned()),
        ("DrMode", setting.mode.name().to_owned()),
        ("DrQuorum", setting.quorum.to_string()),
        ("LossBudgetSeconds", setting.budget_seconds.to_string()),
    ];
    if setting.with_records {
        parameters.push(("DrHostedZoneId", ZONE.to_owned()));
        parameters.push(("DrRecordName", RECORD.to_owned()));
    }
    if setting.with_application {
        parameters.push(("ApplicationParameterPath", APPLICATION.to_owned()));
    }
    if setting.with_global_endpoint {
        parameters.push(("GlobalWriterEndpoint", "true".to_owned()));
    }
    if setting.logs_in {
        parameters.push(("PrimarySecretArn", secret("orders-primary")));
        parameters.push(("DrSecretArn", secret("orders-dr")));
    }
    let owned = parameters.into_iter();
    owned.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::new(Class::Permanent, format!("template.yaml with Role=dr: {error}"))
}
