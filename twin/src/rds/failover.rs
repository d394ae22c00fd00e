//! A forced failover: the target becomes the primary with what it has.

use std::time::Duration;

use jiff::Timestamp;

use super::cluster::{ClusterStatus, Standing};
use super::durations::{Fencing, later};
use super::global::{Operation, Phase};
use super::{LostWrite, Rds};

/// How often a failover looks whether its target's region is back.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// A failover to a region that goes dark is given up after this long. AWS documents no limit.
const TARGET_DARK_MAX: Duration = Duration::from_mins(10);

impl Rds {
    pub(super) fn go_on_failing_over(&mut self, global: &str, operation: &Operation, at: Timestamp) {
        match operation.phase {
            Phase::Pending => self.begin_failing_over(global, operation, at),
            Phase::Promoting => self.promote_with_loss(global, operation, at),
            Phase::Waiting | Phase::Finishing | Phase::Cancelling => self.end_operation(global),
        }
    }

    fn begin_failing_over(&mut self, global: &str, operation: &Operation, at: Timestamp) {
        self.set_cluster_status(&operation.to, ClusterStatus::FailingOver);
        let next = self.drawn(self.durations.failover, at);
        let fence = self.drawn(self.durations.fencing, at);
        self.with_operation(global, |operation| operation.enter(Phase::Promoting, at, next));
        if let Some(old) = self.clusters.get_mut(&operation.from) {
            old.fence = Some(fence);
        }
    }

    /// The attempt to block the old primary's writes ends. In a region that is dark there is nothing to be
    /// blocked yet: it is tried again when the region is back, unless it is to time out anyway.
    pub(super) fn end_fencing(&mut self, arn: &str, at: Timestamp) {
        let Some(old) = self.clusters.get_mut(arn) else {
            return;
        };
        old.fence = None;
        let region = old.region.clone();
        let Some(promoted) = self.promoted_over(arn) else {
            return;
        };
        let promoted_region = self.name_and_region(&promoted).1;
        let reachable = self.place.outages.connected(&region, &promoted_region);
        let succeeds = self.fencing == Fencing::Succeeds;
        if succeeds && !reachable && !self.place.outages.is_lit(&region) {
            return;
        }
        if succeeds && reachable {
            self.set_standing(arn, Standing::Fenced);
        }
        self.tell_of_fencing(arn, &promoted, succeeds && reachable, at);
    }

    fn promote_with_loss(&mut self, global: &str, operation: &Operation, at: Timestamp) {
        if !self.is_cluster_lit(&operation.to) {
            self.await_target(global, operation, at);
            return;
        }
        self.lose_tail(&operation.from, &operation.to);
        self.change_writer(global, operation, at);
        self.set_cluster_status(&operation.to, ClusterStatus::Available);
        if let Some(old) = self.clusters.get_mut(&operation.from) {
            old.superseded = true;
            old.becoming = None;
        }
        self.end_operation(global);
        self.tell_of_move(operation, "RDS-EVENT-0238", at, |name, region| {
            format!("Global failover to DB cluster {name} in Region {region} completed.")
        });
        let serves = self
            .clusters
            .get(&operation.to)
            .is_some_and(|cluster| !cluster.instances.is_empty());
        if !serves {
            self.tell_of_move(operation, "RDS-EVENT-0519", at, |name, _| {
                format!(
                    "Global database failover to DB cluster {name} in global database {global} completed. \
                     The DB cluster has no instances. Create a DB instance to access your data."
                )
            });
        }
    }

    fn await_target(&mut self, global: &str, operation: &Operation, at: Timestamp) {
        let since = operation.unreachable_since.unwrap_or(at);
        self.with_operation(global, |operation| {
            operation.unreachable_since = Some(since);
            operation.next = later(at, LOOK_INTERVAL);
        });
        if later(since, TARGET_DARK_MAX) > at {
            return;
        }
        self.set_cluster_status(&operation.to, ClusterStatus::Available);
        if let Some(old) = self.clusters.get_mut(&operation.from) {
            old.standing = Standing::Writer;
            old.fence = None;
        }
        self.end_operation(global);
        self.tell_of_move(operation, "RDS-EVENT-0239", at, |name, region| {
            format!("Global failover to DB cluster {name} in Region {region} failed.")
        });
    }

    /// What one cluster holds and the other does not is lost to whoever is served by the other.
    pub(super) fn lose_tail(&mut self, from: &str, promoted: &str) {
        let (Some(old), Some(new)) = (self.clusters.get(from), self.clusters.get(promoted)) else {
            return;
        };
        let tail = old.held.iter().filter(|write| !new.held.contains(write));
        let lost = tail
            .filter_map(|write| self.writes.get(*write))
            .map(|write| LostWrite {
                write: write.clone(),
                promoted_arn: promoted.to_owned(),
            });
        let lost: Vec<LostWrite> = lost.collect();
        self.lost.extend(lost);
    }

    /// The cluster that takes, or took, the place of this one.
    pub(super) fn promoted_over(&self, arn: &str) -> Option<String> {
        let cluster = self.clusters.get(arn)?;
        let global = self.global_of(cluster)?;
        let under_way = global
            .operation
            .as_ref()
            .filter(|operation| operation.from == arn);
        let target = under_way.map(|operation| operation.to.clone());
        target.or_else(|| global.writer.clone().filter(|writer| writer != arn))
    }
}
