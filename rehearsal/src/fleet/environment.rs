//! One of many environments in an account: its own names, task, stack and functions.

use std::collections::BTreeMap;

use cutover_aws::clients::{Clients, Elsewhere, retries};
use cutover_core::error::{Class, Failure};
use cutover_core::state::State;
use cutover_core::subject::Snapshot;
use jiff::SignedDuration;
use twin::Twin;
use twin::cloudwatch::Feed;
use twin::dms::{Table, Task, TaskStatus};
use twin::route53::RecordSet;

use crate::deployed;
use crate::hosted;
use crate::stage::ZONE;
use crate::way_in::elsewhere_as;

const TTL_SECONDS: u32 = 60;
const INSTANCE: &str = "cutover-fleet";
/// How much lag history it begins with.
const HISTORY: SignedDuration = SignedDuration::from_mins(10);

/// A migration that is ready to begin.
#[derive(Clone)]
pub(super) struct Environment {
    pub name: String,
    reader: String,
    writer: String,
}

impl Environment {
    pub fn numbered(number: u32) -> Self {
        let name = format!("m{number:03}");
        Self {
            reader: format!("reader.{name}.db.example.com"),
            writer: format!("writer.{name}.db.example.com"),
            name,
        }
    }

    /// Sets up what it stands on, deploys its stack and hosts its functions.
    pub async fn build(&self, twin: &Twin, instance_arn: &str) -> Result<(), Failure> {
        self.put_records(twin);
        let forward = self.task(twin, instance_arn, "forward", "full-load-and-cdc");
        let reverse = self.task(twin, instance_arn, "reverse", "cdc");
        twin.dms(|dms| {
            dms.set_status(&forward, TaskStatus::Running);
            dms.set_full_load_percent(&forward, 100);
            dms.set_table(&forward, Table::completed("public", "orders"));
            dms.set_status(&reverse, TaskStatus::Ready);
        });
        let parameters = [
            ("Environment", self.name.as_str()),
            ("HostedZoneId", ZONE),
            ("ReaderRecordName", &self.reader),
            ("WriterRecordName", &self.writer),
            ("DmsTaskArn", &forward),
            ("ReverseDmsTaskArn", &reverse),
            // A hundred at once take longer than the hour that one is given.
            ("WindowMinutes", "0"),
        ];
        let parameters: BTreeMap<String, String> = parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let deployment = deployed::of(&parameters, twin.account(), twin.region())
            .map_err(|error| Failure::new(Class::Permanent, format!("template.yaml: {error}")))?;
        Box::pin(hosted::deploy(twin, &deployment, &self.name, |credentials| {
            // As shipped: with jitter, without which a hundred that were throttled together are so again.
            Clients::elsewhere(Elsewhere {
                retries: retries(),
                ..elsewhere_as(twin, twin.http_client(), credentials)
            })
        }))
        .await
    }

    fn put_records(&self, twin: &Twin) {
        twin.route53(|route53| {
            for name in [&self.reader, &self.writer] {
                let name = format!("{name}.");
                for (identifier, weight) in [("source", 100), ("target", 0)] {
                    let value = format!("{identifier}.{}.example.com", self.name);
                    let record = RecordSet::weighted(&name, "CNAME", identifier, weight, TTL_SECONDS, &value);
                    route53.put_record(ZONE, record);
                }
            }
        });
    }

    /// A task whose replication is level.
    fn task(&self, twin: &Twin, instance_arn: &str, direction: &str, kind: &str) -> String {
        let arn = twin.dms(|dms| {
            dms.create_task(Task {
                instance_arn: instance_arn.to_owned(),
                migration_type: kind.to_owned(),
                ..Task::named(&format!("{}-{direction}", self.name))
            })
        });
        let identifier = arn.rsplit(':').next().unwrap_or_default();
        let dimensions = [
            ("ReplicationInstanceIdentifier", INSTANCE),
            ("ReplicationTaskIdentifier", identifier),
        ];
        let now = twin.clock().now();
        let since = now.checked_sub(HISTORY).unwrap_or(now);
        twin.cloudwatch(|cloudwatch| {
            for metric in ["CDCLatencySource", "CDCLatencyTarget", "CDCIncomingChanges"] {
                cloudwatch.feed_since("AWS/DMS", metric, &dimensions, Feed::Constant(0.0), since);
            }
        });
        arn
    }

    /// The deployed name of a function.
    pub fn function(&self, name: &str) -> String {
        format!("{name}-{}", self.name)
    }

    /// The weights of the target: reader and writer.
    pub fn on_target(&self, twin: &Twin) -> (u8, u8) {
        twin.route53(|route53| {
            let weight = |name: &str| route53.weight(ZONE, &format!("{name}."), "target");
            let read = weight(&self.reader).unwrap_or_default();
            (read, weight(&self.writer).unwrap_or_default())
        })
    }

    /// Its state as Parameter Store has it, if it can be read.
    pub fn state(&self, twin: &Twin) -> Option<State> {
        let value = twin.ssm(|ssm| ssm.value(&format!("/migration/{}/state", self.name)))?;
        State::decode(&value).ok()
    }
}

/// What all of them share: a zone, and the instance on which the tasks run. Returns the instance's ARN.
pub(super) fn share(twin: &Twin) -> String {
    twin.route53(|route53| route53.create_zone(ZONE, "db.example.com."));
    twin.dms(|dms| dms.create_instance(INSTANCE))
}
