//! What one look at both regions found. What was not found is a value of its own, with the reason.

use jiff::Timestamp;

use super::side::Side;
use crate::observation::AlarmState;
use crate::replication::Seen;

/// Something that was asked of another region. That a region does not answer is a sign; that it does not let us ask is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Far<T> {
    Known(T),
    /// No answer within the probe's time, or the service failed by itself.
    Unreachable(String),
    /// An answer that says nothing of its health: no permission, no such thing, a throttle.
    Unknown(String),
}

impl<T> Far<T> {
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unreachable(_) | Self::Unknown(_) => None,
        }
    }

    #[must_use]
    pub fn why_not(&self) -> Option<&str> {
        match self {
            Self::Known(_) => None,
            Self::Unreachable(why) | Self::Unknown(why) => Some(why),
        }
    }
}

/// Everything a decision is judged by, read at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    pub at: Timestamp,
    /// `None` where no global cluster is configured: then the DR cluster is a cross-region read replica.
    pub global: Option<Far<GlobalSeen>>,
    pub primary: Far<ClusterSeen>,
    pub dr: Far<ClusterSeen>,
    /// How far the secondary is behind, by its newest reading.
    pub lag: Seen<LagSeen>,
    /// The alarms of `DR_ALARM_NAMES` and the witness, as `CloudWatch` has them now.
    pub alarms: Vec<AlarmSeen>,
    /// A connection to the writer endpoint of either cluster.
    pub primary_probe: Probed,
    pub dr_probe: Probed,
    /// `None` where no migration is configured.
    pub migration: Option<Far<MigrationSeen>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalSeen {
    /// For example `available`.
    pub status: String,
    pub members: Vec<MemberSeen>,
    pub failover: Option<FailoverSeen>,
    /// DNS name of the global writer endpoint, if it has one.
    pub endpoint: Option<String>,
}

impl GlobalSeen {
    /// What stands for one that the DR region does not know: `GlobalClusterNotFoundFault`.
    #[must_use]
    pub fn gone() -> Self {
        Self {
            status: GONE.to_owned(),
            members: Vec::new(),
            failover: None,
            endpoint: None,
        }
    }

    /// After its last member of a region was taken out of it, that region may not know it any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.status == GONE
    }
}

const GONE: &str = "not found";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberSeen {
    pub arn: String,
    pub is_writer: bool,
}

/// `GlobalCluster.FailoverState`: an operation under way, whoever began it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailoverSeen {
    /// `pending`, `switching-over`, `failing-over` or `cancelling`.
    pub status: String,
    pub to_arn: Option<String>,
    pub data_loss_allowed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterSeen {
    pub arn: String,
    /// For example `available`.
    pub status: String,
    pub engine_version: String,
    pub instances: Vec<InstanceSeen>,
    pub endpoint: Option<String>,
    pub parameter_group: Option<String>,
    /// ARN of what it replicates from; a replica that was promoted has none.
    pub replicates_from: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceSeen {
    pub identifier: String,
    pub is_writer: bool,
    /// For example `available`; empty where nobody asked for it.
    pub status: String,
}

impl ClusterSeen {
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.status == "available"
    }

    #[must_use]
    pub fn writer(&self) -> Option<&InstanceSeen> {
        self.instances.iter().find(|instance| instance.is_writer)
    }

    #[must_use]
    pub fn has_available_instance(&self) -> bool {
        self.instances
            .iter()
            .any(|instance| instance.status == "available")
    }
}

/// A reading of the replication lag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LagSeen {
    pub milliseconds: u64,
    pub at: Timestamp,
}

/// An alarm as `CloudWatch` has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmSeen {
    pub name: String,
    /// It watches from a third region.
    pub is_witness: bool,
    pub state: Far<AlarmState>,
    pub suppressed: bool,
    /// When it came into that state.
    pub since: Option<Timestamp>,
    /// Seconds of trouble that it needs before it goes off; 0 where it does not say (a composite).
    pub window_seconds: u64,
}

/// What a connection to a writer endpoint found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// Nobody asked for it, or no endpoint is known.
    NotAsked,
    /// It takes connections; `writes` is what the role query said, `None` without credentials.
    Answers { writes: Option<bool> },
    /// It refused the connection or the login, in its words.
    Refused(String),
    /// Nothing within the probe's time.
    Silent(String),
}

/// The migration's state, as far as a promotion has to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationSeen {
    /// As in the migration's own state, for example `cutting-over`.
    pub phase: String,
}

impl Observation {
    #[must_use]
    pub fn cluster(&self, side: Side) -> &Far<ClusterSeen> {
        match side {
            Side::Primary => &self.primary,
            Side::Dr => &self.dr,
        }
    }

    #[must_use]
    pub fn probe(&self, side: Side) -> &Probed {
        match side {
            Side::Primary => &self.primary_probe,
            Side::Dr => &self.dr_probe,
        }
    }
}
