//! What one look at the world found.

use jiff::Timestamp;

use crate::replication::{Seen, Task};
use crate::weight::{Pair, Topology, Traffic, Weights};

/// Everything a decision is judged by, read at one moment. What was not found is a value of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    pub at: Timestamp,
    pub pairs: Vec<PairSeen>,
    /// Source to target.
    pub forward: Seen<Task>,
    /// Target to source; `None` when none is configured.
    pub reverse: Option<Seen<Task>>,
    pub alarms: Seen<Vec<AlarmSeen>>,
    /// Status of the forward task's replication instance; `None` where nobody asked for it.
    pub instance: Option<Seen<String>>,
    /// The configured error conditions; empty where nobody asked for them.
    pub limits: Vec<LimitSeen>,
}

/// A weighted pair as it stands in the zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairSeen {
    pub pair: Pair,
    /// The record's name, for sentences.
    pub name: String,
    pub found: PairFound,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairFound {
    Both {
        weights: Weights,
        /// The higher TTL of the two; `None` for alias records, which have none of their own.
        ttl_seconds: Option<u64>,
    },
    /// The sentence says which record or set identifier is missing, and the variable that names it.
    Missing(String),
}

/// A migration alarm as CloudWatch has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmSeen {
    pub name: String,
    pub policy: AlarmPolicy,
    pub state: AlarmState,
    /// A composite whose actions another alarm suppresses.
    pub suppressed: bool,
}

/// An error condition that a CloudWatch expression reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitSeen {
    /// For example `latency`.
    pub name: &'static str,
    /// Its newest value, rounded up to whole percent. No data is not good data.
    pub percent: Seen<u64>,
    pub percent_max: u64,
}

/// What an alarm may do to a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmPolicy {
    Rollback,
    Hold,
    Notify,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmState {
    Ok,
    Alarm,
    InsufficientData,
    /// No alarm of this name exists.
    Absent,
}

impl Observation {
    #[must_use]
    pub fn pair(&self, pair: Pair) -> Option<&PairSeen> {
        self.pairs.iter().find(|seen| seen.pair == pair)
    }

    #[must_use]
    pub fn weights(&self, pair: Pair) -> Option<Weights> {
        weights_of(self.pair(pair)?)
    }

    /// The traffic as the records carry it; `None` when a record is missing.
    #[must_use]
    pub fn traffic(&self, topology: Topology) -> Option<Traffic> {
        Some(Traffic {
            reader: self.weights(topology.reads())?,
            writer: self.weights(topology.writes())?,
        })
    }
}

/// The weights of a pair; `None` while one of its records is missing.
#[must_use]
pub fn weights_of(seen: &PairSeen) -> Option<Weights> {
    match seen.found {
        PairFound::Both { weights, .. } => Some(weights),
        PairFound::Missing(_) => None,
    }
}
