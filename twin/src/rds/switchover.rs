//! A switchover: it waits until the target is level, stops the writes, and loses nothing.

use std::time::Duration;

use jiff::Timestamp;

use super::Rds;
use super::cluster::{ClusterStatus, Standing};
use super::durations::later;
use super::global::{Operation, Phase};

/// How often a switchover looks how far the target is behind.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// A target that is at most this far behind is level: what it lacks arrives while writes stop.
const LEVEL_LAG_MAX: Duration = Duration::from_secs(1);
/// How often it tells how far the target is behind.
const LAG_TOLD_INTERVAL: Duration = Duration::from_mins(1);
/// A switchover whose target does not become level is given up after this long. AWS documents no limit.
const LEVEL_WAIT_MAX: Duration = Duration::from_mins(10);
/// How long one of the clusters may be out of reach. AWS documents no limit.
const UNREACHABLE_MAX: Duration = Duration::from_mins(1);
const CANCELLING: Duration = Duration::from_secs(3);

impl Rds {
    pub(super) fn go_on_switching_over(&mut self, global: &str, operation: &Operation, at: Timestamp) {
        match operation.phase {
            Phase::Pending => self.begin_switching_over(global, operation, at),
            Phase::Waiting => self.wait_until_level(global, operation, at),
            Phase::Promoting => self.switch_roles(global, operation, at),
            Phase::Finishing => self.finish_switchover(global, operation, at),
            Phase::Cancelling => self.end_operation(global),
        }
    }

    fn begin_switching_over(&mut self, global: &str, operation: &Operation, at: Timestamp) {
        for arn in [&operation.from, &operation.to] {
            self.set_cluster_status(arn, ClusterStatus::SwitchingOver);
        }
        let next = later(at, LOOK_INTERVAL);
        self.with_operation(global, |operation| operation.enter(Phase::Waiting, at, next));
        self.tell_of_move(operation, "RDS-EVENT-0181", at, |name, region| {
            format!("Global switchover to DB cluster {name} in Region {region} started.")
        });
    }

    fn wait_until_level(&mut self, global: &str, operation: &Operation, at: Timestamp) {
        self.with_operation(global, |operation| operation.next = later(at, LOOK_INTERVAL));
        if !self.both_reachable(operation) {
            let since = operation.unreachable_since.unwrap_or(at);
            self.with_operation(global, |operation| operation.unreachable_since = Some(since));
            if later(since, UNREACHABLE_MAX) <= at {
                self.give_up(global, operation, at, "RDS-EVENT-0187", "failed");
            }
            return;
        }
        self.with_operation(global, |operation| operation.unreachable_since = None);
        let lag = self.lag_of(&operation.to);
        if lag <= LEVEL_LAG_MAX {
            self.stop_writes(global, operation, at);
        } else if later(operation.since, LEVEL_WAIT_MAX) <= at {
            self.give_up(global, operation, at, "RDS-EVENT-0186", "is cancelled");
        } else if operation
            .lag_told
            .is_none_or(|told| later(told, LAG_TOLD_INTERVAL) <= at)
        {
            self.with_operation(global, |operation| operation.lag_told = Some(at));
            self.tell_of_lag(operation, lag, at);
        }
    }

    /// From here on neither side takes writes, and the target has them all.
    fn stop_writes(&mut self, global: &str, operation: &Operation, at: Timestamp) {
        self.set_standing(&operation.from, Standing::Fenced);
        self.copy_everything(&operation.from, &operation.to, at);
        let next = self.drawn(self.durations.switchover, at);
        self.with_operation(global, |operation| operation.enter(Phase::Promoting, at, next));
        self.tell_of_fencing(&operation.from, &operation.to, true, at);
        let old = self.name_and_region(&operation.from);
        self.tell_of_move(operation, "RDS-EVENT-0182", at, |_, _| {
            let (name, region) = &old;
            format!("Old primary DB cluster {name} in Region {region} successfully shut down.")
        });
    }

    fn switch_roles(&mut self, global: &str, operation: &Operation, at: Timestamp) {
        if !self.is_cluster_lit(&operation.to) {
            self.wait_for_target(global, operation, at);
            return;
        }
        self.change_writer(global, operation, at);
        self.set_standing(&operation.from, Standing::Reader);
        self.set_cluster_status(&operation.to, ClusterStatus::Available);
        let next = self.drawn(self.durations.finish, at);
        self.with_operation(global, |operation| operation.enter(Phase::Finishing, at, next));
        self.tell_of_move(operation, "RDS-EVENT-0184", at, |name, region| {
            format!("New primary DB cluster {name} in Region {region} was successfully promoted.")
        });
    }

    /// A target that goes dark when writes have stopped already holds them up for so long only: then the old primary
    /// takes them again.
    fn wait_for_target(&mut self, global: &str, operation: &Operation, at: Timestamp) {
        let since = operation.unreachable_since.unwrap_or(at);
        self.with_operation(global, |operation| {
            operation.unreachable_since = Some(since);
            operation.next = later(at, LOOK_INTERVAL);
        });
        if later(since, UNREACHABLE_MAX) <= at {
            self.set_standing(&operation.from, Standing::Writer);
            self.give_up(global, operation, at, "RDS-EVENT-0187", "failed");
        }
    }

    fn finish_switchover(&mut self, global: &str, operation: &Operation, at: Timestamp) {
        self.set_cluster_status(&operation.from, ClusterStatus::Available);
        self.end_operation(global);
        self.tell_of_move(operation, "RDS-EVENT-0185", at, |name, region| {
            format!("Global switchover to DB cluster {name} in Region {region} finished.")
        });
    }

    /// Nothing has changed yet, and nothing will.
    fn give_up(
        &mut self,
        global: &str,
        operation: &Operation,
        at: Timestamp,
        event: &'static str,
        what: &str,
    ) {
        for arn in [&operation.from, &operation.to] {
            self.set_cluster_status(arn, ClusterStatus::Available);
        }
        let next = later(at, CANCELLING);
        self.with_operation(global, |operation| operation.enter(Phase::Cancelling, at, next));
        self.tell_of_move(operation, event, at, |name, region| {
            format!("Global switchover to DB cluster {name} in Region {region} {what}.")
        });
    }

    /// The target leads from now on, and the writer endpoint will follow.
    pub(super) fn change_writer(&mut self, global: &str, operation: &Operation, at: Timestamp) {
        let endpoint_moves = self.drawn(self.durations.endpoint, at);
        if let Some(cluster) = self.clusters.get_mut(&operation.to) {
            cluster.lead();
        }
        if let Some(global) = self.globals.get_mut(global) {
            global.writer = Some(operation.to.clone());
            global.endpoint_moves = Some(endpoint_moves);
        }
    }

    pub(super) fn end_operation(&mut self, global: &str) {
        if let Some(global) = self.globals.get_mut(global) {
            global.operation = None;
        }
    }

    fn both_reachable(&self, operation: &Operation) -> bool {
        let region = |arn: &String| self.clusters.get(arn).map(|cluster| cluster.region.as_str());
        match (region(&operation.from), region(&operation.to)) {
            (Some(from), Some(to)) => self.place.outages.connected(from, to),
            (None, _) | (_, None) => false,
        }
    }
}
