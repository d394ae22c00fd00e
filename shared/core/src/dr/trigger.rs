//! What reaches `dr-failover`, told apart and checked by the same code as the migration's triggers, and by the same
//! rule: a trigger is a hint that it is time to look, but nothing that is not ours may even make us look.

mod happening;
mod identity;
mod rds;

use jiff::Timestamp;

use crate::text::Text;
use crate::trigger::ours::{self, Found};
use crate::trigger::{AlarmEvent, MESSAGE_BYTES_MAX, Unrecognised};

pub use happening::Happening;
pub use identity::Identity;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A JSON object with an "action": somebody's command, to be read by `Command::parse`.
    Command,
    /// CloudWatch says that a DR alarm or the witness changed.
    Alarm(AlarmEvent),
    /// RDS says that something happened to one of our clusters, or to what may be part of one.
    Database(DatabaseEvent),
    /// The schedule.
    Tick { id: Option<String> },
    /// Anything else: logged and counted, never acted on.
    Unrecognised(Unrecognised),
}

/// RDS makes no promise of delivery: it may come late, twice, out of order or never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseEvent {
    pub id: Option<String>,
    pub at: Timestamp,
    /// Where RDS tells it from.
    pub region: String,
    pub subject: Subject,
    /// The ARN. That of a cluster, or of the global cluster, is one of the configuration; that of an instance or a
    /// snapshot is only known to be in one of our places, and whose it is must be read back.
    pub resource: String,
    /// The end of the ARN: `orders-dr`, `rds:orders-dr-2026-03-02-03-10`.
    pub identifier: String,
    /// The four digits of `RDS-EVENT-0391`, where they are told.
    pub event: Option<String>,
    pub happening: Happening,
    pub message: Text<MESSAGE_BYTES_MAX>,
}

/// What it happened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A cluster, or the global cluster.
    Cluster,
    Instance,
    /// A snapshot of a cluster.
    Snapshot,
}

impl Subject {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Instance => "instance",
            Self::Snapshot => "snapshot",
        }
    }
}

/// Reads a payload, whatever it is.
#[must_use]
pub fn parse(payload: &[u8], identity: &Identity, now: Timestamp) -> Trigger {
    match ours::recognise(payload, identity, now) {
        Ok(Found::Own(event)) => Trigger::Database(event),
        Ok(Found::Alarm(event)) => Trigger::Alarm(event),
        Ok(Found::Tick { id }) => Trigger::Tick { id },
        Ok(Found::Command) => Trigger::Command,
        Err(unrecognised) => Trigger::Unrecognised(unrecognised),
    }
}
