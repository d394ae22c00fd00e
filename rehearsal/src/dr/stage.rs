//! The clusters in two regions, the records and alarms around them, and `dr-failover` beside the second, as
//! `template.yaml` deploys it with `Role=dr`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cutover_aws::clients::DrClients;
use cutover_aws::config::dr::DrConfig;
use cutover_aws::dr::probes::Probing;
use cutover_aws::dr::world::AwsDrWorld;
use cutover_core::error::{Class, Failure};
use jiff::{SignedDuration, Timestamp};
use twin::Twin;
use twin::cloudwatch::{AlarmDefinition, Comparison, Feed, Missing, Watched, WatchedMetric};
use twin::deployment::Deployment;
use twin::rds::{GlobalSpec, MemberSpec, ReplicaSpec};
use twin::route53::{HealthCheckSpec, RecordSet};

use super::change_line::Canary;
use super::clients::Clients;
use super::hosted::{ChangeBoard, HostedFailover};
use super::probe::TwinProbe;
use super::setting::{Beside, DrSetting, Hook, Login, Topology};
use crate::deployed;
use crate::stage::{ENVIRONMENT, ZONE};
use crate::way_in::elsewhere;

/// The function's name before `-<environment>`.
pub const FUNCTION: &str = dr_failover::NAME;
pub const DR_REGION: &str = "eu-west-1";
pub const GLOBAL: &str = "orders";
pub const PRIMARY_CLUSTER: &str = "orders-primary";
pub const DR_CLUSTER: &str = "orders-dr";
/// Leads the application to the writer.
pub const RECORD: &str = "orders.db.example.com";
pub const TTL_SECONDS: u32 = 30;
/// The parameter of the snapshot.
pub const STATE: &str = "/dr/dev/state";
/// Where the application reads its endpoint and the name of its secret.
pub const APPLICATION: &str = "/app/orders/database";
/// The application's instances in the DR region.
pub const GROUP: &str = "orders-app";
/// Somebody's own alarm in the DR region, on what they try against the primary region each minute.
pub const CANARY: &str = "orders-canary";
const CANARY_METRIC: (&str, &str) = ("Orders", "CanarySuccessPercent");
const CHANGE_BOARD: &str = "change-board";
const ENGINE_VERSION: &str = "16.4";
const PRIMARY_INSTANCES: usize = 3;
const DR_INSTANCES: usize = 2;
const APPLICATION_INSTANCES: usize = 4;
/// Minutes of metrics that a story begins with.
const HISTORY_MINUTES: i64 = 10;
/// The lag before the story begins, in milliseconds.
const LAG_MILLISECONDS: f64 = 300.0;

/// What a stage has besides the migration.
#[derive(Clone)]
pub struct DrStage {
    /// Seen from the DR region.
    pub twin: Twin,
    pub setting: DrSetting,
    /// ARNs.
    pub primary: String,
    pub dr: String,
    pub config: DrConfig,
    /// Calls of nobody's invocation, as a person makes them.
    pub(crate) by_hand: Arc<AwsDrWorld>,
    pub(crate) clients: Clients,
    canary: Arc<Mutex<Canary>>,
}

impl DrStage {
    /// Builds it around a twin whose home is the primary region.
    pub(crate) async fn build(home: &Twin, setting: &DrSetting) -> Result<Self, Failure> {
        let twin = home.at(DR_REGION);
        let (primary, dr) = clusters(home, setting);
        let deployment = deployment(home, setting, &primary, &dr).map_err(broken)?;
        history(&twin);
        surroundings(&twin, home, &primary);
        twin.forget_emissions();
        twin.deploy(&deployment).map_err(broken)?;
        for alarm in &deployment.alarms {
            let name = alarm.get("AlarmName").and_then(serde_json::Value::as_str);
            twin.cloudwatch(|cloudwatch| cloudwatch.alarm_has_been(name.unwrap_or_default(), "OK"));
        }
        canary(&twin)?;
        records(home, &twin);
        let config = host(&twin, setting, &deployment).await?;
        let world = world(&twin, setting, &config);
        Ok(Self {
            clients: Clients::at_work(home.clone()),
            twin,
            setting: setting.clone(),
            primary,
            dr,
            by_hand: Arc::new(world),
            canary: Arc::new(Mutex::new(Canary::AsItIs)),
            config,
        })
    }

    pub(super) fn canary(&self) -> MutexGuard<'_, Canary> {
        self.canary.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on what is tried against the primary region each minute goes well, or not.
    pub(crate) fn feed_canary(&self, well: bool) {
        feed_canary(&self.twin, if well { 100.0 } else { 0.0 });
    }
}

fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::new(Class::Permanent, format!("template.yaml with Role=dr: {error}"))
}

fn clusters(home: &Twin, setting: &DrSetting) -> (String, String) {
    let primary = MemberSpec::new(&setting.primary_region, PRIMARY_CLUSTER, PRIMARY_INSTANCES);
    let secondary = MemberSpec::new(DR_REGION, DR_CLUSTER, DR_INSTANCES);
    home.rds(|rds| match setting.topology {
        Topology::GlobalDatabase => rds.create_global(&GlobalSpec {
            identifier: GLOBAL.to_owned(),
            engine_version: ENGINE_VERSION.to_owned(),
            primary,
            secondary,
        }),
        Topology::ReadReplica => {
            let primary = rds.create_cluster(&primary, ENGINE_VERSION);
            let replica = rds.create_replica(&ReplicaSpec {
                replica: secondary,
                source: primary.clone(),
            });
            (primary, replica)
        }
    })
}

fn endpoint(twin: &Twin, cluster: &str) -> String {
    let endpoints = twin.rds(|rds| rds.endpoints(cluster));
    endpoints.map(|(writer, _)| writer).unwrap_or_default()
}

/// The template's parameters, as somebody would give them who deploys it for these clusters.
fn deployment(
    home: &Twin,
    setting: &DrSetting,
    primary: &str,
    dr: &str,
) -> Result<Deployment, twin::deployment::DeploymentError> {
    let account = home.account();
    let secret = |name: &str| format!("arn:aws:secretsmanager:{DR_REGION}:{account}:secret:{name}-AbCdEf");
    let mut parameters = BTreeMap::from([
        ("Role", "dr".to_owned()),
        ("Environment", ENVIRONMENT.to_owned()),
        ("PrimaryClusterArn", primary.to_owned()),
        ("DrClusterArn", dr.to_owned()),
        ("DrCanaryAlarms", CANARY.to_owned()),
        ("DrHostedZoneId", ZONE.to_owned()),
        ("DrRecordName", RECORD.to_owned()),
        ("PrimaryEndpoint", endpoint(home, primary)),
        ("DrEndpoint", endpoint(home, dr)),
        ("DrRecordTtlSeconds", TTL_SECONDS.to_string()),
        ("ApplicationParameterPath", APPLICATION.to_owned()),
        ("PrimarySecretName", "orders/primary".to_owned()),
        ("DrSecretName", "orders/dr".to_owned()),
        ("RefreshAutoScalingGroups", GROUP.to_owned()),
    ]);
    match setting.topology {
        Topology::GlobalDatabase => parameters.insert("DrGlobalClusterId", GLOBAL.to_owned()),
        Topology::ReadReplica => parameters.insert("DrClusterId", DR_CLUSTER.to_owned()),
    };
    if setting.login == Login::Role {
        parameters.insert("PrimarySecretArn", secret("orders-primary"));
        parameters.insert("DrSecretArn", secret("orders-dr"));
    }
    if setting.hook != Hook::None {
        let arn = format!("arn:aws:lambda:{DR_REGION}:{account}:function:{CHANGE_BOARD}");
        parameters.insert("PreHookArn", arn);
    }
    if setting.beside == Beside::Migration {
        let region = home.region();
        let arn = format!("arn:aws:lambda:{region}:{account}:function:route53-updater-{ENVIRONMENT}");
        parameters.insert("MigrationFunctionArn", arn);
        parameters.insert("MigrationStateParameter", crate::stage::STATE.to_owned());
    }
    let mut parameters: BTreeMap<String, String> = parameters
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    parameters.extend(setting.parameters.clone());
    deployed::of(&parameters, account, DR_REGION)
}

/// The story does not begin in a world without a past: alarms have seen some minutes.
fn history(twin: &Twin) {
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
fn surroundings(twin: &Twin, home: &Twin, primary: &str) {
    twin.autoscaling(|groups| groups.create_group(GROUP, APPLICATION_INSTANCES));
    let endpoint = endpoint(home, primary);
    twin.ssm(|ssm| {
        ssm.put(&format!("{APPLICATION}/endpoint"), &endpoint);
        ssm.put(&format!("{APPLICATION}/secret"), "orders/primary");
    });
}

/// Fails by itself while the primary region is dark or out of reach: see [`DrStage::feed_canary`].
fn canary(twin: &Twin) -> Result<(), Failure> {
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
    .map_err(|error: twin::AwsError| broken(error))
}

fn feed_canary(twin: &Twin, percent: f64) {
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

/// The template's health checks and records.
fn records(home: &Twin, twin: &Twin) {
    let (primary, dr) = (endpoint(home, PRIMARY_CLUSTER), endpoint(home, DR_CLUSTER));
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
        let record =
            |role: &str, endpoint: &str| RecordSet::failover(RECORD, "CNAME", role, TTL_SECONDS, endpoint);
        route53.put_record(ZONE, record("PRIMARY", &primary).checked_by(&one));
        let secondary = RecordSet {
            set_identifier: Some("dr".to_owned()),
            ..record("SECONDARY", &dr).checked_by(&other)
        };
        route53.put_record(ZONE, secondary);
    });
}

async fn host(twin: &Twin, setting: &DrSetting, deployment: &Deployment) -> Result<DrConfig, Failure> {
    let name = format!("{FUNCTION}-{ENVIRONMENT}");
    let spec = deployment.functions.iter().find(|spec| spec.name == name);
    let spec = spec.ok_or_else(|| broken(format!("deploys no {name}")))?;
    let variables = spec.environment.clone();
    let config = DrConfig::read(FUNCTION, &|name| variables.get(name).cloned())?;
    let (clients, probing) = reach(twin, setting, &config);
    let hosted = HostedFailover::new(&clients, config.clone(), probing);
    Box::pin(hosted.warm_up()).await;
    twin.host(&name, Arc::new(hosted), spec.timeout);
    twin.host(
        CHANGE_BOARD,
        Arc::new(ChangeBoard(setting.hook)),
        Duration::from_secs(3),
    );
    Ok(config)
}

fn world(twin: &Twin, setting: &DrSetting, config: &DrConfig) -> AwsDrWorld {
    let (clients, probing) = reach(twin, setting, config);
    AwsDrWorld::new(&clients, config, probing)
}

fn reach(twin: &Twin, setting: &DrSetting, config: &DrConfig) -> (DrClients, Probing) {
    let clients = DrClients::elsewhere(elsewhere(twin, twin.http_client()), config);
    let probe = TwinProbe {
        twin: twin.clone(),
        login: setting.login,
        timeout: config.probes.timeout,
    };
    (clients, Probing::Elsewhere(Arc::new(probe)))
}
