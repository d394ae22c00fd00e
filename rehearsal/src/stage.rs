//! The seeded environment `dev`: a zone with its two pairs, two replication tasks with a lag, a topic, and the
//! shipped functions behind Lambda's Invoke API.

use std::collections::BTreeMap;

use cutover_aws::clients::Clients;
use cutover_aws::config::Config;
use cutover_aws::replication::names::InstanceNames;
use cutover_aws::world::AwsWorld;
use cutover_core::error::{Class, Failure};
use jiff::{SignedDuration, Timestamp};
use twin::cloudwatch::Feed;
use twin::deployment::{Deployment, FunctionSpec};

use twin::dms::{Table, Task, TaskStatus};
use twin::iam::Credentials;
use twin::route53::RecordSet;
use twin::{Twin, TwinOptions};

use crate::deployed;
use crate::dr;
use crate::dr::setting::{Beside, DrSetting};
use crate::dr::stage::DrStage;
use crate::hosted::{self, Function};
use crate::permissions::granted::{self, Holder};
use crate::permissions::removal::Removal;
use crate::way_in::elsewhere_as;

pub const ENVIRONMENT: &str = "dev";
pub const ZONE: &str = "Z0DEV00000000000CUT";
pub const READER: &str = "reader.db.example.com.";
pub const WRITER: &str = "writer.db.example.com.";
/// The parameter of the snapshot.
pub const STATE: &str = "/migration/dev/state";
const TTL_SECONDS: u32 = 60;
/// The tables that the forward task replicates.
pub const TABLES: [&str; 3] = ["orders", "customers", "invoices"];
/// How much lag history an environment begins with.
const HISTORY: SignedDuration = SignedDuration::from_mins(10);

/// One of the two tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Reverse,
}

/// What an environment has besides the usual.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// Reads and writes share one name.
    pub shared: bool,
    pub without_reverse: bool,
    /// The zone that the configuration names, if not the one that exists.
    pub zone: Option<String>,
    pub alarms: String,
    /// Parameters of the template that are not the usual.
    pub parameters: BTreeMap<String, String>,
    /// The task was never started, and nothing is loaded.
    pub untouched: bool,
    pub letters: Letters,
    /// What concerns a second region, if the story does.
    pub dr: Option<DrSetting>,
    /// A permission that is missing.
    pub removal: Option<Removal>,
}

/// Whether a story is about what nobody could be made to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Letters {
    #[default]
    None,
    Expected,
}

/// A twin with one environment on it.
#[derive(Clone)]
pub struct Stage {
    pub twin: Twin,
    pub setting: Setting,
    pub dr: Option<DrStage>,
    deployment: Deployment,
    forward: String,
    reverse: String,
}

impl Stage {
    /// Builds the environment and hosts the functions.
    pub async fn build(options: TwinOptions, setting: Setting) -> Result<Self, Failure> {
        let region = setting.dr.as_ref().map(|dr| dr.primary_region.clone());
        let twin = Twin::new(TwinOptions {
            region: region.unwrap_or_else(|| options.region.clone()),
            ..options
        });
        let instance = twin.dms(|dms| dms.create_instance("cutover-dev"));
        let task = |name: &str, kind: &str| {
            let named = Task {
                instance_arn: instance.clone(),
                migration_type: kind.to_owned(),
                ..Task::named(name)
            };
            twin.dms(|dms| dms.create_task(named))
        };
        let forward = task("onprem-to-aurora", "full-load-and-cdc");
        let reverse = task("aurora-to-onprem", "cdc");
        let mut deployment = deployed::deployment(&twin, &setting, &forward, &reverse)
            .map_err(|error| Failure::new(Class::Permanent, format!("template.yaml: {error}")))?;
        if let Some(removal) = &setting.removal {
            removal.apply(&mut deployment);
        }
        let mut stage = Self {
            twin,
            dr: None,
            setting,
            deployment,
            forward,
            reverse,
        };
        stage
            .twin
            .route53(|route53| route53.create_zone(ZONE, "db.example.com."));
        if stage.has_migration() {
            stage.put_missing_records();
            stage.tasks();
            Box::pin(stage.host()).await?;
        }
        if let Some(setting) = &stage.setting.dr {
            stage.dr = Some(
                Box::pin(DrStage::build(
                    &stage.twin,
                    setting,
                    stage.setting.removal.as_ref(),
                ))
                .await?,
            );
        }
        Ok(stage)
    }

    /// A story about two regions has no migration unless it says so.
    #[must_use]
    pub fn has_migration(&self) -> bool {
        let beside = self.setting.dr.as_ref().map(|dr| dr.beside);
        beside.is_none_or(|beside| beside == Beside::Migration)
    }

    /// Who has a role here.
    #[must_use]
    pub fn holders(&self) -> Vec<Holder> {
        let migration = self.has_migration().then_some(&self.deployment);
        let both = migration
            .into_iter()
            .chain(self.dr.as_ref().map(|dr| &dr.deployment));
        both.flat_map(granted::holders).collect()
    }

    /// The region in which a function is deployed.
    #[must_use]
    pub fn home_of(&self, function: &str) -> &Twin {
        match &self.dr {
            Some(dr) if function == dr::stage::FUNCTION => &dr.twin,
            Some(_) | None => &self.twin,
        }
    }

    /// Puts every record that is not there as it is in the beginning.
    pub(crate) fn put_missing_records(&self) {
        self.twin.route53(|route53| {
            for (name, kind) in [(READER, "ro"), (WRITER, "rw")] {
                let onprem = format!("{kind}.pg.onprem.example.com");
                let aurora = format!("cutover.cluster-{kind}-c1.eu-central-1.rds.amazonaws.com");
                for (identifier, weight, value) in [("source", 100, onprem), ("target", 0, aurora)] {
                    if route53.weight(ZONE, name, identifier).is_none() {
                        let record =
                            RecordSet::weighted(name, "CNAME", identifier, weight, TTL_SECONDS, &value);
                        route53.put_record(ZONE, record);
                    }
                }
            }
        });
    }

    fn tasks(&self) {
        self.twin.dms(|dms| {
            dms.set_status(&self.reverse, TaskStatus::Ready);
            if self.setting.untouched {
                dms.set_status(&self.forward, TaskStatus::Ready);
                return;
            }
            dms.set_status(&self.forward, TaskStatus::Running);
            dms.set_full_load_percent(&self.forward, 100);
            for table in TABLES {
                dms.set_table(&self.forward, Table::completed("public", table));
            }
        });
        if !self.setting.untouched {
            self.lag(Direction::Forward, Some(2));
        }
        self.lag(Direction::Reverse, Some(0));
    }

    /// Deploys the template, and hosts the functions that it names.
    async fn host(&self) -> Result<(), Failure> {
        Box::pin(hosted::deploy(
            &self.twin,
            &self.deployment,
            ENVIRONMENT,
            |credentials| self.clients(credentials),
        ))
        .await
    }

    fn spec(&self, function: Function) -> Result<&FunctionSpec, Failure> {
        let name = self.function(function.name());
        let found = self.deployment.functions.iter().find(|spec| spec.name == name);
        found.ok_or_else(|| Failure::new(Class::Permanent, format!("template.yaml deploys no {name}")))
    }

    /// The deployed name of a function.
    #[must_use]
    pub fn function(&self, name: &str) -> String {
        deployed_name(name)
    }

    /// The configuration that the template gives a function.
    pub fn config(&self, function: Function) -> Result<Config, Failure> {
        let variables = &self.spec(function)?.environment;
        Config::read(function.name(), &|name| variables.get(name).cloned())
    }

    /// A world of this environment whose calls belong to no invocation, and are a person's.
    pub fn world(&self) -> Result<AwsWorld, Failure> {
        let config = self.config(Function::Updater)?;
        Ok(AwsWorld::new(
            &self.clients(None),
            InstanceNames::default(),
            &config,
        ))
    }

    fn clients(&self, credentials: Option<Credentials>) -> Clients {
        Clients::elsewhere(elsewhere_as(&self.twin, self.twin.http_client(), credentials))
    }

    #[must_use]
    pub fn task(&self, direction: Direction) -> &str {
        match direction {
            Direction::Forward => &self.forward,
            Direction::Reverse => &self.reverse,
        }
    }

    /// From now on the task's lag metrics say so many seconds, all of it at the source's side; `None` is a gap.
    pub fn lag(&self, direction: Direction, seconds: Option<u32>) {
        let task = self
            .task(direction)
            .rsplit(':')
            .next()
            .unwrap_or_default()
            .to_owned();
        let dimensions = [
            ("ReplicationInstanceIdentifier", "cutover-dev"),
            ("ReplicationTaskIdentifier", task.as_str()),
        ];
        let value = |amount: u32| seconds.map_or(Feed::Silent, |_| Feed::Constant(f64::from(amount)));
        let lag = seconds.unwrap_or_default();
        // A change waits exactly while something lags.
        let waiting = lag.min(1) * 40;
        let now = self.twin.clock().now();
        self.twin.cloudwatch(|cloudwatch| {
            for (metric, amount) in [
                ("CDCLatencySource", lag),
                ("CDCLatencyTarget", 0),
                ("CDCIncomingChanges", waiting),
            ] {
                let begun = cloudwatch.datapoints("AWS/DMS", metric, &dimensions, Timestamp::MIN);
                let since = if begun.is_empty() {
                    now.checked_sub(HISTORY).unwrap_or(now)
                } else {
                    now
                };
                cloudwatch.feed_since("AWS/DMS", metric, &dimensions, value(amount), since);
            }
        });
    }

    /// The weights of a record as `(source, target)`.
    #[must_use]
    pub fn weights(&self, name: &str) -> (u8, u8) {
        self.twin.route53(|route53| {
            let side = |identifier| route53.weight(ZONE, name, identifier).unwrap_or_default();
            (side("source"), side("target"))
        })
    }

    /// The snapshot as it is stored, if there is one.
    #[must_use]
    pub fn state(&self) -> Option<serde_json::Value> {
        let value = self.twin.ssm(|ssm| ssm.value(STATE))?;
        serde_json::from_str(&value).ok()
    }
}

/// As the template names a function.
pub(crate) fn deployed_name(function: &str) -> String {
    format!("{function}-{ENVIRONMENT}")
}
