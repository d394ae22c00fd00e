//! A global database: its members, and the operation that moves its writer.

use std::fmt;

use jiff::Timestamp;

use super::cluster::Cluster;
use super::{Rds, refusals};
use crate::error::AwsError;

#[derive(Debug, Clone)]
pub(super) struct GlobalCluster {
    pub identifier: String,
    pub arn: String,
    pub engine: String,
    pub engine_version: String,
    pub encrypted: bool,
    /// The part of its endpoint's name that is its own.
    pub zone: String,
    /// ARNs, in the order they joined.
    pub members: Vec<String>,
    /// The ARN of the primary.
    pub writer: Option<String>,
    /// The ARN of the cluster that its writer endpoint leads to.
    pub endpoint_at: Option<String>,
    /// When its writer endpoint follows the primary.
    pub endpoint_moves: Option<Timestamp>,
    pub operation: Option<Operation>,
}

/// A switchover or a failover under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Operation {
    pub kind: Kind,
    /// ARNs.
    pub from: String,
    pub to: String,
    pub phase: Phase,
    /// When something is to be done about it next.
    pub next: Timestamp,
    /// Since when it has been in its phase.
    pub since: Timestamp,
    /// Since when one of the clusters has been out of reach.
    pub unreachable_since: Option<Timestamp>,
    /// When it last told how far the target was behind.
    pub lag_told: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Switchover,
    Failover,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Both clusters are looked at.
    Pending,
    /// A switchover waits until the target is level.
    Waiting,
    /// The target becomes the primary.
    Promoting,
    /// The roles have changed; the rest is put in order.
    Finishing,
    Cancelling,
}

impl GlobalCluster {
    /// The name that always leads to the writer.
    pub(super) fn endpoint(&self) -> String {
        format!(
            "{}.global-{}.global.rds.amazonaws.com",
            self.identifier, self.zone
        )
    }

    pub(super) fn is_writer(&self, cluster: &Cluster) -> bool {
        self.writer.as_ref() == Some(&cluster.arn)
    }
}

impl Operation {
    pub(super) fn begun(kind: Kind, from: &str, to: &str, at: Timestamp, next: Timestamp) -> Self {
        Self {
            kind,
            from: from.to_owned(),
            to: to.to_owned(),
            phase: Phase::Pending,
            next,
            since: at,
            unreachable_since: None,
            lag_told: None,
        }
    }

    pub(super) fn enter(&mut self, phase: Phase, at: Timestamp, next: Timestamp) {
        self.phase = phase;
        self.since = at;
        self.next = next;
    }
}

impl fmt::Display for Operation {
    /// As `FailoverState` has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.phase, self.kind) {
            (Phase::Pending, _) => "pending",
            (Phase::Cancelling, _) => "cancelling",
            (Phase::Waiting | Phase::Promoting | Phase::Finishing, Kind::Switchover) => "switching-over",
            (Phase::Waiting | Phase::Promoting | Phase::Finishing, Kind::Failover) => "failing-over",
        })
    }
}

impl Rds {
    /// A global database as it is known in a region: it has a member there.
    pub(super) fn global_seen_from(
        &self,
        region: &str,
        identifier: &str,
    ) -> Result<&GlobalCluster, AwsError> {
        self.globals
            .get(identifier)
            .filter(|global| self.is_seen_from(region, global))
            .ok_or_else(|| refusals::no_such_global(identifier))
    }

    /// One without members is known in the region where it was made, and therefore everywhere here.
    pub(super) fn is_seen_from(&self, region: &str, global: &GlobalCluster) -> bool {
        let in_region = |arn: &String| {
            self.clusters
                .get(arn)
                .is_some_and(|cluster| cluster.region == region)
        };
        global.members.is_empty() || global.members.iter().any(in_region)
    }

    pub(super) fn with_operation(&mut self, global: &str, change: impl FnOnce(&mut Operation)) {
        if let Some(operation) = self
            .globals
            .get_mut(global)
            .and_then(|global| global.operation.as_mut())
        {
            change(operation);
        }
    }
}
