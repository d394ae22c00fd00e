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
use twin::Twin;
use twin::deployment::Deployment;
use twin::iam::Credentials;
use twin::rds::{GlobalSpec, MemberSpec, ReplicaSpec};

use super::change_line::Canary;
use super::clients::Clients;
use super::hosted::{ChangeBoard, HostedFailover};
use super::probe::TwinProbe;
use super::setting::{Beside, DrSetting, Hook, Login, Routing, Topology};
use super::surroundings;
use crate::deployed;
use crate::permissions::removal::Removal;
use crate::stage::{ENVIRONMENT, ZONE};
use crate::way_in::elsewhere_as;

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
const CHANGE_BOARD: &str = "change-board";
const ENGINE_VERSION: &str = "16.4";
const PRIMARY_INSTANCES: usize = 3;
const DR_INSTANCES: usize = 2;

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
    pub(crate) deployment: Deployment,
    canary: Arc<Mutex<Canary>>,
}

impl DrStage {
    /// Builds it around a twin whose home is the primary region.
    pub(crate) async fn build(
        home: &Twin,
        setting: &DrSetting,
        removal: Option<&Removal>,
    ) -> Result<Self, Failure> {
        let twin = home.at(DR_REGION);
        let (primary, dr) = clusters(home, setting);
        let mut deployment = deployment(home, setting, &primary, &dr).map_err(broken)?;
        if let Some(removal) = removal {
            removal.apply(&mut deployment);
        }
        surroundings::history(&twin);
        surroundings::application(&twin, &endpoint(home, &primary));
        surroundings::secrets(&twin, setting);
        surroundings::keys(home, setting, [&primary, &dr]);
        twin.forget_emissions();
        twin.deploy(&deployment).map_err(broken)?;
        for alarm in &deployment.alarms {
            let name = alarm.get("AlarmName").and_then(serde_json::Value::as_str);
            twin.cloudwatch(|cloudwatch| cloudwatch.alarm_has_been(name.unwrap_or_default(), "OK"));
        }
        surroundings::canary(&twin).map_err(broken)?;
        let endpoints = [endpoint(home, &primary), endpoint(home, &dr)];
        surroundings::records(home, &twin, setting.routing, &endpoints);
        let config = host(&twin, setting, &deployment).await?;
        let world = Box::pin(world(&twin, setting, &config)).await;
        Ok(Self {
            clients: Clients::at_work(home.clone()),
            twin,
            setting: setting.clone(),
            primary,
            dr,
            by_hand: Arc::new(world),
            canary: Arc::new(Mutex::new(Canary::AsItIs)),
            config,
            deployment,
        })
    }

    pub(super) fn canary(&self) -> MutexGuard<'_, Canary> {
        self.canary.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on what is tried against the primary region each minute goes well, or not.
    pub(crate) fn feed_canary(&self, well: bool) {
        surroundings::feed_canary(&self.twin, if well { 100.0 } else { 0.0 });
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
    let mut parameters = BTreeMap::from([
        ("Role", "dr".to_owned()),
        ("Environment", ENVIRONMENT.to_owned()),
        ("PrimaryClusterArn", primary.to_owned()),
        ("DrClusterArn", dr.to_owned()),
        ("DrCanaryAlarms", CANARY.to_owned()),
        ("DrHostedZoneId", ZONE.to_owned()),
        ("DrRecordName", RECORD.to_owned()),
        ("DrRecordTtlSeconds", TTL_SECONDS.to_string()),
        ("ApplicationParameterPath", APPLICATION.to_owned()),
        ("PrimarySecretName", "orders/primary".to_owned()),
        ("DrSecretName", "orders/dr".to_owned()),
        ("RefreshAutoScalingGroups", GROUP.to_owned()),
    ]);
    // With its endpoints the template makes the records; without, they are somebody's own.
    if setting.routing == Routing::HealthChecks {
        parameters.insert("PrimaryEndpoint", endpoint(home, primary));
        parameters.insert("DrEndpoint", endpoint(home, dr));
    }
    match setting.topology {
        Topology::GlobalDatabase => parameters.insert("DrGlobalClusterId", GLOBAL.to_owned()),
        Topology::ReadReplica => parameters.insert("DrClusterId", DR_CLUSTER.to_owned()),
    };
    if setting.login == Login::Role {
        let [primary, dr] = surroundings::secret_arns(account);
        parameters.insert("PrimarySecretArn", primary);
        parameters.insert("DrSecretArn", dr);
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

/// Hosts the function as its role, and somebody else's beside it.
async fn host(twin: &Twin, setting: &DrSetting, deployment: &Deployment) -> Result<DrConfig, Failure> {
    let name = format!("{FUNCTION}-{ENVIRONMENT}");
    let spec = deployment.functions.iter().find(|spec| spec.name == name);
    let spec = spec.ok_or_else(|| broken(format!("deploys no {name}")))?;
    let variables = spec.environment.clone();
    let config = DrConfig::read(FUNCTION, &|name| variables.get(name).cloned())?;
    let credentials = twin.credentials(&name);
    let (clients, probe) = reach(twin, setting, &config, credentials).await;
    let probing = Probing::Elsewhere(Arc::new(probe));
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

/// As a person has it.
async fn world(twin: &Twin, setting: &DrSetting, config: &DrConfig) -> AwsDrWorld {
    let (clients, probe) = reach(twin, setting, config, None).await;
    AwsDrWorld::new(&clients, config, Probing::Elsewhere(Arc::new(probe)))
}

async fn reach(
    twin: &Twin,
    setting: &DrSetting,
    config: &DrConfig,
    credentials: Option<Credentials>,
) -> (DrClients, TwinProbe) {
    let clients = DrClients::elsewhere(elsewhere_as(twin, twin.http_client(), credentials), config);
    let probe = TwinProbe::new(twin, setting.login, &clients, config).await;
    (clients, probe)
}
