//! The seeded environment `dev`: a zone with its two pairs, two replication tasks with a lag, a topic, and the
//! shipped functions behind Lambda's Invoke API.

use std::sync::Arc;
use std::time::Duration;

use cutover_aws::clients::Clients;
use cutover_aws::config::Config;
use cutover_aws::replication::InstanceNames;
use cutover_aws::world::AwsWorld;
use cutover_core::error::Failure;
use jiff::{SignedDuration, Timestamp};
use twin::cloudwatch::Feed;
use twin::dms::{Table, Task, TaskStatus};
use twin::route53::RecordSet;
use twin::{Twin, TwinOptions};

use crate::hosted::Updater;
use crate::way_in::elsewhere;

pub const ENVIRONMENT: &str = "dev";
pub const ZONE: &str = "Z0DEV00000000000CUT";
pub const READER: &str = "reader.db.example.com.";
pub const WRITER: &str = "writer.db.example.com.";
/// The parameter of the snapshot.
pub const STATE: &str = "/migration/dev/state";
const TTL_SECONDS: u32 = 60;
/// The tables that the forward task replicates.
pub const TABLES: [&str; 3] = ["orders", "customers", "invoices"];
/// A function's timeout, as in the template.
pub const TIMEOUT: Duration = Duration::from_mins(1);
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
}

/// A twin with one environment on it.
#[derive(Clone)]
pub struct Stage {
    pub twin: Twin,
    pub setting: Setting,
    forward: String,
    reverse: String,
    topic: String,
}

impl Stage {
    /// Builds the environment and hosts the functions.
    pub async fn build(options: TwinOptions, setting: Setting) -> Result<Self, Failure> {
        let twin = Twin::new(options);
        let topic = twin.sns(|sns| sns.create_topic("cutover-dev"));
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
        let stage = Self {
            twin,
            setting,
            forward,
            reverse,
            topic,
        };
        stage.records();
        stage.tasks();
        Box::pin(stage.host()).await?;
        Ok(stage)
    }

    fn records(&self) {
        self.twin.route53(|route53| {
            route53.create_zone(ZONE, "db.example.com.");
            for (name, kind) in [(READER, "ro"), (WRITER, "rw")] {
                let onprem = format!("{kind}.pg.onprem.example.com");
                let aurora = format!("cutover.cluster-{kind}-c1.eu-central-1.rds.amazonaws.com");
                for (identifier, weight, value) in [("source", 100, onprem), ("target", 0, aurora)] {
                    let record = RecordSet::weighted(name, "CNAME", identifier, weight, TTL_SECONDS, &value);
                    route53.put_record(ZONE, record);
                }
            }
        });
    }

    fn tasks(&self) {
        self.twin.dms(|dms| {
            dms.set_status(&self.forward, TaskStatus::Running);
            dms.set_full_load_percent(&self.forward, 100);
            dms.set_status(&self.reverse, TaskStatus::Ready);
            for table in TABLES {
                dms.set_table(&self.forward, Table::completed("public", table));
            }
        });
        self.lag(Direction::Forward, Some(2));
        self.lag(Direction::Reverse, Some(0));
    }

    async fn host(&self) -> Result<(), Failure> {
        let config = self.config()?;
        let names = InstanceNames::default();
        let updater = Updater::new(config.clone(), names.clone(), self.twin.clone());
        Box::pin(updater.warm_up()).await;
        self.twin
            .host(&self.function("route53-updater"), Arc::new(updater), TIMEOUT);
        Ok(())
    }

    /// The deployed name of a function.
    #[must_use]
    pub fn function(&self, name: &str) -> String {
        format!("{name}-{ENVIRONMENT}")
    }

    /// The configuration that the template would give the functions.
    pub fn config(&self) -> Result<Config, Failure> {
        let writer = if self.setting.shared { READER } else { WRITER };
        let reverse = if self.setting.without_reverse {
            ""
        } else {
            self.reverse.as_str()
        };
        let variables = [
            ("ENVIRONMENT", ENVIRONMENT),
            ("HOSTED_ZONE_ID", self.setting.zone.as_deref().unwrap_or(ZONE)),
            ("READER_RECORD_NAME", READER),
            ("WRITER_RECORD_NAME", writer),
            ("DMS_TASK_ARN", self.forward.as_str()),
            ("REVERSE_DMS_TASK_ARN", reverse),
            ("NOTIFICATION_TOPIC_ARN", self.topic.as_str()),
            ("MIGRATION_ALARMS", self.setting.alarms.as_str()),
        ];
        Config::read(route53_updater::NAME, &|name| {
            let value = variables.iter().find(|(variable, _)| *variable == name);
            value.map(|(_, value)| (*value).to_owned())
        })
    }

    /// A world of this environment whose calls belong to no invocation.
    pub fn world(&self) -> Result<AwsWorld, Failure> {
        let clients = Clients::elsewhere(elsewhere(&self.twin, self.twin.http_client()));
        Ok(AwsWorld::new(&clients, InstanceNames::default(), &self.config()?))
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
