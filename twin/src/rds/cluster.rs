//! A cluster with its instances, and what it believes to be.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;

/// A cluster's status, in the words of RDS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterStatus {
    Available,
    BackingUp,
    Creating,
    Deleting,
    FailingOver,
    InaccessibleEncryptionCredentials,
    Maintenance,
    Modifying,
    Promoting,
    Rebooting,
    /// An old primary whose volume is built anew. RDS documents no word for it.
    Resyncing,
    Starting,
    Stopped,
    Stopping,
    SwitchingOver,
    Upgrading,
}

const NAMES: [(ClusterStatus, &str); 16] = [
    (ClusterStatus::Available, "available"),
    (ClusterStatus::BackingUp, "backing-up"),
    (ClusterStatus::Creating, "creating"),
    (ClusterStatus::Deleting, "deleting"),
    (ClusterStatus::FailingOver, "failing-over"),
    (
        ClusterStatus::InaccessibleEncryptionCredentials,
        "inaccessible-encryption-credentials",
    ),
    (ClusterStatus::Maintenance, "maintenance"),
    (ClusterStatus::Modifying, "modifying"),
    (ClusterStatus::Promoting, "promoting"),
    (ClusterStatus::Rebooting, "rebooting"),
    (ClusterStatus::Resyncing, "resyncing"),
    (ClusterStatus::Starting, "starting"),
    (ClusterStatus::Stopped, "stopped"),
    (ClusterStatus::Stopping, "stopping"),
    (ClusterStatus::SwitchingOver, "switching-over"),
    (ClusterStatus::Upgrading, "upgrading"),
];

/// No cluster has a status of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("RDS has no cluster status {name}")]
pub struct UnknownStatus {
    pub name: String,
}

/// What a cluster's storage does with writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Writer,
    /// It would be a writer, but its storage takes no writes any more.
    Fenced,
    /// It follows its source.
    Reader,
}

/// What a cluster is becoming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Becoming {
    /// A writer of its own, cut off from its source.
    Standalone,
    /// The same cluster with another instance as its writer.
    LedBy { instance: String },
    /// An old primary that RDS begins to build anew.
    Rediscovered,
    /// A secondary again.
    Rebuilt,
}

#[derive(Debug, Clone)]
pub(super) struct Cluster {
    pub arn: String,
    pub identifier: String,
    pub region: String,
    pub engine: String,
    pub engine_version: String,
    pub parameter_group: String,
    /// The part of its endpoints' names that is the account's in the region.
    pub zone: String,
    pub port: i32,
    pub created: Timestamp,
    pub encrypted: bool,
    pub status: ClusterStatus,
    pub standing: Standing,
    pub instances: Vec<Instance>,
    /// The identifier of the instance that leads, or would.
    pub leader: Option<String>,
    /// The identifier of the global database it is part of.
    pub global: Option<String>,
    pub write_forwarding: bool,
    /// The ARN that a read replica replicates from.
    pub source: Option<String>,
    /// An old primary after a forced failover, until it is built anew.
    pub superseded: bool,
    pub becoming: Option<(Timestamp, Becoming)>,
    /// When the attempt to block its writes ends.
    pub fence: Option<Timestamp>,
    /// The writes it holds, as indices into all writes.
    pub held: Vec<usize>,
    /// All that its source accepted before this moment has arrived.
    pub carried: Timestamp,
    /// When it last heard of its source.
    pub heard: Timestamp,
    /// How far it is behind, if not as far as all others.
    pub lag: Option<Duration>,
}

/// A database instance of a cluster.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub arn: String,
    pub identifier: String,
    pub class: String,
    pub availability_zone: String,
    pub created: Timestamp,
    /// In the words of RDS.
    pub status: String,
}

impl Cluster {
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.identifier == name || self.arn == name
    }

    /// The writer's endpoint. A secondary has one too; it reads only.
    pub(super) fn endpoint(&self) -> String {
        format!(
            "{}.cluster-{}.{}.rds.amazonaws.com",
            self.identifier, self.zone, self.region
        )
    }

    pub(super) fn reader_endpoint(&self) -> String {
        format!(
            "{}.cluster-ro-{}.{}.rds.amazonaws.com",
            self.identifier, self.zone, self.region
        )
    }

    pub(super) fn instance_endpoint(&self, instance: &Instance) -> String {
        format!(
            "{}.{}.{}.rds.amazonaws.com",
            instance.identifier, self.zone, self.region
        )
    }

    /// The instance that leads, if it is available, or the first that is.
    pub(super) fn serving(&self) -> Option<&Instance> {
        let available = |instance: &&Instance| instance.status == "available";
        let leads = |instance: &&Instance| Some(&instance.identifier) == self.leader.as_ref();
        let leader = self.instances.iter().find(leads).filter(available);
        leader.or_else(|| self.instances.iter().find(available))
    }

    /// Whether its storage takes writes and an instance is there to send them.
    pub(super) fn serves_writes(&self) -> bool {
        self.standing == Standing::Writer && self.status.serves() && self.serving().is_some()
    }

    /// Makes it a writer that follows nobody, led by its first available instance.
    pub(super) fn lead(&mut self) {
        self.standing = Standing::Writer;
        self.superseded = false;
        self.leader = self.serving().map(|instance| instance.identifier.clone());
    }
}

impl ClusterStatus {
    /// Whether its instances answer while it is in this status.
    pub(super) fn serves(self) -> bool {
        match self {
            Self::Available
            | Self::BackingUp
            | Self::Maintenance
            | Self::Modifying
            | Self::Promoting
            | Self::SwitchingOver
            | Self::Upgrading => true,
            Self::Creating
            | Self::Deleting
            | Self::FailingOver
            | Self::InaccessibleEncryptionCredentials
            | Self::Rebooting
            | Self::Resyncing
            | Self::Starting
            | Self::Stopped
            | Self::Stopping => false,
        }
    }
}

impl fmt::Display for ClusterStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(status, _)| status == self);
        f.write_str(name.map_or("unknown", |(_, name)| name))
    }
}

impl FromStr for ClusterStatus {
    type Err = UnknownStatus;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = NAMES.iter().find(|(_, known)| *known == name);
        known.map(|(status, _)| *status).ok_or_else(|| UnknownStatus {
            name: name.to_owned(),
        })
    }
}
